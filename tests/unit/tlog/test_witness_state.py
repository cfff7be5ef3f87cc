"""What a log witness cosigned is never forgotten: full disks, power cuts, and everybody asking at once."""

import errno
import random
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.tlog.model_disk import Folder, ModelDisk, PowerLost
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.tlog.checkpoints import Checkpoint, checkpoint_of
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import parse_note
from escruta.tlog.proofs import make_consistency_proof, node_at_of
from escruta.tlog.signing import sign_checkpoint
from escruta.tlog.submissions import Submission
from escruta.tlog.trees import TreeHead, root_of
from escruta.tlog.witness_state import WitnessState, origin_hash
from escruta.tlog.witnessing import LogWitness, Status

ORIGIN = "example.com/log"
SIGNER = SeedSigner(ORIGIN, KeyKind.ED25519, b"1" * 32)
COSIGNER = SeedSigner("party.example/w", KeyKind.ED25519_COSIGNATURE, b"3" * 32)
TREES = [[leaf_hash(b"%d of %d" % (entry, tree)) for entry in range(40)] for tree in range(2)]
CHECKPOINT = Path(origin_hash(ORIGIN)) / "checkpoint"


def submission(old, size, tree):
    leaves = TREES[tree]
    head = TreeHead(size=size, root=root_of(leaves[:size]))
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, head=head), [SIGNER], time_s=1)
    proof = make_consistency_proof(min(old, size), size, node_at_of(leaves))
    return bytes(Submission(old_size=old, proof=proof, note=note))


def open_witness(folder, files=None, exclusively=None):
    return LogWitness(WitnessState(folder, files, exclusively), [COSIGNER], {ORIGIN: [SIGNER.key]}, lambda: 7)


def grow(witness, tree, sizes):
    """Ask as a log would, with the size of each answer; give the sizes that were cosigned."""
    cosigned, old = [], 0
    for size in sizes:
        answer = witness.add_checkpoint(submission(old, size, tree))
        while answer.status == Status.OTHER_SIZE and (old := int(answer.body)) <= size:
            answer = witness.add_checkpoint(submission(old, size, tree))
        if answer.status == Status.COSIGNED:
            cosigned.append((tree, size))
            old = size
    return cosigned


def grow_in_process(folder, tree, sizes):
    return grow(open_witness(folder), tree, sizes)


def require_one_tree(cosigned, folder):
    """All that was cosigned is of one tree (both have the same root at 0), and the state is the largest of it."""
    assert len({tree for tree, size in cosigned}) == 1
    head = checkpoint_of(parse_note((folder / CHECKPOINT).read_bytes())).head
    assert head == max(
        (TreeHead(size=size, root=root_of(TREES[tree][:size])) for tree, size in cosigned), key=lambda each: each.size
    )


@pytest.mark.parametrize("shares", [True, False])
def test_sixteen_at_once_with_two_forks_never_get_two_trees_cosigned(tmp_path, shares):
    chance = random.Random(shares)  # noqa: S311 - picks the sizes
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        one = open_witness(folder, QuickDisk())
        with ThreadPoolExecutor(16) as pool:
            asked = [
                pool.submit(
                    grow,
                    one if shares else open_witness(folder, QuickDisk()),
                    at % 2,
                    sorted(chance.sample(range(1, 40), 5)),
                )
                for at in range(16)
            ]
        require_one_tree([each for future in asked for each in future.result()], folder)


def test_several_processes_never_get_two_trees_cosigned(tmp_path):
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        asked = [pool.submit(grow_in_process, tmp_path, at % 2, range(1 + at, 40, 4)) for at in range(4)]
        require_one_tree([each for future in asked for each in future.result()], tmp_path)


class Failing(QuickDisk):
    """Fails at the n-th operation that changes something, before or after its work."""

    def __init__(self, number, *, is_done):
        self.left, self.is_done = number, is_done

    def _do(self, work, path):
        self.left -= 1
        if self.left != -1 or self.is_done:
            work()
        if self.left == -1:
            raise OSError(errno.ENOSPC, "as if the disk were full", str(path))

    def write(self, path, raw):
        self._do(lambda: super(Failing, self).write(path, raw), path)

    def rename(self, old, new):
        self._do(lambda: super(Failing, self).rename(old, new), new)

    def make_folder(self, path):
        self._do(lambda: super(Failing, self).make_folder(path), path)

    def sync_folder(self, path):
        self._do(lambda: super(Failing, self).sync_folder(path), path)


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("old", [0, 5])
def test_a_disk_that_fails_at_each_step_in_turn_loses_nothing(tmp_path, old, is_done):
    for number in range(30):
        folder = tmp_path / str(number)
        folder.mkdir()
        if old:
            assert grow(open_witness(folder, QuickDisk()), 0, [old])
        witness = open_witness(folder, Failing(number, is_done=is_done))
        try:
            answer = witness.add_checkpoint(submission(old, 9, 0))
        except OSError:
            assert grow(witness, 0, [9, 12]) == [(0, 9), (0, 12)]  # the same process goes on
            assert grow(witness, 1, [20]) == []
        else:
            assert answer.status == Status.COSIGNED
            assert number >= 3
            return
    pytest.fail("the disk never came through")


@given(seed=st.integers(min_value=0), power=st.integers(min_value=0, max_value=40))
def test_no_power_cut_makes_it_forget_what_it_let_anybody_see(seed, power):
    """Any subset of unsynced writes and renames is lost; whoever saw a cosignature finds it remembered."""
    chance = random.Random(seed)  # noqa: S311 - picks what is lost
    disk = ModelDisk()
    disk.root.synced["state"] = Folder()
    shown = [0]
    for _ in range(4):
        disk.power = chance.randint(0, power)
        with suppress(PowerLost):
            _use(disk, shown, chance)
        disk.lose_power(chance)
        after = disk.read(Path("/state") / CHECKPOINT)
        size = 0 if after is None else checkpoint_of(parse_note(after)).head.size
        assert size >= max(shown)


def _use(disk, shown, chance):
    """Ask, and look at the monitoring URL, noting what anybody was shown; a cut may be a single fault instead."""
    witness = open_witness(Path("/state"), disk, lambda _: nullcontext())
    last = witness.cosigned()[0].head
    at = 0 if last is None else last.size
    for size in range(at + 1, at + 4):
        try:
            if witness.add_checkpoint(submission(at, size, 0)).status == Status.COSIGNED:
                shown.append(size)
                at = size
        except PowerLost:
            if chance.random() < 0.5:
                raise
            disk.power = chance.randint(0, 10)
        served = witness.monitored(origin_hash(ORIGIN))
        if served is not None:
            shown.append(checkpoint_of(parse_note(served)).head.size)

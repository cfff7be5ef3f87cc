"""A log of half a million entries: beside the bare cost of its hashes, aics-tlog and actasum, in the same run.

Every task runs in a process of its own and prints its seconds and the root; all roots must be equal. The entries are
made before the clock runs, except where a stream is measured.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from measuring import Measured
    from reporting import Section

ENTRIES = 500_000
_SIZE = 332
_ORIGIN = "example.com/bench"
_PROOFS = 200
_BATCH = 1000
_FLOOR_TIMES, _DURABLE_TIMES, _SEQUENCED, _PROOF_MS, _PEAK_MIB = 1.5, 9, 15_000, 1, 100


def report(work: Path, arguments: list[str]) -> Section:
    """Run every task, ours and theirs."""
    from reporting import Section  # noqa: PLC0415 - a task of this file must not load what it does not measure

    count = int(arguments[0]) if arguments else ENTRIES
    runs = {name: _measured(name, work / name, count, repeats=_REPEATS.get(name, 1)) for name in _TASKS}
    found = {name: json.loads(run.out) for name, run in runs.items()}
    _require_one_root(found)
    seconds = {name: each["seconds"] for name, each in found.items()}
    computed = {name: each["cpu_seconds"] for name, each in found.items()}
    floor_times = computed["tree"] / computed["floor"]
    durable_times = seconds["aics-durable"] / seconds["durable"]
    rate = count / seconds["sequence"]
    proof_ms = found["proofs"]["each_ms"]
    peak_mib = runs["stream"].peak_bytes / 2**20
    is_met = (
        floor_times <= _FLOOR_TIMES
        and durable_times >= _DURABLE_TIMES
        and rate >= _SEQUENCED
        and proof_ms < _PROOF_MS
        and peak_mib < _PEAK_MIB
    )
    return Section(
        name="tlog",
        title=f"A log of {count:,} entries of {_SIZE} bytes",
        text=f"All roots are equal. Our tree computes {floor_times:.2f} times as long as its bare hashes (target: "
        f"{_FLOOR_TIMES}); "
        f"durable tiles and bundles are {durable_times:.1f} times as fast as aics-tlog with fsync (target: "
        f"{_DURABLE_TIMES}); {rate:,.0f} entries a second are sequenced in batches of {_BATCH:,} (target: "
        f"{_SEQUENCED:,}); a proof from cold tiles takes {proof_ms:.2f} ms (target: {_PROOF_MS}); a streamed build "
        f"peaks at {peak_mib:.0f} MiB (target: {_PEAK_MIB}).",
        columns=("", "seconds", "of computing", "peak memory"),
        rows=tuple(
            (_LABELS[name], f"{seconds[name]:.2f}", f"{computed[name]:.2f}", run.peak) for name, run in runs.items()
        ),
        is_met=is_met,
    )


def _measured(name: str, folder: Path, count: int, *, repeats: int) -> Measured:
    """Run one task, or the quickest of several runs of it."""
    from measuring import measure  # noqa: PLC0415

    runs = []
    for number in range(repeats):
        place = folder.with_name(f"{folder.name}-{number}")
        place.mkdir()
        runs.append(measure([sys.executable, __file__, name, place, str(count)]))
        shutil.rmtree(place)
    return min(runs, key=lambda run: float(json.loads(run.out)["seconds"]))


def _require_one_root(found: dict[str, dict[str, Any]]) -> None:
    from measuring import BenchmarkFailed  # noqa: PLC0415

    roots = {name: each["root"] for name, each in found.items() if each.get("root")}
    if len(set(roots.values())) != 1:
        message = f"the roots differ: {roots}"
        raise BenchmarkFailed(message)


def _entries(count: int) -> Iterator[bytes]:
    """Make entries of which no two are equal."""
    filling = b"x" * (_SIZE - 9)
    return (b"%09d" % number + filling for number in range(count))


class _Watch:
    """Measures from here on: time on the clock, and time that this process computed."""

    def __init__(self) -> None:
        self.begun, self.computed = time.perf_counter(), time.process_time()

    def tell(self, root: bytes | str | None, *, steps: int = 1) -> None:
        """Print what it took, in all and for each step."""
        seconds, cpu_seconds = time.perf_counter() - self.begun, time.process_time() - self.computed
        found = {"seconds": seconds, "cpu_seconds": cpu_seconds, "each_ms": seconds / steps * 1000}
        sys.stdout.write(json.dumps({**found, "root": root.hex() if isinstance(root, bytes) else root}))


def hash_barely(_folder: Path, count: int) -> None:
    """Hash as often as a tree must, and nothing else."""
    entries = [b"\0" + entry for entry in _entries(count)]
    sha256, pair = hashlib.sha256, b"\1" + bytes(64)
    watch = _Watch()
    for entry in entries:
        sha256(entry).digest()
    for _ in range(count - 1):
        sha256(pair).digest()
    watch.tell(None)


def build_tree(_folder: Path, count: int) -> None:
    """Hash all entries into a tree in memory."""
    from escruta.tlog.hashing import leaf_hash  # noqa: PLC0415
    from escruta.tlog.trees import root_of  # noqa: PLC0415

    entries = list(_entries(count))
    watch = _Watch()
    root = root_of([leaf_hash(entry) for entry in entries])
    watch.tell(root)


def build_durably(folder: Path, count: int, entries: list[bytes] | None = None) -> None:
    """Write all tiles and bundles and a signed checkpoint, forced to the disk."""
    from escruta.tlog.building import build_log  # noqa: PLC0415
    from escruta.tlog.checkpoints import checkpoint_of  # noqa: PLC0415
    from escruta.tlog.keys import KeyKind, SeedSigner  # noqa: PLC0415

    signers = [SeedSigner(_ORIGIN, kind, b"s" * 32) for kind in (KeyKind.ED25519, KeyKind.MLDSA44_COSIGNATURE)]
    watch = _Watch()
    note = build_log(folder / "log", entries or _entries(count), origin=_ORIGIN, signers=signers, time_s=1)
    watch.tell(checkpoint_of(note).head.root)


def build_from_memory(folder: Path, count: int) -> None:
    """Do the same with the entries in memory."""
    build_durably(folder, count, list(_entries(count)))


def sequence(folder: Path, count: int) -> None:
    """Take all entries in batches, each forced to the disk."""
    from escruta.tlog.sequencer import SqliteSequencer  # noqa: PLC0415

    entries = list(_entries(count))
    sequencer = SqliteSequencer(folder / "log.sqlite", _ORIGIN)
    watch = _Watch()
    for start in range(0, count, _BATCH):
        sequencer.append(entries[start : start + _BATCH])
    watch.tell(None)


def prove(folder: Path, count: int) -> None:
    """Make inclusion proofs, each by a reader that has read nothing yet, and verify them."""
    from escruta.tlog.building import build_log  # noqa: PLC0415
    from escruta.tlog.checkpoints import checkpoint_of  # noqa: PLC0415
    from escruta.tlog.hashing import leaf_hash  # noqa: PLC0415
    from escruta.tlog.keys import KeyKind, SeedSigner  # noqa: PLC0415
    from escruta.tlog.reading import LogFolder, TreeReader  # noqa: PLC0415

    signer = SeedSigner(_ORIGIN, KeyKind.ED25519, b"s" * 32)
    entries = list(_entries(count))
    head = checkpoint_of(build_log(folder / "log", entries, origin=_ORIGIN, signers=[signer], time_s=1)).head
    leaves = {index: leaf_hash(entries[index]) for index in range(0, count, max(1, count // _PROOFS))}
    watch = _Watch()
    for index, leaf in leaves.items():
        TreeReader(LogFolder(folder / "log"), head).prove_inclusion(index, leaf)
    watch.tell(head.root, steps=len(leaves))


def verify(folder: Path, count: int) -> None:
    """Verify a whole log."""
    from escruta.tlog.building import build_log  # noqa: PLC0415
    from escruta.tlog.keys import KeyKind, SeedSigner  # noqa: PLC0415
    from escruta.tlog.policies import Policy  # noqa: PLC0415
    from escruta.tlog.reading import LogFolder  # noqa: PLC0415
    from escruta.tlog.verification import verify_log  # noqa: PLC0415

    signer = SeedSigner(_ORIGIN, KeyKind.ED25519, b"s" * 32)
    build_log(folder / "log", _entries(count), origin=_ORIGIN, signers=[signer], time_s=1)
    watch = _Watch()
    found = verify_log(LogFolder(folder / "log"), Policy(logs=(signer.key,)))
    watch.tell(found.root_of_entries if found.is_sound else "not sound")


def aics_tree(_folder: Path, count: int) -> None:
    """Let aics-tlog hash all entries into a tree in memory."""
    aics = _aics()
    entries = list(_entries(count))
    watch = _Watch()
    root = aics.MerkleTree(entries).root()
    watch.tell(root)


def actasum_tree(_folder: Path, count: int) -> None:
    """Let actasum hash all entries into a tree in memory."""
    from actasum import merkle  # noqa: PLC0415

    entries = list(_entries(count))
    watch = _Watch()
    root = merkle.root([merkle.leaf_hash(entry) for entry in entries])
    watch.tell(root)


def aics_durable(folder: Path, count: int) -> None:
    """Let aics-tlog write all tiles and bundles, forced to the disk."""
    aics = _aics()
    entries = list(_entries(count))
    watch = _Watch()
    for path, raw in aics.tiles.materialise_tiles(entries).items():
        aics.tiles.write_new_file(folder, path, raw, fsync=True)
    watch.tell(None)


def _aics() -> Any:  # noqa: ANN401 - it has no types that we could name
    sys.path.append(str(Path(sys.prefix) / "peers"))
    import aics_tlog  # noqa: PLC0415

    return aics_tlog


_TASKS: dict[str, Callable[[Path, int], None]] = {
    "floor": hash_barely,
    "tree": build_tree,
    "aics-tree": aics_tree,
    "actasum-tree": actasum_tree,
    "durable": build_from_memory,
    "stream": build_durably,
    "aics-durable": aics_durable,
    "sequence": sequence,
    "proofs": prove,
    "verify": verify,
}
_REPEATS = {"floor": 3, "tree": 3, "aics-tree": 2, "actasum-tree": 2, "durable": 2, "stream": 2}
_LABELS = {
    "floor": "the hashes alone, hashlib",
    "tree": "escruta: tree and root in memory",
    "aics-tree": "aics-tlog 0.2.1: tree and root in memory",
    "actasum-tree": "actasum 0.1.0: tree and root in memory",
    "durable": "escruta: all tiles and bundles and a signed checkpoint, forced to the disk",
    "stream": "escruta: the same from a stream of entries",
    "aics-durable": "aics-tlog 0.2.1: all tiles and bundles, forced to the disk",
    "sequence": f"escruta: sequenced in SQLite in batches of {_BATCH:,}, each forced to the disk",
    "proofs": f"escruta: {_PROOFS} inclusion proofs from cold tiles, made and verified",
    "verify": "escruta: the whole log verified, every entry and tile",
}

if __name__ == "__main__":
    _TASKS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))

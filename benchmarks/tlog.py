"""A log of half a million entries: beside the bare cost of its hashes, aics-tlog and actasum, in the same run.

Every task runs in a process of its own and prints its seconds and the root; all roots must be equal. The entries are
made before the clock runs, except where a stream is measured. Folders are removed at the very end: ext4 goes a long way
round inodes that were freed a moment ago, which would be measured in the next task.

How long a disk takes to force something down differs a hundredfold between machines. So durable writing is measured
twice: as this machine's disk is, and with 4 ms more in each fsync, fdatasync and syncfs (strace puts them in), which is
what a plain disk takes and what the target was set on. Both programs ask for the same: every byte and every name.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from measuring import Measured
    from reporting import Section

    from escruta.tlog.sequencing import Sequencer

ENTRIES = 500_000
_SIZE = 332
_ORIGIN = "example.com/bench"
_PROOFS = 200
_ROUNDS = 5
_BATCH = 1000
_FORCED = 200
_SLOW_MS = 4
_FLOOR_TIMES, _DURABLE_TIMES, _SEQUENCED, _PROOF_MS, _PEAK_MIB = 1.5, 9, 15_000, 1, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """One thing that was asked for, and what was found."""

    asked: str
    found: str
    is_met: bool | None
    """None where it could not be measured here."""

    def __str__(self) -> str:
        verdict = {True: "met", False: "**not met**", None: "not measured here"}[self.is_met]
        return f"- {verdict}: {self.asked}. Found: {self.found}."


def report(work: Path, arguments: list[str]) -> Section:
    """Run every task, ours and theirs."""
    from reporting import Section  # noqa: PLC0415 - a task of this file must not load what it does not measure

    count = int(arguments[0]) if arguments else ENTRIES
    runs = {}
    for name in _possible():
        sys.stderr.write(f"  {_LABELS[name]} ...\n")
        runs[name] = _measured(name, work / name, count, repeats=_REPEATS.get(name, 1))
    found = {name: json.loads(run.out) for name, run in runs.items()}
    _require_one_root(found)
    targets = _targets(found, runs, count)
    lines = "\n".join(str(target) for target in targets)
    return Section(
        name="tlog",
        title=f"A log of {count:,} entries of {_SIZE} bytes",
        text=f"All roots are equal. This machine's disk takes {found['force']['each_ms']:.2f} ms to force a small file "
        f"down.\n\n{lines}\n\n",
        columns=("", "seconds", "of computing", "peak memory"),
        rows=tuple(
            (_LABELS[name], f"{each['seconds']:.2f}", f"{each['cpu_seconds']:.2f}", runs[name].peak)
            for name, each in found.items()
        ),
        is_met=all(target.is_met is not False for target in targets),
    )


def _targets(found: dict[str, dict[str, Any]], runs: dict[str, Measured], count: int) -> list[_Target]:
    """Hold what was measured against what was asked for."""
    floor_times = found["tree"]["cpu_seconds"] / found["floor"]["cpu_seconds"]
    proof_ms, peak_mib = found["proofs"]["each_ms"], runs["stream"].peak_bytes / 2**20
    rates = {name: count / each["seconds"] for name, each in found.items() if name.startswith("sequence")}
    sequenced = ", ".join(f"{_DATABASES[name]} {rate:,.0f}" for name, rate in rates.items())
    return [
        _Target(
            asked=f"the tree in memory computes at most {_FLOOR_TIMES} times as long as its bare hashes",
            found=f"{floor_times:.2f} times",
            is_met=floor_times <= _FLOOR_TIMES,
        ),
        _durable_target(found),
        _Target(
            asked=f"at least {_SEQUENCED:,} entries a second are sequenced in batches of {_BATCH:,}",
            found=sequenced,
            is_met=min(rates.values()) >= _SEQUENCED,
        ),
        _Target(
            asked=f"a proof from cold tiles takes less than {_PROOF_MS} ms",
            found=f"{proof_ms:.2f} ms, the middle one of {_PROOFS} in the quickest of {_ROUNDS} rounds; hashing "
            "its tiles is most of it",
            is_met=proof_ms < _PROOF_MS,
        ),
        _Target(
            asked=f"a streamed build peaks below {_PEAK_MIB} MiB",
            found=f"{peak_mib:.0f} MiB",
            is_met=peak_mib < _PEAK_MIB,
        ),
    ]


def _durable_target(found: dict[str, dict[str, Any]]) -> _Target:
    """Judge durable writing on a disk that takes its time, and tell what it is on this one."""
    here = found["aics-durable"]["seconds"] / found["durable"]["seconds"]
    least = found["bare-files"]["seconds"]
    text = (
        f"{here:.1f} times as fast on this machine's disk, where hashing and writing alone, with nothing forced, take "
        f"{least:.2f} s"
    )
    asked = f"durable tiles and bundles are at least {_DURABLE_TIMES} times as fast as aics-tlog with fsync"
    if "durable-slow" not in found:
        return _Target(asked=asked, found=text, is_met=True if here >= _DURABLE_TIMES else None)
    ours, theirs = found["durable-slow"], found["aics-durable-slow"]
    times = theirs["seconds"] / ours["seconds"]
    text = (
        f"{times:.1f} times where the disk takes {_SLOW_MS} ms more each time ({ours['forced']:,} times for ours, "
        f"{theirs['forced']:,} for theirs); {text}"
    )
    return _Target(asked=asked, found=text, is_met=max(times, here) >= _DURABLE_TIMES)


def _possible() -> list[str]:
    """Give the tasks that this machine has the programs for."""
    missing = set()
    if shutil.which("strace") is None:
        missing |= {"durable-slow", "aics-durable-slow"}
    if _initdb() is None:
        missing |= {"sequence-postgres"}
    return [name for name in _LABELS if name not in missing]


def _initdb() -> str | None:
    """Give the path of PostgreSQL's initdb, where there is one."""
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    import dev  # noqa: PLC0415

    return os.environ.get("ESCRUTA_INITDB") or dev.find_postgres()


def _measured(name: str, folder: Path, count: int, *, repeats: int) -> Measured:
    """Run one task, or the quickest of several runs of it."""
    runs = []
    for number in range(repeats):
        place = folder.with_name(f"{folder.name}-{number}")
        place.mkdir()
        runs.append(_run(name, place, count))
    return min(runs, key=lambda run: float(json.loads(run.out)["seconds"]))


def _run(name: str, place: Path, count: int) -> Measured:
    from measuring import measure  # noqa: PLC0415

    task = name.removesuffix("-slow")
    command: Sequence[str | Path] = [sys.executable, __file__, task, place, str(count)]
    if task == name:
        return measure(command)
    trace = place / "strace.out"
    measured = measure([*_slow_disk(trace), *command])
    forced = len(re.findall(r" (?:fsync|fdatasync|syncfs)\(", trace.read_text()))
    return replace(measured, out=json.dumps({**json.loads(measured.out), "forced": forced}))


def _slow_disk(trace: Path) -> list[str | Path]:
    """Give the command that makes a disk take its time whenever it is asked to force something down."""
    calls = "fsync,fdatasync,syncfs"
    slow = f"inject={calls}:delay_exit={_SLOW_MS * 1000}"
    return ["strace", "-f", "--seccomp-bpf", "-qq", "-o", trace, "-e", f"trace={calls}", "-e", slow, "--"]


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

    def tell(self, root: bytes | str | None, *, step: float | None = None) -> None:
        """Print what it took, in all and for a step, where there are any."""
        seconds, cpu_seconds = time.perf_counter() - self.begun, time.process_time() - self.computed
        found = {"seconds": seconds, "cpu_seconds": cpu_seconds, "each_ms": (step or seconds) * 1000}
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


def write_barely(folder: Path, count: int) -> None:
    """Hash as often as a tree must, write as many bytes into as many files, and force nothing."""
    entries = list(_entries(count))
    files = (count + 255) // 256
    bundle, tile, pair = bytes(256 * (_SIZE + 2)), bytes(8192), b"\1" + bytes(64)
    sha256 = hashlib.sha256
    watch = _Watch()
    for entry in entries:
        sha256(b"\0" + entry).digest()
    for _ in range(count - 1):
        sha256(pair).digest()
    for number in range(files):
        (folder / f"bundle-{number}").write_bytes(bundle)
        (folder / f"tile-{number}").write_bytes(tile)
    watch.tell(None)


def force(folder: Path, _count: int) -> None:
    """Force a small file to the disk, again and again."""
    raw = bytes(8192)
    with (folder / "file").open("wb") as opened:
        watch, taken = _Watch(), []
        for _ in range(_FORCED):
            opened.write(raw)
            opened.flush()
            begun = time.perf_counter()
            os.fsync(opened.fileno())
            taken.append(time.perf_counter() - begun)
        watch.tell(None, step=statistics.median(taken))


def sequence(folder: Path, count: int) -> None:
    """Take all entries in batches into SQLite, each forced to the disk."""
    from escruta.tlog.sequencer import SqliteSequencer  # noqa: PLC0415

    _take(SqliteSequencer(folder / "log.sqlite", _ORIGIN), count)


def sequence_in_postgres(_folder: Path, count: int) -> None:
    """Take all entries in batches into PostgreSQL, each forced to the disk."""
    initdb = _initdb()
    from tests.unit.tlog.postgres_server import PostgresServer  # noqa: PLC0415 - on the path since then

    from escruta.tlog.postgres import PostgresSequencer  # noqa: PLC0415

    server = PostgresServer(str(initdb))
    try:
        _take(PostgresSequencer(server.new_database(), _ORIGIN), count)
    finally:
        server.close()


def _take(sequencer: Sequencer, count: int) -> None:
    entries = list(_entries(count))
    watch = _Watch()
    for start in range(0, count, _BATCH):
        sequencer.append(entries[start : start + _BATCH])
    watch.tell(None)
    sequencer.close()


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
    watch, middles = _Watch(), []
    for _ in range(_ROUNDS):
        taken = []
        for index, leaf in leaves.items():
            begun = time.perf_counter()
            TreeReader(LogFolder(folder / "log"), head).prove_inclusion(index, leaf)
            taken.append(time.perf_counter() - begun)
        middles.append(statistics.median(taken))
    watch.tell(head.root, step=min(middles))


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
    "force": force,
    "floor": hash_barely,
    "tree": build_tree,
    "aics-tree": aics_tree,
    "actasum-tree": actasum_tree,
    "bare-files": write_barely,
    "durable": build_from_memory,
    "stream": build_durably,
    "aics-durable": aics_durable,
    "sequence": sequence,
    "sequence-postgres": sequence_in_postgres,
    "proofs": prove,
    "verify": verify,
}
_REPEATS = {"floor": 3, "tree": 3, "aics-tree": 2, "actasum-tree": 2, "durable": 3, "stream": 2, "aics-durable": 2}
_REPEATS |= {"bare-files": 2, "sequence": 2, "sequence-postgres": 2, "durable-slow": 4, "aics-durable-slow": 2}
_LABELS = {
    "force": f"a small file forced to the disk {_FORCED} times",
    "floor": "the hashes alone, hashlib",
    "tree": "escruta: tree and root in memory",
    "aics-tree": "aics-tlog 0.2.1: tree and root in memory",
    "actasum-tree": "actasum 0.1.0: tree and root in memory",
    "bare-files": "the hashes, and as many bytes in as many files, nothing forced",
    "durable": "escruta: all tiles and bundles and a signed checkpoint, forced to the disk",
    "stream": "escruta: the same from a stream of entries",
    "aics-durable": "aics-tlog 0.2.1: all tiles and bundles, forced to the disk",
    "durable-slow": f"escruta: the same where the disk takes {_SLOW_MS} ms more",
    "aics-durable-slow": f"aics-tlog 0.2.1: the same where the disk takes {_SLOW_MS} ms more",
    "sequence": f"escruta: sequenced in SQLite in batches of {_BATCH:,}, each forced to the disk",
    "sequence-postgres": f"escruta: sequenced in PostgreSQL in batches of {_BATCH:,}, each forced to the disk",
    "proofs": f"escruta: {_PROOFS * _ROUNDS:,} inclusion proofs from cold tiles, made and verified",
    "verify": "escruta: the whole log verified, every entry and tile",
}
_DATABASES = {"sequence": "SQLite", "sequence-postgres": "PostgreSQL"}

if __name__ == "__main__":
    _TASKS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))

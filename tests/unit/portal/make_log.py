"""Gives a record of `make_record` its log: every reading, the record's own digests, signed and perhaps cosigned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl
from tests.unit.portal.make_record import entry_of
from tests.unit.tlog.quick_disk import QuickDisk

from escruta.record.digests import DIGESTS, digest_of
from escruta.record.entries import entry
from escruta.tlog import KeyKind, SeedSigner, Signer, build_log, parse_note
from escruta.tlog.sealing import sealing_signer
from escruta.tlog.signing import sign_note, sign_text

ORIGIN = "log.example/utopia"
TIME_S = 1_790_000_000
LOG_SIGNERS = (
    SeedSigner(ORIGIN, KeyKind.ED25519, b"1" * 32),
    SeedSigner(ORIGIN, KeyKind.MLDSA44_COSIGNATURE, b"2" * 32),
)
WITNESSES = {
    "red": SeedSigner("red.example/w", KeyKind.ED25519_COSIGNATURE, b"3" * 32),
    "blue": SeedSigner("blue.example/w", KeyKind.ED25519_COSIGNATURE, b"4" * 32),
    "observers": SeedSigner("observers.example/w", KeyKind.MLDSA44_COSIGNATURE, b"5" * 32),
}
SEAL = (sealing_signer("unsigned.invalid/utopia"),)


def make_log(
    record: Path,
    *,
    signers: Sequence[Signer] = LOG_SIGNERS,
    cosigned_by: Sequence[str] = ("red", "observers"),
    quorum: str | None = "group all 2 red blue observers\nquorum all\n",
    more: Sequence[bytes] = (),
) -> Path:
    """Write the log and the policy of a record; without a quorum there are no log witnesses."""
    with_witnesses = quorum is not None
    policy = [f"log {signer.key}\n" for signer in signers]
    policy += [f"witness {name} {signer.key}\n" for name, signer in WITNESSES.items() if with_witnesses]
    (record / "log.policy").write_text("".join(policy) + (quorum or "quorum none\n"), encoding="utf-8")
    log = record / "log"
    origin = signers[0].key.name
    build_log(log, entries_of(record, more), origin=origin, signers=signers, time_s=TIME_S, files=QuickDisk())
    cosign(log, cosigned_by if with_witnesses else ())
    return log


def entries_of(record: Path, more: Sequence[bytes] = ()) -> Iterator[bytes]:
    marks: dict[str, dict[str, str]] = {}
    for reading, figure, mark in pl.read_parquet(record / "marks.parquet")["reading", "figure", "mark"].iter_rows():
        marks.setdefault(reading, {})[figure] = mark
    yield entry("rules", election="utopia", sha256="00" * 32)
    for row in pl.read_parquet(record / "readings-head.parquet").iter_rows(named=True):
        names = [name for name in row if "." in name or name in FIGURES]
        yield entry_of(row, {name: row[name] for name in names}, marks.get(row["reading"], {}))
    yield entry("record", number=1, sha256sums=digest_of(record / DIGESTS))
    yield from more


FIGURES = ("registered_voters", "valid", "null", "ballots", "blank")


def cosign(log: Path, names: Sequence[str]) -> None:
    """Add cosignatures to a checkpoint that stands."""
    note = parse_note((log / "checkpoint").read_bytes())
    lines = [sign_text(note.text, WITNESSES[name], time_s=TIME_S + 60) for name in names]
    (log / "checkpoint").write_bytes(bytes(note.signed_also(*lines)))


def sign_fork(log: Path, size: int, root: str, name: str) -> Path:
    """Put into the evidence what the log never should have signed."""
    path = log / "evidence" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(sign_note(f"{ORIGIN}\n{size}\n{root}\n", LOG_SIGNERS, time_s=TIME_S)))
    return path

"""What the record and its log say of the table that an audit commits to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from escruta.apps.audits.errors import AuditRefused
from escruta.record.digests import DIGESTS, digest_of, read_digests
from escruta.record.entries import kind_of
from escruta.record.logbook import LOG, POLICY
from escruta.tlog.policies import parse_policy, standing_of
from escruta.tlog.reading import LogFolder, TreeReader, read_checkpoint, read_tile
from escruta.tlog.sealing import is_sealed
from escruta.tlog.tiles import parse_bundle, tile_at
from escruta.tlog.trees import TILE_WIDTH, TreeHead


def require_as_listed(record: Path, names: Sequence[str]) -> None:
    """Raise `AuditRefused` where a file of the record is not the one that its list of digests names."""
    sums = record / DIGESTS
    listed = dict(read_digests(sums.read_text(encoding="utf-8"))) if sums.is_file() else {}
    for name in names:
        path = record / name
        found = digest_of(path) if path.is_file() else "no file"
        if name in listed and found != listed[name]:
            raise AuditRefused(
                "a file of the record is not the one that its list of digests names",
                where=str(path),
                found=found,
                expected=f"{listed[name]}, as {DIGESTS} says",
                advice="Take the record as it was published, or make it again with `escruta run`.",
            )


def record_of(record: Path) -> dict[str, Any]:
    """Give the digest of the record's list of digests, and where its log has it; `log` is None without a log."""
    sums = record / DIGESTS
    if not sums.is_file():
        raise AuditRefused(
            "the record has no list of digests, so that nothing commits to it",
            where=str(record),
            found=f"no {DIGESTS}",
            expected="a folder that `escruta run` wrote",
        )
    digest = sha256(sums.read_bytes()).hexdigest()
    return {"sha256sums": digest, "log": _log_of(record, digest)}


def _log_of(record: Path, digest: str) -> dict[str, Any] | None:
    if not (record / LOG / "checkpoint").is_file() or not (record / POLICY).is_file():
        return None
    log = LogFolder(record / LOG)
    policy = parse_policy((record / POLICY).read_bytes(), where=str(record / POLICY))
    standing = standing_of(read_checkpoint(log), policy, where=str(record / LOG / "checkpoint"))
    head = standing.checkpoint.head
    return {
        "origin": standing.checkpoint.origin,
        "size": head.size,
        "root": head.root.hex(),
        "entry": _entry_of(log, head, digest),
        "sealed": is_sealed(standing.checkpoint.origin),
        "cosigned": len(standing.cosigned),
        "witnesses": len(policy.witnesses),
    }


def _entry_of(log: LogFolder, head: TreeHead, digest: str) -> int | None:
    """Find the entry that names the record's digests, from the end, and verify that it is in the tree."""
    wanted = digest.encode()
    for number in reversed(range(-(-head.size // TILE_WIDTH))):
        tile = tile_at(None, number, head.size)
        found = read_tile(log, tile)
        if found is None:
            return None
        entries = parse_bundle(*found, where=tile.path)[: tile.width]
        for at in reversed(range(len(entries))):
            kind, said = kind_of(entries[at]) if wanted in entries[at] else ("", {})
            if kind == "record" and said.get("sha256sums") == digest:
                index = number * TILE_WIDTH + at
                TreeReader(log, head).entry(index)
                return index
    return None


def require_same_record(record: Path, plan: Mapping[str, Any]) -> None:
    """Raise `AuditRefused` where a record is not the one that the plan committed to."""
    found = record_of(record)["sha256sums"]
    if found != plan["record"]["sha256sums"]:
        raise AuditRefused(
            "the published results are not those that the plan committed to",
            where=str(record / DIGESTS),
            found=found,
            expected=plan["record"]["sha256sums"],
            advice="Audit the results that were committed to; results that changed since need an audit of their own.",
        )

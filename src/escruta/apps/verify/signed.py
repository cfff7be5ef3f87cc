"""The bulletins and acceptances in the log of a record."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from escruta.apps.board import check_bulletins
from escruta.apps.verify.findings import Findings, Printed
from escruta.apps.verify.logged import Logged
from escruta.apps.verify.places import Watched
from escruta.apps.verify.results import DEFINITION, SUMMARY
from escruta.record.logbook import LOG
from escruta.tlog import LogInputError, TreeReader
from escruta.tlog.findings import Fault
from escruta.tlog.policies import Standing
from escruta.tlog.trees import TreeHead


def _election_of(definition: bytes | None) -> str | None:
    """Give the election's id, to tell bulletins of others in the same log; the definition is verified later."""
    try:
        said = msgspec.json.decode(definition or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return said.get("id") if isinstance(said, dict) else None


def verify_signed(
    place: Watched,
    logged: Logged,
    standing: Standing,
    findings: Findings,
    printed: Printed,
) -> None:
    """Check every bulletin, dissent and acceptance; the tiles that lead to their roots were verified before."""
    if not logged.signed:
        return
    tree = TreeReader(place.under(LOG), standing.checkpoint.head)

    def root_at(size: int) -> bytes | None:
        try:
            root = tree.root_at(size)
            tree.prove_consistency(TreeHead(size=size, root=root))
        except LogInputError:
            return None
        return root

    summary, definition = place.read(SUMMARY), place.read(DEFINITION)
    report = check_bulletins(
        logged.signed,
        origin=standing.checkpoint.origin,
        root_at=root_at,
        board=printed.board,
        candidates=printed.candidates,
        summaries={} if summary is None else {sha256(summary).hexdigest(): summary},
        definition_sha256=None if definition is None else sha256(definition).hexdigest(),
    )
    own = _election_of(definition)
    for each in report.faults:
        findings.faults.append(
            Fault(
                kind=each.kind,
                file=f"{LOG}, entry {each.index}",
                what=each.what,
                found=each.found,
                expected=each.expected,
            )
        )
    findings.unchecked.extend(report.unchecked)
    for bulletin in report.bulletins:
        said = bulletin.bulletin
        of_another = "" if said.election == own else f" (election {said.election})"
        about = f"bulletin {said.number} of {said.contest}{of_another}"
        if bulletin.standing is not None:
            findings.checked.append(f"{about}: {bulletin.standing}")
    for acceptance in report.acceptances:
        if acceptance.signed is not None:
            who = ", ".join(acceptance.signed)
            findings.checked.append(f"acceptance of {acceptance.acceptance.election}: signed by {who}")

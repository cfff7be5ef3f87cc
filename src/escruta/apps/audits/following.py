"""Whether the draws that an audit's folder holds are those that follow from its seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from escruta.apps.audits.drawing import drawn_from, rest_of
from escruta.apps.audits.draws import Draw, draws_of
from escruta.apps.audits.errors import AuditRefused
from escruta.apps.audits.folders import AuditFolder
from escruta.apps.audits.planning import BOXES
from escruta.apps.audits.tables import Table, read_boxes


def require_draws_follow(audit: AuditFolder, plan: Mapping[str, Any]) -> None:
    """Raise `AuditRefused` where a round has other draws than the seed, the table and the manifest make.

    Whoever rewrites a file of draws with its digest, and every digest after it, is found out here.
    """
    table, draws = read_boxes(audit.read(BOXES)), draws_of(audit)
    for number in range(1, audit.round + 1):
        found = [each for each in draws if each.round == number]
        earlier = [each for each in draws if each.round < number]
        expected = _again(audit, plan, table, found, earlier)
        wrong = next((pair for pair in zip(found, expected, strict=False) if pair[0] != pair[1]), None)
        if wrong is not None or len(found) != len(expected):
            raise AuditRefused(
                "the draws do not follow from the seed",
                where=str(audit.folder / f"draw-{number}.csv"),
                found=_said(wrong[0]) if wrong else f"{len(found):,} draws",
                expected=_said(wrong[1]) if wrong else f"{len(expected):,}",
                advice="This audit proves nothing; begin another.",
            )


def _again(
    audit: AuditFolder, plan: Mapping[str, Any], table: Table, found: Sequence[Draw], earlier: Sequence[Draw]
) -> list[Draw]:
    if not found or not found[0].random:
        return rest_of(table, earlier, audit.round if not found else found[0].round)
    slips = found[0].slip is not None
    return drawn_from(audit, plan, table, len(found), earlier, slips=slips, number=found[0].round)


def _said(draw: Draw) -> str:
    slip = "" if draw.slip is None else f", slip {draw.slip}"
    return f"draw {draw.number}: box {draw.name}{slip}"

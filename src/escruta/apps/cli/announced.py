"""`escruta announced`: could an announcement be true beside the counted sheets, with the proof as a file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FINDINGS, with_exit_codes
from escruta.apps.cli.options import FILE_TO_WRITE, asks_results, open_asked, share_of, writes_page
from escruta.apps.cli.screen import show_json

if TYPE_CHECKING:
    from escruta.assessment.announced import FullAnswer
    from escruta.assessment.groups import Outside
    from escruta.election.definition import Announcement
    from escruta.record.contents import ContestResults, Results


@click.command()
@asks_results
@click.option("--announcement", "wanted", multiple=True, metavar="ID", help="Only this one; may be repeated.")
@click.option(
    "--by",
    type=click.Choice(["stations", "voters"]),
    default="stations",
    show_default=True,
    help="What a percentage is a share of.",
)
@click.option("--coverage", metavar="N|P%", help="What the announcement covers, in place of what it says; or any.")
@click.option("--turnout", metavar="P%", help="Turnout at most where no true sheet is known: a choice of yours.")
@click.option(
    "--share",
    "shares",
    multiple=True,
    metavar="CANDIDATE=P%",
    help="A candidate's share of the votes there, at most: a choice of yours; may be repeated.",
)
@click.option("--each", is_flag=True, help="Hold every announced figure apart, not two candidates and the rest.")
@click.option("--certificate", type=FILE_TO_WRITE, metavar="FILE.csv", help="Write the first proof, sheet by sheet.")
@writes_page
@with_exit_codes
def announced(*, election: Path, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Say whether announced totals can be true beside the counted sheets, and prove it where they cannot.

    Whatever stations an announcement holds, the counted sheets among them have the votes that they have. Where that is
    too much, the announcement and the sheets cannot both be right; which of them is not, is never proved.

    \b
    Examples:
      escruta announced out/venezuela-2024
      escruta announced out/venezuela-2024 --announcement bulletin-1 --certificate proof.csv
      escruta announced out/venezuela-2024 --turnout 60% --share maduro=60%
      escruta announced examples/venezuela-2024 --data ../shared/data --by voters --page announced.html

    Ends with 0 when nothing is proved against any of them, and with 1 when something is.
    """
    from escruta.apps.cli.announced_asked import Asked  # noqa: PLC0415 - keeps `--help` quick
    from escruta.apps.cli.announced_told import tell, tell_together  # noqa: PLC0415

    turnout = share_of(said["turnout"], "--turnout") if said["turnout"] is not None else Fraction(1)
    results, one = open_asked(election, said, quiet=as_json)
    chosen = _chosen(results, one, said["wanted"])
    outside = _outside(one, chosen, turnout, said["shares"])
    asked = Asked(results, one, by=said["by"], coverage=said["coverage"], outside=outside, each=said["each"])
    answers = [asked.answer(announcement) for announcement in chosen]
    together = asked.together(chosen)
    if said["certificate"] is not None:
        _write_certificate(said["certificate"], answers)
    if said["page"] is not None:
        said["page"].write_bytes(asked.page(chosen, answers, together, said["language"]))
    if as_json:
        show_json(asked.as_json(chosen, answers, together))
    else:
        for announcement, answer in zip(chosen, answers, strict=True):
            tell(announcement, answer, asked.names)
        tell_together(together, asked.names)
    proofs = [each.answer for each in answers] + ([together] if together is not None else [])
    is_proved = any(each.certificate is not None or each.certificate_at_any_coverage is not None for each in proofs)
    return FINDINGS if is_proved else DONE


def _chosen(results: Results, one: ContestResults, wanted: tuple[str, ...]) -> list[Announcement]:
    from escruta.base.errors import InputError  # noqa: PLC0415

    first = results.election.contests[0].id
    listed = [each for each in results.election.announcements if (each.contest or first) == one.contest]
    own = [each for each in listed if each.votes or each.others is not None]
    unknown = [name for name in wanted if name not in {each.id for each in own}]
    if unknown or not own:
        raise InputError(
            "there is no such announcement" if own else "the definition has no announced votes for this contest",
            found=", ".join(unknown) or "none",
            expected=", ".join(each.id for each in own) or "an [[announcements]] table",
            advice="Add what was announced to the definition, with who announced it and when.",
        )
    return [each for each in own if not wanted or each.id in wanted]


def _outside(one: ContestResults, chosen: list[Announcement], turnout: Fraction, shares: tuple[str, ...]) -> Outside:
    """Read what is supposed of the votes outside, and refuse a limit that could not be used, or leaves no vote."""
    from escruta.assessment.groups import Outside  # noqa: PLC0415
    from escruta.base.errors import InputError  # noqa: PLC0415

    limits: dict[str, Fraction] = {}
    for text in shares:
        name, _, percent = text.partition("=")
        if name in limits:
            raise InputError("a candidate has two limits", where="--share", found=text, expected="one for a candidate")
        alone = [each.id for each in one.figures.contest.candidates if all(each.id in said.votes for said in chosen)]
        if name not in alone:
            raise InputError(
                "no announced votes of this candidate alone",
                where="--share",
                found=text,
                expected="CANDIDATE=P%, with one of " + ", ".join(alone),
            )
        limits[name] = share_of(percent, "--share")
    if len(limits) == len(one.figures.contest.candidates) and sum(limits.values()) < 1:
        raise InputError(
            "with these limits nobody could have voted outside",
            where="--share",
            found=", ".join(shares),
            expected="limits that add up to 100 % at least, or a candidate without one",
        )
    return Outside(turnout=turnout, shares=limits)


def _write_certificate(path: Path, answers: list[FullAnswer]) -> None:
    from escruta.apps.cli.certificates import write_certificate  # noqa: PLC0415
    from escruta.base.errors import InputError  # noqa: PLC0415

    for answer in answers:
        if write_certificate(path, answer.answer):
            return
    raise InputError(
        "there is no proof to write",
        where=str(path),
        found="nothing is proved against any announcement",
        expected="an announcement that the sheets rule out",
    )

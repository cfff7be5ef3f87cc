"""`escruta quickcount`: how many centres, which ones, and what they say of the country."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FILE, FINDINGS, with_exit_codes
from escruta.apps.cli.screen import say, show_json, show_table, shown

if TYPE_CHECKING:
    from escruta.assessment.quickcount import Draw, Frame, Plan, QuickCount

OUT = click.Path(path_type=Path, dir_okay=False)
_FRAME = click.Path(path_type=Path, exists=True)
_PERCENT = click.FloatRange(0, 100, min_open=True, max_open=True)


@click.group()
def quickcount() -> None:
    """Plan a quick count, draw its centres in public, and estimate the country from those that answer.

    FRAME is a record, or a CSV file with the columns centre, stratum and registered_voters.
    """


def _planning(command: Any) -> Any:  # noqa: ANN401 - a command, whose type click keeps to itself
    options = [
        click.argument("frame", type=_FRAME),
        click.option(
            "--stratum", metavar="LEVEL", help="Of a record: the level whose areas are the strata; the widest."
        ),
        click.option("--half-width", type=_PERCENT, default=1.0, show_default=True, help="Wanted, in points."),
        click.option("--confidence", type=_PERCENT, default=95.0, show_default=True, help="Percent."),
        click.option(
            "--share", type=_PERCENT, default=50.0, show_default=True, help="Percent expected for the leader."
        ),
        click.option(
            "--rho", type=click.FloatRange(0, 1), help="Correlation of votes inside centres; 0.12 by default."
        ),
        click.option("--turnout", type=_PERCENT, default=70.0, show_default=True, help="Percent expected."),
        click.option("--no-answer", type=click.FloatRange(0, 99), default=10.0, show_default=True, help="Percent."),
        click.option("--page", type=OUT, metavar="FILE.html", help="Also write it as a page."),
        click.option("--language", default="en", show_default=True, metavar="CODE", help="Language of the page."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@quickcount.command("plan")
@_planning
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON on standard output.")
@with_exit_codes
def plan_command(*, frame: Path, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Say how many centres it takes, and how many of each stratum.

    \b
    Examples:
      escruta quickcount plan centres.csv --half-width 1 --page plan.html
      escruta quickcount plan out/venezuela-2024 --half-width 0.8 --rho 0.12 --no-answer 15 --json
    """
    from escruta.apps.cli.quickcount_files import frame_of  # noqa: PLC0415 - keeps `--help` quick

    made = _plan(frame_of(frame, said["stratum"], quiet=as_json), said)
    _write_design(said, made, None)
    if as_json:
        show_json(dataclasses.asdict(made))
    else:
        _tell_plan(made)
    return DONE


@quickcount.command("draw")
@_planning
@click.option("--seed", required=True, help="What was thrown in public, after FRAME was published.")
@click.option("--out", type=OUT, metavar="FILE.csv", help="Write the centres drawn, with their tickets.")
@click.option("--json", "as_json", is_flag=True, help="Print the draw as JSON on standard output.")
@with_exit_codes
def draw_command(*, frame: Path, seed: str, out: Path | None, as_json: bool, **said: Any) -> int:  # noqa: ANN401
    """Draw the centres of the plan: the first of each stratum by SHA-256 of the text SEED,CENTRE.

    Publish FRAME and the plan first, and throw the dice afterwards, in public. Anybody can repeat the draw with a
    spreadsheet or `printf 'SEED,CENTRE' | sha256sum`.

    \b
    Examples:
      escruta quickcount draw centres.csv --half-width 1 --seed "4 1 6 2 5 3" --out drawn.csv --page drawn.html
      escruta quickcount draw out/venezuela-2024 --seed "2024-07-28 4 1 6 2" --json
    """
    from escruta.apps.cli.quickcount_files import frame_of  # noqa: PLC0415
    from escruta.assessment.quickcount import draw  # noqa: PLC0415
    from escruta.base.errors import InputError  # noqa: PLC0415

    listed = frame_of(frame, said["stratum"], quiet=as_json)
    made = _plan(listed, said)
    try:
        drawn = draw(listed, made.allocation, seed)
    except ValueError as error:
        raise InputError(f"nothing can be drawn: {error}", where=str(frame)) from None
    rows = list(zip(drawn.strata, drawn.centres, drawn.tickets, strict=True))
    if out is not None:
        with out.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([("stratum", "centre", "ticket"), *rows])
    _write_design(said, made, drawn)
    if as_json:
        show_json({"seed": seed, "plan": dataclasses.asdict(made), "drawn": [list(row) for row in rows]})
    else:
        _tell_plan(made)
        say(f"Seed: {seed}. Drawn: {shown(len(rows))} centres{f', in {out}' if out else ''}.")
        if out is None:
            show_table(None, ("stratum", "centre", "ticket"), [(*row[:2], row[2][:16]) for row in rows], left=3)
    return DONE


@quickcount.command("estimate")
@click.argument("frame", type=_FRAME)
@click.option("--drawn", required=True, type=FILE, help="CSV that `draw` wrote: its column centre is read.")
@click.option("--reports", type=FILE, help="CSV: centre, registered_voters (of what reported), a column a candidate.")
@click.option("--contest", metavar="ID", help="Of a record whose counts are the reports; the first by default.")
@click.option("--stratum", metavar="LEVEL", help="Of a record: the level whose areas are the strata; the widest.")
@click.option("--confidence", type=_PERCENT, default=95.0, show_default=True, help="Percent.")
@click.option("--page", type=OUT, metavar="FILE.html", help="Also write the answer as a page.")
@click.option("--language", default="en", show_default=True, metavar="CODE", help="Language of the page.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON on standard output.")
@with_exit_codes
def estimate_command(*, frame: Path, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Estimate the country from the drawn centres that answered; without --reports, from the record's own counts.

    \b
    Examples:
      escruta quickcount estimate centres.csv --drawn drawn.csv --reports answers.csv
      escruta quickcount estimate out/venezuela-2024 --drawn drawn.csv --page quick.html --language es

    Ends with 1 where a centre reported that was not drawn: it is left out.
    """
    from escruta.apps.cli.quickcount_files import (  # noqa: PLC0415
        column_of,
        frame_of,
        reports_of_file,
        reports_of_record,
    )
    from escruta.assessment.quickcount import estimate  # noqa: PLC0415
    from escruta.base.errors import InputError  # noqa: PLC0415

    listed = frame_of(frame, said["stratum"], quiet=as_json)
    drawn = column_of(said["drawn"], "centre")
    unknown = set(drawn) - set(listed.centres)
    if unknown:
        raise InputError(
            "a drawn centre is not in the frame", where=str(said["drawn"]), found=", ".join(sorted(unknown)[:3])
        )
    names: dict[str, str] = {}
    if said["reports"] is not None:
        reports = reports_of_file(said["reports"])
    else:
        reports, names = reports_of_record(frame, said["contest"], drawn)
    try:
        found = estimate(listed, drawn, reports, confidence=said["confidence"] / 100)
    except ValueError as error:
        raise InputError(f"nothing can be estimated: {error}", where=str(said["reports"] or frame)) from None
    if said["page"] is not None:
        from escruta.apps.cli.paging import page_language  # noqa: PLC0415
        from escruta.portal.quickcounted import quickcount_page  # noqa: PLC0415
        from escruta.portal.words import load_words  # noqa: PLC0415

        said["page"].write_bytes(quickcount_page(load_words(page_language(said["language"])), found, names))
    if as_json:
        show_json(dataclasses.asdict(found))
    else:
        _tell(found)
    return FINDINGS if found.reports_not_drawn and said["reports"] else DONE


def _write_design(said: dict[str, Any], made: Plan, drawn: Draw | None) -> None:
    """Write the page of a plan or a draw, where one was asked for."""
    if said["page"] is None:
        return
    from escruta.apps.cli.paging import page_language  # noqa: PLC0415
    from escruta.portal.quickcount_designed import design_page  # noqa: PLC0415
    from escruta.portal.words import load_words  # noqa: PLC0415

    said["page"].write_bytes(design_page(load_words(page_language(said["language"])), made, drawn))


def _plan(frame: Frame, said: dict[str, Any]) -> Plan:
    from escruta.assessment.quickcount import plan  # noqa: PLC0415
    from escruta.assessment.quickcount.plans import RHO  # noqa: PLC0415

    percents = {name: said[name] / 100 for name in ("half_width", "confidence", "share", "turnout", "no_answer")}
    return plan(frame, rho=RHO if said["rho"] is None else said["rho"], **percents)


def _tell_plan(made: Plan) -> None:
    say(
        f"For ± {made.half_width * 100:g} points at {made.confidence:.0%}: {shown(made.needed)} centres "
        f"have to answer; {shown(made.drawn)} are drawn."
    )
    say(
        f"Design effect {made.design_effect:.1f}: {made.ballots_per_centre:,.0f} ballots in a centre, whose voters are "
        f"alike (rho {made.rho:g})."
    )
    show_table(
        "Strata",
        ("stratum", "centres", "registered voters", "drawn"),
        [(each.name, each.centres, each.registered, each.drawn) for each in made.strata],
    )


def _tell(found: QuickCount) -> None:
    everybody = [*found.shares, *([found.lead] if found.lead is not None else [])]
    show_table(
        f"Shares of the votes for candidates, intervals of {found.confidence:.0%}",
        ("candidate", "share", "se", "low", "high", "worst low", "worst high"),
        [
            (
                each.name,
                f"{each.share.value:.2%}",
                f"{each.share.standard_error:.2%}",
                *(f"{value:.2%}" for value in (each.low, each.high, each.worst_low, each.worst_high)),
            )
            for each in everybody
        ],
    )
    say(
        f"Votes for candidates over registered voters: {found.turnout.value:.2%} "
        f"(se {found.turnout.standard_error:.2%})."
    )
    say(f"Design effect {found.design_effect:.1f}; {shown(found.shares[0].share.degrees)} degrees of freedom.")
    show_table(
        "Answers",
        ("stratum", "centres", "drawn", "answered"),
        [(each.name, each.centres, each.drawn, each.answered) for each in found.responses],
    )
    if found.reports_not_drawn:
        say(f"Left out, as they were not drawn: {', '.join(found.reports_not_drawn[:10])}.")
    say(
        "This assumes that drawn centres without an answer are like the others of their stratum; "
        "the worst columns do not."
    )

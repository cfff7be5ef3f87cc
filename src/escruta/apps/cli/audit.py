"""`escruta audit`: what the paper says, from the plan to the report."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from escruta.apps.cli.audit_asked import asks_plan
from escruta.apps.cli.audit_told import number_of, tell_draw, tell_plan, tell_risk
from escruta.apps.cli.exits import DONE, FILE, FINDINGS, FOLDER, FOLDER_THERE, with_exit_codes
from escruta.apps.cli.screen import say, show_json
from escruta.base.words import languages

_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")


@click.group()
def audit() -> None:
    """Ask the paper: draw boxes in public, count them by hand, and say at which risk they bear out the outcome.

    \b
    Examples:
      escruta audit plan result my-audit --risk-limit 5%
      escruta audit seed my-audit 31415926535897932384 --where "Plaza Bolívar, 20 ten-sided dice"
      escruta audit draw my-audit
      escruta audit enter my-audit --first typed-1.csv --second typed-2.csv
      escruta audit risk my-audit
      escruta audit report my-audit --out report
    """


@audit.command("plan")
@asks_plan
@_JSON
@with_exit_codes
def plan_command(*, record: Path, folder: Path, as_json: bool, **chosen: Any) -> int:  # noqa: ANN401
    """Fix what is audited: the published result of every box in RECORD, the rule, the risk limit and the design.

    Designs draw whole boxes, or single slips, which are found by counting down the pile of a box.

    FOLDER becomes the audit's folder. Publish it, or at least the digest that is printed, before the seed is rolled.
    A station without a published result cannot be audited, and the plan says how many there are.

    \b
    Examples:
      escruta audit plan result my-audit
      escruta audit plan result my-audit --risk-limit 1% --bound ballots --outside left-out
      escruta audit plan result my-audit --method per-centre --centre-share 54%
      escruta audit plan result my-audit --method polling --manifest slips-per-box.csv
      escruta audit plan result my-audit --method comparison --records cast-vote-records.csv
      escruta audit plan result my-audit --method strata --poll 01/011
    """
    from escruta.apps.audits import Choices, plan_audit  # noqa: PLC0415 - keeps `--help` quick

    plan, step = plan_audit(record, folder, Choices(**chosen), now=_now())
    if as_json:
        show_json({key: value for key, value in plan.items() if key != "areas"} | {"digest": step.digest})
    else:
        tell_plan(plan, step.digest, folder)
    return DONE


@audit.command("seed")
@click.argument("folder", type=FOLDER_THERE)
@click.argument("digits")
@click.option("--where", required=True, help="Where and how it was rolled; no names of persons.")
@_JSON
@with_exit_codes
def seed_command(*, folder: Path, digits: str, where: str, as_json: bool) -> int:
    """Take the seed: at least twenty digits, rolled in public after the plan was published.

    \b
    Examples:
      escruta audit seed my-audit 31415926535897932384 --where "Plaza Bolívar, 20 ten-sided dice"
    """
    from escruta.apps.audits import AuditFolder, take_seed  # noqa: PLC0415

    opened = AuditFolder(folder)
    step = take_seed(opened, digits, where=where, now=_now())
    seed = opened.json("seed.json")["seed"]
    if as_json:
        show_json({"seed": seed, "where": where, "digest": step.digest})
    else:
        say(f"The seed is {seed}. Next: escruta audit draw {folder}")
    return DONE


@audit.command("draw")
@click.argument("folder", type=FOLDER_THERE)
@click.option(
    "--draws",
    type=click.IntRange(min=1),
    help="How many; as planned, or as many as the last risk asked for, by default.",
)
@click.option("--all", "everything", is_flag=True, help="Open all boxes that were not counted yet.")
@click.option(
    "--stratum",
    type=click.Choice(["compared", "polled"]),
    help="With --method strata: the list to draw from; the one that is due by default.",
)
@click.option("--language", type=click.Choice(languages()), default="en", show_default=True, help="Of the forms.")
@_JSON
@with_exit_codes
def draw_command(
    *, folder: Path, draws: int | None, everything: bool, stratum: str | None, language: str, as_json: bool
) -> int:
    """Draw the boxes or slips of the next round, and write a form for each box and a file to type the counts into.

    Anybody with the seed and the table draws the same ones.

    \b
    Examples:
      escruta audit draw my-audit
      escruta audit draw my-audit --draws 20 --language es
      escruta audit draw my-audit --all
    """
    from escruta.apps.audits import AuditFolder, draw_round, write_forms  # noqa: PLC0415

    opened = AuditFolder(folder)
    drawn, step = draw_round(opened, draws=draws, everything=everything, stratum=stratum, now=_now())
    forms = write_forms(opened, language)
    if as_json:
        rows = [
            {"draw": each.number, "box": each.name, "random": each.random}
            | ({} if each.slip is None else {"slip": each.slip})
            for each in drawn
        ]
        show_json({"round": opened.round, "draws": rows, "forms": forms, "digest": step.digest})
    else:
        tell_draw(drawn, opened.round, forms, folder)
    return DONE


@audit.command("enter")
@click.argument("folder", type=FOLDER_THERE)
@click.option("--first", required=True, type=FILE, help="The counts, CSV or TOML.")
@click.option("--second", type=FILE, help="The same counts, typed by somebody else.")
@click.option("--once", is_flag=True, help="Take them without a second typing.")
@_JSON
@with_exit_codes
def enter_command(*, folder: Path, first: Path, second: Path | None, once: bool, as_json: bool) -> int:
    """Enter what was counted in the boxes of the round: typed twice, checked, compared.

    A box that is not there has the state `missing`, and counts as the worst case. A box must add up: votes and other
    slips are all slips. Where single slips were drawn, each shows an option, `blank`, `null`, or is `not-found`, which
    is the worst case. Nothing is written while there is a fault.

    \b
    Examples:
      escruta audit enter my-audit --first typed-1.csv --second typed-2.csv
      escruta audit enter my-audit --first counts.toml --once
    """
    from escruta.apps.audits import AuditFolder, enter_counts  # noqa: PLC0415

    if second is None and not once:
        message = "name the file of the second typing with --second, or say --once"
        raise click.UsageError(message)
    counts, step = enter_counts(AuditFolder(folder), first, second, now=_now())
    missing = sum(each.state == "missing" for each in counts)
    what = "slip" if hasattr(counts[0], "slip") else "box"
    if as_json:
        known = {f"{what}s" if what == "slip" else "boxes": len(counts), "missing": missing}
        show_json(known | {"typed_twice": second is not None, "digest": step.digest})
    else:
        typed = "typed twice and equal" if second is not None else "typed once"
        number = number_of(len(counts), "slip", "slips") if what == "slip" else number_of(len(counts), "box", "boxes")
        say(f"{number} entered, {typed}. Not there: {missing:,}.")
        say(f"Next: escruta audit risk {folder}")
    return DONE


@audit.command("risk")
@click.argument("folder", type=FOLDER_THERE)
@click.option("--record", type=FOLDER_THERE, help="The record; refused where it is not the one that was committed to.")
@_JSON
@with_exit_codes
def risk_command(*, folder: Path, record: Path | None, as_json: bool) -> int:
    """Say the risk after the round, and whether to stop, to go on, or to count everything.

    Ends with 0 when the audit can stop, and with 1 when it cannot.

    \b
    Examples:
      escruta audit risk my-audit
      escruta audit risk my-audit --record result --json
    """
    from escruta.apps.audits import AuditFolder, judge  # noqa: PLC0415
    from escruta.apps.audits.commitments import require_same_record  # noqa: PLC0415
    from escruta.apps.audits.planning import plan_of, require_same_table  # noqa: PLC0415

    opened = AuditFolder(folder)
    if record is not None:
        require_same_record(record, plan_of(opened))
        require_same_table(opened, record)
    found, step = judge(opened, now=_now())
    if as_json:
        show_json(found | {"digest": step.digest})
    else:
        tell_risk(found)
    return DONE if found["decision"] == "stop" else FINDINGS


@audit.command("report")
@click.argument("folder", type=FOLDER_THERE)
@click.option("--out", type=FOLDER, help="Folder of the pages; the audit's folder report by default.")
@click.option(
    "--language", "chosen", multiple=True, type=click.Choice(languages()), help="May be repeated; all by default."
)
@_JSON
@with_exit_codes
def report_command(*, folder: Path, out: Path | None, chosen: tuple[str, ...], as_json: bool) -> int:
    """Write the report, a page for each language: what the paper says, and how to draw and judge it again.

    \b
    Examples:
      escruta audit report my-audit
      escruta audit report my-audit --out public --language es
    """
    from escruta.apps.audits import AuditFolder, write_report  # noqa: PLC0415

    written = write_report(AuditFolder(folder), out or folder / "report", chosen or languages())
    if as_json:
        show_json({"pages": written})
    else:
        for path in written:
            say(f"Written: {path}")
    return DONE


def _now() -> datetime:
    return datetime.now(UTC)

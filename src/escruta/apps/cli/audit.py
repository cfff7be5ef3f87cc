"""`escruta audit`: what the paper says, from the plan to the report."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FILE, FINDINGS, FOLDER, FOLDER_THERE, with_exit_codes
from escruta.apps.cli.screen import percent, say, show_json, show_table, shown
from escruta.base.words import languages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from escruta.apps.audits.draws import Draw

_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
_TABLE_ROWS = 40
_SMALLEST = 0.0001
_DESIGNS = {
    "macro": "boxes by their error bound (MACRO)",
    "alpha": "boxes by their ballots (ALPHA)",
    "equal": "boxes with equal chances",
    "per-centre": "a part of each centre's boxes",
    "polling-average": "single slips, polled (BRAVO), on average",
    "polling-9-of-10": "single slips, polled, nine times in ten",
    "alpha-polling-average": "single slips, polled (ALPHA), on average",
    "alpha-polling-9-of-10": "single slips, polled (ALPHA), nine times in ten",
    "comparison": "single slips, compared with their records",
    "comparison-usual": "single slips, compared, with the usual slips of the pen",
    "strata-compared": "two strata: boxes that are compared",
    "strata-polled": "two strata: slips of the others, polled",
    "bravo": "single slips, polled (BRAVO)",
    "polling": "single slips, polled (ALPHA)",
    "strata": "two strata: some boxes compared, slips of the others polled",
}
_DECISIONS = {
    "stop": "Stop: the paper bears out the published outcome.",
    "go-on": "Go on: {more} enough if nothing differs there (escruta audit draw).",
    "full-count": "Count all the paper: no larger sample of this design will do (escruta audit draw --all).",
}
_LISTS = {"compared": "of boxes that are compared", "polled": "of slips of the other boxes"}


class _Share(click.ParamType[Fraction]):
    """A share as a percentage, a decimal or a fraction: 5%, 0.05, 1/20."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:  # noqa: ANN401
        if isinstance(value, Fraction):
            return value
        try:
            found = Fraction(str(value).rstrip("% ")) / (100 if str(value).endswith("%") else 1)
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is no share: write 5%, 0.05 or 1/20", param, ctx)
        if not 0 < found < 1:
            self.fail(f"{value!r} does not lie between 0 and 1", param, ctx)
        return found


_SHARE = _Share()


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
@click.argument("record", type=FOLDER_THERE)
@click.argument("folder", type=FOLDER)
@click.option("--contest", metavar="ID", help="The contest; the only one by default.")
@click.option("--risk-limit", type=_SHARE, default="5%", show_default=True, help="The largest risk at which to stop.")
@click.option(
    "--method",
    type=click.Choice(["macro", "alpha", "equal", "per-centre", "bravo", "polling", "comparison", "strata"]),
    default="macro",
    show_default=True,
    help="What is drawn, and how it is judged: boxes (macro, alpha, equal, per-centre), slips (bravo, polling, "
    "comparison), or both (strata).",
)
@click.option("--manifest", type=FILE, help="Where slips are drawn: the authority's CSV of slips in each box.")
@click.option("--records", type=FILE, help="With --method comparison: the CSV of what was recorded for each slip.")
@click.option(
    "--poll", metavar="AREA", multiple=True, help="With --method strata: an area whose slips are polled; repeatable."
)
@click.option("--poll-list", type=FILE, help="With --method strata: a CSV of the boxes whose slips are polled.")
@click.option("--slips", type=click.IntRange(min=1), help="With --method strata: slips of the first round that polls.")
@click.option(
    "--bound",
    type=click.Choice(["registered-voters", "ballots"]),
    default="registered-voters",
    show_default=True,
    help="The most slips that a box can hold.",
)
@click.option(
    "--outside",
    type=click.Choice(["worst", "left-out"]),
    default="worst",
    show_default=True,
    help="Voters of stations without a published result: all against the outcome, or left out.",
)
@click.option(
    "--rule",
    type=click.Choice(["as-defined", "first", "majority", "run-off"]),
    default="as-defined",
    show_default=True,
    help="Who wins: as the definition says, the first ones, one with more than a share, or nobody yet.",
)
@click.option(
    "--share", type=_SHARE, default="1/2", show_default=True, help="The share that --rule majority or run-off asks for."
)
@click.option("--winners", type=click.IntRange(min=1), default=1, show_default=True, help="Seats, with --rule first.")
@click.option(
    "--draws", type=click.IntRange(min=1), help="Draws of the first round; one more than the fewest by default."
)
@click.option(
    "--centre-share", type=_SHARE, default="1/2", show_default=True, help="The part drawn, with --method per-centre."
)
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
        _tell_plan(plan, step.digest, folder)
    return DONE


def _tell_plan(plan: Mapping[str, Any], digest: str, folder: Path) -> None:
    names = {each["id"]: each["name"] for each in plan["options"]}
    say(f"{plan['boxes']:,} boxes with a published result; they can hold {plan['ballots_at_most']:,} slips at most.")
    say(f"Stations without a published result, which cannot be audited: {shown(plan['stations_without_result'])}.")
    if plan["outside"] == "worst":
        say(f"Their {plan['pending_ballots']:,} voters are taken as votes the worst way.")
    elif plan["stations_without_result"] != 0:
        say("They are left out, so that this audit says nothing on who won: it speaks of the published boxes only.")
    say()
    show_table(
        "What the paper has to bear out",
        ("statement", "margin"),
        [(_statement(each, names), each["margin"]) for each in plan["assertions"]],
    )
    say()
    rows = [(_DESIGNS[name], "none is enough" if size is None else size) for name, size in plan["sizes"].items()]
    show_table(f"Fewest draws at {_percent(plan['risk_limit'])}, if nothing differs", ("design", "draws"), rows)
    say()
    _tell_design(plan)
    say(f"The table: {folder / 'boxes.csv'}, SHA-256 {plan['table']['sha256']}")
    say(f"The record's list of digests: SHA-256 {plan['record']['sha256sums']}")
    say(_logged(plan["record"]["log"]))
    say(f"Publish this digest before the dice are rolled: {digest}")


def _tell_design(plan: Mapping[str, Any]) -> None:
    if "manifest" not in plan:
        say(f"Design: {_DESIGNS[plan['method']]}. U = {plan['U']}.")
        say(f"Fewest draws: {plan['least_draws']:,}. To be drawn: {plan['draws']:,}.")
        return
    say(f"Design: {_DESIGNS[plan['method']]}.")
    manifest = plan["manifest"]
    say(f"Slips that can be drawn: {manifest['slips']:,}; a slip that is not there is the worst case.")
    if manifest["given"]:
        say(
            "The manifest that was given says another number than was published for "
            f"{_number(manifest['boxes_that_differ'], 'box', 'boxes')}, and does not have "
            f"{manifest['boxes_not_given']:,}: the larger number is taken."
        )
    if manifest["boxes_without_result"]:
        say(f"It has {_number(manifest['boxes_without_result'], 'box', 'boxes')} without a published result: outside.")
    if "records" in plan:
        records = plan["records"]
        say(f"Cast vote records: {records['records']:,}, SHA-256 {records['sha256']}")
        say(f"Boxes whose records do not add up to what was published: {records['boxes_that_differ']:,}.")
    if "strata" in plan:
        strata = plan["strata"]
        say(f"Boxes that are compared: {strata['compared_boxes']:,}.")
        say(f"Boxes whose slips are polled: {strata['polled_boxes']:,}.")
        say(f"To be drawn: {plan['draws']:,} boxes, then {strata['polled_draws'] or 0:,} slips.")
    else:
        say(f"To be drawn: {plan['draws']:,} slips.")
    say(f"The manifest: manifest.csv, SHA-256 {manifest['sha256']}")


def _percent(limit: str) -> str:
    share = Fraction(limit)
    return percent(share.numerator, share.denominator)


def _statement(each: Mapping[str, Any], names: Mapping[str, str]) -> str:
    winner, loser = names[each["winner"]], names.get(each["loser"] or "", "")
    return {
        "ahead": f"{winner} has more votes than {loser}",
        "share": f"{winner} has more than {each['share']} of the valid votes",
        "below": f"{winner} has less than {each['share']} of the valid votes",
        "lead": f"{winner} is ahead of {loser} by more than {each['share']} of the valid votes",
        "close": f"{winner} is not ahead of {loser} by {each['share']} of the valid votes",
    }[each["kind"]]


def _logged(log: Mapping[str, Any] | None) -> str:
    if log is None or log["entry"] is None:
        return "No log says when the table was fixed: publish the digest where everybody sees it."
    who = "sealed, and nobody vouches for it" if log["sealed"] else f"{log['cosigned']} log witnesses cosigned"
    return f"It is entry {log['entry']:,} of the log {log['origin']}, of {log['size']:,} entries ({who})."


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
        _tell_draw(drawn, opened.round, forms, folder)
    return DONE


def _tell_draw(drawn: Sequence[Draw], number: int, forms: Sequence[Path], folder: Path) -> None:
    boxes = len({each.box for each in drawn})
    slips = [] if drawn[0].slip is None else ["slip"]
    show_table(
        f"Round {number}: {_number(len(drawn), 'draw', 'draws')}, {_number(boxes, 'box', 'boxes')}",
        ("draw", "box", *slips, "SHA-256"),
        [
            (str(each.number), each.name, *([each.slip or ""] if slips else []), each.random[:16])
            for each in drawn[:_TABLE_ROWS]
        ],
        left=3 + len(slips),
    )
    if len(drawn) > _TABLE_ROWS:
        say(f"… and {len(drawn) - _TABLE_ROWS:,} more: {folder / f'draw-{number}.csv'}")
    say()
    if forms:
        more = f" and {len(forms) - 1:,} more like it" if len(forms) > 1 else ""
        say(f"Print the forms: {forms[0]}{more}")
    what = "what the slips show" if slips else "the counts"
    say(f"Type {what} into two copies of {folder / f'count-{number}-to-fill.csv'}, each by somebody else.")


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
        number = _number(len(counts), "slip", "slips") if what == "slip" else _number(len(counts), "box", "boxes")
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
        _tell_risk(found)
    return DONE if found["decision"] == "stop" else FINDINGS


def _tell_risk(found: Mapping[str, Any]) -> None:
    if "slips" in found:
        _tell_slips(found)
    if "boxes_that_differ" in found:
        draws = found.get("compared_draws", found["draws"])
        say(
            f"{_number(found['boxes'], 'box', 'boxes')} counted at {_number(draws, 'draw', 'draws')}. "
            f"Different from what was published: {found['boxes_that_differ']:,}."
        )
    for name, text in (
        ("boxes_missing", "Boxes that are not there, each the worst case"),
        ("slips_missing", "Slips that are not there, each a vote the worst way"),
        ("slips_not_found", "Drawn slips that are not there, each a vote the worst way"),
        ("boxes_above_their_bound", "Boxes with more than the plan allowed for, so that its bound is wrong"),
    ):
        if found.get(name):
            say(f"{text}: {found[name]:,}.")
    if found["counted_in_full"]:
        stands = "bears out" if found["decision"] == "stop" else "does not bear out"
        say(f"All the paper was counted. It {stands} the published outcome.")
        return
    risk = 100 * found["risk"]
    say(f"Risk {'below 0.0001' if risk < _SMALLEST else f'{risk:.4f}'} %, limit {_percent(found['risk_limit'])}.")
    more = found["more_draws"]
    say(_decision(found).format(more="1 more draw is" if more == 1 else f"{more or 0:,} more draws are"))
    if found["outside"] == "left-out":
        say("This speaks of the published boxes only, and not of who won.")


def _tell_slips(found: Mapping[str, Any]) -> None:
    slips, draws = found["slips"], found.get("polled_draws", found["draws"])
    say(f"{_number(slips, 'slip', 'slips')} looked at, at {_number(draws, 'draw', 'draws')}.")
    show_table("What they show", ("", "slips"), [(name, number) for name, number in found["shown"].items()])
    if "slips_that_differ" in found:
        say(
            f"Different from what was recorded: {found['slips_that_differ']:,} (too much for a winner by 1 vote "
            f"{found['o1']:,}, by 2 {found['o2']:,}; too little by 1 {found['u1']:,}, by 2 {found['u2']:,})."
        )


def _decision(found: Mapping[str, Any]) -> str:
    if found["decision"] != "go-on" or "shown" not in found or "slips_that_differ" in found:
        return _DECISIONS[found["decision"]]
    due = found.get("next_list")
    if due is None:
        return "Go on: {more} enough nine times in ten if what was published is right (escruta audit draw)."
    return f"Go on: {{more}} enough if what was published is right, {_LISTS[due]} (escruta audit draw)."


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


def _number(number: int, one: str, more: str) -> str:
    return f"{number:,} {one if number == 1 else more}"


def _now() -> datetime:
    return datetime.now(UTC)

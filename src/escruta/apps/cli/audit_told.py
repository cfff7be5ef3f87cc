"""What `escruta audit` says on a terminal."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escruta.apps.cli.screen import percent, say, show_table, shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from escruta.apps.audits.draws import Draw

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


def tell_plan(plan: Mapping[str, Any], digest: str, folder: Path) -> None:
    """Say what was planned, what it would take, and the digest to publish."""
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
            f"{number_of(manifest['boxes_that_differ'], 'box', 'boxes')}, and does not have "
            f"{manifest['boxes_not_given']:,}: the larger number is taken."
        )
    if manifest["boxes_without_result"]:
        say(
            f"It has {number_of(manifest['boxes_without_result'], 'box', 'boxes')} without a published result: outside."
        )
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


def tell_draw(drawn: Sequence[Draw], number: int, forms: Sequence[Path], folder: Path) -> None:
    """Show what was drawn, and say what to do with it."""
    boxes = len({each.box for each in drawn})
    slips = [] if drawn[0].slip is None else ["slip"]
    show_table(
        f"Round {number}: {number_of(len(drawn), 'draw', 'draws')}, {number_of(boxes, 'box', 'boxes')}",
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


def tell_risk(found: Mapping[str, Any]) -> None:
    """Say what was found, the risk, and whether to stop."""
    if "slips" in found:
        _tell_slips(found)
    if "boxes_that_differ" in found:
        draws = found.get("compared_draws", found["draws"])
        say(
            f"{number_of(found['boxes'], 'box', 'boxes')} counted at {number_of(draws, 'draw', 'draws')}. "
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
    say(f"{number_of(slips, 'slip', 'slips')} looked at, at {number_of(draws, 'draw', 'draws')}.")
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


def number_of(number: int, one: str, more: str) -> str:
    """Give a number with its noun.

    >>> number_of(1, "box", "boxes"), number_of(1200, "box", "boxes")
    ('1 box', '1,200 boxes')
    """
    return f"{number:,} {one if number == 1 else more}"

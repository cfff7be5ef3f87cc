"""The rules for layouts: whether a file, laid out as it is said, gives every figure once and every station's key."""

import re
from collections.abc import Iterator, Mapping

import polars as pl

from escruta.election.faults import Fault, listed
from escruta.election.rules_of_references import FIGURES, contest_of
from escruta.election.spots import Spot

WAYS = ("votes", "long", "qr")
"""The ways in which a layout can give votes; one of them is used."""


def source_layout_faults(root: Spot) -> Iterator[Fault]:
    """Require a source's layout to tell the station, and every figure of its contest that it names."""
    for source in root.tables("sources"):
        layout = source.at("layout")
        if not isinstance(layout.value, dict):
            continue
        yield from _common_faults(root, layout)
        if source.at("seals").exists and layout.at("format").text != "scans":
            advice = "Only `escruta scan` checks seals; leave `seals` away, so that nobody takes these for checked."
            yield source.at("seals").fault("no `seals` where the layout's format is not `scans`", advice)
        contest = contest_of(root, source)
        if contest is None:
            continue
        yield from _figure_faults(layout, contest)
        yield from _way_faults(layout, contest)


def register_layout_faults(root: Spot) -> Iterator[Fault]:
    """Require a register's layout to tell the station, its areas and its registered voters, and no votes."""
    layout = root.at("register").at("layout")
    if not isinstance(layout.value, dict):
        return
    yield from _common_faults(root, layout)
    for name, spot in layout.entries("figures"):
        if name != "registered_voters":
            yield spot.unknown(name, "figure of a register", ["registered_voters"])
    for way in WAYS:
        if layout.at(way).value:
            yield layout.at(way).fault(
                "no votes in a register", "Make it a source, and name that source in `register`."
            )


def _common_faults(root: Spot, layout: Spot) -> Iterator[Fault]:
    parts = [part.at("part").text or "" for part in root.at("stations").tables("key")]
    cells = layout.entries("station")
    for name, spot in cells:
        if name not in parts:
            yield spot.unknown(name, "part of the station key", parts)
        yield from _cell_faults(spot)
    for part in parts:
        if part and layout.at("station").exists and part not in dict(cells):
            advice = "Name the column in which this part of the station key stands."
            yield layout.at("station").at(part).fault("a column", advice)
    for name, spot in layout.entries("areas"):
        if name not in root.ids("levels"):
            yield spot.unknown(name, "level", root.ids("levels"))
        yield from _area_faults(spot)
    for key in ("copy", "picture", "arrived", "act"):
        yield from _cell_faults(layout.at(key))


def _area_faults(area: Spot) -> Iterator[Fault]:
    if isinstance(area.value, dict) and not {"column", "pattern", "value"} & area.value.keys():
        if not (area.at("code").exists or area.at("name").exists):
            yield area.fault("`code`, `name` or both", "Name the column of the area's code, of its name, or of both.")
        for key in ("code", "name"):
            yield from _cell_faults(area.at(key))
    else:
        yield from _cell_faults(area)


def _cell_faults(cell: Spot) -> Iterator[Fault]:
    if not isinstance(cell.value, dict):
        return
    column, pattern, value = cell.at("column"), cell.at("pattern"), cell.at("value")
    if column.exists == value.exists:
        yield cell.fault("either `column` or `value`", "Name the column, or give the constant; one of the two.")
    if pattern.exists and not column.exists:
        yield pattern.fault("a `column` beside it", "A pattern is looked for in a column; name it.")
    if pattern.text is not None:
        yield from _pattern_faults(pattern)


def _pattern_faults(pattern: Spot) -> Iterator[Fault]:
    text = pattern.text or ""
    try:
        compiled = re.compile(text)
    except re.error as error:
        where = "" if error.pos is None else f" at character {error.pos + 1}"
        yield pattern.fault("a regular expression", f"It does not hold together: {error.msg}{where}.")
        return
    if compiled.groups == 0:
        advice = r"Put brackets round the part that is the value: `^(\d+)-`."
        yield pattern.fault("a group in brackets", advice)
    elif compiled.groups > 1 and "value" not in compiled.groupindex:
        advice = "Call the group that is the value `(?P<value>…)`, or make the others `(?:…)`."
        yield pattern.fault("one group, or one called `value`", advice)
    elif not _is_regular(text):
        advice = (
            "Look-around and references back to a group cannot be used here; match the whole and put a group in it."
        )
        yield pattern.fault("a regular expression in the strict sense", advice)


def _is_regular(pattern: str) -> bool:
    """Ask the engine that reads the columns, whose expressions take a time linear in the text."""
    try:
        pl.Series([""]).str.extract(pattern)
    except pl.exceptions.PolarsError:
        return False
    return True


def _figure_faults(layout: Spot, contest: Spot) -> Iterator[Fault]:
    declared = [*(str(spot.text) for spot in contest.texts("figures")), *contest.ids("further_figures")]
    for name, spot in layout.entries("figures"):
        if name in declared:
            continue
        if name in FIGURES:
            advice = f"Add it to `figures` of the contest `{contest.at('id').text}`."
            yield spot.fault(f"a figure that the contest declares: {listed(declared)}", advice, found=f"`{name}`")
        else:
            yield spot.unknown(name, "figure of the contest", declared)


def _way_faults(layout: Spot, contest: Spot) -> Iterator[Fault]:
    ways = [way for way in WAYS if layout.at(way).exists]
    if not ways and layout.at("format").text not in {"actasum", "scans"}:
        advice = "Name the column of each candidate in `votes`; or use `long`, or `qr`."
        yield layout.at("votes").fault("the votes", advice)
    for way in ways[1:]:
        advice = f"Keep `{ways[0]}` or `{way}`; make a second source of the same file if it holds both."
        yield layout.at(way).fault(f"one way to give votes, and `{ways[0]}` is there", advice)
    if "votes" in ways:
        yield from _votes_faults(layout, contest)
    if "long" in ways:
        yield from _long_faults(layout.at("long"), contest)
    if "qr" in ways and not contest.tables("options"):
        advice = "List the contest's `options` in ballot order; the payload gives their votes in that order."
        yield layout.at("qr").fault("a contest with ballot options", advice)


def _carried(contest: Spot) -> Mapping[str, str]:
    """Map each option to its candidate."""
    return {
        option.at("id").text or "": option.at("candidate").text or ""
        for option in contest.tables("options")
        if option.at("id").text
    }


def _votes_faults(layout: Spot, contest: Spot) -> Iterator[Fault]:
    candidates, carried = contest.ids("candidates"), _carried(contest)
    columns: dict[str, str] = {}
    for name, spot in (*layout.entries("figures"), *layout.entries("votes")):
        if spot.text is not None and spot.text in columns:
            advice = f"`{columns[spot.text]}` has the same column; one of the two is wrong."
            yield spot.fault("a column of its own", advice)
        columns.setdefault(str(spot.text), name)
    named = dict(layout.entries("votes"))
    for name, spot in named.items():
        if name not in candidates and name not in carried:
            yield spot.unknown(name, "candidate or option", [*candidates, *carried])
    for candidate in candidates:
        yield from _candidate_faults(layout, candidate, [name for name in carried if carried[name] == candidate])


def _candidate_faults(layout: Spot, candidate: str, options: list[str]) -> Iterator[Fault]:
    named = dict(layout.entries("votes"))
    own = candidate in named and options != [candidate]
    mapped = [option for option in options if option in named]
    spot = layout.at("votes").at(candidate)
    if own and mapped:
        advice = f"Its votes would be counted twice: keep its own column, or the columns of {listed(mapped)}."
        yield spot.fault("a candidate's votes once", advice)
    elif not own and mapped and len(mapped) < len(options):
        missing = [option for option in options if option not in named]
        yield spot.fault(f"a column for each of its options, also {listed(missing)}", "Add the missing columns.")
    elif not own and not mapped:
        advice = "Name its column; a candidate without one would never be read."
        yield spot.fault("a column", advice)


def _long_faults(long: Spot, contest: Spot) -> Iterator[Fault]:
    candidates, carried = contest.ids("candidates"), _carried(contest)
    figures = [*(str(spot.text) for spot in contest.texts("figures")), *contest.ids("further_figures")]
    items = long.entries("items")
    for _, spot in items:
        if spot.text is not None and spot.text not in {*candidates, *carried, *figures}:
            yield spot.unknown(spot.text, "candidate, option or figure", [*candidates, *carried, *figures])
    for spot in long.texts("ignore"):
        if spot.text in dict(items):
            yield spot.fault("an item that is not in `items`", "Keep it in `items` or in `ignore`, not in both.")
    if long.at("item").text is not None and long.at("item").text == long.at("votes").text:
        yield long.at("votes").fault("another column than `item`", "Name the column with the counts.")
    given = {spot.text for _, spot in items}
    for candidate in candidates:
        options = [option for option in carried if carried[option] == candidate]
        if candidate not in given and not (options and given.issuperset(options)):
            advice = f'Add `"TEXT IN THE ITEM COLUMN" = "{candidate}"`.'
            yield long.at("items").fault(f"an item for `{candidate}`", advice, found="none")

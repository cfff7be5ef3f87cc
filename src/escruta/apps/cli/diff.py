"""`escruta diff`: what two records of one election say differently, as tables, CSV and JSON."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import polars as pl

from escruta.apps.cli.exits import DONE, FINDINGS, with_exit_codes
from escruta.apps.cli.screen import say, show_json, show_table, shown

if TYPE_CHECKING:
    from escruta.apps.diff import Difference
    from escruta.record.comparing import Comparison

_SHOWN = 20
_TABLES = ("files", "coverage", "totals", "stations", "figures", "readings")
_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)
_LOGS = {
    "same": "Both logs end with the same checkpoint.",
    "continues": "The second log begins with all of the first: nothing that was logged has been changed since.",
    "earlier": "The first log begins with all of the second: the second record is the older one.",
    "forks": "The two logs have one name and neither begins with the other: one of them was rewritten.",
    "other-log": "The two records have logs of different names.",
    "sealed": "A sealed log is made anew with each record, so that the logs say nothing of each other.",
    "none": "At least one of the records has no log.",
    "unreadable": "At least one of the logs cannot be read: run `escruta verify` on both.",
}


@click.command()
@click.argument("first")
@click.argument("second")
@click.option("--csv", "csv_folder", type=_FOLDER, help="Write every difference into CSV files in this folder.")
@click.option("--page", type=_FILE, help="Write the comparison as one page.")
@click.option("--language", default="en", show_default=True, help="Of the page.")
@click.option("--most", type=click.IntRange(min=0), default=_SHOWN, show_default=True, help="Rows shown of each table.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
@with_exit_codes
def diff(*, first: str, second: str, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Compare two records of one election: two versions, or what two publishers made of it.

    FIRST and SECOND are each a folder, a .zip, or a URL. Nothing is verified: `escruta verify` does that, for each.

    \b
    Examples:
      escruta diff monday tuesday
      escruta diff result https://example.org/record --csv differences --page differences.html

    Ends with 0 when both say the same, and with 1 when they differ.
    """
    from escruta.apps.cli.paging import page_language  # noqa: PLC0415 - keeps `--help` quick
    from escruta.apps.diff import compare_published  # noqa: PLC0415
    from escruta.apps.published import open_published  # noqa: PLC0415

    language = page_language(said["language"]) if said["page"] is not None else ""
    with open_published(first) as one, open_published(second) as other:
        found = compare_published(one, other)
    if said["csv_folder"] is not None:
        _write_csv(found.comparison, said["csv_folder"])
    if said["page"] is not None:
        _write_page(found, said["page"], language)
    if as_json:
        show_json(_as_json(found))
    else:
        _tell(found, said["most"])
    return FINDINGS if found.comparison.differs else DONE


def _write_csv(comparison: Comparison, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in _TABLES:
        frame: pl.DataFrame = getattr(comparison, name)
        frame.write_csv(folder / f"{name}.csv")


def _write_page(found: Difference, page: Path, language: str) -> None:
    from escruta.portal.compared import compared_page  # noqa: PLC0415

    page.write_bytes(compared_page(found.comparison, _facts(found), language))


def _facts(found: Difference) -> Any:  # noqa: ANN401 - a value of a module that loads late
    from escruta.portal.compared import Sides  # noqa: PLC0415

    first, second = (_shown_place(place) for place in found.places)
    return Sides(
        places=(first, second), election=found.election, names=found.names, sources=found.sources, log=str(found.log)
    )


def _shown_place(place: str) -> str:
    """Name a place on a page for others: a URL as it is, and of a path no more than its last part."""
    return place if "://" in place else Path(place).resolve().name


def _as_json(found: Difference) -> dict[str, Any]:
    comparison = found.comparison
    plain = {
        field.name: getattr(comparison, field.name)
        for field in dataclasses.fields(comparison)
        if field.name not in _TABLES
    }
    frames = {name: getattr(comparison, name).to_dicts() for name in _TABLES}
    return {"differs": comparison.differs, "log": str(found.log), "places": found.places} | plain | frames


def _tell(found: Difference, most: int) -> None:
    comparison = found.comparison
    if not comparison.differs:
        say("The two records say the same.")
        say(_LOGS[found.log])
        return
    for sentence in _definition(comparison):
        say(sentence)
    _tell_coverage(comparison)
    _tell_totals(found, most)
    _tell_stations(comparison, most)
    _tell_readings(found)
    say(_LOGS[found.log])


def _definition(comparison: Comparison) -> list[str]:
    sentences = [] if comparison.is_same_definition else ["The election's definitions differ."]
    before, after = comparison.policies
    if before != after:
        sentences.append(f"The policies differ: {before} and {after}.")
    for what, contests in (("first", comparison.contests_dropped), ("second", comparison.contests_added)):
        if contests:
            sentences.append(f"Only the {what} record has {', '.join(contests)}.")
    return sentences


def _tell_coverage(comparison: Comparison) -> None:
    rows = [
        (contest, step, _known(before), _known(after), _change(before, after))
        for contest, step, before, after in comparison.coverage.iter_rows()
    ]
    show_table("Polling stations", ("contest", "step", "first", "second", "change"), rows)


def _tell_totals(found: Difference, most: int) -> None:
    totals = found.comparison.totals
    country = totals.filter(pl.col("area") == "")
    rows = [
        (row["contest"], found.names.get(f"{row['contest']}/{row['candidate']}", row["candidate"]),
         _known(row["first"]), _known(row["second"]), _change(row["first"], row["second"]))
        for row in country.head(most).to_dicts()
    ]  # fmt: skip
    if rows:
        show_table("Votes in the whole country", ("contest", "candidate", "first", "second", "change"), rows)
    areas = totals.filter(pl.col("area") != "")["area"].n_unique()
    say(f"areas whose votes differ: {shown(areas)}")


def _tell_stations(comparison: Comparison, most: int) -> None:
    stations = comparison.stations
    counts = dict(stations.group_by("what").len().iter_rows())
    told = ", ".join(f"{what} {shown(counts.get(what, 0))}" for what in ("added", "dropped", "changed"))
    say(f"polling stations: {told}; figures that differ: {shown(comparison.figures.height)}")
    rows = [
        (row["station"], row["what"], row["verdict_first"] or "—", row["verdict_second"] or "—", _known(row["figures"]))
        for row in stations.sort("what", descending=True, maintain_order=True).head(most).to_dicts()
    ]
    if rows:
        title = f"Polling stations that differ, {shown(len(rows))} of {shown(stations.height)}"
        show_table(title, ("station", "what", "first", "second", "figures"), rows)


def _tell_readings(found: Difference) -> None:
    counts = found.comparison.readings.group_by("source", "what").len().sort("source", "what")
    for source, what, number in counts.iter_rows():
        say(f"readings {what}, {found.sources.get(source, source)}: {shown(number)}")
    for row in found.comparison.files.to_dicts():
        say(f"file {row['what']}, {found.sources.get(row['source'], row['source'])}: {row['path']}")


def _known(number: int | None) -> str:
    return "not known" if number is None else shown(number)


def _change(before: int | None, after: int | None) -> str:
    if before is None or after is None:
        return "not known"
    return f"{after - before:+,}" if after != before else "0"

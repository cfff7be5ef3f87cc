"""`escruta scan learn`: the layout of a sheet from one picture of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, ELECTION, FILE, with_exit_codes
from escruta.apps.cli.screen import say, show_json

if TYPE_CHECKING:
    from escruta.election.definition import Contest
    from escruta.sources.scans.figures import ScanLayout, SheetSum
    from escruta.sources.scans.pictures import Picture

_OUT = click.Path(path_type=Path, dir_okay=False)


@click.command("learn")
@click.argument("picture", type=FILE)
@click.option("--marks", type=FILE, help="What stands where on the picture, as JSON.")
@click.option("--printed", type=FILE, help="Instead of marks: the layout that `escruta print` wrote beside its sheet.")
@click.option("--page", type=click.IntRange(1), default=1, show_default=True, help="Which page of the file.")
@click.option("--election", type=ELECTION, help="Take the sums that the sheet must satisfy from this definition.")
@click.option("--contest", metavar="ID", help="The contest of the sheet, where the definition has several.")
@click.option("--name", metavar="TEXT", help="What the layout is called; the name of the picture by default.")
@click.option("--out", required=True, type=_OUT, help="Where the layout is written: layouts/NAME.json of the election.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
@with_exit_codes
def learn(*, picture: Path, out: Path, page: int, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on
    """Learn the layout of a sheet from PICTURE: a blank, or one filled sheet on which the figures are marked.

    Of the picture only the print of the marked band is kept: figures, what is marked as variable, and everything
    outside of the band are painted over.

    \b
    Examples:
      escruta scan learn blank.png --marks marks.json --out my-election/layouts/sheet.json
      escruta scan learn blank.png --marks marks.json --election my-election --out my-election/layouts/sheet.json
      escruta scan learn sheet.pdf --printed layout.json --election my-election --out my-election/layouts/own.json
    """
    layout = _learnt(_page(picture, page), page, said, said["name"] or picture.stem)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(layout.to_json(), encoding="utf-8", newline="\n")
    _tell(layout, out, knows_sums=said["election"] is not None, as_json=as_json)
    return DONE


def _learnt(page: Picture, number: int, said: dict[str, Any], name: str) -> ScanLayout:
    from escruta.sheets.printing.layouts import parse_layouts  # noqa: PLC0415 - keeps `--help` quick
    from escruta.sources.scans.figures import layout_of_print, learn_layout, parse_annotation  # noqa: PLC0415

    marks, printed = said["marks"], said["printed"]
    if (marks is None) == (printed is None):
        raise click.UsageError("Say what stands where: either --marks or --printed.")
    contest = None if said["election"] is None else _contest(said["election"], said["contest"])
    if printed is not None:
        of_print = parse_layouts(_text(printed), where=str(printed))[0]
        _require_page(number, len(of_print.pages), printed)
        names = [zone.id for zone in of_print.zones if zone.page == number]
        return layout_of_print(of_print, page, name=name, sums=_sums(contest, names), page=number)
    annotation = parse_annotation(_text(marks), where=str(marks))
    names = [*annotation.cells, *(figure for column in annotation.columns for figure in column.figures)]
    return learn_layout(page, annotation, name=name, sums=_sums(contest, names))


def _sums(contest: Contest | None, names: list[str]) -> tuple[SheetSum, ...]:
    from escruta.sources.scans.figures import sums_of_contest  # noqa: PLC0415 - the same

    return () if contest is None else sums_of_contest(contest, names)


def _text(path: Path) -> str:
    from escruta.base.errors import FileUnreadable  # noqa: PLC0415 - keeps `--help` quick

    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FileUnreadable("the file is not text in UTF-8", where=str(path), found=error.reason) from None


def _page(path: Path, number: int) -> Picture:
    from escruta.sources.scans.pictures import open_pictures  # noqa: PLC0415 - the same

    pages = open_pictures(path)
    _require_page(number, len(pages), path)
    return pages[number - 1]


def _require_page(number: int, count: int, path: Path) -> None:
    from escruta.sources.scans.figures import LayoutUnusable  # noqa: PLC0415 - the same

    if number > count:
        raise LayoutUnusable("the file has no such page", where=path.name, found=number, expected=f"1 to {count}")


def _contest(place: Path, wanted: str | None) -> Contest:
    from escruta.base.errors import LayoutMismatch  # noqa: PLC0415 - the same
    from escruta.election.reading import read_election  # noqa: PLC0415 - the same

    election = read_election(place)
    found = [each for each in election.contests if wanted in (None, each.id)]
    if len(found) != 1:
        raise LayoutMismatch(
            "it is not clear which contest the sheet is of",
            where=str(place),
            found=wanted,
            expected="one of " + ", ".join(each.id for each in election.contests),
            advice="Name it with --contest.",
        )
    return found[0]


def _tell(layout: ScanLayout, out: Path, *, knows_sums: bool, as_json: bool) -> None:
    from escruta.sheets.station_cells import STATION  # noqa: PLC0415 - the same
    from escruta.sources.scans.figures.landmarks import blocks_of  # noqa: PLC0415 - the same

    blocks = len(blocks_of(layout))
    if as_json:
        show_json(
            {
                "name": layout.name,
                "file": str(out),
                "width": layout.width,
                "height": layout.height,
                "cells": len(layout.cells),
                "sums": [{"total": each.total, "parts": list(each.parts)} for each in layout.sums],
                "landmarks": blocks,
            }
        )
        return
    size = f"{layout.width} × {layout.height} pixels"
    of_station = sum(cell.figure.startswith(STATION) for cell in layout.cells)
    station = f", {of_station} cell{'s'[: of_station != 1]} of the station" if of_station else ""
    say(f"{len(layout.cells) - of_station} figures{station} and {len(layout.sums)} sums on a blank of {size}.")
    if not of_station:
        say("No cell of the station: the station is not compared with that of a code (P206). Mark it as station.PART.")
    say(f"{blocks} blocks of fixed print to know it by.")
    if not layout.sums:
        advice = "The contest has no totals on its sheets." if knows_sums else "Name the election with --election."
        say(f"No sum: what is read on such a sheet cannot confirm itself. {advice}")
    say(f"Written: {out}")

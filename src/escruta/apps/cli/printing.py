"""`escruta print`: tally sheets on paper, sealed, for one station or for many."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, ELECTION, FILE, FINDINGS, FOLDER_THERE, with_exit_codes
from escruta.apps.cli.keys import PASSPHRASE
from escruta.apps.cli.screen import progress_bars, say, show_json, show_table
from escruta.apps.cli.sealing_lists import MOMENT

if TYPE_CHECKING:
    from escruta.apps.cli.print_orders import PrintedStation, PrintOrder, StationSheet
    from escruta.apps.cli.print_stations import Whereabouts
    from escruta.election.definition import Election

_ANY = click.Path(path_type=Path)
_SHOWN = 20


@click.command("print")
@click.argument("election", type=ELECTION)
@click.option("--station", help="The polling station, as the definition writes it.")
@click.option("--contest", help="The contest; may be left out when there is only one.")
@click.option("--figure", "said", multiple=True, metavar="NAME=VALUE", help="A count or a mark; may be repeated.")
@click.option("--figures", "file", type=FILE, help='All figures as a JSON object: {"null": 3, "option.psuv": 90}.')
@click.option("--readings", type=FILE, help="Many stations: a table with `station` and a column for each figure.")
@click.option("--zero", is_flag=True, help="The zero sheet, before the first vote.")
@click.option(
    "--form",
    "paper",
    type=click.Choice(["strip", "strip-58", "a4"]),
    default="strip",
    show_default=True,
    help="Thermal paper of 80 or 58 mm, or pages of A4.",
)
@click.option("--copies", type=click.IntRange(1, 99), help="How many; as many as --for by default.")
@click.option(
    "--copy", "first", default=1, show_default=True, type=click.IntRange(1, 65535), help="Number of the first."
)
@click.option("--for", "recipients", multiple=True, metavar="WHOM", help="For whom each copy is, in order: see below.")
@click.option("--seal-key", "key", metavar="REFERENCE", help="The station's key; with --readings, the folder of keys.")
@click.option("--no-seal", is_flag=True, help="Print without a seal; the sheet then says so.")
@click.option("--printed", type=MOMENT, help="The time of printing in UTC; now by default.")
@click.option(
    "--act",
    type=click.Choice(["count", "canvass", "ruling", "rerun"]),
    default="count",
    show_default=True,
    help="The stage of the count that the sheet speaks of.",
)
@click.option("--language", help="Of the sheet's words; the definition's first language by default.")
@click.option("--words", type=FILE, help="A file with the words of another language.")
@click.option("--fonts", multiple=True, type=FOLDER_THERE, help="A folder with further fonts; may be repeated.")
@click.option("--system-fonts", is_flag=True, help="Take fonts of this machine too: other machines, other bytes.")
@click.option("--members", default=2, show_default=True, type=click.IntRange(0, 40), help="Lines to sign: members.")
@click.option("--witnesses", default=3, show_default=True, type=click.IntRange(0, 40), help="Lines: party witnesses.")
@click.option("--data", type=FOLDER_THERE, help="Where the register's files are; looked for beside the definition too.")
@click.option("--out", "-o", required=True, type=_ANY, help="The PDF to write; with --readings, a folder.")
@click.option("--layout", type=_ANY, help="Write where everything stands, as JSON.")
@click.option("--layouts", is_flag=True, help="With --readings: write a layout beside each file.")
@click.option("--png", is_flag=True, help="Write each page as a picture at 203 dpi too.")
@click.option("--executor", default="processes", show_default=True, help="Where many are printed: see escruta scan.")
@PASSPHRASE
@click.option("--letters", type=FILE, help="Instead of one passphrase: the file of escruta keys issue --letters.")
@click.option("--json", "as_json", is_flag=True, help="Print what was printed as JSON.")
@with_exit_codes
def print_command(*, election: Path, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on
    """Print tally sheets, sealed: a strip of thermal paper, or A4.

    A copy is for authority, door, box, observer, press, or party:CANDIDATE, the party witness of a candidate. Copies
    are numbered, each has a seal of its own, and all stand in one file. The same call with the same --printed gives the
    same bytes. With --readings, each station's sheets are a file in the folder --out; a run that was stopped may be
    given again with the same --printed, and leaves what is there.

    \b
    Examples:
      escruta print my-election --station 010113042.1 --zero --seal-key 010113042.1.key -o zero.pdf
      escruta print my-election --station 1 --figures figures.json --seal-key 1.key --for party:ana --for door -o 1.pdf
      escruta print my-election --readings readings.csv --seal-key keys --form a4 -o sheets
      escruta print my-election --readings readings.csv --seal-key keys --letters letters.csv -o sheets

    Ends with 0, with 1 where some of many stations could not be printed, and with 2 where none can.
    """
    from escruta.apps.cli.print_orders import as_json as as_plain  # noqa: PLC0415
    from escruta.apps.cli.print_orders import print_station, write_printed  # noqa: PLC0415
    from escruta.election.reading import read_election  # noqa: PLC0415

    _require(said)
    definition = read_election(election)
    order = _order(definition, said)
    folders = (*([] if said["data"] is None else [said["data"]]), election if election.is_dir() else election.parent)
    if said["readings"] is not None:
        return _print_many(order, _many(order, said, folders), said, as_json=as_json)
    item = _one(order, said, folders)
    printed, told = print_station(order, item)
    written = write_printed(printed, said["out"], said["layout"])
    if as_json:
        show_json({"files": written, **as_plain(order, told)})
        return DONE
    say(f"{said['out']}: station {told.station}, {len(told.copies)} copies on {told.pages} pages, {told.size:,} bytes.")
    for number, _, digest in told.copies:
        say(f"  copy {number}: " + ("no seal" if digest is None else f"digest of the code {digest[:16]}…"))
    return DONE


def _require(said: dict[str, Any]) -> None:
    """Refuse what does not go together, in the words of the command line."""
    if (said["station"] is None) == (said["readings"] is None):
        raise click.UsageError("Give --station for one station, or --readings for many.")
    if (said["key"] is None) != said["no_seal"]:
        raise click.UsageError("Give --seal-key, or say with --no-seal that the sheet is to have no seal.")
    if said["station"] is not None and not (said["zero"] or said["said"] or said["file"]):
        raise click.UsageError("Give the figures with --figures or --figure, or print a zero sheet with --zero.")
    if said["readings"] is not None and (said["said"] or said["file"] or said["layout"]):
        raise click.UsageError("With --readings, figures stand in the table, and layouts are asked for with --layouts.")
    if said["station"] is not None and said["layouts"]:
        raise click.UsageError("--layouts goes with --readings; for one station it is --layout FILE.")
    if said["copies"] is not None and said["copies"] < len(said["recipients"]):
        raise click.UsageError("There are more --for than --copies.")


def _order(definition: Election, said: dict[str, Any]) -> PrintOrder:
    from escruta.apps.cli.print_orders import PICTURE_DPI, PrintOrder  # noqa: PLC0415
    from escruta.apps.seals import recipient_named  # noqa: PLC0415
    from escruta.election.definition import Act  # noqa: PLC0415
    from escruta.sheets.printing import SheetForm, Signers, sheet_languages  # noqa: PLC0415
    from escruta.sheets.seal import SheetKind, form_of  # noqa: PLC0415

    codes = [recipient_named(text, definition, said["contest"]) for text in said["recipients"]]
    codes += [None] * ((said["copies"] or max(1, len(codes))) - len(codes))
    moment = datetime.now(UTC) if said["printed"] is None else said["printed"].replace(tzinfo=UTC)
    spoken = next((each for each in definition.languages if each in sheet_languages()), "en")
    return PrintOrder(
        election=definition,
        form=form_of(definition, said["contest"]),
        paper=SheetForm(said["paper"]),
        printed_at=moment.replace(microsecond=0),
        recipients=tuple(codes),
        first_copy=said["first"],
        kind=SheetKind.ZERO if said["zero"] else SheetKind.CLOSING,
        act=Act(said["act"]),
        signers=Signers(members=said["members"], witnesses=said["witnesses"]),
        language=said["language"] or spoken,
        words_file=said["words"],
        fonts=tuple(said["fonts"]),
        with_system_fonts=said["system_fonts"],
        opened_by=said["passphrase"],
        letters=said["letters"],
        picture_dpi=PICTURE_DPI if said["png"] else None,
    )


def _one(order: PrintOrder, said: dict[str, Any], folders: tuple[Path, ...]) -> StationSheet:
    from escruta.apps.cli.print_orders import StationSheet  # noqa: PLC0415
    from escruta.apps.cli.print_stations import places_in_key, zero_figures  # noqa: PLC0415
    from escruta.apps.seals import read_figures  # noqa: PLC0415

    station = said["station"]
    known = _known(order, said, folders, [station])
    figures = read_figures(order.form, said["said"], said["file"])
    voters = known.voters.get(station)
    return StationSheet(
        station=station,
        figures=zero_figures(order.form, figures, voters) if said["zero"] else figures,
        places=known.places.get(station) or places_in_key(order.election, station),
        key=said["key"],
    )


def _known(order: PrintOrder, said: dict[str, Any], folders: tuple[Path, ...], stations: list[str]) -> Whereabouts:
    """Look stations up in the register; where nobody named its folder, a register that is not there is no fault."""
    from escruta.apps.cli.print_stations import Whereabouts, whereabouts  # noqa: PLC0415
    from escruta.base.errors import FileUnreadable  # noqa: PLC0415

    try:
        return whereabouts(order.election, folders, stations)
    except FileUnreadable:
        if said["data"] is not None:
            raise
        click.echo("The register is not here, so no areas are printed: name its folder with --data.", err=True)
        return Whereabouts(places={}, voters={})


def _many(order: PrintOrder, said: dict[str, Any], folders: tuple[Path, ...]) -> list[StationSheet]:
    from escruta.apps.cli.print_orders import StationSheet  # noqa: PLC0415
    from escruta.apps.cli.print_stations import keys_of, places_in_key, stations_in_table, zero_figures  # noqa: PLC0415

    rows = stations_in_table(said["readings"], order.form)
    stations = [station for station, _ in rows]
    known = _known(order, said, folders, stations)
    keys = {} if said["key"] is None else keys_of(stations, Path(said["key"]), order.election.id)
    return [
        StationSheet(
            station=station,
            figures=zero_figures(order.form, figures, known.voters.get(station)) if said["zero"] else figures,
            places=known.places.get(station) or places_in_key(order.election, station),
            key=keys.get(station),
            keyless=None if said["no_seal"] or station in keys else said["key"],
        )
        for station, figures in rows
    ]


def _print_many(order: PrintOrder, items: list[StationSheet], said: dict[str, Any], *, as_json: bool) -> int:
    from escruta.apps.cli.print_orders import as_json as as_plain  # noqa: PLC0415
    from escruta.apps.cli.print_orders import print_many  # noqa: PLC0415

    told: list[PrintedStation] = []
    started = time.monotonic()
    with progress_bars(quiet=as_json) as progress:
        progress("print", 0, len(items))
        for each in print_many(order, items, said["out"], place=said["executor"], layouts=said["layouts"]):
            told.append(each)
            progress("print", len(told), len(items))
    seconds = time.monotonic() - started
    refused = [each for each in told if each.refused is not None]
    sheets = sum(len(each.copies) for each in told)
    if as_json:
        plain = [as_plain(order, each) for each in sorted(told, key=lambda each: each.station)]
        show_json({"folder": said["out"], "sheets": sheets, "seconds": round(seconds, 3), "stations": plain})
    else:
        stations = len(told) - len(refused)
        say(f"{sheets:,} sheets of {stations:,} stations in {said['out']}: {sheets / seconds:,.1f} a second.")
        if refused:
            rows = [(each.station, str(each.refused).splitlines()[0]) for each in refused[:_SHOWN]]
            show_table(f"{len(refused):,} stations were not printed", ("station", "why"), rows, left=2)
    return FINDINGS if refused else DONE

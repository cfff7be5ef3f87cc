"""What `escruta print` does: figures to sheets, sealed with their stations' keys, printed and written.

One station is printed with everything said on the command line; many stations come from a table, a row each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

from escruta.apps.cli.print_stations import file_name
from escruta.apps.executing import Lost, spread
from escruta.apps.seals import passphrase_of_letters, station_signer
from escruta.apps.signing import Passphrase, passphrase_from
from escruta.apps.signing.cards import write_new
from escruta.base.errors import FileUnreadable, InputError
from escruta.election.definition import Act, Election
from escruta.sheets.printing import (
    FontShelf,
    Place,
    Printed,
    SheetForm,
    SheetPrinter,
    SheetToPrint,
    SheetWords,
    Signers,
    digest_groups,
    layouts_as_json,
    parse_words,
    sheet_words,
)
from escruta.sheets.seal import Figure, SealForm, SheetKind, seal_sheet, sheet_of, text_of

PICTURE_DPI = 203


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintOrder:
    """What is the same for every station of an order."""

    election: Election
    form: SealForm
    paper: SheetForm
    printed_at: datetime
    recipients: tuple[int | None, ...] = (None,)
    """For whom each copy is, one a copy."""
    first_copy: int = 1
    kind: SheetKind = SheetKind.CLOSING
    act: Act = Act.COUNT
    signers: Signers = field(default_factory=Signers)
    language: str = "en"
    words_file: Path | None = None
    fonts: tuple[Path, ...] = ()
    with_system_fonts: bool = False
    opened_by: str = "prompt"
    """The source of the keys' passphrase, such as `env:NAME`; each worker asks it for itself: no secret travels."""
    letters: Path | None = None
    """Instead: the file with a passphrase for each key, which each worker reads for itself."""
    picture_dpi: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationSheet:
    """What differs between stations: the figures, where the station lies, and the key it seals with."""

    station: str
    figures: Mapping[str, Figure]
    places: tuple[Place, ...] = ()
    key: str | None = None
    """Where the station's key is; a sheet without one has no seal."""
    keyless: str | None = None
    """The folder in which the station's key was looked for and is not: nothing is printed for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedStation:
    """What became of one station's sheets."""

    station: str
    pages: int = 0
    size: int = 0
    copies: tuple[tuple[int, str | None, str | None], ...] = ()
    """Number, text of the seal and its digest, one a copy."""
    refused: str | None = None
    """Why nothing was printed."""


def print_station(order: PrintOrder, item: StationSheet) -> tuple[Printed, PrintedStation]:
    """Seal and print every copy for one station, in one file; raises `InputError`."""
    sheets = list(_sheets(order, item))
    printed = _printer(order).print(sheets, picture_dpi=order.picture_dpi)
    copies = tuple(
        (each.sheet.copy, each.text, None if each.text is None else "".join(digest_groups(each.text)))
        for each in sheets
    )
    pages = sum(len(layout.pages) for layout in printed.layouts)
    return printed, PrintedStation(station=item.station, pages=pages, size=len(printed.pdf), copies=copies)


def _sheets(order: PrintOrder, item: StationSheet) -> Iterator[SheetToPrint]:
    if item.keyless is not None:
        raise InputError("there is no key of this station", where=item.keyless, expected=f"{item.station}.key in it")
    source = passphrase_from(order.opened_by) if order.letters is None else _letters(order.letters)
    signer = None if item.key is None else station_signer(item.key, order.election.id, item.station, source)
    for at, recipient in enumerate(order.recipients):
        sheet = sheet_of(
            order.form,
            item.station,
            item.figures,
            printed_at=order.printed_at,
            copy=order.first_copy + at,
            recipient=recipient,
            act=order.act,
            kind=order.kind,
        )
        yield SheetToPrint(
            election=order.election,
            form=order.form,
            sheet=sheet,
            places=item.places,
            copies=order.first_copy + len(order.recipients) - 1,
            text=None if signer is None else text_of(seal_sheet(sheet, signer)),
            signers=order.signers,
        )


@lru_cache(maxsize=1)
def _letters(path: Path) -> Passphrase:
    return passphrase_of_letters(path)


def _printer(order: PrintOrder) -> SheetPrinter:
    return _known_printer(order.paper, order.language, order.words_file, order.fonts, order.with_system_fonts)


@lru_cache(maxsize=4)  # in a worker, the typesetter is started once and not for every station
def _known_printer(
    paper: SheetForm,
    language: str,
    words_file: Path | None,
    fonts: tuple[Path, ...],
    with_system: bool,  # noqa: FBT001 - part of the key
) -> SheetPrinter:
    words = sheet_words(language) if words_file is None else _words_in(words_file, language)
    return SheetPrinter(paper=paper, words=words, shelf=FontShelf(folders=fonts, with_system=with_system))


def _words_in(path: Path, language: str) -> SheetWords:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable("the words cannot be read", where=str(path), expected="UTF-8") from error
    return parse_words(text, language, where=str(path))


def write_printed(printed: Printed, out: Path, layout: Path | None, *, goes_on: bool = False) -> list[Path]:
    """Write the file, the layout and the pictures of its pages, and list them: all of them, or none.

    Never writes over a file that is there; where a run `goes_on`, one that has these very bytes is as good as written.
    """
    contents = [(out, printed.pdf)]
    if layout is not None:
        contents.append((layout, layouts_as_json(printed.layouts).encode("utf-8")))
    contents += [(out.with_name(f"{out.stem}-{at}.png"), picture) for at, picture in enumerate(printed.pictures, 1)]
    written: list[Path] = []
    try:
        for path, raw in contents:
            if not (goes_on and _is_there(path, raw)):
                write_new(path, raw, mode=0o644)
                written.append(path)
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise
    return [path for path, _ in contents]


def _is_there(path: Path, raw: bytes) -> bool:
    """Say whether a file has these bytes; the beginning of them, of a run that was killed, is taken away."""
    try:
        found = path.read_bytes()
    except OSError:
        return False
    if len(found) < len(raw) and raw.startswith(found):
        path.unlink()
    return found == raw


def print_many(
    order: PrintOrder, items: Sequence[StationSheet], folder: Path, *, place: str = "processes", layouts: bool = False
) -> Iterator[PrintedStation]:
    """Print the sheets of many stations, a file each in a folder; one that cannot be printed says why."""
    folder.mkdir(parents=True, exist_ok=True)
    for done in spread(place, partial(_print_into, order, folder, layouts), items, batch=8):
        if isinstance(done, Lost):
            yield PrintedStation(station=done.item.station, refused=done.reason)
        else:
            yield done.result


def _print_into(order: PrintOrder, folder: Path, layouts: bool, item: StationSheet) -> PrintedStation:  # noqa: FBT001
    try:
        printed, told = print_station(order, item)
        out = folder / f"{file_name(item.station)}.pdf"
        write_printed(printed, out, out.with_suffix(".json") if layouts else None, goes_on=True)
    except InputError as error:
        return PrintedStation(station=item.station, refused=str(error))
    return told


def as_json(order: PrintOrder, told: PrintedStation) -> dict[str, object]:
    """Say what was printed for a station."""
    return {
        "station": told.station,
        "pages": told.pages,
        "bytes": told.size,
        "copies": [
            {"copy": number, "text": text, "digest": digest, "kind": order.kind.name.lower()}
            for number, text, digest in told.copies
        ],
        "refused": told.refused,
    }

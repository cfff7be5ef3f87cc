"""`escruta seal`: seal sheets, check seals, and write the page that checks them on a phone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, ELECTION, FILE, FINDINGS, with_exit_codes
from escruta.apps.cli.keys import OUT, PASSPHRASE
from escruta.apps.cli.screen import say, show_json, show_table
from escruta.apps.cli.sealing_lists import AS_JSON, MOMENT, TRUST, list_as_json, require_trust
from escruta.base.words import languages

if TYPE_CHECKING:
    from escruta.apps.seals import Checked
    from escruta.election.definition import Name
    from escruta.sheets.seal import KeyList, Seal, SealedSheet, SealFinding, SealForm

_KEYS = click.option(
    "--keys", "list_path", required=True, type=FILE, metavar="LIST", help="The election's signed list of sealing keys."
)


@click.group()
def seal() -> None:
    """Seal a tally sheet's figures into a QR code, and check such seals without a network.

    \b
    Examples:
      escruta seal make my-election --station 010113042.1 --figures figures.json --key 010113042.1.key
      escruta seal check seals.txt --keys list-1.keys --trust board.key.vkey
      escruta seal page --keys list-1.keys --trust board.key.vkey --out check-seal.html
    """


@seal.command("make")
@click.argument("election", type=ELECTION)
@click.option("--station", required=True, help="The polling station, as the definition writes it.")
@click.option("--contest", help="The contest; may be left out when there is only one.")
@click.option("--figure", "said", multiple=True, metavar="NAME=VALUE", help="A count or a mark; may be repeated.")
@click.option("--figures", "file", type=FILE, help='All figures as a JSON object: {"null": 3, "option.psuv": 90}.')
@click.option("--key", "reference", required=True, metavar="REFERENCE", help="The station's key.")
@click.option("--printed", type=MOMENT, help="The time of printing in UTC; now by default.")
@click.option("--copy", "number", default=1, show_default=True, type=click.IntRange(1, 65535), help="Its number.")
@click.option("--for", "recipient", metavar="WHOM", help="authority, door, box, observer, press, witness:CANDIDATE.")
@click.option(
    "--act", type=click.Choice(["count", "canvass", "ruling", "rerun"]), default="count", help="The stage of the count."
)
@click.option("--zero", is_flag=True, help="The zero sheet, before the first vote.")
@click.option("--qr", type=OUT, help="Write the QR code as SVG.")
@PASSPHRASE
@AS_JSON
@with_exit_codes
def make(*, election: Path, station: str, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on
    """Seal the figures of one sheet: print the text of its code.

    Each figure of the form must be there, as a count or as a mark: illegible, empty, not-on-sheet, not-a-count.

    \b
    Examples:
      escruta seal make my-election --station 010113042.1 --figures figures.json --key 010113042.1.key
      escruta seal make my-election --station 1 --figure ana=12 --figure bea=illegible --key 1.key --qr code.svg
    """
    from escruta.apps.seals import read_figures, recipient_named, station_signer  # noqa: PLC0415
    from escruta.apps.signing import passphrase_from  # noqa: PLC0415
    from escruta.election.definition import Act  # noqa: PLC0415
    from escruta.election.reading import read_election  # noqa: PLC0415
    from escruta.sheets.seal import SheetKind, form_of, read_seal, seal_sheet, sheet_of, text_of  # noqa: PLC0415

    definition = read_election(election)
    form = form_of(definition, said["contest"])
    moment = datetime.now(UTC) if said["printed"] is None else said["printed"].replace(tzinfo=UTC)
    sheet = sheet_of(
        form,
        station,
        read_figures(form, said["said"], said["file"]),
        printed_at=moment.replace(microsecond=0),
        copy=said["number"],
        recipient=recipient_named(said["recipient"], definition, said["contest"]),
        act=Act(said["act"]),
        kind=SheetKind.ZERO if said["zero"] else SheetKind.CLOSING,
    )
    signer = station_signer(said["reference"], definition.id, station, passphrase_from(said["passphrase"]))
    text = text_of(seal_sheet(sheet, signer))
    if said["qr"] is not None:
        _write_code(said["qr"], text)
    if as_json:
        show_json({"text": text, **_seal_as_json(read_seal(text), form)})
    else:
        click.echo(text)
    return DONE


def _write_code(path: Path, text: str) -> None:
    from escruta.apps.seals.drawing import code_svg  # noqa: PLC0415
    from escruta.apps.signing.cards import write_new  # noqa: PLC0415

    write_new(path, code_svg(text).encode("utf-8"), mode=0o644)


@seal.command("check")
@click.argument("texts", nargs=-1, required=True)
@_KEYS
@TRUST
@click.option("--seen", type=MOMENT, help="When the seals were there already, on another's word, in UTC.")
@AS_JSON
@with_exit_codes
def check(*, texts: tuple[str, ...], list_path: Path, trusted: tuple[str, ...], seen: Any, as_json: bool) -> int:  # noqa: ANN401
    """Check seals against the election's signed list of sealing keys.

    A text is the content of a code, or a file with such texts, one a line; `-` is standard input. Ends with 0 where
    every seal is valid, with 1 where one is not, and with 2 where the list cannot be used. A seal is looked up by its
    key; its time of printing is the sheet's own claim, so name with --seen a moment at which the seals were there.

    \b
    Examples:
      escruta seal check seals.txt --keys list-1.keys --trust board.key.vkey
      escruta seal check seals.txt --keys list-2.keys --trust board.key.vkey --seen 2024-07-29T06:00:00Z --json
    """
    from escruta.apps.seals import check_texts, read_key_list, seal_texts  # noqa: PLC0415

    signed = read_key_list(list_path, require_trust(trusted))
    at = None if seen is None else seen.replace(tzinfo=UTC)
    checked = list(check_texts(_some(seal_texts(texts)), signed.keys, at))
    if as_json:
        show_json({"keys": list_as_json(signed), "seals": [_checked_as_json(each) for each in checked]})
    else:
        for each in checked:
            _tell(each, signed.keys, is_alone=len(checked) == 1)
        good = sum(each.is_good for each in checked)
        say(f"{good:,} of {len(checked):,} valid.")
    return DONE if all(each.is_good for each in checked) else FINDINGS


def _some(texts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Refuse to check nothing: it would look like a pass."""
    from escruta.base.errors import InputError  # noqa: PLC0415

    found = list(texts)
    if not found:
        raise InputError("there is no text in what was named", expected="the text of a seal on each line")
    return found


@seal.command("show")
@click.argument("texts", nargs=-1, required=True)
@click.option("--election", type=ELECTION, help="The definition, to name the figures.")
@AS_JSON
@with_exit_codes
def show(*, texts: tuple[str, ...], election: Path | None, as_json: bool) -> int:
    """Show what seals say, and verify nothing. Ends with 1 where a text is no seal.

    \b
    Examples:
      escruta seal show seals.txt --election my-election
      escruta seal show seals.txt --json
    """
    from escruta.apps.seals import seal_texts  # noqa: PLC0415
    from escruta.sheets.seal import SealMalformed, read_seal  # noqa: PLC0415

    forms, names = ({}, {}) if election is None else _forms_and_names(election)
    seals, refused = [], []
    for where, text in _some(seal_texts(texts)):
        try:
            seals.append(read_seal(text))
        except SealMalformed as error:
            refused.append((where, error))
    if as_json:
        shown = [_seal_as_json(each, forms.get(each.sheet.form_id)) for each in seals]
        none = [{"where": where, "reason": reason.what} for where, reason in refused]
        show_json({"verified": False, "seals": shown, "no_seals": none})
        return FINDINGS if refused else DONE
    for each in seals:
        _tell_sheet(each.sheet, forms.get(each.sheet.form_id), names)
        say(f"key {each.kid.hex()}; nothing of this was verified: escruta seal check")
    for where, reason in refused:
        say(f"{where}: no seal: {reason}")
    return FINDINGS if refused else DONE


def _forms_and_names(election: Path) -> tuple[dict[bytes, SealForm], dict[str, str]]:
    """Read a definition: forms by their ids, and the names of their figures."""
    from escruta.election.reading import read_election  # noqa: PLC0415
    from escruta.sheets.seal import form_of, names_of  # noqa: PLC0415
    from escruta.sheets.seal.key_list_text import name_key  # noqa: PLC0415

    definition = read_election(election)
    forms = [form_of(definition, contest.id) for contest in definition.contests]
    names = {
        name_key(form.contest, figure): name for form in forms for figure, name in names_of(definition, form).items()
    }
    return {form.id: form for form in forms}, names


@seal.command("page")
@_KEYS
@TRUST
@click.option("--out", "-o", required=True, type=OUT, help="The page to write: FILE.html.")
@click.option("--election", type=ELECTION, help="The definition, to name the election on the page.")
@click.option("--language", type=click.Choice(languages()), default="en", help="To begin with.")
@AS_JSON
@with_exit_codes
def page(
    *, list_path: Path, trusted: tuple[str, ...], out: Path, election: Path | None, language: str, as_json: bool
) -> int:
    """Write one HTML file that reads codes with a phone's camera and says whether seal and key are good.

    It holds the whole list of keys, asks no host for anything, and works from a file.

    \b
    Examples:
      escruta seal page --keys list-1.keys --trust board.key.vkey --out check-seal.html
      escruta seal page --keys list-2.keys --trust board.key.vkey --out sello.html --election my-election --language es
    """
    from escruta.apps.seals import read_key_list  # noqa: PLC0415
    from escruta.apps.signing.cards import write_new  # noqa: PLC0415
    from escruta.portal.scanner import scanner_page  # noqa: PLC0415

    signed = read_key_list(list_path, require_trust(trusted))
    names = tuple(key.name for key in signed.signed_by)
    title = None if election is None else _title_of(election, signed.keys.election)
    text = scanner_page(signed.keys, signed_by=names, language=language, name=title)
    write_new(out, text.encode("utf-8"), mode=0o644)
    size = len(text.encode("utf-8"))
    if as_json:
        show_json({"out": out, "bytes": size, **list_as_json(signed)})
    else:
        say(f"{out}: {size:,} bytes, with the {len(signed.keys.keys):,} keys of {signed.keys.election}.")
        say("Give it away as a file, or from any server: it works without a network.")
    return DONE


def _title_of(place: Path, election: str) -> Name:
    """Read what the election of a list of keys is called; raises `InputError` where the definition is another's."""
    from escruta.base.errors import InputError  # noqa: PLC0415
    from escruta.election.reading import read_election  # noqa: PLC0415

    definition = read_election(place)
    if definition.id != election:
        raise InputError(
            "the list of keys is of another election than the definition",
            where=str(place),
            found=definition.id,
            expected=election,
            advice="Name the definition of the election whose sheets these keys seal.",
        )
    return definition.name


def _checked_as_json(each: Checked) -> dict[str, Any]:
    if each.finding is None:
        refused = each.refused
        return {"where": each.where, "status": "no-seal", "reasons": [str(refused and refused.what)], "text": each.text}
    finding = each.finding
    return {
        "where": each.where,
        "status": finding.status.value,
        "reasons": [reason.value for reason in finding.reasons],
        "key_station": None if finding.key is None else finding.key.station,
        "revoked_at": None if finding.revocation is None else finding.revocation.at,
        **_seal_as_json(finding.seal, finding.form),
    }


def _seal_as_json(seal: Seal, form: SealForm | None) -> dict[str, Any]:
    from escruta.apps.seals.making import recipient_text  # noqa: PLC0415

    sheet = seal.sheet
    is_known = form is not None and len(form.figures) == len(sheet.figures)
    return {
        "kid": seal.kid.hex(),
        "election": None if form is None else form.election,
        "contest": None if form is None else form.contest,
        "form": sheet.form_id.hex(),
        "station": sheet.station,
        "act": sheet.act.value,
        "kind": sheet.kind.name.lower(),
        "printed": sheet.printed_at,
        "copy": sheet.copy,
        "for": recipient_text(sheet.recipient),
        "figures": sheet.named(form) if form is not None and is_known else list(sheet.figures),
    }


def _tell(each: Checked, keys: KeyList, *, is_alone: bool) -> None:
    if each.finding is None:
        say(f"{each.where}: no seal: {each.refused}")
        return
    finding = each.finding
    if is_alone:
        _tell_sheet(finding.seal.sheet, finding.form, keys.names)
    say(f"{each.where}: {finding.status.value.replace('-', ' ')}: station {finding.seal.sheet.station}")
    for sentence in _sentences(finding):
        say(f"  {sentence}")


def _sentences(finding: SealFinding) -> Iterable[str]:
    """Say each reason in words."""
    sheet, revocation = finding.seal.sheet, finding.revocation
    since = "" if revocation is None else f"({revocation.reason.value}) from {revocation.at:%Y-%m-%d %H:%M:%S} UTC on"
    said = {
        "signature-false": "the figures were changed after they were sealed, or somebody else sealed them",
        "other-station": f"the key belongs to station {finding.key.station if finding.key else ''}",
        "other-form": "the sheet is of no contest on this list, or its figures stand in another order",
        "before-validity": f"printed before the key was valid: {sheet.printed_at:%Y-%m-%d %H:%M:%S} UTC",
        "after-validity": f"printed after the key was valid: {sheet.printed_at:%Y-%m-%d %H:%M:%S} UTC",
        "unknown-key": f"the list has no key {finding.seal.kid.hex()}",
        "revoked": f"printed {sheet.printed_at:%Y-%m-%d %H:%M:%S} UTC, with a key that was revoked {since}",
        "stolen-later": "the key was stolen later: its thief could have written any earlier time",
        "revoked-later": "the key was revoked later",
        "own-claim": "only the sheet itself says that it was printed before that",
        "list-is-older": "the list is older than the sheet: look for a later one",
        "printed-after-seen": "the sheet claims to be printed after it was seen: a clock was wrong",
    }
    return [said[reason.value] for reason in finding.reasons]


def _tell_sheet(sheet: SealedSheet, form: SealForm | None, names: Any) -> None:  # noqa: ANN401 - a mapping
    from escruta.apps.seals.making import recipient_text  # noqa: PLC0415
    from escruta.sheets.seal.key_list_text import name_key  # noqa: PLC0415

    whose = "of an unknown form" if form is None else f"of {form.election}, {form.contest}"
    say(f"Station {sheet.station}, {whose}: {sheet.kind.name.lower()} sheet, {sheet.act.value}")
    for_whom = recipient_text(sheet.recipient)
    say(f"Printed {sheet.printed_at:%Y-%m-%d %H:%M:%S} UTC, copy {sheet.copy}{f' for the {for_whom}' * bool(for_whom)}")
    if form is None or len(form.figures) != len(sheet.figures):
        rows = [(f"figure {at}", _shown(figure)) for at, figure in enumerate(sheet.figures, start=1)]
    else:
        rows = [
            (names.get(name_key(form.contest, column), column), _shown(figure))
            for column, figure in sheet.named(form).items()
        ]
    show_table(None, ("figure", "count"), rows)


def _shown(figure: object) -> object:
    return figure if isinstance(figure, int) else str(figure)

"""`escruta keys`: the keys of polling stations, and the election's signed list of them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.bulletins import LOG_PASSPHRASE, source_of
from escruta.apps.cli.exits import DONE, ELECTION, FILE, FINDINGS, FOLDER, FOLDER_THERE, Command, with_exit_codes
from escruta.apps.cli.keys import OUT
from escruta.apps.cli.screen import progress_bars, say, show_json, show_table

if TYPE_CHECKING:
    from escruta.apps.seals import Issued, SignedList
    from escruta.apps.seals.issuing import Protection
    from escruta.election.definition import Election
    from escruta.sheets.seal import KeyList, SealForm, SealingKey
    from escruta.tlog.keys import Signer, VerifierKey

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
TRUST = click.option(
    "--trust",
    "trusted",
    multiple=True,
    metavar="KEY",
    help="A verifier key or card of the election; may be repeated: each must have signed the list.",
)
MOMENT = click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"])
_DAYS_VALID = 30
_SHOWN = 20


@click.group()
def keys() -> None:
    """Issue and revoke the keys of polling stations, in a list that the election's keys sign.

    \b
    Examples:
      escruta key new board.key --name board.example/keys
      escruta keys issue my-election --into sealing-keys --signer board.key --letters letters.csv
      escruta keys publish sealing-keys/list-1.keys --trust board.key.vkey --log home
    """


def _signing(command: Command) -> Command:
    """Add the options of whoever signs a list."""
    options = [
        click.option("--signer", "signers", multiple=True, required=True, metavar="REFERENCE", help=_SIGNER),
        click.option(
            "--signer-passphrase",
            default="prompt",
            show_default=True,
            metavar="SOURCE",
            help="Of the election's key: prompt, env:NAME, file:PATH or credential:NAME.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


_SIGNER = "The election's key that signs the list: a file, pkcs11:… or command:…; may be repeated."


@keys.command("issue")
@click.argument("election", type=ELECTION)
@click.option("--into", "folder", required=True, type=FOLDER, help="Where keys, cards and lists are, or will be.")
@click.option("--data", type=FOLDER_THERE, help="Folder with the register; beside the definition by default.")
@click.option("--stations", type=FILE, help="A file with one station a line, in place of the register.")
@click.option("--after", type=FILE, help="The last list: the new one adds keys for stations that have no good one.")
@click.option("--from", "start", type=MOMENT, help="When the keys begin to be valid; the day before the vote.")
@click.option("--until", "end", type=MOMENT, help=f"When they end; {_DAYS_VALID} days after the vote by default.")
@click.option("--letters", type=OUT, help="Write a random passphrase for each station into this CSV file.")
@click.option("--passphrase", metavar="SOURCE", help="One passphrase for all keys: prompt, env:NAME, file:PATH.")
@click.option("--no-passphrase", is_flag=True, help="Leave the private keys unencrypted.")
@click.option("--cards-only", is_flag=True, help="Make no key: every station has handed in a card.")
@_signing
@AS_JSON
@with_exit_codes
def issue(*, election: Path, folder: Path, after: Path | None, as_json: bool, **said: Any) -> int:  # noqa: ANN401
    """Make a key for every station that has none, and sign the list of all of them.

    Run it again when it was stopped: what is there stays. Keys are in folders by area, FOLDER/…/STATION.key, each
    with its card beside it; hand each centre its folder, and the letters in another envelope. The list goes to
    everybody: FOLDER/list-1.keys, and list-2.keys after it.

    \b
    Examples:
      escruta keys issue my-election --into sealing-keys --signer board.key --letters letters.csv
      escruta keys issue my-election --into sealing-keys --signer board.key --stations stations.txt --no-passphrase
      escruta keys issue my-election --into sealing-keys --signer board.key --cards-only
    """
    from escruta.apps.seals import issue_keys  # noqa: PLC0415 - keeps `--help` quick
    from escruta.election.reading import read_election  # noqa: PLC0415

    definition = read_election(election)
    protection = _protection(**{name: said[name] for name in ("letters", "passphrase", "no_passphrase", "cards_only")})
    signers = _open_signers(said["signers"], said["signer_passphrase"])
    earlier = None if after is None else _list_of_ours(after, signers)
    forms = _forms(definition, earlier)
    _list_with(definition, forms, (), earlier)  # what is wrong with names or moments is said before the work
    place = folder / f"list-{1 if earlier is None else earlier.sequence + 1}.keys"
    _require_free(place)
    stations, had = _without_a_key(_stations(definition, election, said["data"], said["stations"]), earlier)
    start, end = _validity(definition, said["start"], said["end"])
    with progress_bars(quiet=as_json) as progress:
        issued = issue_keys(
            stations,
            folder,
            election=definition.id,
            separator=definition.stations.separator,
            valid_from=start,
            valid_until=end,
            protection=protection,
            numbers=had,
            cards_only=said["cards_only"],
            progress=progress,
        )
    made = _list_with(definition, forms, issued.keys, earlier)
    return _written(made, place, signers, issued, as_json=as_json)


def _require_free(path: Path) -> None:
    """Refuse before the work what would be refused after it."""
    from escruta.base.errors import OutputRefused  # noqa: PLC0415

    if path.exists():
        raise OutputRefused(
            "there is such a list already",
            where=str(path),
            advice=f"Lists are never changed: add keys in the next one, with --after {path}.",
        )


def _protection(*, letters: Path | None, passphrase: str | None, no_passphrase: bool, cards_only: bool) -> Protection:
    from escruta.apps.seals.issuing import Protection  # noqa: PLC0415
    from escruta.apps.signing.passphrases import ask_new  # noqa: PLC0415

    chosen = [letters is not None, passphrase is not None, no_passphrase, cards_only]
    if sum(chosen) != 1:
        raise click.UsageError("Choose one: --letters, --passphrase, --no-passphrase or --cards-only.")
    if passphrase is not None:
        return Protection(passphrase=ask_new(passphrase, "all sealing keys"))
    return Protection(letters=letters)


def _stations(definition: Election, place: Path, data: Path | None, named: Path | None) -> Any:  # noqa: ANN401
    from escruta.apps.seals import stations_in_file, stations_of_register  # noqa: PLC0415

    if named is not None:
        return stations_in_file(named)
    home = place if place.is_dir() else place.parent
    return stations_of_register(definition, (data, home) if data is not None else (home,))


def _without_a_key(stations: Any, earlier: KeyList | None) -> tuple[Any, dict[str, int]]:  # noqa: ANN401 - a frame
    """Leave out stations that have a key that counts, and say how many each one had."""
    import polars as pl  # noqa: PLC0415

    if earlier is None:
        return stations, {}
    good = {key.station for key in earlier.keys if key.kid not in earlier.revoked}
    had: dict[str, int] = {}
    for key in earlier.keys:
        had[key.station] = had.get(key.station, 0) + 1
    return stations.filter(~pl.col("station").is_in(list(good))), had


def _validity(definition: Election, start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    day = datetime.combine(definition.date, time(), ZoneInfo(definition.time_zone)).astimezone(UTC)
    begins = day - timedelta(days=1) if start is None else start.replace(tzinfo=UTC)
    ends = day + timedelta(days=_DAYS_VALID) if end is None else end.replace(tzinfo=UTC)
    if begins >= ends:
        raise click.UsageError(f"Keys from {begins:%Y-%m-%d} until {ends:%Y-%m-%d} are never valid: --from, --until.")
    return begins, ends


def _forms(definition: Election, earlier: KeyList | None) -> tuple[SealForm, ...]:
    """Make the forms of the sheets, and refuse to go on with a list of another election or of other sheets."""
    from escruta.base.errors import InputError  # noqa: PLC0415
    from escruta.sheets.seal import form_of  # noqa: PLC0415

    forms = tuple(form_of(definition, contest.id) for contest in definition.contests)
    if earlier is not None and (earlier.election != definition.id or set(forms) - set(earlier.forms)):
        raise InputError(
            "the list before this one speaks of other sheets than the definition",
            where=f"list {earlier.sequence} of {earlier.election}",
            found=f"{definition.id}, {', '.join(form.contest for form in forms if form not in earlier.forms)}",
            advice="Take the definition with which the first list was made: a seal of another one would not be good.",
        )
    return forms


def _list_with(
    definition: Election, forms: tuple[SealForm, ...], added: tuple[SealingKey, ...], earlier: KeyList | None
) -> KeyList:
    from escruta.apps.seals import next_list  # noqa: PLC0415
    from escruta.sheets.seal import KeyList, names_of  # noqa: PLC0415
    from escruta.sheets.seal.key_list_text import name_key  # noqa: PLC0415

    now = _now()
    if earlier is not None:
        return next_list(earlier, issued_at=now, keys=added)
    names = {
        name_key(form.contest, figure): name for form in forms for figure, name in names_of(definition, form).items()
    }
    return KeyList(election=definition.id, sequence=1, issued_at=now, forms=forms, keys=added, names=names)


def _written(made: KeyList, path: Path, signers: list[Signer], issued: Issued, *, as_json: bool) -> int:
    from escruta.apps.seals import write_key_list  # noqa: PLC0415

    write_key_list(path, made, signers)
    if as_json:
        show_json({"list": path, "sequence": made.sequence, "keys": len(made.keys), "made": issued.made})
        return DONE
    say(f"{issued.made:,} keys made, {len(issued.keys) - issued.made:,} were there.")
    say(f"{path}: list {made.sequence} with {len(made.keys):,} keys. Publish it: escruta keys publish.")
    return DONE


@keys.command("revoke")
@click.argument("path", metavar="LIST", type=FILE)
@click.option("--kid", "kids", multiple=True, metavar="HEX", help="The key, by its kid; may be repeated.")
@click.option("--station", "stations", multiple=True, help="Every key of this station; may be repeated.")
@click.option("--at", type=MOMENT, help="From when on, in UTC; now by default.")
@click.option("--reason", required=True, type=click.Choice(["lost", "stolen", "replaced", "closed"]), help="Why.")
@click.option("--out", type=OUT, help="The new list; beside the old one by default, with the next number.")
@_signing
@AS_JSON
@with_exit_codes
def revoke(*, path: Path, out: Path | None, as_json: bool, **said: Any) -> int:  # noqa: ANN401
    """Revoke keys in a new list: seals that were printed at that time or later are refused.

    The time is that of the theft or loss, as well as it is known, and not of its discovery. A key that was stolen makes
    earlier seals undecided too, unless something else than the sheet shows that they were there before.

    \b
    Examples:
      escruta keys revoke sealing-keys/list-1.keys --station 010113042.1 --reason stolen --signer board.key
      escruta keys revoke sealing-keys/list-1.keys --kid 0123456789abcdef --reason lost --at 2024-07-28T14:00:00Z \\
        --signer board.key
    """
    from escruta.apps.seals import next_list, write_key_list  # noqa: PLC0415
    from escruta.sheets.seal import Revocation, RevocationReason  # noqa: PLC0415

    signers = _open_signers(said["signers"], said["signer_passphrase"])
    earlier = _list_of_ours(path, signers)
    chosen = _chosen_kids(earlier, said["kids"], said["stations"])
    at = _now() if said["at"] is None else said["at"].replace(tzinfo=UTC)
    reason = RevocationReason(said["reason"])
    added = [Revocation(kid=kid, at=at, reason=reason) for kid in chosen]
    later = next_list(earlier, issued_at=_now(), revocations=added)
    place = out or path.with_name(f"list-{later.sequence}.keys")
    write_key_list(place, later, signers)
    if as_json:
        show_json({"list": place, "sequence": later.sequence, "revoked": [kid.hex() for kid in chosen], "at": at})
        return DONE
    for kid in chosen:
        say(f"{kid.hex()} of {earlier.by_kid[kid].station}: {reason.value}, from {at:%Y-%m-%d %H:%M:%S} UTC on")
    say(f"{place}: list {later.sequence}. Publish it wherever the earlier one is.")
    return DONE


def _chosen_kids(earlier: KeyList, kids: tuple[str, ...], stations: tuple[str, ...]) -> list[bytes]:
    from escruta.base.errors import InputError  # noqa: PLC0415

    by_text = {kid.hex(): kid for kid in earlier.by_kid}
    unknown = [kid for kid in kids if kid.lower() not in by_text]
    known = {key.station for key in earlier.keys}
    unknown += [station for station in stations if station not in known]
    if unknown or not (kids or stations):
        raise InputError(
            "the list has no such key" if unknown else "no key was named",
            found=", ".join(unknown) or None,
            expected="--kid HEX or --station STATION of the list",
        )
    of_stations = [key.kid for key in earlier.keys if key.station in stations and key.kid not in earlier.revoked]
    chosen = list(dict.fromkeys([*(by_text[kid.lower()] for kid in kids), *of_stations]))
    if not chosen:
        raise InputError("every key of these stations is revoked already", found=", ".join(stations))
    return chosen


@keys.command("check")
@click.argument("path", metavar="LIST", type=FILE)
@TRUST
@click.option("--after", type=FILE, help="An earlier list, which this one must continue.")
@AS_JSON
@with_exit_codes
def check(*, path: Path, trusted: tuple[str, ...], after: Path | None, as_json: bool) -> int:
    """Verify who signed a list, its form, and that it takes nothing back.

    Ends with 1 where it takes back what the earlier list said, and with 2 where it is not signed by every trusted key.

    \b
    Examples:
      escruta keys check list-1.keys --trust board.key.vkey
      escruta keys check list-2.keys --trust board.key.vkey --after list-1.keys
    """
    from escruta.apps.seals import read_key_list  # noqa: PLC0415
    from escruta.sheets.seal import KeyListMalformed  # noqa: PLC0415

    known = require_trust(trusted)
    signed = read_key_list(path, known)
    earlier = None if after is None else read_key_list(after, known)
    taken_back = None
    if earlier is not None:
        try:
            signed.keys.require_continues(earlier.keys)
        except KeyListMalformed as error:
            taken_back = error
    if as_json:
        show_json({**list_as_json(signed), "takes_back": None if taken_back is None else taken_back.what})
    else:
        _tell(signed)
        if taken_back is not None:
            say(f"\nIt does not continue list {earlier.keys.sequence if earlier else ''}:\n{taken_back}")
    return DONE if taken_back is None else FINDINGS


@keys.command("publish")
@click.argument("path", metavar="LIST", type=FILE)
@TRUST
@click.option("--log", "home", required=True, type=FOLDER_THERE, help="The home of the operator's log.")
@LOG_PASSPHRASE
@AS_JSON
@with_exit_codes
def publish(*, path: Path, trusted: tuple[str, ...], home: Path, log_passphrase: str | None, as_json: bool) -> int:
    """Put a list into the log: then everybody can see since when it was there, and nobody can date it back.

    The log gets the signed head, which names the whole list by its SHA-256. Ends with 1 where too few log witnesses
    cosigned.

    \b
    Examples:
      escruta keys publish sealing-keys/list-1.keys --trust board.key.vkey --log home
    """
    from escruta.apps.board.homes import publish_into  # noqa: PLC0415
    from escruta.apps.seals import log_entry_of  # noqa: PLC0415

    raw = log_entry_of(path, require_trust(trusted))
    published = publish_into(home, [raw], computed_from=None, passphrase=source_of(log_passphrase))
    if as_json:
        show_json({"list": path, "index": published.indexes[0], "is_met": published.is_met})
    else:
        say(f"{path}: in the log, index {published.indexes[0]}. {published.said}")
    return DONE if published.is_met else FINDINGS


@keys.command("list")
@click.argument("path", metavar="LIST", type=FILE)
@click.option("--station", "stations", multiple=True, help="Only this station; may be repeated.")
@click.option("--revoked", is_flag=True, help="Only keys that were revoked.")
@TRUST
@AS_JSON
@with_exit_codes
def list_command(
    *, path: Path, stations: tuple[str, ...], revoked: bool, trusted: tuple[str, ...], as_json: bool
) -> int:
    """Show the keys of a list; without --trust nobody's signature is verified, and it says so.

    \b
    Examples:
      escruta keys list list-1.keys --trust board.key.vkey --station 010113042.1
      escruta keys list list-2.keys --trust board.key.vkey --revoked --json
    """
    from escruta.apps.seals import read_key_list  # noqa: PLC0415
    from escruta.base.errors import InputError  # noqa: PLC0415

    signed = read_key_list(path, trusted_keys(trusted))
    absent = sorted(set(stations) - {key.station for key in signed.keys.keys})
    if absent:
        raise InputError("the list has no key of this station", where=str(path), found=", ".join(absent))
    chosen = [
        key
        for key in signed.keys.keys
        if (not stations or key.station in stations) and (not revoked or key.kid in signed.keys.revoked)
    ]
    rows = [_row(key, signed.keys) for key in chosen]
    if as_json:
        show_json({**list_as_json(signed), "stations": rows})
        return DONE
    _tell(signed)
    say()
    shown = [
        (row["station"], row["kid"], *(f"{row[name]:%Y-%m-%d}" for name in ("from", "until")), row["revoked"] or "")
        for row in rows[:_SHOWN]
    ]
    show_table(None, ("station", "kid", "valid from", "until", "revoked"), shown, left=5)
    if len(rows) > _SHOWN:
        say(f"… and {len(rows) - _SHOWN:,} more: --station, --revoked or --json.")
    return DONE


def _row(key: SealingKey, of_list: KeyList) -> dict[str, Any]:
    found = of_list.revoked.get(key.kid)
    return {
        "station": key.station,
        "kid": key.kid.hex(),
        "public_key": key.public_key.hex(),
        "from": key.valid_from,
        "until": key.valid_until,
        "revoked": None if found is None else f"{found.reason.value}, {found.at:%Y-%m-%d %H:%M}",
    }


def _tell(signed: SignedList) -> None:
    from escruta.sheets.seal.key_list_text import moment_text  # noqa: PLC0415

    of_list = signed.keys
    say(f"{signed.path}: list {of_list.sequence} of {of_list.election}, issued {moment_text(of_list.issued_at)}")
    say(f"{len(of_list.keys):,} keys, {len(of_list.revocations):,} revoked; {len(of_list.forms)} forms")
    names = ", ".join(f"{key.name} ({key.key_id.hex()})" for key in signed.signed_by)
    say(f"Signed by: {names}" if names else "Nobody's signature was verified: name the election's key with --trust.")


def list_as_json(signed: SignedList) -> dict[str, Any]:
    """Give what a list says of itself as other programs read it."""
    of_list = signed.keys
    return {
        "list": signed.path,
        "election": of_list.election,
        "sequence": of_list.sequence,
        "issued": of_list.issued_at,
        "keys": len(of_list.keys),
        "revoked": len(of_list.revocations),
        "forms": {form.contest: form.digest.hex() for form in of_list.forms},
        "signed_by": [str(key) for key in signed.signed_by],
    }


def trusted_keys(references: tuple[str, ...]) -> list[VerifierKey]:
    """Find the keys that somebody trusts, by text or card."""
    from escruta.apps.signing import card_of  # noqa: PLC0415

    return [card_of(each).key for each in references]


def require_trust(references: tuple[str, ...]) -> list[VerifierKey]:
    """Find the keys that somebody trusts; at least one."""
    if not references:
        raise click.UsageError("Name the election's key, as it was printed: --trust KEY.")
    return trusted_keys(references)


def _list_of_ours(path: Path, signers: list[Signer]) -> KeyList:
    """Read the list that a new one continues: whoever signs the new one must have signed it."""
    from escruta.apps.seals import read_key_list  # noqa: PLC0415

    return read_key_list(path, [signer.key for signer in signers]).keys


def _open_signers(references: tuple[str, ...], passphrase: str) -> list[Signer]:
    from functools import cache  # noqa: PLC0415

    from escruta.apps.signing import open_signer, passphrase_from  # noqa: PLC0415

    source = cache(passphrase_from(passphrase))
    return [open_signer(each, passphrase=source) for each in references]


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)

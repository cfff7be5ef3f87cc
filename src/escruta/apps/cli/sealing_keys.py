"""`escruta keys`: the keys of polling stations, and the election's signed list of them."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.bulletins import LOG_PASSPHRASE, source_of
from escruta.apps.cli.exits import DONE, ELECTION, FILE, FINDINGS, FOLDER, FOLDER_THERE, with_exit_codes
from escruta.apps.cli.keys import OUT
from escruta.apps.cli.screen import progress_bars, say, show_json, show_table
from escruta.apps.cli.sealing_keys_issued import (
    DAYS_VALID,
    forms_of,
    list_with,
    protection_of,
    require_free,
    stations_of,
    validity_of,
    without_a_key,
    write_list,
)
from escruta.apps.cli.sealing_lists import (
    AS_JSON,
    MOMENT,
    TRUST,
    list_as_json,
    list_of_ours,
    now,
    open_signers,
    require_trust,
    signed_by,
    tell_list,
    trusted_keys,
)

if TYPE_CHECKING:
    from escruta.sheets.seal import KeyList, SealingKey

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


@keys.command("issue")
@click.argument("election", type=ELECTION)
@click.option("--into", "folder", required=True, type=FOLDER, help="Where keys, cards and lists are, or will be.")
@click.option("--data", type=FOLDER_THERE, help="Folder with the register; beside the definition by default.")
@click.option("--stations", type=FILE, help="A file with one station a line, in place of the register.")
@click.option("--after", type=FILE, help="The last list: the new one adds keys for stations that have no good one.")
@click.option("--from", "start", type=MOMENT, help="When the keys begin to be valid; the day before the vote.")
@click.option("--until", "end", type=MOMENT, help=f"When they end; {DAYS_VALID} days after the vote by default.")
@click.option("--letters", type=OUT, help="Write a random passphrase for each station into this CSV file.")
@click.option("--passphrase", metavar="SOURCE", help="One passphrase for all keys: prompt, env:NAME, file:PATH.")
@click.option("--no-passphrase", is_flag=True, help="Leave the private keys unencrypted.")
@click.option("--cards-only", is_flag=True, help="Make no key: every station has handed in a card.")
@signed_by
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
    protection = protection_of(
        **{name: said[name] for name in ("letters", "passphrase", "no_passphrase", "cards_only")}
    )
    signers = open_signers(said["signers"], said["signer_passphrase"])
    earlier = None if after is None else list_of_ours(after, signers)
    forms = forms_of(definition, earlier)
    list_with(definition, forms, (), earlier)  # what is wrong with names or moments is said before the work
    place = folder / f"list-{1 if earlier is None else earlier.sequence + 1}.keys"
    require_free(place)
    stations, had = without_a_key(stations_of(definition, election, said["data"], said["stations"]), earlier)
    start, end = validity_of(definition, said["start"], said["end"])
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
    made = list_with(definition, forms, issued.keys, earlier)
    return write_list(made, place, signers, issued, as_json=as_json)


@keys.command("revoke")
@click.argument("path", metavar="LIST", type=FILE)
@click.option("--kid", "kids", multiple=True, metavar="HEX", help="The key, by its kid; may be repeated.")
@click.option("--station", "stations", multiple=True, help="Every key of this station; may be repeated.")
@click.option("--at", type=MOMENT, help="From when on, in UTC; now by default.")
@click.option("--reason", required=True, type=click.Choice(["lost", "stolen", "replaced", "closed"]), help="Why.")
@click.option("--out", type=OUT, help="The new list; beside the old one by default, with the next number.")
@signed_by
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

    signers = open_signers(said["signers"], said["signer_passphrase"])
    earlier = list_of_ours(path, signers)
    chosen = _chosen_kids(earlier, said["kids"], said["stations"])
    at = now() if said["at"] is None else said["at"].replace(tzinfo=UTC)
    reason = RevocationReason(said["reason"])
    added = [Revocation(kid=kid, at=at, reason=reason) for kid in chosen]
    later = next_list(earlier, issued_at=now(), revocations=added)
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
        tell_list(signed)
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
    tell_list(signed)
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

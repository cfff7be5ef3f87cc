"""What `escruta keys issue` makes: for which stations, valid from when until when, in which list."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE
from escruta.apps.cli.screen import say, show_json
from escruta.apps.cli.sealing_lists import now

if TYPE_CHECKING:
    from escruta.apps.seals import Issued
    from escruta.apps.seals.issuing import Protection
    from escruta.election.definition import Election
    from escruta.sheets.seal import KeyList, SealForm, SealingKey
    from escruta.tlog.keys import Signer

DAYS_VALID = 30


def require_free(path: Path) -> None:
    """Refuse before the work what would be refused after it."""
    from escruta.base.errors import OutputRefused  # noqa: PLC0415

    if path.exists():
        raise OutputRefused(
            "there is such a list already",
            where=str(path),
            advice=f"Lists are never changed: add keys in the next one, with --after {path}.",
        )


def protection_of(*, letters: Path | None, passphrase: str | None, no_passphrase: bool, cards_only: bool) -> Protection:
    """Find how the private keys are kept: exactly one way is chosen."""
    from escruta.apps.seals.issuing import Protection  # noqa: PLC0415
    from escruta.apps.signing.passphrases import ask_new  # noqa: PLC0415

    chosen = [letters is not None, passphrase is not None, no_passphrase, cards_only]
    if sum(chosen) != 1:
        raise click.UsageError("Choose one: --letters, --passphrase, --no-passphrase or --cards-only.")
    if passphrase is not None:
        return Protection(passphrase=ask_new(passphrase, "all sealing keys"))
    return Protection(letters=letters)


def stations_of(definition: Election, place: Path, data: Path | None, named: Path | None) -> Any:  # noqa: ANN401
    """Find the stations that get keys: those of a file, or of the register."""
    from escruta.apps.seals import stations_in_file, stations_of_register  # noqa: PLC0415

    if named is not None:
        return stations_in_file(named)
    home = place if place.is_dir() else place.parent
    return stations_of_register(definition, (data, home) if data is not None else (home,))


def without_a_key(stations: Any, earlier: KeyList | None) -> tuple[Any, dict[str, int]]:  # noqa: ANN401 - a frame
    """Leave out stations that have a key that counts, and say how many each one had."""
    import polars as pl  # noqa: PLC0415

    if earlier is None:
        return stations, {}
    good = {key.station for key in earlier.keys if key.kid not in earlier.revoked}
    had: dict[str, int] = {}
    for key in earlier.keys:
        had[key.station] = had.get(key.station, 0) + 1
    return stations.filter(~pl.col("station").is_in(list(good))), had


def validity_of(definition: Election, start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """Find from when until when keys are valid: by default from the day before the vote."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    day = datetime.combine(definition.date, time(), ZoneInfo(definition.time_zone)).astimezone(UTC)
    begins = day - timedelta(days=1) if start is None else start.replace(tzinfo=UTC)
    ends = day + timedelta(days=DAYS_VALID) if end is None else end.replace(tzinfo=UTC)
    if begins >= ends:
        raise click.UsageError(f"Keys from {begins:%Y-%m-%d} until {ends:%Y-%m-%d} are never valid: --from, --until.")
    return begins, ends


def forms_of(definition: Election, earlier: KeyList | None) -> tuple[SealForm, ...]:
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


def list_with(
    definition: Election, forms: tuple[SealForm, ...], added: tuple[SealingKey, ...], earlier: KeyList | None
) -> KeyList:
    """Make the list with these keys: the first one, or the one after an earlier list."""
    from escruta.apps.seals import next_list  # noqa: PLC0415
    from escruta.sheets.seal import KeyList, names_of  # noqa: PLC0415
    from escruta.sheets.seal.key_list_text import name_key  # noqa: PLC0415

    moment = now()
    if earlier is not None:
        return next_list(earlier, issued_at=moment, keys=added)
    names = {
        name_key(form.contest, figure): name for form in forms for figure, name in names_of(definition, form).items()
    }
    return KeyList(election=definition.id, sequence=1, issued_at=moment, forms=forms, keys=added, names=names)


def write_list(made: KeyList, path: Path, signers: list[Signer], issued: Issued, *, as_json: bool) -> int:
    """Sign and write the list, and say what was made."""
    from escruta.apps.seals import write_key_list  # noqa: PLC0415

    write_key_list(path, made, signers)
    if as_json:
        show_json({"list": path, "sequence": made.sequence, "keys": len(made.keys), "made": issued.made})
        return DONE
    say(f"{issued.made:,} keys made, {len(issued.keys) - issued.made:,} were there.")
    say(f"{path}: list {made.sequence} with {len(made.keys):,} keys. Publish it: escruta keys publish.")
    return DONE

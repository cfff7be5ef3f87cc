"""Make the keys of all stations: each in a file of its own, in a folder for each centre, with its card beside it.

It may be stopped at any moment and run again: a station whose card is there keeps its key. A key without a card was
never on a list: it is put aside, and another is made. A card without a key is of a key that was made elsewhere, at the
station or in a token, and handed in: it is taken as it is.
"""

from __future__ import annotations

import csv
import os
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from escruta.apps.signing.cards import KeyCard, card_path, read_card
from escruta.apps.signing.encrypting import ROUNDS, encrypted_pem, plain_pem
from escruta.apps.signing.errors import KeyUnusable
from escruta.apps.signing.passphrases import Passphrase
from escruta.sheets.seal import SealingKey
from escruta.sheets.seal.sheets import require_station
from escruta.tlog.keys import KeyKind, VerifierKey

Progress = Callable[[str, int, int], None]

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U, which are taken for others when they are read from paper (Crockford)."""
_GROUPS, _GROUP = 5, 4
_ROUNDS_OF_RANDOM = 2_048
"""A hundred random bits are not guessed, however quick a guess is; a passphrase that a person made up is."""
_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The keys of all stations, in the order of a list."""

    keys: tuple[SealingKey, ...]
    made: int
    """How many were made now; the others were there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """How private keys are kept: one passphrase for all, a random one for each in a file of letters, or none."""

    passphrase: bytes | None = None
    letters: Path | None = None


def key_name(election: str, station: str) -> str:
    """Name a station's key: a name has no spaces and no plus signs, whatever the station has.

    >>> key_name("demo", "Norte 1")
    'demo/Norte%201'
    """
    return f"{election}/{quote(station, safe='.-_:,;()')}"


def issue_keys(  # noqa: PLR0913 - what a key list says of each key
    stations: pl.DataFrame,
    folder: Path,
    *,
    election: str,
    separator: str,
    valid_from: datetime,
    valid_until: datetime,
    protection: Protection,
    numbers: Mapping[str, int] | None = None,
    cards_only: bool = False,
    progress: Progress | None = None,
) -> Issued:
    """Make what is missing of the keys of `stations` (`station`, `area`) below a folder, and give them all.

    `numbers` says how many keys a station had before: its new one gets a file of its own.
    """
    before = numbers or {}
    places = {
        station: folder / _place(station, area, separator, before.get(station, 0))
        for station, area in stations.select("station", "area").iter_rows()
    }
    _require_own_places(places)
    missing = [station for station, path in places.items() if not card_path(path).exists()]
    if missing and cards_only:
        raise KeyUnusable(
            "stations have handed in no card of their key",
            where=str(folder),
            found=f"{len(missing)} of {len(places)}, the first is {missing[0]}",
            expected=str(card_path(places[missing[0]])),
        )
    made = _make({station: places[station] for station in missing}, election, protection, progress)
    public = made | {
        station: _public_key(card_path(path), election, station)
        for station, path in places.items()
        if station not in made
    }
    if made and hasattr(os, "sync"):
        os.sync()  # a list that names these keys is signed next: they must be on the disk first
    keys = [
        SealingKey(station=station, public_key=public[station], valid_from=valid_from, valid_until=valid_until)
        for station in places
    ]
    return Issued(keys=tuple(sorted(keys, key=lambda key: (key.station, key.valid_from, key.kid))), made=len(made))


def _require_own_places(places: Mapping[str, Path]) -> None:
    """Refuse stations that no sheet can name, and two of which one's key would lie where the other's is."""
    for station in places:
        require_station(station)
    owners: dict[str, str] = {}
    for station, path in places.items():
        other = owners.setdefault(path.as_posix(), station)
        if other != station:
            raise KeyUnusable(
                "the keys of two stations would be one file", where=str(path), found=f"{other}, {station}"
            )


def _place(station: str, area: str | None, separator: str, earlier: int) -> Path:
    """Say where a station's key is: in the folders of its area, or else of the parts of its own name."""
    parts = area.split("/") if area else station.split(separator)[:-1] if separator else []
    number = f".{earlier + 1}" if earlier else ""
    return Path(*(_file_name(part) for part in parts), f"{_file_name(station)}{number}.key")


def _file_name(text: str) -> str:
    """Write a text as a name that every file system takes."""
    quoted = quote(text, safe="-_.")
    return quoted.replace(".", "%2E", 1) if quoted.startswith(".") else quoted or "%"


def _make(
    places: Mapping[str, Path], election: str, protection: Protection, progress: Progress | None
) -> dict[str, bytes]:
    """Make keys on all cores: what takes time is the stretching of passphrases, which lets others work."""
    made: dict[str, bytes] = {}
    secret = _passphrases(places, protection)
    for parent in {path.parent for path in places.values()}:
        parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count() or 1) as threads:
        for part in _parts(list(places), _AT_ONCE):
            futures: dict[Future[bytes], str] = {
                threads.submit(_make_one, places[station], election, station, *secret(station)): station
                for station in part
            }
            for future in as_completed(futures):
                made[futures[future]] = future.result()
                if progress is not None:
                    progress("issue", len(made), len(places))
    return made


def _parts(stations: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (stations[at : at + size] for at in range(0, len(stations), size))


def _make_one(path: Path, election: str, station: str, passphrase: bytes | None, rounds: int) -> bytes:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key = VerifierKey(name=key_name(election, station), kind=KeyKind.ED25519, public_key=public)
    card = KeyCard(key=key, owner=f"Polling station {station}", valid_for=f"sealed sheets of {election}")
    pem = plain_pem(private) if passphrase is None else encrypted_pem(private, passphrase, rounds=rounds)
    if path.exists():  # a key without its card, of a run that was stopped; no private key is ever deleted here
        path.replace(path.with_name(f"{path.name}.without-card"))
    _write(path, pem, 0o600)
    _write(card_path(path), str(card).encode("utf-8"), 0o644)
    return public


def _write(path: Path, raw: bytes, mode: int) -> None:
    """Write a new file in two steps, so that it is never there by half."""
    staged = path.with_name(f".{path.name}.part")
    staged.unlink(missing_ok=True)
    with os.fdopen(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(raw)
    staged.replace(path)


def _public_key(card: Path, election: str, station: str) -> bytes:
    key = read_card(card).key
    name = key_name(election, station)
    if key.name != name or key.kind is not KeyKind.ED25519:
        raise KeyUnusable(
            "the card is of another key than this station's",
            where=str(card),
            found=f"{key.name}, {key.kind.name.lower()}",
            expected=f"{name}, ed25519",
        )
    return key.public_key


def _passphrases(places: Mapping[str, Path], protection: Protection) -> Callable[[str], tuple[bytes | None, int]]:
    if protection.letters is None:
        return lambda _station: (protection.passphrase, ROUNDS)
    by_file = _write_letters(protection.letters, places)
    written = {station: by_file[path.name] for station, path in places.items()}
    return lambda station: (written[station].encode("ascii"), _ROUNDS_OF_RANDOM)


def _write_letters(path: Path, places: Mapping[str, Path]) -> dict[str, str]:
    """Add a random passphrase for each key file that has none yet; they are on the disk before any key is."""
    written = _read_letters(path) if path.exists() else {}
    is_new = not path.exists()
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        if is_new:
            rows.writerow(_LETTER)
        for station, place in places.items():
            if place.name not in written:
                written[place.name] = _random_passphrase()
                rows.writerow((station, place.name, written[place.name]))
        file.flush()
        os.fsync(file.fileno())
    return written


def passphrase_of_letters(path: Path) -> Passphrase:
    """Open each key with its own passphrase, from the file that `issue_keys` wrote for the letters to the stations.

    Raises `KeyUnusable` where others can read the file, or, when a key is opened, where it has no row for it.
    """
    written = _read_letters(path)

    def passphrase(key: str) -> bytes:
        word = written.get(Path(key).name)
        if word is None:
            raise KeyUnusable(
                "there is no passphrase for this key", where=str(path), expected=f"a row of {Path(key).name}"
            )
        return word.encode("ascii")

    return passphrase


def _read_letters(path: Path) -> dict[str, str]:
    """Read the passphrases of an earlier run; a row that it did not finish is no row."""
    if os.name != "nt" and path.stat().st_mode & 0o077:
        raise KeyUnusable("others on this machine can read the passphrases", where=str(path), expected="mode 0600")
    with path.open(encoding="utf-8", newline="") as opened:
        rows = [row for row in csv.reader(opened) if len(row) == len(_LETTER)]
    return {name: word for _, name, word in rows if _PASSPHRASE.fullmatch(word)}


_LETTER = ("station", "key file", "passphrase")
_PASSPHRASE = re.compile(rf"[{_LETTERS}]{{{_GROUP}}}(-[{_LETTERS}]{{{_GROUP}}}){{{_GROUPS - 1}}}", re.ASCII)


def _random_passphrase() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))

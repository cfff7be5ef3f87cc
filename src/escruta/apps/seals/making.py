"""What a sheet is sealed from: figures, for whom the copy is, and the station's key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from escruta.apps.seals.issuing import key_name
from escruta.apps.signing import KeyUnusable, Passphrase, kind_name, open_signer
from escruta.base.errors import FileUnreadable, InputError
from escruta.election.definition import Election
from escruta.sheets.figures import Mark
from escruta.sheets.seal import Figure, Recipient, SealForm, SealSigner, witness_of
from escruta.sheets.seal.forms import contest_of
from escruta.sheets.seal.sheets import FIRST_WITNESS
from escruta.tlog.keys import KeyKind

_LARGEST_FILE = 1_000_000
_MARKS = {mark.value: mark for mark in Mark}


def read_figures(form: SealForm, said: Iterable[str], file: Path | None) -> dict[str, Figure]:
    """Take figures from `NAME=VALUE` texts, and from a JSON object in a file; raises `InputError`.

    A name is a column of the form; where no other figure has the same ending, the ending is enough: `psuv` for
    `option.psuv`. A value is a count or a mark, such as `illegible`. A figure that is said twice is refused: nobody
    would know which one is sealed.
    """
    given = [] if file is None else _read_object(file)
    for each in said:
        name, equals, text = each.partition("=")
        if not equals:
            raise InputError("a figure is NAME=VALUE", found=each, expected="null=3, or psuv=illegible")
        given.append((name, text))
    columns = _columns(form)
    figures: dict[str, Figure] = {}
    for figure, found in given:
        if figure not in columns:
            raise InputError("the form has no such figure", found=figure, expected=", ".join(form.figures))
        value = _figure(figure, found)
        if columns[figure] in figures:
            raise InputError("a figure is said twice", where=columns[figure], found=found, expected="each figure once")
        figures[columns[figure]] = value
    return figures


def _columns(form: SealForm) -> dict[str, str]:
    """Let a figure be named by its whole column, or by its ending where that is enough."""
    endings: dict[str, list[str]] = {}
    for column in form.figures:
        endings.setdefault(column.partition(".")[2], []).append(column)
    short = {ending: columns[0] for ending, columns in endings.items() if ending and len(columns) == 1}
    return short | {column: column for column in form.figures}


def _figure(name: str, value: object) -> Figure:
    text = str(value)
    if text in _MARKS:
        return _MARKS[text]
    if not text.isascii() or not text.isdigit() or len(text) > _LONGEST_COUNT:
        raise InputError(
            "this is no count and no mark",
            where=name,
            found=value,
            expected=f"digits, or {', '.join(_MARKS)}",
            advice="What could not be read is illegible, and what stands empty is empty: neither is a zero.",
        )
    return int(text)


_LONGEST_COUNT = 11


class _Members(list[tuple[str, object]]):
    """The members of a JSON object, where an array is a plain list."""


def _read_object(path: Path) -> list[tuple[str, object]]:
    """Read the members of a JSON object, in their order; one that stands there twice is given twice."""
    try:
        with path.open("rb") as opened:
            document = json.loads(opened.read(_LARGEST_FILE), object_pairs_hook=_Members)
    except OSError as error:
        raise FileUnreadable("the figures cannot be read", where=str(path), found=error.strerror) from error
    except (ValueError, RecursionError) as error:
        raise InputError("the figures are no JSON", where=str(path), expected='{"null": 3, …}') from error
    if not isinstance(document, _Members):
        raise InputError("the figures are no JSON object", where=str(path), expected='{"null": 3, …}')
    return list(document)


def recipient_named(text: str | None, election: Election, contest: str | None) -> int | None:
    """Give the code of whom a copy is for: `authority`, `door`, `box`, `observer`, `press`, `witness:CANDIDATE`.

    `party:CANDIDATE` is the same as `witness:CANDIDATE`. Raises `InputError`.
    """
    if text is None:
        return None
    names: Mapping[str, int] = {each.name.lower(): int(each) for each in Recipient}
    candidates = [each.id for each in contest_of(election, contest).candidates]
    witnesses = {f"witness:{candidate}": witness_of(at) for at, candidate in enumerate(candidates)}
    known = {**names, **witnesses}
    code = known.get(text.replace("party:", "witness:", 1) if text.startswith("party:") else text)
    if code is None:
        raise InputError("nobody of that name receives copies", found=text, expected=", ".join(known))
    return code


def recipient_text(code: int | None) -> str | None:
    """Say for whom a copy is, in the word that a command takes; a candidate's place stands for its name.

    >>> recipient_text(2), recipient_text(17)
    ('door', 'witness of candidate 2')
    """
    if code is None:
        return None
    if code >= FIRST_WITNESS:
        return f"witness of candidate {code - FIRST_WITNESS + 1}"
    return next((each.name.lower() for each in Recipient if each == code), str(code))


def station_signer(reference: str, election: str, station: str, passphrase: Passphrase | None) -> SealSigner:
    """Open the key of a station, in a file, a token or behind a program; raises `KeyUnusable` for another one's."""
    name = key_name(election, station)
    signer = open_signer(reference, passphrase=passphrase)
    if signer.key.name != name or signer.key.kind is not KeyKind.ED25519:
        raise KeyUnusable(
            "this is not the key of the station",
            where=reference,
            found=f"{signer.key.name}, {kind_name(signer.key.kind)}",
            expected=f"{name}, ed25519",
            advice="A sheet is sealed with the key that was issued to its own station.",
        )
    return SealSigner(public_key=signer.key.public_key, sign=signer.sign)

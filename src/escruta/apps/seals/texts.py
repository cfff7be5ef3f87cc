"""Texts of seals, from the command line and from files, and what each of them shows."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from escruta.base.errors import FileUnreadable
from escruta.sheets.seal import KeyList, SealFinding, SealMalformed, SealStatus, check_seal, read_seal

_LARGEST_FILE = 200_000_000
_BEGINS_A_SEAL = "esc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one text shows: a finding, or why it is no seal at all."""

    where: str
    text: str
    finding: SealFinding | None = None
    refused: SealMalformed | None = None

    @property
    def is_good(self) -> bool:
        """Whether the seal is valid."""
        return self.finding is not None and self.finding.status is SealStatus.VALID


def seal_texts(arguments: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give each text with its place: an argument that begins like a seal, or each line of a file; `-` is the input.

    Raises `FileUnreadable`.
    """
    for number, argument in enumerate(arguments, start=1):
        if argument.casefold().startswith(_BEGINS_A_SEAL) and not Path(argument[:200]).exists():
            yield f"argument {number}", argument
        elif argument == "-":
            yield from _lines("standard input", sys.stdin.buffer.read(_LARGEST_FILE + 1))
        else:
            yield from _lines(argument, _read(Path(argument)))


def _lines(where: str, raw: bytes) -> Iterator[tuple[str, str]]:
    if len(raw) > _LARGEST_FILE:  # what is left out would not be missed
        raise FileUnreadable("this is too long to be checked at once", where=where, expected=f"{_LARGEST_FILE:,} bytes")
    for row, line in enumerate(raw.decode("utf-8", "replace").split("\n"), start=1):
        text = line.removesuffix("\r")
        if text.strip():
            yield f"{where}, line {row}", text


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as opened:
            return opened.read(_LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        raise FileUnreadable(
            "there is no such file, and it is no seal either",
            where=str(path)[:200],
            expected="a text that begins with ESC1:, or a file with such texts, one a line",
        ) from error


def check_texts(texts: Iterable[tuple[str, str]], keys: KeyList, at: datetime | None = None) -> Iterator[Checked]:
    """Read and check each text; a text that is no seal is told, and never stops the others."""
    for where, text in texts:
        try:
            yield Checked(where=where, text=text, finding=check_seal(read_seal(text), keys, at))
        except SealMalformed as error:
            yield Checked(where=where, text=text, refused=error)

"""What is wrong with a definition: one fault for each spot, all of them told at once."""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from escruta.base.errors import InputError

Location = tuple[str | int, ...]
"""The keys and the list positions (from 0) that lead to a spot in a definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a definition.

    >>> print(Fault(file="election.toml", key="policy", found='"best"', expected="`single`", advice="Use `single`."))
    election.toml: policy: found "best", expected `single`. Use `single`.
    """

    file: str
    """The file, as the reader was asked for it."""
    key: str
    """The path to the spot, list positions from 0: `sources[1].layout.votes.maduro`; empty for the whole file."""
    found: str
    """What stands there."""
    expected: str
    """What should stand there."""
    advice: str
    """What to do."""

    def __str__(self) -> str:
        """Write the fault on one line."""
        spot = f"{self.file}: {self.key}" if self.key else self.file
        return f"{spot}: found {self.found}, expected {self.expected}. {self.advice}"


class DefinitionError(InputError):
    """An election's definition cannot be used; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        count = len(self.faults)
        title = "1 fault in the definition" if count == 1 else f"{count} faults in the definition"
        super().__init__(title, where=self.faults[0].file if self.faults else None)

    def __str__(self) -> str:
        return "\n".join([f"{self.what}:", *(f"- {fault}" for fault in self.faults)])

    def __reduce__(self) -> tuple[Any, ...]:
        return (DefinitionError, (self.faults,))


def key_path(location: Location) -> str:
    """Write a location as a key path.

    >>> key_path(("sources", 1, "layout", "votes", "maduro"))
    'sources[1].layout.votes.maduro'
    >>> key_path(("sources", 0, "layout", "where", "Tipo de acta"))
    'sources[0].layout.where."Tipo de acta"'
    """
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        else:
            bare = step.replace("_", "").replace("-", "").isalnum() and step.isascii()
            path += ("." if path else "") + (step if bare else f'"{step}"')
    return path


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the known word that a mistyped one most likely stands for.

    >>> nearest("madura", ["gonzalez", "maduro"])
    'maduro'
    """
    matches = difflib.get_close_matches(word.casefold(), sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def listed(words: Sequence[str], limit: int = 12) -> str:
    """Write the words that may stand somewhere, shortened when there are many.

    >>> listed(["a", "b"])
    '`a`, `b`'
    """
    shown = ", ".join(f"`{word}`" for word in words[:limit])
    return f"{shown} and {len(words) - limit} more" if len(words) > limit else shown

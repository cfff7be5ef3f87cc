"""Spots in a definition as it was found, right or wrong, so that rules can look at all that is readable of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from escruta.election.faults import Fault, Location, key_path, listed, nearest

FOUND_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Spot:
    """A value of a definition and where it stands; what is absent or of another type is passed over in silence.

    The structural pass has already told what is of the wrong type; a rule speaks only of what it can read.
    """

    file: str
    location: Location
    value: object

    def at(self, key: str) -> "Spot":
        """Go to a key of a table; the value is None where there is no such key."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Spot(self.file, (*self.location, key), value)

    def tables(self, key: str) -> "tuple[Spot, ...]":
        """Go to each table in the list under a key."""
        return tuple(spot for spot in self.at(key).elements() if isinstance(spot.value, dict))

    def texts(self, key: str) -> "tuple[Spot, ...]":
        """Go to each text in the list under a key."""
        return tuple(spot for spot in self.at(key).elements() if isinstance(spot.value, str))

    def elements(self) -> "tuple[Spot, ...]":
        """Go to each element of a list."""
        elements = self.value if isinstance(self.value, list) else []
        return tuple(Spot(self.file, (*self.location, index), value) for index, value in enumerate(elements))

    def entries(self, key: str) -> "tuple[tuple[str, Spot], ...]":
        """Go to each entry of the table under a key."""
        table = self.at(key)
        names = table.value if isinstance(table.value, dict) else {}
        return tuple((name, table.at(name)) for name in names)

    @property
    def exists(self) -> bool:
        """Whether something stands there."""
        return self.value is not None

    @property
    def text(self) -> str | None:
        """The text that stands there, if it is one."""
        return self.value if isinstance(self.value, str) else None

    @property
    def count(self) -> int | None:
        """The whole number that stands there, if it is one."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else None

    def ids(self, key: str) -> tuple[str, ...]:
        """List the ids of the tables in the list under a key, those of broken tables too."""
        return tuple(spot.at("id").text or "" for spot in self.tables(key) if spot.at("id").text)

    def fault(self, expected: str, advice: str, *, found: str | None = None) -> Fault:
        """Say what is wrong here."""
        found = as_found(self.value) if found is None else found
        return Fault(file=self.file, key=key_path(self.location), found=found, expected=expected, advice=advice)

    def unknown(self, word: str, kind: str, known: Iterable[str]) -> Fault:
        """Say that a word here is none of those that are known."""
        known = tuple(dict.fromkeys(known))
        near = nearest(word, known)
        expected = f"a known {kind}: {listed(known)}" if known else f"a known {kind} (there is none)"
        advice = f"Did you mean `{near}`?" if near else f"Correct it, or declare this {kind}."
        is_key = self.location[-1:] == (word,) and self.text != word
        return self.fault(expected, advice, found=f"a key `{word}`" if is_key else None)


def as_found(value: object) -> str:
    """Write a value as it was found, shortened.

    >>> as_found(None), as_found({"a": 1}), as_found("x")
    ('nothing', '{"a": 1}', '"x"')
    """
    if value is None:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= FOUND_LENGTH else text[: FOUND_LENGTH - 1] + "…"

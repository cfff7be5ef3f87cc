"""The keys of an election's stations: which key may seal which station's sheets, from when until when.

A list has a number. The next one says everything again that the last one said, and more: no key disappears, and no
revocation is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from escruta.sheets.seal.cose import PUBLIC_KEY_SIZE, kid_of
from escruta.sheets.seal.errors import KeyListMalformed, SheetRefused
from escruta.sheets.seal.forms import SealForm
from escruta.sheets.seal.sheets import require_station


class RevocationReason(StrEnum):
    """Why a key may seal no more."""

    LOST = "lost"
    STOLEN = "stolen"
    """Somebody else may have it, who can write any time of printing that he likes."""
    REPLACED = "replaced"
    CLOSED = "closed"
    """The station will not open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealingKey:
    """A key that may seal the sheets of one station."""

    station: str
    public_key: bytes
    valid_from: datetime
    valid_until: datetime
    """The first moment at which it is valid no more."""

    @property
    def kid(self) -> bytes:
        """What its seals name it by."""
        return kid_of(self.public_key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A key that may seal no more."""

    kid: bytes
    at: datetime
    """Seals that were printed then or later are refused."""
    reason: RevocationReason


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyList:
    """The sealing keys of an election. Raises `KeyListMalformed` where it contradicts itself."""

    election: str
    sequence: int
    """From 1; the list with the highest number counts."""
    issued_at: datetime
    forms: tuple[SealForm, ...]
    """The forms of the sheets that these keys seal, one a contest."""
    keys: tuple[SealingKey, ...]
    """In the order of station, start, kid."""
    revocations: tuple[Revocation, ...] = ()
    """In the order of time and kid; one a key."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Form and figure (`president option.psuv`) -> what people call it."""
    by_kid: Mapping[bytes, SealingKey] = field(init=False, repr=False, compare=False)
    by_form_id: Mapping[bytes, SealForm] = field(init=False, repr=False, compare=False)
    revoked: Mapping[bytes, Revocation] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the indexes, and refuse a list that contradicts itself."""
        object.__setattr__(self, "by_kid", {key.kid: key for key in self.keys})
        object.__setattr__(self, "by_form_id", {form.id: form for form in self.forms})
        object.__setattr__(self, "revoked", {each.kid: each for each in self.revocations})
        for what, found in self._contradictions():
            raise KeyListMalformed(what, where=f"list {self.sequence} of {self.election}", found=found)

    def _contradictions(self) -> Iterator[tuple[str, object]]:
        if self.sequence < 1:
            yield "a list of sealing keys has a number from 1 up", self.sequence
        if len({form.contest for form in self.forms}) < len(self.forms):
            yield "a contest has two forms", ", ".join(form.contest for form in self.forms)
        for form in self.forms:
            if form.election != self.election:
                yield "a form is of another election", form.election
        known = {f"{form.contest} {figure}" for form in self.forms for figure in form.figures}
        for place, name in self.names.items():
            if place not in known or not name or not may_stand_on_a_line(name):
                yield "a name is of no figure of these forms, or cannot stand on a line", f"{place}: {name}"
        yield from self._contradictions_of_keys()

    def _contradictions_of_keys(self) -> Iterator[tuple[str, object]]:
        if len(self.by_kid) < len(self.keys):
            yield "two keys have the same kid", f"{len(self.keys) - len(self.by_kid)} of them"
        if len(self.revoked) < len(self.revocations):
            yield "a key is revoked twice", f"{len(self.revocations) - len(self.revoked)} times"
        for key in self.keys:
            if len(key.public_key) != PUBLIC_KEY_SIZE or key.valid_from >= key.valid_until:
                yield f"the key of {key.station} is no key, or never valid", f"until {key.valid_until}"
            if not _may_be_sealed(key.station):
                yield "a key is of a station that no sheet can name", ascii(key.station)
        for each in self.revocations:
            if each.kid not in self.by_kid:
                yield "a key is revoked that is not on the list", each.kid.hex()
        keys = sorted(self.keys, key=lambda key: (key.station, key.valid_from, key.kid))
        revocations = sorted(self.revocations, key=lambda each: (each.at, each.kid))
        if list(self.keys) != keys or list(self.revocations) != revocations:
            yield "the keys or revocations are not in order", None

    def form_by_id(self, form_id: bytes) -> SealForm | None:
        """Find the form that a seal names."""
        return self.by_form_id.get(form_id)

    def require_continues(self, earlier: KeyList) -> None:
        """Raise `KeyListMalformed` where this list takes back anything that an earlier one said."""
        for what, found in self._taken_back(earlier):
            raise KeyListMalformed(
                what,
                where=f"list {self.sequence} of {self.election}, after list {earlier.sequence}",
                found=found,
                advice="Keep both lists with their signatures: together they are evidence.",
            )

    def _taken_back(self, earlier: KeyList) -> Iterator[tuple[str, object]]:
        if self.election != earlier.election:
            yield "the lists are of different elections", earlier.election
        if self.sequence <= earlier.sequence or self.issued_at < earlier.issued_at:
            yield "the list is no later one", f"issued {self.issued_at:%Y-%m-%dT%H:%M:%SZ}"
        for key in earlier.keys:
            if self.by_kid.get(key.kid) != key:
                yield f"a key of {key.station} was taken off the list, or changed", key.kid.hex()
        for each in earlier.revocations:
            if self.revoked.get(each.kid) != each:
                yield "a revocation was taken back, or changed", each.kid.hex()
        for form in earlier.forms:
            if form not in self.forms:
                yield "a form was taken off the list, or changed", form.contest
        yield from self._renamed(earlier)

    def _renamed(self, earlier: KeyList) -> Iterator[tuple[str, object]]:
        """Find names that changed: the form holds none, so whoever exchanges two would leave every seal good."""
        for place, name in earlier.names.items():
            if self.names.get(place) != name:
                yield f"the name of a figure was changed: {place}", f"{self.names.get(place)}, and before {name}"


def may_stand_on_a_line(text: str) -> bool:
    r"""Tell whether every letter shows, or is one of the two joiners that some writings need (U+200C, U+200D).

    >>> may_stand_on_a_line("क्\u200dष"), may_stand_on_a_line("a\u202eb")
    (True, False)
    """
    return text.isprintable() or text.replace("\u200c", "").replace("\u200d", "").isprintable()


def _may_be_sealed(station: str) -> bool:
    try:
        require_station(station)
    except SheetRefused:
        return False
    return True

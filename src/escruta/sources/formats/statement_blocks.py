"""The quick way through canonical statements: structs made for the keys that were seen, and a proof that they fit.

A block that is encoded again to the same bytes has no key that we do not know, no key twice, no spaces, no default
written out: it is canonical, and decoding lost nothing. What the bytes cannot prove is looked for in the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

import msgspec
import polars as pl

from escruta.sources.formats.statement_rules import (
    CANDIDATURE,
    EVIDENCE,
    OTHER,
    Document,
    StatementError,
    as_text,
    check_statement,
    require_id,
    statement_id,
)
from escruta.sources.formats.tables import ROW
from escruta.sources.formats.text import Block

_MOST_KEYS = 2_000
_UNSAFE = re.compile(r'["\\\x00-\x1f]')
"""What no field of a struct can be called."""
_NAMES = ("profile", "election", "station", "constituency")
_Scalar = str | int | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalBlock:
    """The statements of a block."""

    frame: pl.DataFrame
    marks: list[tuple[int, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The keys that statements of a file have, and a decoder for them."""

    codes: tuple[str, ...]
    categories: tuple[str, ...]
    evidence: tuple[str, ...]
    decoder: msgspec.json.Decoder[Any]
    encoder: msgspec.json.Encoder


class Shapes:
    """Learns the keys of a file from the statements that were read line by line."""

    def __init__(self) -> None:
        self.shape: Shape | None = None
        self._codes: set[str] = set()
        self._categories: set[str] = set()
        self._evidence: set[str] = set()
        self.has_given_up = False

    def learn(self, documents: Iterable[Document]) -> bool:
        """Take note of the keys of checked statements; say whether there were new ones."""
        before = len(self._codes), len(self._categories), len(self._evidence)
        for document in documents:
            self._codes.update(document["counts"]["candidatures"])
            self._categories.update(document["counts"].get("other") or ())
            self._evidence.update(document.get("evidence") or ())
        known = len(self._codes), len(self._categories), len(self._evidence)
        if not self.has_given_up and known != before:
            keys = self._codes | self._categories | self._evidence
            if max(known) > _MOST_KEYS or any(map(_UNSAFE.search, keys)):
                self.give_up()
            else:
                self.shape = make_shape(self._codes, self._categories, self._evidence)
        return known != before

    def give_up(self) -> None:
        """Stop trying the quick way: the file is not canonical."""
        self.shape = None
        self.has_given_up = True


def make_shape(codes: Iterable[str], categories: Iterable[str], evidence: Iterable[str]) -> Shape:
    """Make the structs; their fields stand in the order of the canonical form, and what is None is not written."""
    votes, ballots, proofs = sorted(codes), sorted(categories), sorted(evidence)
    counts = msgspec.defstruct(
        "Counts",
        [
            ("blank", int | None, None),
            ("candidature_total", int | None, None),
            ("candidatures", _keyed("Candidatures", votes, int | None)),
            ("not_on_sheet", dict[str, str] | None, None),
            ("null", int | None, None),
            ("other", _keyed("Other", ballots, int | None) | None, None),
            ("registered", int | None, None),
            ("unread", dict[str, str] | None, None),
        ],
        forbid_unknown_fields=True,
        omit_defaults=True,
        kw_only=True,
        gc=False,
    )
    statement = msgspec.defstruct(
        "Statement",
        [
            ("constituency", str),
            ("counts", counts),
            ("election", str),
            ("evidence", _keyed("Evidence", proofs, _Scalar) | None, None),
            ("profile", str),
            ("spec", Literal["actasum/statement/v0.1"]),
            ("stage", Literal["canvass", "ruling", "rerun"] | None, None),
            ("station", str),
            ("supersedes", str | None, None),
            ("unit", Literal["aggregate"] | None, None),
        ],
        forbid_unknown_fields=True,
        omit_defaults=True,
        kw_only=True,
        gc=False,
    )
    return Shape(
        codes=tuple(votes),
        categories=tuple(ballots),
        evidence=tuple(proofs),
        decoder=msgspec.json.Decoder(statement),
        encoder=msgspec.json.Encoder(),
    )


def read_canonical_block(
    block: Block, shape: Shape, *, wants_ids: bool, has_evidence: bool = True
) -> CanonicalBlock | None:
    """Read a block of canonical statements; None when it is anything else, to be read line by line."""
    try:
        statements = shape.decoder.decode_lines(block.text)
        if shape.encoder.encode_lines(statements) != block.text:
            return None
        counts = [statement.counts for statement in statements]
        marks = _marks(statements, counts, block.first_line)
        frame = _frame(statements, counts, shape, block.first_line, has_evidence=has_evidence)
    except (msgspec.MsgspecError, StatementError, UnicodeDecodeError, OverflowError, TypeError):
        return None
    if wants_ids:
        lines = block.text.split(b"\n")[:-1]
        frame = frame.with_columns(pl.Series("id", [statement_id(line) for line in lines], dtype=pl.String))
    return CanonicalBlock(frame=frame, marks=marks)


def _marks(statements: Sequence[Any], counts: Sequence[Any], first_line: int) -> list[tuple[int, str, str]]:
    """Check the statements that have marks or lack a figure by the one set of rules; the others need no more."""
    unread = [part.unread for part in counts]
    absent = [part.not_on_sheet for part in counts]
    if _are_all_none(unread) and _are_all_none(absent):
        if any(part.blank is None or part.null is None for part in counts):
            raise StatementError("counts", None, "complete")
        return []
    marks = []
    for row, (statement, part) in enumerate(zip(statements, counts, strict=True), start=first_line):
        if part.unread is not None or part.not_on_sheet is not None or part.blank is None or part.null is None:
            _reject_empty_objects(part.unread, part.not_on_sheet)
            found = check_statement(msgspec.json.decode(msgspec.json.encode(statement)))
            marks += [(row, column, mark) for column, mark in found]
    return marks


def _are_all_none(values: Sequence[Any]) -> bool:
    return values.count(None) == len(values)


def may_break_rules(frame: pl.DataFrame) -> bool:
    """Say whether there is what the structs let through: a count below zero or a name that is empty."""
    lowest = frame.select(pl.col(pl.Int64).min()).row(0)
    has_negative = any(value is not None and value < 0 for value in lowest)
    return has_negative or any((frame[name] == "").any() for name in _NAMES)


def _frame(
    statements: Sequence[Any], counts: Sequence[Any], shape: Shape, first_line: int, *, has_evidence: bool
) -> pl.DataFrame:
    columns = [
        pl.int_range(first_line, first_line + len(statements), dtype=pl.UInt32, eager=True).alias(ROW),
        pl.Series("station", [statement.station for statement in statements], dtype=pl.String),
        pl.Series("constituency", [statement.constituency for statement in statements], dtype=pl.String),
        pl.Series("profile", [statement.profile for statement in statements], dtype=pl.String),
        pl.Series("election", [statement.election for statement in statements], dtype=pl.String),
        *_rare("unit", [statement.unit for statement in statements]),
        *_rare("stage", [statement.stage for statement in statements]),
        *_rare("supersedes", _checked_ids([statement.supersedes for statement in statements])),
        pl.Series("registered", [part.registered for part in counts], dtype=pl.Int64),
        pl.Series("candidature_total", [part.candidature_total for part in counts], dtype=pl.Int64),
        pl.Series("blank", [part.blank for part in counts], dtype=pl.Int64),
        pl.Series("null", [part.null for part in counts], dtype=pl.Int64),
        *_figures(CANDIDATURE, shape.codes, [part.candidatures for part in counts]),
        *_figures(OTHER, shape.categories, [part.other for part in counts]),
        *_evidence(shape.evidence if has_evidence else (), [statement.evidence for statement in statements]),
    ]
    return pl.DataFrame(columns)


def _rare(name: str, values: Sequence[str | None]) -> list[pl.Series]:
    """Make a column of what most files never say; none when this block does not say it."""
    return [] if _are_all_none(values) else [pl.Series(name, values, dtype=pl.String)]


def _checked_ids(ids: Sequence[str | None]) -> Sequence[str | None]:
    for found in ids if not _are_all_none(ids) else ():
        require_id(found)
    return ids


def _figures(prefix: str, keys: Sequence[str], parts: Sequence[Any]) -> list[pl.Series]:
    if not keys:
        return []
    nothing = (None,) * len(keys)
    _reject_empty_structs(parts if prefix == OTHER else ())
    astuple = msgspec.structs.astuple
    table = zip(*[nothing if part is None else astuple(part) for part in parts], strict=True)
    return [pl.Series(f"{prefix}{key}", figures, dtype=pl.Int64) for key, figures in zip(keys, table, strict=True)]


def _evidence(keys: Sequence[str], parts: Sequence[Any]) -> list[pl.Series]:
    _reject_empty_structs(parts)
    columns = []
    for key in EVIDENCE:
        if key in keys:
            field = attrgetter(_field(keys.index(key)))
            values = [None if part is None else field(part) for part in parts]
            columns.append(_text_column(f"evidence.{key}", values))
    return columns


def _text_column(name: str, values: Sequence[Any]) -> pl.Series:
    try:
        return pl.Series(name, values, dtype=pl.String)
    except TypeError:
        return pl.Series(name, [as_text(value) for value in values], dtype=pl.String)


def _reject_empty_structs(parts: Sequence[Any]) -> None:
    """Refuse an empty object, which the canonical form leaves out."""
    kind = next((type(part) for part in parts if part is not None), None)
    if kind is not None and kind() in parts:
        raise StatementError("", "{}", "canonical")


def _reject_empty_objects(*parts: object) -> None:
    if {} in parts:
        raise StatementError("", "{}", "canonical")


def _keyed(name: str, keys: Sequence[str], kind: Any) -> Any:  # noqa: ANN401 - a type that is made while running
    """Make a struct with a field for each key; keys may be any text, so the fields are numbered."""
    fields = [(_field(index), kind, None) for index in range(len(keys))]
    return msgspec.defstruct(
        name,
        fields,
        forbid_unknown_fields=True,
        omit_defaults=True,
        rename={_field(index): key for index, key in enumerate(keys)},
        kw_only=True,
        gc=False,
    )


def _field(index: int) -> str:
    return f"f{index}"

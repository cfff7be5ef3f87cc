"""What two sheets have in common: the station key written another way, and the candidates under other names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import polars as pl

from escruta.apps.init.areas import Unit
from escruta.apps.init.columns import Column, Holds, Ref, counts_of
from escruta.apps.init.figures import Candidacy
from escruta.apps.init.guesses import Guess
from escruta.apps.init.keys import fields_of
from escruta.apps.init.words import plain

SHARED = 0.5
"""The share of a sheet's stations that must be known from another one for their keys to be the same."""
SAME_VOTES = 0.8
"""The share of shared stations at which two columns must agree to be thought one candidate's."""
TRIED = 4
"""Columns that are tried for each part of the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """How another sheet writes what the first one says."""

    parts: Mapping[str, Ref]
    """Part of the key → where it stands in the other sheet."""
    shared: int
    """Stations of the other sheet that the first one has."""
    stations: int
    """Stations of the other sheet."""
    same_headers: bool
    """Whether the key stands under the same headers."""


def match_keys(first: Guess, other: Guess) -> Match | None:
    """Find the key of the first sheet in the other one: under the same headers, or else by the values themselves."""
    known = _keys(first.sample.frame, {part.id: part.ref for part in first.key.parts})
    same = _same_headers(first, other)
    if same is not None:
        return _match(known, other, same, same_headers=True)
    matches = [_match(known, other, parts, same_headers=False) for parts in _by_values(first, other)]
    good = [match for match in matches if match.stations and match.shared >= SHARED * match.stations]
    return max(good, key=lambda match: (match.stations, match.shared), default=None)


def _keys(frame: pl.DataFrame, parts: Mapping[str, Ref]) -> pl.DataFrame:
    return frame.select(ref.key().alias(name) for name, ref in parts.items()).drop_nulls().unique()


def _match(known: pl.DataFrame, other: Guess, parts: Mapping[str, Ref], *, same_headers: bool) -> Match:
    keys = _keys(other.sample.frame, parts)
    shared = keys.join(known, on=list(parts), how="semi").height
    return Match(parts=parts, shared=shared, stations=keys.height, same_headers=same_headers)


def same_column(other: Guess, name: str) -> str | None:
    """Find the column of another sheet that has the same header, whatever its accents and capitals."""
    names = [column.name for column in other.sample.columns]
    return name if name in names else next((found for found in names if plain(found) == plain(name)), None)


def units_like(other: Guess, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Find the levels of one sheet in another one, under the same headers."""
    found = []
    for unit in units:
        code, name = (_same_ref(other, ref) for ref in (unit.code, unit.name))
        if (code is not None or unit.code is None) and (name is not None or unit.name is None):
            found.append(replace(unit, code=code, name=name))
    return tuple(found)


def _same_ref(other: Guess, ref: Ref | None) -> Ref | None:
    column = None if ref is None else same_column(other, ref.column)
    return None if ref is None or column is None else Ref(column=column, pattern=ref.pattern)


def _same_headers(first: Guess, other: Guess) -> dict[str, Ref] | None:
    parts: dict[str, Ref] = {}
    for part in first.key.parts:
        column = same_column(other, part.ref.column)
        if column is None:
            return None
        parts[part.id] = Ref(column=column, pattern=part.ref.pattern)
    return parts


def _by_values(first: Guess, other: Guess) -> Iterator[dict[str, Ref]]:
    """Name the refs of the other sheet whose values are those of the key's parts, the likeliest first."""
    frame, refs = other.sample.frame, list(_refs(other))
    chosen: list[list[Ref]] = []
    for part in first.key.parts:
        known = first.sample.frame.select(value=part.ref.key()).drop_nulls().unique()
        scored = [(_overlap(frame, ref, known), ref) for ref in refs]
        likely = sorted((pair for pair in scored if pair[0] >= SHARED), key=lambda pair: -pair[0])
        chosen.append([ref for _, ref in likely[:TRIED]])
    for combination in product(*chosen):
        if len(set(combination)) == len(combination):
            yield {part.id: ref for part, ref in zip(first.key.parts, combination, strict=True)}


def _refs(guess: Guess) -> Iterator[Ref]:
    votes = {one.column for contest in guess.contests for one in contest.figures.candidates}
    for column in guess.sample.columns:
        fields = fields_of(column, guess.sample.frame)
        if fields:
            yield from fields
        elif column.holds in {Holds.COUNTS, Holds.TEXT} and column.name not in votes:
            yield column.ref


def _overlap(frame: pl.DataFrame, ref: Ref, known: pl.DataFrame) -> float:
    values = frame.select(value=ref.key()).drop_nulls().unique()
    return values.join(known, on="value", how="semi").height / values.height if values.height else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """The rows of one contest in one sheet, with the key and the candidates' columns."""

    frame: pl.DataFrame
    parts: Mapping[str, Ref]
    candidates: Sequence[Candidacy]
    columns: Mapping[str, Column]

    def counts(self, prefix: str) -> pl.DataFrame:
        """Give the keys, and the votes under `prefix` and the candidate's id."""
        keys = [ref.key().alias(name) for name, ref in self.parts.items()]
        votes = [counts_of(self.columns[one.column]).alias(prefix + one.id) for one in self.candidates]
        return self.frame.select(*keys, *votes).unique(list(self.parts), keep="first")


def match_candidates(first: Votes, other: Votes) -> tuple[dict[str, Candidacy], str]:
    """Find the first sheet's candidates in the other one: by name, or else by their votes at shared stations.

    Returns candidate → where it stands in the other sheet, and the evidence in words, empty for equal names.
    """
    by_name = {one.id: one for one in other.candidates}
    named = {one.id: by_name[one.id] for one in first.candidates if one.id in by_name}
    if len(named) == len(first.candidates) or not first.columns or not other.columns:
        return named, ""
    both = first.counts("a.").join(other.counts("b."), on=list(first.parts))
    if both.is_empty():
        return named, ""
    return _by_votes(first, other, both)


def _by_votes(first: Votes, other: Votes, both: pl.DataFrame) -> tuple[dict[str, Candidacy], str]:
    scores: list[tuple[int, int, Candidacy, Candidacy]] = []
    for one, another in product(first.candidates, other.candidates):
        a, b = both["a." + one.id], both["b." + another.id]
        either = int(((a > 0) | (b > 0)).sum())
        scores.append((int(((a == b) & (a > 0)).sum()), either, one, another))
    found: dict[str, Candidacy] = {}
    lowest = 1.0
    for equal, either, one, another in sorted(scores, key=lambda score: -score[0] / max(score[1], 1)):
        share = equal / either if either else 0.0
        if one.id not in found and another not in found.values() and share >= SAME_VOTES:
            found[one.id] = another
            lowest = min(lowest, share)
    words = f"Candidates were found by their votes at {both.height:,} shared stations (the least alike: {lowest:.2%})."
    return found, words

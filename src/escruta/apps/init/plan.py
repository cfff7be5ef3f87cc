"""The definition that several sheets make together: one key, the levels, the contests, and a source for each file."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from escruta.apps.init.areas import Unit
from escruta.apps.init.columns import Ref
from escruta.apps.init.figures import ORDER, Candidacy
from escruta.apps.init.guesses import ContestGuess, Guess
from escruta.apps.init.keys import Part, part_of
from escruta.apps.init.matching import Match, Votes, match_candidates, match_keys, units_like
from escruta.apps.init.words import plain, slug
from escruta.base.errors import LayoutMismatch

DISJOINT = 0.02
"""Below this share of shared stations, two files of one shape are two parts of one whole."""
WRITTEN_ALIKE = 0.9
"""The share of shared stations whose areas must be written the same way."""
STAMP = re.compile(r"(20\d\d)[-_. ]?([01]\d)[-_. ]?([0-3]\d)(?:[-_. T]{0,3}([0-2]\d)[-_.:h ]?([0-5]\d))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestPlan:
    """A contest of the definition."""

    id: str
    name: str
    guess: ContestGuess
    figures: tuple[str, ...]
    further: tuple[Candidacy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePlan:
    """A source of the definition: the rows of one contest in one file, or in files that are parts of one whole."""

    id: str
    guess: Guess
    paths: tuple[tuple[str, str], ...]
    """Path and SHA-256 of each file."""
    contest: ContestPlan
    parts: Mapping[str, Ref]
    units: tuple[Unit, ...]
    votes: Mapping[str, str]
    """Candidate → column or item."""
    rows: ContestGuess
    """The contest as this sheet has it."""
    supersedes: tuple[str, ...] = ()
    stamp: str = ""
    """A date and time in the file's name."""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that a proposed definition says."""

    parts: tuple[Part, ...]
    units: tuple[Unit, ...]
    contests: tuple[ContestPlan, ...]
    sources: tuple[SourcePlan, ...]
    register: tuple[Guess, Match] | None
    stations: int
    """Different stations in all sheets together."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A sheet that has a place in the plan, and where it has the parts of the key."""

    guess: Guess
    parts: Mapping[str, Ref]


@dataclass(slots=True)
class _Draft:
    """A plan in the making."""

    main: Guess
    contests: tuple[ContestPlan, ...]
    sources: list[SourcePlan] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    register: tuple[Guess, Match] | None = None
    parts: dict[str, list[Part]] = field(default_factory=dict)
    keys: list[pl.DataFrame] = field(default_factory=list)
    places: list[_Place] = field(default_factory=list)


def make_plan(guesses: Sequence[Guess]) -> Plan:
    """Bring the sheets together; raises `LayoutMismatch` where none of them has votes."""
    voting = [guess for guess in guesses if guess.has_votes]
    if not voting:
        raise LayoutMismatch(
            "no file has votes",
            where=", ".join(guess.sample.title for guess in guesses),
            expected="columns of counts, one for each candidate",
            advice="Name a file with the figures of the polling stations as well.",
        )
    main = max(voting, key=_weight)
    draft = _Draft(main=main, contests=_contests(main))
    for guess in sorted(guesses, key=lambda guess: (guess is not main, stamp_of(guess))):
        _place(draft, guess)
    places = max(draft.places, key=lambda place: len(place.guess.units))
    units = places.guess.units
    sources = _in_order([_with_units(source, places) for source in draft.sources], main)
    return Plan(
        parts=tuple(_agreed(draft.parts[part.id]) for part in main.key.parts),
        units=units,
        contests=tuple(_completed(contest, sources) for contest in draft.contests),
        sources=sources,
        register=draft.register,
        stations=pl.concat(draft.keys).drop_nulls().n_unique(),
        notes=tuple(draft.notes),
    )


def _with_units(source: SourcePlan, best: _Place) -> SourcePlan:
    """Say where a source has the levels, and which of its columns are left over."""
    found = units_like(source.guess, best.guess.units)
    strangers = _written_otherwise(_Place(source.guess, source.parts), found, best)
    mine = tuple(unit for unit in found if unit.id not in strangers)
    placed = {ref.column for unit in found for ref in (unit.code, unit.name) if ref is not None}
    placed |= {ref.column for ref in source.parts.values()}
    unused = ", ".join(f"`{name}`" for name in source.guess.unused if name not in placed)
    remarks = [*source.remarks, *([f"Columns that are not used: {unused}."] if unused else [])]
    if strangers:
        words = f"writes {', '.join(strangers)} otherwise than {best.guess.sample.title}; that file's areas are taken"
        remarks.append(f"CHECK: this file {words}.")
    return replace(source, units=mine, remarks=tuple(remarks))


def _written_otherwise(place: _Place, units: Sequence[Unit], best: _Place) -> tuple[str, ...]:
    """List the levels that a sheet does not write to the letter as the best one does, at the stations of both."""
    if place.guess is best.guess or not units:
        return ()
    refs = {unit.id: unit.key for unit in best.guess.units}
    mine = _areas_by_station(place, {unit.id: unit.key for unit in units})
    both = mine.join(_areas_by_station(best, refs), on=list(best.parts), suffix=".best")
    if both.is_empty():
        return ()
    alike = {unit.id: both[f"area.{unit.id}"].eq_missing(both[f"area.{unit.id}.best"]).sum() for unit in units}
    return tuple(name for name, rows in alike.items() if rows < WRITTEN_ALIKE * both.height)


def _areas_by_station(place: _Place, refs: Mapping[str, Ref]) -> pl.DataFrame:
    keys = [ref.key().alias(name) for name, ref in place.parts.items()]
    areas = [ref.text().alias(f"area.{name}") for name, ref in refs.items()]
    return place.guess.sample.frame.select(*keys, *areas).unique(list(place.parts), keep="first")


def stamp_of(guess: Guess) -> str:
    """Read a date, and a time where there is one, in a file's name.

    >>> STAMP.search("acta.2019.10.20.19.40.10.xlsx").groups()
    ('2019', '10', '20', '19', '40')
    """
    match = STAMP.search(guess.sample.path.rsplit("/", 1)[-1])
    if match is None:
        return ""
    day = "-".join(match.groups()[:3])
    return day if match[4] is None else f"{day}T{match[4]}:{match[5]}:00"


def _weight(guess: Guess) -> tuple[bool, int, int]:
    candidates = max((len(contest.figures.candidates) for contest in guess.contests), default=0)
    return bool(guess.units), guess.sample.frame.height, candidates


def _contests(main: Guess) -> tuple[ContestPlan, ...]:
    named: dict[str, ContestPlan] = {}
    for number, contest in enumerate(main.contests, 1):
        name = contest.value or "Contest"
        ids = (slug(name, fallback="contest"), f"{slug(name, fallback='contest')}-{number}")
        chosen = next(one for one in ids if one not in named)
        named[chosen] = ContestPlan(id=chosen, name=name, guess=contest, figures=(), further=contest.figures.further)
    return tuple(named.values())


def _place(draft: _Draft, guess: Guess) -> None:
    """Give a sheet its place: a source for each of its contests, a further part of one, the register, or none."""
    match = match_keys(draft.main, guess)
    if match is None:
        draft.notes.append(
            f"{guess.sample.title} was left out: its polling stations were not found in the other files."
        )
        return
    if not guess.has_votes:
        _place_register(draft, guess, match)
        return
    for contest in draft.contests:
        _place_contest(draft, guess, match, contest)
    known = {plain(contest.guess.value or "") for contest in draft.contests}
    others = [contest.value for contest in guess.contests if contest.value and plain(contest.value) not in known]
    if others and guess.contest_column is not None:
        draft.notes.append(f"{guess.sample.title} also has rows of {', '.join(others)}, which were left out.")


def _place_register(draft: _Draft, guess: Guess, match: Match) -> None:
    if draft.register is not None:
        draft.notes.append(f"{guess.sample.title} was left out: it has no votes, and there is a register already.")
        return
    draft.register = (guess, match)
    _note_parts(draft, guess, match)


def _place_contest(draft: _Draft, guess: Guess, match: Match, contest: ContestPlan) -> None:
    rows = _rows_for(guess, contest)
    if rows is None:
        return
    found, evidence = match_candidates(_votes(draft.main, contest.guess), _votes(guess, rows, match.parts))
    missing = [one.name for one in contest.guess.figures.candidates if one.id not in found]
    if guess.payload is None and missing:
        draft.notes.append(
            f"{guess.sample.title} was left out of `{contest.id}`: no column was found for {', '.join(missing)}."
        )
        return
    remarks = [*guess.remarks, *([evidence] if evidence else [])]
    further = [one.name for one in rows.figures.candidates if one not in found.values()]
    if further:
        remarks.append("CHECK: not read, because the other files do not have them: " + ", ".join(further) + ".")
    if not match.same_headers:
        remarks.append(f"{match.shared:,} of its {match.stations:,} stations are those of the other files.")
    source = SourcePlan(
        id=_source_id(draft, guess, contest),
        guess=guess,
        paths=((guess.sample.path, guess.sample.table.file.sha256),),
        contest=contest,
        parts=match.parts,
        units=(),
        votes={one.id: found[one.id].column for one in contest.guess.figures.candidates if one.id in found},
        rows=rows,
        stamp=stamp_of(guess),
        remarks=tuple(remarks),
    )
    _note_parts(draft, guess, match)
    _add(draft, source)


def _note_parts(draft: _Draft, guess: Guess, match: Match) -> None:
    frame = guess.sample.frame
    draft.places.append(_Place(guess, match.parts))
    draft.keys.append(frame.select(match.parts[part.id].key().alias(part.id) for part in draft.main.key.parts))
    for name, ref in match.parts.items():
        draft.parts.setdefault(name, []).append(part_of(frame, name, ref))


def _rows_for(guess: Guess, contest: ContestPlan) -> ContestGuess | None:
    """Find a contest in another sheet; a sheet without contests speaks of the one whose candidates it has."""
    if guess.contest_column is None or contest.guess.value is None:
        wanted = {one.id for one in contest.guess.figures.candidates}
        return max(guess.contests, key=lambda one: len(wanted & {c.id for c in one.figures.candidates}), default=None)
    values = {plain(one.value or ""): one for one in guess.contests}
    return values.get(plain(contest.guess.value))


def _votes(guess: Guess, rows: ContestGuess, parts: Mapping[str, Ref] | None = None) -> Votes:
    frame = guess.sample.frame
    if guess.contest_column is not None and rows.value is not None:
        frame = frame.filter(pl.col(guess.contest_column) == rows.value)
    columns = {} if guess.long is not None else {column.name: column for column in guess.sample.columns}
    own = {part.id: part.ref for part in guess.key.parts}
    return Votes(frame=frame, parts=parts or own, candidates=rows.figures.candidates, columns=columns)


def _source_id(draft: _Draft, guess: Guess, contest: ContestPlan) -> str:
    name = guess.sample.path.rsplit("/", 1)[-1]
    stem = re.sub(r"(\.(csv|tsv|txt|xlsx|parquet|jsonl|json|gz|zip))+$", "", name, flags=re.IGNORECASE)
    base = slug(stem, fallback="source")[:40].strip("-")
    if len(draft.contests) > 1:
        base = f"{base}-{_short(contest.id, [other.id for other in draft.contests])}"
    used = {source.id for source in draft.sources}
    return next(one for one in (base, *(f"{base}-{number}" for number in range(2, 1000))) if one not in used)


def _short(name: str, others: Sequence[str]) -> str:
    """Shorten an id to its first word where that is enough.

    >>> _short("diputados-uninominales", ["presidente-y-vicepresidente", "diputados-uninominales"])
    'diputados'
    """
    word = name.split("-", 1)[0]
    return word if [other.split("-", 1)[0] for other in others].count(word) == 1 else name[:16].strip("-")


def _add(draft: _Draft, source: SourcePlan) -> None:
    """Add a source; a file of the very same shape with other stations is a further part of one that is there."""
    for index, other in enumerate(draft.sources):
        if other.contest.id == source.contest.id and _is_same_shape(other, source) and _are_parts(other, source):
            draft.sources[index] = replace(other, paths=(*other.paths, *source.paths))
            return
    draft.sources.append(source)


def _is_same_shape(one: SourcePlan, other: SourcePlan) -> bool:
    a, b = one.guess.sample, other.guess.sample
    names = [column.name for column in a.columns] == [column.name for column in b.columns]
    tables = (a.table.format, a.table.encoding, a.table.delimiter, a.table.sheet, a.header_row, a.skip_where)
    return names and tables == (
        b.table.format,
        b.table.encoding,
        b.table.delimiter,
        b.table.sheet,
        b.header_row,
        b.skip_where,
    )


def _are_parts(one: SourcePlan, other: SourcePlan) -> bool:
    keys = [
        source.guess.sample.frame.select(ref.key().alias(name) for name, ref in source.parts.items()).unique()
        for source in (one, other)
    ]
    shared = keys[0].join(keys[1], on=list(one.parts), how="semi").height
    return shared <= DISJOINT * min(key.height for key in keys)


def _in_order(sources: Sequence[SourcePlan], main: Guess) -> tuple[SourcePlan, ...]:
    """Order the sources by time, and let each snapshot take the place of the earlier ones of the same shape."""
    ordered = sorted(sources, key=lambda source: (source.stamp, source.rows.rows, source.guess is main))
    snapshots: list[SourcePlan] = []
    for source in ordered:
        earlier = tuple(other.id for other in snapshots if _is_snapshot(other, source))
        snapshots.append(replace(source, supersedes=earlier))
    return tuple(snapshots)


def _is_snapshot(earlier: SourcePlan, later: SourcePlan) -> bool:
    """Say whether two files are the same count at two moments: same contest, same key columns, same vote columns."""
    return (
        earlier.contest.id == later.contest.id
        and earlier.votes.keys() == later.votes.keys()
        and [plain(ref.column) for ref in earlier.parts.values()] == [plain(ref.column) for ref in later.parts.values()]
        and {plain(name) for name in earlier.votes.values()} == {plain(name) for name in later.votes.values()}
    )


def _agreed(parts: Sequence[Part]) -> Part:
    """Write a part of the key in the one way that suits every sheet."""
    widths = [part.width for part in parts if part.width is not None]
    is_number = all(part.is_number for part in parts)
    return replace(parts[0], is_number=is_number, width=max(widths, default=None) if is_number else None)


def _completed(contest: ContestPlan, sources: Sequence[SourcePlan]) -> ContestPlan:
    """Give a contest every figure that some source has."""
    mine = [source for source in sources if source.contest.id == contest.id]
    given = {name for source in mine for name in figures_of(source)}
    further = {one.id: one for source in reversed(mine) for one in source.rows.figures.further}
    return replace(contest, figures=tuple(name for name in ORDER if name in given), further=tuple(further.values()))


def figures_of(source: SourcePlan) -> tuple[str, ...]:
    """List the figures that a source gives, in columns, as items or in a payload."""
    named = [*source.rows.figures.named, *(item.id for item in source.rows.items)]
    return (*named, "null") if source.guess.payload is not None else tuple(named)

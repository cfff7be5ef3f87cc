"""What one sheet seems to be: its key, its areas, its contests, and the figures of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from escruta.apps.init.areas import Unit, find_units
from escruta.apps.init.columns import Column, Holds, Ref
from escruta.apps.init.figures import Candidacy, Figures, candidacies, count_columns, sort_figures
from escruta.apps.init.keys import Key, find_key, station_columns
from escruta.apps.init.samples import Sample, is_row_number
from escruta.apps.init.words import CONTESTS, ITEMS, STATUS, figure_of, is_word, level_of, plain

MOST_CONTESTS = 12
MOST_ITEMS = 200
FEWEST_ITEMS = 2
SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestGuess:
    """A contest that a sheet has rows of."""

    value: str | None
    """What stands in the contest's column; None for a sheet without such a column."""
    rows: int
    figures: Figures
    items: tuple[Candidacy, ...] = ()
    """In a long sheet: the items that are figures, with the figure as id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What one sheet seems to be."""

    sample: Sample
    key: Key
    units: tuple[Unit, ...]
    contest_column: str | None
    contests: tuple[ContestGuess, ...]
    long: tuple[str, str] | None = None
    """In a long sheet: the columns of the item and of its votes."""
    payload: str | None = None
    """The column of QR payloads."""
    options: int = 0
    """Ballot options in a payload."""
    picture: str | None = None
    remarks: tuple[str, ...] = ()
    """What a person should look at."""
    unused: tuple[str, ...] = ()
    """Columns that nothing was made of."""

    @property
    def has_votes(self) -> bool:
        """Whether the sheet has votes; without them it can only be a register."""
        return self.payload is not None or any(contest.figures.candidates for contest in self.contests)


def guess(sample: Sample) -> Guess:
    """Guess what a sheet is; raises `LayoutMismatch` where it has no row for each polling station."""
    columns = tuple(column for column in sample.columns if not is_row_number(sample, column))
    frame = sample.frame
    contest_column = _contest_column(columns)
    long = _long(frame, columns, contest_column)
    stations = frozenset(column.name for column in station_columns(columns))
    taken = stations | frozenset(long or ()) | ({contest_column} if contest_column else frozenset())
    units = find_units(frame, columns, taken)
    rows, extra = _rows_of_a_contest(frame, contest_column), [Ref(column=long[0])] if long else []
    key = find_key(rows, columns, units, extra, sample.title)
    taken |= {ref.column for ref in key.refs}
    payloads = [column for column in columns if column.holds is Holds.PAYLOADS]
    units = tuple(unit for unit in units if len(key.parts) > 1 or unit.key != key.parts[0].ref)
    found = Guess(
        sample=sample,
        key=key,
        units=units,
        contest_column=contest_column,
        contests=_contests(sample, columns, units, taken, contest_column, long),
        long=long,
        payload=payloads[0].name if payloads else None,
        options=_options(frame, payloads),
        picture=next((column.name for column in columns if column.holds is Holds.ADDRESSES), None),
    )
    return replace(found, remarks=_remarks(found, columns), unused=_unused(found, columns, taken))


def _contest_column(columns: Sequence[Column]) -> str | None:
    for column in columns:
        if is_word(column.name, CONTESTS) and column.holds is Holds.TEXT and column.distinct <= MOST_CONTESTS:
            return column.name
    return None


def _rows_of_a_contest(frame: pl.DataFrame, column: str | None) -> pl.DataFrame:
    if column is None:
        return frame
    most = frame[column].value_counts(sort=True)[column][0]
    return frame.filter(pl.col(column).cast(pl.String) == str(most))


def _long(frame: pl.DataFrame, columns: Sequence[Column], contest: str | None) -> tuple[str, str] | None:
    """Find the columns of a sheet that has a row for each station and item."""
    counts = [column for column in columns if column.holds is Holds.COUNTS and not level_of(column.name)]
    votes = [column for column in counts if set(plain(column.name).split()) & VOTES and figure_of(column.name) is None]
    items = [
        column
        for column in columns
        if column.holds is Holds.TEXT
        and is_word(column.name, ITEMS)
        and column.name != contest
        and FEWEST_ITEMS <= column.distinct <= min(MOST_ITEMS, frame.height // 2)
    ]
    if len(votes) != 1 or not items:
        return None
    return max(items, key=lambda column: column.distinct).name, votes[0].name


VOTES = frozenset("votos votes voix stemmen votacao".split())


def _contests(
    sample: Sample,
    columns: Sequence[Column],
    units: Sequence[Unit],
    taken: frozenset[str],
    contest_column: str | None,
    long: tuple[str, str] | None,
) -> tuple[ContestGuess, ...]:
    frame = sample.frame
    values = (
        [None] if contest_column is None else frame[contest_column].drop_nulls().unique(maintain_order=True).to_list()
    )
    counts = count_columns(columns, units, taken)
    found = []
    for value in values:
        rows = frame if contest_column is None else frame.filter(pl.col(contest_column) == value)
        if long is None:
            found.append(ContestGuess(value=value, rows=rows.height, figures=sort_figures(rows, counts, units)))
        else:
            found.append(_long_contest(rows, value, long, counts))
    return tuple(found)


def _long_contest(
    rows: pl.DataFrame, value: str | None, long: tuple[str, str], counts: Sequence[Column]
) -> ContestGuess:
    texts = [str(text) for text in rows[long[0]].drop_nulls().unique(maintain_order=True).to_list()]
    items = [Candidacy(id=name, name=text, column=text) for text in texts if (name := figure_of(text)) is not None]
    given = {item.id for item in items}
    candidates = candidacies([(text, text) for text in texts if figure_of(text) is None])
    named = {name: column for column in counts if (name := figure_of(column.name)) is not None and name not in given}
    figures = Figures(candidates=candidates, named=named)
    if "blank" in given:
        evidence = ("CHECK: whether blank votes are valid was not tested on a file with one row for each item.",)
        figures = replace(figures, evidence=evidence)
    return ContestGuess(value=value, rows=rows.height, figures=figures, items=tuple(items))


def _options(frame: pl.DataFrame, payloads: Sequence[Column]) -> int:
    if not payloads:
        return 0
    text = frame[payloads[0].name].drop_nulls().str.split("!").list.get(1)
    return int(text.str.count_matches(",").mode()[0]) + 1


def _remarks(found: Guess, columns: Sequence[Column]) -> tuple[str, ...]:
    """Say what looks odd."""
    remarks = []
    if found.key.repeated:
        remarks.append(f"CHECK: {found.key.repeated:,} rows stand for a station that another row already stands for.")
    for column in columns:
        if column.strange:
            shown = ", ".join(f'"{text}"' for text in column.strange)
            advice = 'if that means "could not be read", list it in `illegible`'
            remarks.append(f"CHECK: `{column.name}` also holds {shown}, which are no counts; {advice}.")
        if is_word(column.name, STATUS) and column.distinct > 1:
            remarks.append(_status(found.sample.frame, column))
    return tuple(remarks)


def _status(frame: pl.DataFrame, column: Column) -> str:
    counts = frame[column.name].value_counts(sort=True).drop_nulls().head(SHOWN).rows()
    shown = ", ".join(f'"{value}" {rows:,}' for value, rows in counts)
    example = counts[-1][0]
    advice = f'rows that are no results are left out with skip_where = {{ "{column.name}" = "{example}" }}, for example'
    note = "where such a row is left out, figures that an earlier state has for the station stand"
    return f"CHECK: `{column.name}` holds {shown}; {advice}; {note}."


def _unused(found: Guess, columns: Sequence[Column], taken: frozenset[str]) -> tuple[str, ...]:
    used = _used(found) | taken
    return tuple(column.name for column in columns if column.name not in used)


def _used(found: Guess) -> set[str]:
    used = {ref.column for unit in found.units for ref in (unit.code, unit.name) if ref is not None}
    used |= {name for name in (found.picture, found.payload, found.contest_column) if name}
    for contest in found.contests:
        used |= {column.name for column in contest.figures.named.values()}
        used |= {one.column for one in (*contest.figures.candidates, *contest.figures.further)}
    return used

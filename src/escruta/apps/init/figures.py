"""The figures of one contest: which columns they stand in, and what adds up to what in the data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from escruta.apps.init.areas import Unit
from escruta.apps.init.columns import Column, Holds, counts_of
from escruta.apps.init.words import (
    FURTHER_FIGURES,
    NEVER_VOTES,
    STATUS,
    TOTALS,
    figure_of,
    is_code,
    is_word,
    level_of,
    plain,
    slug,
)

HOLDS = 0.95
"""The share of rows in which a sum must hold to be taken for a rule of the sheet."""
STATEMENT = "candidature:"
"""What stands before a candidature's code in a table of statements (actasum)."""
ORDER = ("registered_voters", "ballots", "valid", "null", "blank", "candidate_votes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """What was added up, and in how many rows it came out."""

    words: str
    rows: int
    equal: int

    @property
    def share(self) -> float:
        """The share of the rows that can be compared; 0 where none can."""
        return self.equal / self.rows if self.rows else 0.0

    def __str__(self) -> str:
        """Say it as evidence."""
        return f"{self.words}: in {self.equal:,} of {self.rows:,} rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidacy:
    """A candidate, as a column or an item names it."""

    id: str
    name: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a contest's sheet has."""

    candidates: tuple[Candidacy, ...]
    named: Mapping[str, Column]
    """Figure → its column."""
    further: tuple[Candidacy, ...] = ()
    """Figures that have no name of their own."""
    blank_is_valid: bool = False
    evidence: tuple[str, ...] = ()
    """What was tested, and what came out; lines that begin with `CHECK:` are open questions."""
    unused: tuple[str, ...] = field(default=())
    """Columns of counts that were left out, and why."""


def count_columns(columns: Iterable[Column], units: Sequence[Unit], taken: frozenset[str]) -> list[Column]:
    """List the columns of counts that no station key, area or other role has taken."""
    used = taken | {ref.column for unit in units for ref in (unit.code, unit.name) if ref is not None}
    return [column for column in columns if column.holds is Holds.COUNTS and column.name not in used]


def sort_figures(frame: pl.DataFrame, columns: Sequence[Column], units: Sequence[Unit]) -> Figures:
    """Tell the candidates from the figures, and test on the rows what adds up."""
    filled = [column for column in columns if frame[column.name].null_count() < frame.height]
    named: dict[str, Column] = {}
    further: list[Column] = []
    totals: list[Column] = []
    votes: list[Column] = []
    unused: list[str] = []
    for column in filled:
        figure = figure_of(column.name)
        if figure is not None and figure not in named:
            named[figure] = column
        elif figure is None and is_word(column.name, FURTHER_FIGURES):
            further.append(column)
        elif _is_total(column):
            totals.append(column)
        elif figure is not None or _is_no_vote(frame, column, units):
            unused.append(f"`{column.name}`")
        else:
            votes.append(column)
    sums = Sums(frame.select(counts_of(column) for column in filled))
    votes, named, remarks = _with_totals(sums, votes, totals, named)
    votes, extra = _without_strangers(sums, votes, named)
    figures = Figures(
        candidates=_candidacies(votes),
        named={name: named[name] for name in ORDER if name in named},
        further=_candidacies([*further, *extra]),
        unused=tuple(unused),
    )
    return _with_evidence(sums, figures, votes, remarks)


def _is_total(column: Column) -> bool:
    words = set(plain(column.name).split())
    return bool(words & TOTALS) and words <= TOTALS | {
        "votos",
        "votes",
        "voix",
        "stemmen",
        "de",
        "general",
        "calculado",
    }


def _is_no_vote(frame: pl.DataFrame, column: Column, units: Sequence[Unit]) -> bool:
    """Say whether a column of numbers counts no votes: its name says so, or it is the same all over each place."""
    if level_of(column.name) or is_word(column.name, STATUS) or NEVER_VOTES.intersection(plain(column.name).split()):
        return True
    if is_code(column.name) and column.distinct > 1:
        return True
    if not units or column.distinct <= 1:
        return False
    path = [unit.key.key().alias(str(index)) for index, unit in enumerate(units)]
    places = frame.group_by(path).agg(
        rows=pl.len(), values=pl.col(column.name).n_unique(), most=counts_of(column).max()
    )
    several = places.filter((pl.col("rows") > 1) & (pl.col("most") > 0))
    return several.height >= 5 and float((several["values"] == 1).sum()) / several.height >= HOLDS  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Sums:
    """Adds columns up row by row; a row with an empty cell is not compared."""

    counts: pl.DataFrame
    """A column of integers for each column of counts."""

    def test(self, words: str, parts: Sequence[Column], whole: Column) -> Relation:
        """Count the rows in which the parts add up to the whole, among rows where there is something to add."""
        names = [part.name for part in parts]
        known = pl.all_horizontal(pl.col([*names, whole.name]).is_not_null())
        seen = self.counts.lazy().select(known=known, total=pl.sum_horizontal(names), whole=whole.name)
        seen = seen.filter(pl.col("known") & ((pl.col("whole") > 0) | (pl.col("total") > 0)))
        rows, equal = seen.select(pl.len(), equal=(pl.col("total") == pl.col("whole")).sum()).collect().row(0)
        return Relation(words=words, rows=int(rows), equal=int(equal))

    def holds(self, parts: Sequence[Column], whole: Column) -> bool:
        """Say whether the parts add up to the whole in nearly every row."""
        return bool(parts) and self.test("", parts, whole).share >= HOLDS

    def has_counts(self, column: Column) -> bool:
        """Say whether a column has anything but zeros."""
        return bool((self.counts[column.name] > 0).any())


def _with_totals(
    sums: Sums, votes: list[Column], totals: list[Column], named: dict[str, Column]
) -> tuple[list[Column], dict[str, Column], list[str]]:
    """Give each total its meaning by what adds up to it; a column of unknown name may be a total too."""
    remarks: list[str] = []
    for column in totals:
        figure = _meaning(sums, votes, named, column)
        if figure is None or figure in named:
            remarks.append(f"CHECK: what `{column.name}` is the total of was not found; it is not read.")
        else:
            named[figure] = column
            remarks.append(f"`{column.name}` was taken for {figure}, because that is what adds up to it.")
    for column in list(votes):
        rest = [other for other in votes if other is not column]
        if len(rest) > 1 and sums.has_counts(column) and sums.holds(rest, column):
            votes = rest
            figure = _meaning(sums, rest, named, column)
            if figure and figure not in named:
                named[figure] = column
                remarks.append(f"CHECK: `{column.name}` is the sum of the candidates; it was taken for {figure}.")
    return votes, named, [*remarks, *_missing_register(sums, votes, named)]


def _missing_register(sums: Sums, votes: list[Column], named: dict[str, Column]) -> list[str]:
    """Find registered voters under a name that we do not know: as large as all the others together, and larger."""
    if "registered_voters" in named or len(votes) < 3:  # noqa: PLR2004  with two, one is always the larger
        return []
    for column in votes:
        rest = pl.sum_horizontal([other.name for other in votes if other is not column])
        seen = sums.counts.select(rest=rest, all=column.name).filter((pl.col("rest") > 0) & pl.col("all").is_not_null())
        if seen.height and (seen["all"] >= seen["rest"]).mean() == 1 and (seen["all"] > seen["rest"]).any():
            votes.remove(column)
            named["registered_voters"] = column
            return [
                f"CHECK: `{column.name}` is never less than all votes together; it was taken for registered_voters."
            ]
    return []


def _meaning(sums: Sums, votes: Sequence[Column], named: Mapping[str, Column], whole: Column) -> str | None:
    spoilt = [named[name] for name in ("null", "blank") if name in named]
    blank = [named["blank"]] if "blank" in named else []
    if sums.holds(votes, whole):
        return "valid" if "valid" not in named else "candidate_votes"
    if blank and sums.holds([*votes, *blank], whole):
        return "valid"
    if spoilt and sums.holds([*votes, *spoilt], whole):
        return "ballots"
    return None


def _without_strangers(
    sums: Sums, votes: list[Column], named: Mapping[str, Column]
) -> tuple[list[Column], list[Column]]:
    """Take out a column with which the candidates do not add up, and without which they do."""
    whole = named.get("valid") or named.get("candidate_votes")
    blank = [named["blank"]] if "blank" in named else []
    if whole is None or sums.holds(votes, whole) or sums.holds([*votes, *blank], whole):
        return votes, []
    for column in votes:
        rest = [other for other in votes if other is not column]
        if sums.has_counts(column) and (sums.holds(rest, whole) or sums.holds([*rest, *blank], whole)):
            return rest, [column]
    return votes, []


def _with_evidence(sums: Sums, figures: Figures, votes: Sequence[Column], remarks: Sequence[str]) -> Figures:
    named = figures.named
    evidence = [*remarks]
    blank_is_valid = False
    if "blank" in named:
        blank_is_valid, words = _blank_evidence(sums, named, votes)
        evidence += words
    elif "valid" in named and votes:
        evidence.append(str(sums.test("candidates = valid", votes, named["valid"])))
    if "candidate_votes" in named and votes:
        evidence.append(str(sums.test("candidates = candidate_votes", votes, named["candidate_votes"])))
    if {"ballots", "valid", "null"} <= named.keys() and "blank" not in named:
        parts = [named["valid"], named["null"]]
        evidence.append(str(sums.test("valid + null = ballots", parts, named["ballots"])))
    return replace(figures, blank_is_valid=blank_is_valid, evidence=tuple(evidence))


def _blank_evidence(sums: Sums, named: Mapping[str, Column], votes: Sequence[Column]) -> tuple[bool, list[str]]:
    """Test on the data whether blank votes are a part of the valid votes."""
    blank = named["blank"]
    if not sums.has_counts(blank):
        return False, ["CHECK: no row has a blank vote, so the data does not show whether blank votes are valid."]
    without, within = _blank_relations(sums, named, votes)
    tested = [relation for relation in (*without, *within) if relation.rows]
    words = [str(relation) for relation in tested]
    best_without = max((relation.share for relation in without), default=0.0)
    best_within = max((relation.share for relation in within), default=0.0)
    if max(best_without, best_within) < HOLDS or best_without == best_within:
        return False, [*words, "CHECK: the data does not show whether blank votes are valid; the law does."]
    return best_within > best_without, words


def _blank_relations(
    sums: Sums, named: Mapping[str, Column], votes: Sequence[Column]
) -> tuple[list[Relation], list[Relation]]:
    blank, without, within = named["blank"], [], []
    if "valid" in named and votes:
        without.append(sums.test("candidates = valid", votes, named["valid"]))
        within.append(sums.test("candidates + blank = valid", [*votes, blank], named["valid"]))
    if {"valid", "null", "ballots"} <= named.keys():
        parts = [named["valid"], named["null"]]
        without.append(sums.test("valid + null + blank = ballots", [*parts, blank], named["ballots"]))
        within.append(sums.test("valid + null = ballots", parts, named["ballots"]))
    return without, within


def _candidacies(columns: Sequence[Column]) -> tuple[Candidacy, ...]:
    return candidacies([(column.name.removeprefix(STATEMENT), column.name) for column in columns])


def candidacies(names: Sequence[tuple[str, str]]) -> tuple[Candidacy, ...]:
    """Make candidates of names and the columns or items they stand in, each with an id of its own.

    >>> [one.id for one in candidacies([("Sí", "a"), ("Si", "b")])]
    ['si', 'si-2']
    """
    made: dict[str, Candidacy] = {}
    for name, column in names:
        base = slug(name, fallback="candidate")
        ids = [base, *(f"{base}-{number}" for number in range(2, len(names) + 2))]
        chosen = next(one for one in ids if one not in made and one not in ORDER)
        made[chosen] = Candidacy(id=chosen, name=name, column=column)
    return tuple(made.values())

"""Check every reading of one source against itself, the register and the source's other readings.

Each check is a small table of expressions: when it can be made, when it fails, what was found and what was expected.
All are evaluated in one pass over the frame. A check that cannot be made says so; it never passes by default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from escruta.base.distinct import all_distinct
from escruta.election.definition import Severity
from escruta.sheets.catalogue import Check
from escruta.sheets.figures import ContestFigures, Mark, other_column, votes_column
from escruta.sheets.readings import Readings

PASSED, FAILED, COULD_NOT_CHECK = "passed", "failed", "could-not-check"
OUTCOMES = pl.Enum([PASSED, FAILED, COULD_NOT_CHECK])

FINDINGS_SCHEMA = pl.Schema(
    {
        "code": pl.String,
        "severity": pl.String,
        "contest": pl.String,
        "station": pl.String,
        "source": pl.String,
        "reading": pl.String,
        "file": pl.String,
        "row": pl.UInt32,
        "figure": pl.String,
        "found": pl.String,
        "expected": pl.String,
        "limit": pl.String,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the checks of one source know beside the readings themselves."""

    figures: ContestFigures
    register_complete: bool
    register_is_this_source: bool
    candidates_stated: frozenset[str]
    """Candidates for whom this source states both the options' votes and their sum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One check as expressions over a readings frame that also has the columns of `with_register`."""

    can_be_made: pl.Expr
    fails: pl.Expr
    found: pl.Expr
    expected: pl.Expr
    figure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The outcome of every check on every reading, and the failures with their evidence."""

    outcomes: pl.DataFrame
    """A row a reading, in their order: `station`, `source`, a column of `OUTCOMES` for each code, and `failed` (a check
    of error severity).
    """
    findings: pl.DataFrame


def check_readings(
    readings: Readings, stations: pl.DataFrame, *, evidence: Evidence, checks: Mapping[str, Check]
) -> Checked:
    """Make every check on the readings of one source.

    `stations` has `station`, `registered_voters` (of the register, or null) and `on_register`.
    """
    frame = _with_register(readings, stations, evidence)
    tests = {code: _TESTS[code](check, evidence) for code, check in checks.items()}
    outcomes = frame.select("station", "source", *(_outcome(code, test) for code, test in tests.items()))
    errors = [code for code, check in checks.items() if check.severity is Severity.ERROR]
    failed = pl.any_horizontal([pl.col(code) == FAILED for code in errors]) if errors else pl.lit(value=False)
    findings = [
        _findings(frame.with_row_index("at").filter(outcomes[code] == FAILED), checks[code], test)
        for code, test in tests.items()
        if (outcomes[code] == FAILED).any()
    ]
    found = [readings.identify(pl.concat(findings)).select(FINDINGS_SCHEMA.names())] if findings else []
    return Checked(
        outcomes=outcomes.with_columns(failed=failed),
        findings=pl.concat([FINDINGS_SCHEMA.to_frame(), *found]),
    )


def count_outcomes(outcomes: pl.DataFrame, checks: Mapping[str, Check]) -> pl.DataFrame:
    """Count per source and check how many readings passed, failed, and could not be checked."""
    if not checks:
        return pl.DataFrame(schema=_COUNTS_SCHEMA)
    by_source = outcomes.lazy().group_by(pl.col("source").cast(pl.String))
    counted = pl.concat(
        by_source.agg(
            code=pl.lit(code),
            passed=(pl.col(code) == PASSED).sum(),
            failed=(pl.col(code) == FAILED).sum(),
            could_not_check=(pl.col(code) == COULD_NOT_CHECK).sum(),
        )
        for code in checks
    )
    severity = {code: check.severity.value for code, check in checks.items()}
    limit = {code: _text(check.limit) for code, check in checks.items()}
    return (
        counted.with_columns(
            severity=pl.col("code").replace_strict(severity, return_dtype=pl.String),
            limit=pl.col("code").replace_strict(limit, return_dtype=pl.String),
        )
        .select(pl.col(name).cast(kind) for name, kind in _COUNTS_SCHEMA.items())
        .sort("source", "code")
        .collect()
    )


_COUNTS_SCHEMA = pl.Schema(
    {
        "source": pl.String,
        "code": pl.String,
        "passed": pl.Int64,
        "failed": pl.Int64,
        "could_not_check": pl.Int64,
        "severity": pl.String,
        "limit": pl.String,
    }
)


def _outcome(code: str, test: Test) -> pl.Expr:
    return (
        pl.when(test.can_be_made.fill_null(value=False))
        .then(pl.when(test.fails.fill_null(value=False)).then(pl.lit(FAILED)).otherwise(pl.lit(PASSED)))
        .otherwise(pl.lit(COULD_NOT_CHECK))
        .cast(OUTCOMES)
        .alias(code)
    )


def _findings(frame: pl.DataFrame, check: Check, test: Test) -> pl.DataFrame:
    return frame.select(
        code=pl.lit(check.code),
        severity=pl.lit(check.severity.value),
        contest=pl.col("contest").cast(pl.String),
        station="station",
        source=pl.col("source").cast(pl.String),
        at="at",
        file=pl.col("file").cast(pl.String),
        row="row",
        figure=pl.lit(test.figure, dtype=pl.String),
        found=test.found.cast(pl.String),
        expected=test.expected.cast(pl.String),
        limit=pl.lit(_text(check.limit), dtype=pl.String),
    )


def _text(limit: float | None) -> str | None:
    return None if limit is None else f"{limit:.15g}"


def _with_register(readings: Readings, stations: pl.DataFrame, evidence: Evidence) -> pl.DataFrame:
    """Add what the checks need: the register's voters, sums, bounds, and how often a station or picture stands."""
    figures, contest = evidence.figures, evidence.figures.contest
    rows = readings.rows
    votes = list(figures.votes)
    parts = [other_column(figure.id) for figure in contest.further_figures if figure.in_ballots]
    parts += [name for name in ("null", "blank") if name in contest.figures]
    register = stations.select("station", "on_register", register_voters="registered_voters")
    beside = rows.select("station").join(register, on="station", how="left", maintain_order="left")
    return (
        rows.hstack(beside.drop("station"))
        .with_columns(
            _times(rows),
            _bad_cells(readings),
            _is_stated(readings, evidence),
            _stations_with_the_same(rows, [*figures.compared, "registered_voters"]).alias("stations_with_figures"),
            _stations_with_the_same(rows, ["picture"]).alias("stations_with_picture"),
        )
        .lazy()
        .with_columns(
            votes_read=pl.sum_horizontal(votes),
            votes_complete=pl.all_horizontal(pl.col(votes).is_not_null()),
            parts_read=pl.sum_horizontal([*votes, *parts]),
            parts_complete=pl.all_horizontal(pl.col([*votes, *parts]).is_not_null()),
            voters=pl.coalesce("register_voters", "registered_voters"),
        )
        .with_columns(
            ballots_known=pl.coalesce("ballots", pl.when("parts_complete").then("parts_read")),
            ballots_at_least=pl.max_horizontal("ballots", "parts_read"),
        )
        .collect()
    )


def _bad_cells(readings: Readings) -> pl.Series:
    """List the cells of each reading that hold no count; null where there is none."""
    told = (
        readings.marks.filter(pl.col("mark") == Mark.NOT_A_COUNT)
        .group_by("at")
        .agg(bad_cells=pl.format("{} = {}", "figure", "found").sort().str.join("; "))
    )
    none = pl.Series("bad_cells", [None], dtype=pl.String).new_from_index(0, readings.rows.height)
    return none.scatter(told["at"], told["bad_cells"])


def _is_stated(readings: Readings, evidence: Evidence) -> pl.Series:
    """Say whether a reading states the votes of every candidate for whom its source states them."""
    names = [votes_column(candidate) for candidate in evidence.candidates_stated]
    not_stated = readings.marks.filter(pl.col("figure").is_in(names))["at"].unique()
    every = pl.Series("is_stated", [True]).new_from_index(0, readings.rows.height)
    return every.scatter(not_stated, values=False)


def _times(readings: pl.DataFrame) -> pl.Series:
    """Count how often a station stands in the source, as far as copy and act do not tell the rows apart."""
    if all_distinct(readings["station"]):
        return readings["repeats"].alias("times")
    return readings.select(times=pl.col("repeats").sum().over("station", "act", "copy"))["times"]


def _stations_with_the_same(readings: pl.DataFrame, columns: Sequence[str]) -> pl.Series:
    """Count the stations that share a reading's values in these columns; null where all the values are absent.

    Hashes find the rows that may be alike, which are few, and the values themselves decide.
    """
    numbered = readings.lazy().with_row_index("at")
    given = pl.any_horizontal(pl.col(columns).is_not_null())
    alike = numbered.filter(pl.struct(columns).hash().is_duplicated() & given)
    counted = alike.select("at", "station", *columns).group_by(columns).agg("at", stations=pl.col("station").n_unique())
    found = counted.select("at", "stations").explode("at").collect()
    one = readings.select(stations=pl.when(given).then(pl.lit(1, dtype=pl.UInt32)))["stations"]
    return one.scatter(found["at"], found["stations"].cast(pl.UInt32)) if found.height else one


def _sum_test(stated: str, read: pl.Expr, complete: pl.Expr) -> Test:
    """Compare parts with their stated total; where a part is unread, only a sum above the total is a difference."""
    return Test(
        can_be_made=pl.col(stated).is_not_null() & (complete | (read > pl.col(stated))),
        fails=read != pl.col(stated),
        found=read,
        expected=pl.col(stated),
        figure=stated,
    )


def _options_against_candidates(_: Check, evidence: Evidence) -> Test:
    """Compare options with what is stated; votes that are only their sum, because nothing is stated, prove nothing."""
    stated = sorted(evidence.candidates_stated)
    if not stated:
        never = pl.lit(value=False)
        return Test(can_be_made=never, fails=never, found=pl.lit(None), expected=pl.lit(None))
    sums = {candidate: pl.sum_horizontal(evidence.figures.options_of(candidate)) for candidate in stated}
    complete = pl.all_horizontal(
        [pl.col(evidence.figures.options_of(candidate)).is_not_null() for candidate in stated]
        + [pl.col(f"votes.{candidate}").is_not_null() for candidate in stated]
    )
    differs = {
        candidate: (total > pl.col(f"votes.{candidate}"))
        | (
            (total < pl.col(f"votes.{candidate}"))
            & pl.all_horizontal(pl.col(evidence.figures.options_of(candidate)).is_not_null())
        )
        for candidate, total in sums.items()
    }
    fails = pl.any_horizontal(list(differs.values()))
    return Test(
        can_be_made=(complete & pl.col("is_stated")) | fails,
        fails=fails,
        found=_named({name: pl.when(differs[name]).then(total) for name, total in sums.items()}),
        expected=_named({name: pl.when(differs[name]).then(pl.col(f"votes.{name}")) for name in sums}),
    )


def _named(values: Mapping[str, pl.Expr]) -> pl.Expr:
    pieces = [pl.concat_str(pl.lit(f"{name} "), value.cast(pl.String)) for name, value in values.items()]
    return pl.concat_list(pieces).list.drop_nulls().list.join("; ")


def _votes_against_total(_: Check, evidence: Evidence) -> Test:
    del evidence
    return _sum_test("candidate_votes", pl.col("votes_read"), pl.col("votes_complete"))


def _votes_against_valid(_: Check, evidence: Evidence) -> Test:
    contest = evidence.figures.contest
    if contest.blank_is_valid and "blank" in contest.figures:
        read = pl.sum_horizontal("votes_read", "blank")
        return _sum_test("valid", read, pl.col("votes_complete") & pl.col("blank").is_not_null())
    return _sum_test("valid", pl.col("votes_read"), pl.col("votes_complete"))


def _parts_against_ballots(_: Check, evidence: Evidence) -> Test:
    del evidence
    return _sum_test("ballots", pl.col("parts_read"), pl.col("parts_complete"))


def _ballots_against_voters(_: Check, evidence: Evidence) -> Test:
    del evidence
    more = pl.col("ballots_at_least") > pl.col("voters")
    return Test(
        can_be_made=pl.col("voters").is_not_null() & (pl.col("ballots_known").is_not_null() | more),
        fails=more,
        found=pl.col("ballots_at_least"),
        expected=pl.col("voters"),
        figure="ballots",
    )


def _turnout(check: Check, evidence: Evidence) -> Test:
    del evidence
    share = pl.col("ballots_known") / pl.col("voters")
    return Test(
        can_be_made=(pl.col("voters") > 0) & (pl.col("ballots_known") >= (check.minimum or 0)),
        fails=share > check.limit,
        found=pl.format("{} / {}", "ballots_known", "voters"),
        expected=pl.lit(None),
        figure="ballots",
    )


def _on_register(_: Check, evidence: Evidence) -> Test:
    listed = pl.col("on_register").fill_null(value=False)
    return Test(
        can_be_made=listed | pl.lit(evidence.register_complete),
        fails=~listed,
        found=pl.col("station"),
        expected=pl.lit(None),
    )


def _voters_against_register(_: Check, evidence: Evidence) -> Test:
    own = pl.lit(value=not evidence.register_is_this_source)
    return Test(
        can_be_made=own & pl.col("registered_voters").is_not_null() & pl.col("register_voters").is_not_null(),
        fails=pl.col("registered_voters") != pl.col("register_voters"),
        found=pl.col("registered_voters"),
        expected=pl.col("register_voters"),
        figure="registered_voters",
    )


def _once_in_source(_: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(can_be_made=pl.lit(value=True), fails=pl.col("times") > 1, found=pl.col("times"), expected=pl.lit(1))


def _figures_elsewhere(check: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(
        can_be_made=pl.col("votes_complete") & (pl.col("votes_read") >= (check.minimum or 0)),
        fails=pl.col("stations_with_figures") > 1,
        found=pl.col("stations_with_figures"),
        expected=pl.lit(1),
    )


def _picture_elsewhere(_: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(
        can_be_made=pl.col("picture").is_not_null(),
        fails=pl.col("stations_with_picture") > 1,
        found=pl.col("picture"),
        expected=pl.lit(None),
    )


def _all_zero(_: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(
        can_be_made=pl.col("votes_complete"),
        fails=pl.col("ballots_at_least") == 0,
        found=pl.col("ballots_at_least"),
        expected=pl.lit(None),
    )


def _null_share(check: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(
        can_be_made=pl.col("null").is_not_null() & (pl.col("ballots_known") >= max(check.minimum or 0, 1)),
        fails=pl.col("null") / pl.col("ballots_known") > check.limit,
        found=pl.format("{} / {}", "null", "ballots_known"),
        expected=pl.lit(None),
        figure="null",
    )


def _cells_are_counts(_: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(
        can_be_made=pl.lit(value=True),
        fails=pl.col("bad_cells").is_not_null(),
        found=pl.col("bad_cells"),
        expected=pl.lit(None),
    )


_TESTS: Mapping[str, Callable[[Check, Evidence], Test]] = {
    "S101": _options_against_candidates,
    "S102": _votes_against_total,
    "S103": _votes_against_valid,
    "S104": _parts_against_ballots,
    "S201": _ballots_against_voters,
    "S202": _turnout,
    "S203": _on_register,
    "S204": _voters_against_register,
    "S301": _once_in_source,
    "S302": _figures_elsewhere,
    "S303": _picture_elsewhere,
    "S401": _all_zero,
    "S402": _null_share,
    "S501": _cells_are_counts,
}

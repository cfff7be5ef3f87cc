"""Check every reading of one source against itself, the register and the source's other readings.

When a check can be made and when it fails stands in `conditions`; all are evaluated in one pass over the frame. A check
that cannot be made says so; it never passes by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from escruta.base.splicing import keys_that_differ, spliced, with_only, with_own_texts, without
from escruta.election.definition import Severity
from escruta.sheets.catalogue import Check
from escruta.sheets.conditions import TESTS, Test
from escruta.sheets.evidence import Evidence, with_others, with_register
from escruta.sheets.readings import Readings, marks_of_stations

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
class Checked:
    """The outcome of every check on every reading, and the failures with their evidence."""

    rule: tuple[Evidence, tuple[Check, ...]]
    """By what the readings were checked."""
    readings: Readings
    stations: pl.DataFrame
    """What the register says of the stations."""
    rows: pl.DataFrame
    """What is known of each reading beside: `evidence.with_others`."""
    outcomes: pl.DataFrame
    """A row a reading, in their order: `station`, `source`, a column of `OUTCOMES` for each code, and `failed` (a check
    of error severity).
    """
    findings: pl.DataFrame


def check_readings(
    readings: Readings,
    stations: pl.DataFrame,
    *,
    evidence: Evidence,
    checks: Mapping[str, Check],
    since: Checked | None = None,
) -> Checked:
    """Make every check on the readings of one source, sorted by station.

    `stations` has `station`, `registered_voters` (of the register, or null) and `on_register`. Of readings that were
    checked before, `since`, those are checked again of which, or of whose station, something else is known now.
    """
    stations = stations.select("station", "registered_voters", "on_register")
    rule = (evidence, tuple(checks.values()))
    if since is not None and since.rule != rule:
        since = None
    rows = since.rows if since is not None and since.readings is readings else with_others(readings, evidence)
    placed = rows.with_row_index("at")
    if since is None:
        outcomes, findings = _check(readings, placed, stations, evidence, checks)
    else:
        marks = marks_of_stations(since.readings), marks_of_stations(readings)
        pairs = ((since.rows, rows), (since.stations, stations), marks)
        touched = pl.concat([keys_that_differ(*pair, "station") for pair in pairs]).unique()
        own, register = (with_only(frame, "station", touched) for frame in (placed, stations))
        outcomes, findings = _check(readings, own, register, evidence, checks)
        outcomes = spliced(since.outcomes, "station", touched, outcomes)
        findings = pl.concat([without(since.findings, "station", touched), with_own_texts(findings)])
    findings = findings.sort("code", "station", maintain_order=True)
    return Checked(rule=rule, readings=readings, stations=stations, rows=rows, outcomes=outcomes, findings=findings)


def _check(
    readings: Readings, rows: pl.DataFrame, stations: pl.DataFrame, evidence: Evidence, checks: Mapping[str, Check]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Make every check on some of the readings; `rows` also has their position, `at`."""
    frame = with_register(rows, stations, evidence)
    tests = {code: TESTS[code](check, evidence) for code, check in checks.items()}
    outcomes = frame.select("station", "source", *(_outcome(code, test) for code, test in tests.items()))
    errors = [code for code, check in checks.items() if check.severity is Severity.ERROR]
    failed = pl.any_horizontal([pl.col(code) == FAILED for code in errors]) if errors else pl.lit(value=False)
    findings = [
        _findings(frame.filter(outcomes[code] == FAILED), checks[code], test)
        for code, test in tests.items()
        if (outcomes[code] == FAILED).any()
    ]
    found = [readings.identify(pl.concat(findings)).select(FINDINGS_SCHEMA.names())] if findings else []
    return outcomes.with_columns(failed=failed), pl.concat([FINDINGS_SCHEMA.to_frame(), *found])


def count_outcomes(outcomes: pl.DataFrame, checks: Mapping[str, Check]) -> pl.DataFrame:
    """Count per source and check how many readings passed, failed, and could not be checked."""
    if not checks:
        return pl.DataFrame(schema=_COUNTS_SCHEMA)
    rows = [
        {"source": str(source), "code": code, **counted, "severity": check.severity.value, "limit": _text(check.limit)}
        for (source,), own in outcomes.select(pl.col("source").cast(pl.String), *checks).group_by("source")
        for code, check in checks.items()
        for counted in [_counted(own[code])]
    ]
    return pl.DataFrame(rows, schema=_COUNTS_SCHEMA).sort("source", "code")


def _counted(outcomes: pl.Series) -> dict[str, int]:
    counts = dict(outcomes.value_counts().iter_rows())
    return {name: counts.get(outcome, 0) for name, outcome in _COUNTED.items()}


_COUNTED = {"passed": PASSED, "failed": FAILED, "could_not_check": COULD_NOT_CHECK}


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
        .then(pl.when(test.fails.fill_null(value=False)).then(_as_outcome(FAILED)).otherwise(_as_outcome(PASSED)))
        .otherwise(_as_outcome(COULD_NOT_CHECK))
        .alias(code)
    )


def _as_outcome(outcome: str) -> pl.Expr:
    return pl.lit(outcome, dtype=OUTCOMES)


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

"""Everything that follows from the readings of a contest, wired: checks, verdicts, totals, the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from escruta.assessment.announcements import compare_announcements
from escruta.assessment.outcome import with_outcome
from escruta.base.splicing import signed, spliced, with_only
from escruta.collation.agreement import agreement
from escruta.collation.judging import Judged, Rule, judge, judge_again
from escruta.collation.verdicts import Relations
from escruta.election.definition import Contest, Election
from escruta.record.contents import ContestResults
from escruta.sheets.catalogue import checks_of
from escruta.sheets.checks import Checked, check_readings, count_outcomes
from escruta.sheets.evidence import Evidence
from escruta.sheets.figures import ContestFigures, figures_of
from escruta.sheets.readings import Readings
from escruta.sources.readings import SourceReadings
from escruta.sources.stations import Geography
from escruta.tally.again import Added, Rules, touched_stations, with_change
from escruta.tally.policy import Policy
from escruta.tally.totals import Expected, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestInputs:
    """What a contest is examined from."""

    election: Election
    contest: Contest
    read: tuple[SourceReadings, ...]
    geography: Geography
    relations: Relations
    policy: Policy

    @property
    def figures(self) -> ContestFigures:
        """The figures that the sources speak of."""
        return figures_of(self.contest, [each.source for each in self.read])

    @property
    def rule(self) -> Rule:
        """By what its readings are judged."""
        return Rule(
            sources=tuple(each.source for each in self.read),
            figures=self.figures,
            relations=self.relations,
            published_by=self.policy.source,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChecked:
    """The readings of a source with what its checks came to."""

    read: SourceReadings
    checked: Checked
    part: Readings
    """The readings with `failed`."""
    counts: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """The totals of every area, and who leads there."""

    sums: pl.DataFrame
    """What they follow from."""
    tally: Tally
    areas: pl.DataFrame

    def with_part(self, areas: pl.Series, part: Outcomes) -> Outcomes:
        """Put what was found anew of some areas in the place of what was found before."""
        found = spliced(self.areas, "area", areas, part.areas)
        totals = spliced(self.tally.totals, "area", areas, part.tally.totals)
        return Outcomes(
            sums=spliced(self.sums, "area", areas, part.sums),
            tally=Tally(totals=totals, areas=found.select(self.tally.areas.columns)),
            areas=found,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestExamination:
    """Everything that was found for a contest, with the steps on the way."""

    inputs: ContestInputs
    checked: tuple[SourceChecked, ...]
    judged: Judged
    added: Added
    outcomes: Outcomes
    results: ContestResults


def examine_contest(inputs: ContestInputs) -> ContestResults:
    """Do everything that follows from the readings of a contest."""
    return examine_contest_again(inputs, None).results


def examine_contest_again(inputs: ContestInputs, since: ContestExamination | None) -> ContestExamination:
    """Do the same, and go on from an earlier examination of this contest of the same election and sources."""
    checked = _checked(inputs, since)
    parts = tuple(each.part for each in checked)
    if since is None:
        judged = judge(parts, inputs.rule)
        added = _added(inputs, judged)
        outcomes, pairs = _outcomes(added, added.sums()), _agreement(judged)
    else:
        judged, stations = judge_again(since.judged, parts, inputs.rule)
        added = _added(inputs, judged)
        outcomes = _outcomes_again(since, added, stations)
        pairs = _agreement_again(since, judged, stations)
    results = _results(inputs, checked, judged, added, outcomes, pairs)
    return ContestExamination(
        inputs=inputs, checked=checked, judged=judged, added=added, outcomes=outcomes, results=results
    )


def _checked(inputs: ContestInputs, since: ContestExamination | None) -> tuple[SourceChecked, ...]:
    """Check every source; one whose readings and stations are those of before was checked."""
    if since is None:
        return tuple(_check(each, inputs) for each in inputs.read)
    are_same = inputs.geography.lists_the_stations_of(since.inputs.geography)
    pairs = zip(inputs.read, since.checked, strict=True)
    return tuple(
        before if are_same and before.read is each else _check(each, inputs, before.checked) for each, before in pairs
    )


def _check(read: SourceReadings, inputs: ContestInputs, since: Checked | None = None) -> SourceChecked:
    figures, geography, checks = inputs.figures, inputs.geography, checks_of(inputs.election.checks)
    layout = read.source.layout
    named = set(layout.votes) | (set(layout.long.items.values()) if layout.long is not None else set())
    candidates = {candidate.id for candidate in figures.contest.candidates}
    carried_by_named = {option.candidate for option in figures.contest.options if option.id in named - candidates}
    stated = named & candidates & carried_by_named
    register = inputs.election.register_
    evidence = Evidence(
        figures=figures,
        register_complete=geography.register_complete,
        register_is_this_source=register is not None and register.source == read.source.id,
        candidates_stated=frozenset(stated) if figures.has_options else frozenset(),
    )
    checked = check_readings(read.readings, geography.stations, evidence=evidence, checks=checks, since=since)
    return SourceChecked(
        read=read,
        checked=checked,
        part=read.readings.with_rows(read.readings.rows.hstack(checked.outcomes.select("failed"))),
        counts=count_outcomes(checked.outcomes, checks),
    )


def _added(inputs: ContestInputs, judged: Judged) -> Added:
    election, geography = inputs.election, inputs.geography
    expected = Expected(
        stations=election.stations.expected,
        registered_voters=election.stations.expected_registered_voters,
        register_complete=geography.register_complete,
    )
    rules = Rules(policy=inputs.policy, figures=inputs.figures, levels=len(election.levels), expected=expected)
    return Added.of(geography.stations, judged.verdicts, judged.spans, rules)


def _outcomes(added: Added, sums: pl.DataFrame) -> Outcomes:
    """Say what follows from the sums of every area, or of some."""
    found = added.tally(sums)
    return Outcomes(sums=sums, tally=found, areas=with_outcome(found.areas, found.totals))


def _outcomes_again(since: ContestExamination, added: Added, judged_again: pl.Series | None) -> Outcomes:
    """Take the touched stations as they were out of the sums of before, and as they are into them."""
    stations = touched_stations(since.added, added, judged_again)
    if stations is None:
        return _outcomes(added, added.sums())
    if stations.is_empty():
        return since.outcomes
    change = added.change(since.added, stations)
    return since.outcomes.with_part(change["area"], _outcomes(added, with_change(since.outcomes.sums, change)))


def _agreement(judged: Judged) -> pl.DataFrame:
    """Compare the sources two by two."""
    return _compared(judged.rule, signed(_comparable(judged), 1))


def _agreement_again(since: ContestExamination, judged: Judged, stations: pl.Series | None) -> pl.DataFrame:
    """Take the touched stations as they were out of the counts of before, and the same as they are into them."""
    if stations is None:
        return _agreement(judged)
    come, gone = (with_only(_comparable(each), "station", stations) for each in (judged, since.judged))
    kept, change = since.results.agreement, _compared(judged.rule, pl.concat([signed(come, 1), signed(gone, -1)]))
    return kept.with_columns(kept[name] + change[name] for name in ("shared", "differing"))


def _comparable(judged: Judged) -> pl.DataFrame:
    return judged.readings.rows.select("station", "source", *judged.rule.figures.compared)


def _compared(rule: Rule, signed: pl.DataFrame) -> pl.DataFrame:
    return agreement(signed, [each.id for each in rule.sources], rule.figures.compared)


def _results(
    inputs: ContestInputs,
    checked: Sequence[SourceChecked],
    judged: Judged,
    added: Added,
    outcomes: Outcomes,
    pairs: pl.DataFrame,
) -> ContestResults:
    election, contest = inputs.election, inputs.contest
    announced = [each for each in election.announcements if (each.contest or election.contests[0].id) == contest.id]
    return ContestResults(
        figures=inputs.figures,
        policy=inputs.policy.name,
        sources=judged.rule.sources,
        checks=checks_of(election.checks),
        judged=judged.readings,
        checked=pl.concat([each.checked.outcomes for each in checked]),
        check_counts=pl.concat([each.counts for each in checked]).sort("source", "code"),
        findings=pl.concat([*(each.checked.findings for each in checked), judged.differences]),
        stations=added.stations,
        spans=judged.spans,
        tally=outcomes.tally,
        areas=outcomes.areas,
        agreement=pairs,
        announcements=compare_announcements(announced, contest, outcomes.tally),
    )

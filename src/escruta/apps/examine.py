"""The main job, wired: from an election's definition and its files to everything that a record holds."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import polars as pl

from escruta.assessment.announcements import compare_announcements
from escruta.assessment.outcome import with_outcome
from escruta.base.errors import InputError
from escruta.collation.acts import with_standing
from escruta.collation.agreement import agreement
from escruta.collation.differences import differences
from escruta.collation.verdicts import Relations, collate, relations_of
from escruta.election.definition import Contest, Election, Source
from escruta.record.contents import ContestResults, Results
from escruta.sheets.catalogue import checks_of
from escruta.sheets.checks import Checked, check_readings, count_outcomes
from escruta.sheets.evidence import Evidence
from escruta.sheets.figures import ContestFigures, figures_of
from escruta.sheets.readings import one_after_another
from escruta.sources.readings import FileRead, SourceReadings, read_source
from escruta.sources.shelf import Shelf
from escruta.sources.stations import Geography, geography_of
from escruta.tally.policy import Policy, policy_named
from escruta.tally.totals import Expected, decide_counted, tally

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def examine_election(
    election: Election,
    folders: Sequence[Path],
    *,
    sources: Collection[str] | None = None,
    policy: str | None = None,
    progress: Progress | None = None,
) -> Results:
    """Do the main job on an election's files, found in one of `folders`.

    `sources` limits the work to some of the definition's sources, and to the contests that they speak of. Raises
    `InputError` where an input cannot be used.
    """
    chosen = _chosen_sources(election, sources)
    rule = _policy(election, policy or election.policy, chosen)
    read = _read_all(election, chosen, tuple(folders), progress)
    geography = geography_of(election, read, tuple(folders))
    relations = relations_of(election.origins)
    contests: list[ContestResults] = []
    for contest in election.contests:
        own = tuple(each for each in read if _is_of(each.source, contest, election))
        if not own:
            continue
        if progress is not None:
            progress("collate", len(contests), len(election.contests))
        contests.append(examine_contest(election, contest, own, geography, relations, _policy_for(rule, own)))
    return Results(
        election=election,
        relations=relations,
        geography=geography,
        files=_files(read, geography),
        contests=tuple(contests),
    )


def _chosen_sources(election: Election, wanted: Collection[str] | None) -> tuple[Source, ...]:
    known = [source.id for source in election.sources]
    unknown = [] if wanted is None else [name for name in wanted if name not in known]
    if unknown:
        raise InputError("there is no such source", found=", ".join(unknown), expected=", ".join(known))
    if wanted is not None and not wanted:
        raise InputError("no source was chosen", found="none", expected=", ".join(known))
    return tuple(source for source in election.sources if wanted is None or source.id in wanted)


def _policy(election: Election, name: str, sources: Sequence[Source]) -> Policy:
    policy = policy_named(name)
    known = [source.id for source in sources]
    if policy.source is not None and policy.source not in known:
        raise InputError(
            "the policy names a source that is not there",
            where=election.id,
            found=policy.source,
            expected=", ".join(known),
        )
    return policy


def _policy_for(policy: Policy, read: Sequence[SourceReadings]) -> Policy:
    """Take a source as published only in the contest that it speaks of; the others count under `single`."""
    if policy.source is None or any(each.source.id == policy.source for each in read):
        return policy
    return policy_named("single")


def _is_of(source: Source, contest: Contest, election: Election) -> bool:
    return (source.contest or election.contests[0].id) == contest.id


def _read_all(
    election: Election, sources: Sequence[Source], folders: tuple[Path, ...], progress: Progress | None
) -> tuple[SourceReadings, ...]:
    read: list[SourceReadings] = []
    shelf = Shelf(sources)
    for done, source in enumerate(sources):
        if progress is not None:
            progress("read", done, len(sources))
        contest = next(each for each in election.contests if _is_of(source, each, election))
        figures = figures_of(contest, [each for each in sources if _is_of(each, contest, election)])
        read.append(read_source(election, source, figures, folders, shelf))
    return tuple(read)


def examine_contest(
    election: Election,
    contest: Contest,
    read: tuple[SourceReadings, ...],
    geography: Geography,
    relations: Relations,
    policy: Policy,
) -> ContestResults:
    """Do everything that follows from the readings of a contest: checks, verdicts, totals, the outcome."""
    figures = figures_of(contest, [each.source for each in read])
    checks = checks_of(election.checks)
    checked = [_check(each, figures, geography, election) for each in read]
    outcomes = pl.concat([each.outcomes for each in checked])
    together = one_after_another([each.readings for each in read])
    together = together.with_rows(together.rows.hstack(outcomes.select("failed")))
    judged = with_standing(together, [each.source for each in read])
    readings = judged.rows
    collation = collate(readings, figures=figures, relations=relations)
    found = pl.concat([*(each.findings for each in checked), differences(readings, collation.verdicts, figures)])
    stations = decide_counted(
        geography.stations,
        _as_published(collation.verdicts, readings, figures, relations, policy),
        counts=policy.counts(),
        figures=figures.all,
        complete=geography.register_complete,
    )
    expected = Expected(
        stations=election.stations.expected,
        registered_voters=election.stations.expected_registered_voters,
        register_complete=geography.register_complete,
    )
    totals = tally(stations, collation.spans, figures=figures, levels=len(election.levels), expected=expected)
    announced = [each for each in election.announcements if (each.contest or election.contests[0].id) == contest.id]
    return ContestResults(
        figures=figures,
        policy=policy.name,
        sources=tuple(each.source for each in read),
        checks=checks,
        judged=judged,
        checked=outcomes,
        check_counts=count_outcomes(outcomes, checks),
        findings=found,
        stations=stations,
        spans=collation.spans,
        tally=totals,
        areas=with_outcome(totals.areas, totals.totals),
        agreement=agreement(readings, [each.source.id for each in read], figures.compared),
        announcements=compare_announcements(announced, contest, totals),
    )


def _check(read: SourceReadings, figures: ContestFigures, geography: Geography, election: Election) -> Checked:
    layout = read.source.layout
    named = set(layout.votes) | (set(layout.long.items.values()) if layout.long is not None else set())
    candidates = {candidate.id for candidate in figures.contest.candidates}
    carried_by_named = {option.candidate for option in figures.contest.options if option.id in named - candidates}
    stated = named & candidates & carried_by_named
    register = election.register_
    evidence = Evidence(
        figures=figures,
        register_complete=geography.register_complete,
        register_is_this_source=register is not None and register.source == read.source.id,
        candidates_stated=frozenset(stated) if figures.has_options else frozenset(),
    )
    return check_readings(read.readings, geography.stations, evidence=evidence, checks=checks_of(election.checks))


def _as_published(
    verdicts: pl.DataFrame, readings: pl.DataFrame, figures: ContestFigures, relations: Relations, policy: Policy
) -> pl.DataFrame:
    """Under the policy `source:ID`, put that source's own figures in place of what all sources agree on."""
    if policy.source is None:
        return verdicts
    of_source = readings.filter(pl.col("source") == policy.source).with_columns(standing="standing_in_source")
    own = collate(of_source, figures=figures, relations=relations)
    published = own.verdicts.select(
        "station", *figures.compared, published=~pl.col("station").is_in(own.spans["station"].implode())
    )
    kept = [name for name in verdicts.columns if name == "station" or name not in published.columns]
    return verdicts.select(kept).join(published, on="station", how="left")


def _files(read: Sequence[SourceReadings], geography: Geography) -> tuple[tuple[str, FileRead], ...]:
    of_sources = [(each.source.id, file) for each in read for file in each.files]
    return (*of_sources, *(("register", file) for file in geography.files))

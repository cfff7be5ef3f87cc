"""Where polls and the results beside them come from: files, records, and everything that an election announces."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from escruta.apps import api
from escruta.apps.cli.opened import open_results
from escruta.apps.cli.texts import text_of
from escruta.apps.examine import Progress
from escruta.assessment.polls import Poll, PollsMalformed, ResultSet, read_polls, read_polls_table
from escruta.election.definition import Announcement
from escruta.portal.words import Words, load_words
from escruta.record.contents import ContestResults, Results

COUNT = "count"
"""The id of what the record counts under its policy."""


def read_files(files: Sequence[Path]) -> tuple[tuple[Poll, ...], tuple[ResultSet, ...]]:
    """Read polls from TOML and CSV; an id stands once over all files."""
    polls: list[Poll] = []
    results: list[ResultSet] = []
    for file in files:
        text = text_of(file)
        if file.suffix.lower() == ".csv":
            polls += read_polls_table(text, str(file))
        else:
            more, beside = read_polls(text, str(file))
            polls += more
            results += beside
    if not polls:
        raise PollsMalformed(
            "there is no poll in the files", where=", ".join(map(str, files)), expected="[[polls]], or a row a poll"
        )
    ids = [poll.id for poll in polls]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise PollsMalformed("an id of a poll stands in more than one file", found=", ".join(twice))
    return tuple(polls), tuple(results)


def results_of(
    place: Path, contest: str | None, progress: Progress | None = None, language: str = "en"
) -> tuple[tuple[ResultSet, ...], dict[str, str]]:
    """List every result set of a record: the count, each source alone where there are several, each announcement.

    Also gives the names of the candidates; those of results are in the language, where the definition has them in it.
    """
    results = open_results(place, progress=progress)
    one = api.contest_of(results, contest)
    election = results.election
    words = load_words(language)
    found = [_count(results, one, words), *_sources(results, one, words)]
    found += [
        ResultSet(
            id=each.id,
            election=election.id,
            name=words.named(each.name),
            votes=_announced(each),
        )
        for each in election.announcements
        if each.contest in (None, one.contest)
    ]
    names = {each.id: each.name for each in one.figures.contest.candidates}
    return tuple(found), names


def _count(results: Results, one: ContestResults, words: Words) -> ResultSet:
    totals = one.tally.totals.filter(pl.col("area") == "")
    return ResultSet(
        id=COUNT,
        election=results.election.id,
        name=str(words.forms["polls.counted"]).format(policy=one.policy),
        votes=dict(totals.select("candidate", "votes").iter_rows()),
    )


def _sources(results: Results, one: ContestResults, words: Words) -> list[ResultSet]:
    """Add up the standing readings of each source, unread figures aside."""
    if len(one.sources) < 2:  # noqa: PLR2004 - one source is the count
        return []
    columns = [f"votes.{each.id}" for each in one.figures.contest.candidates]
    sums = (
        one.judged.rows.filter(pl.col("standing"))
        .with_columns(pl.col("source").cast(pl.String))
        .group_by("source")
        .agg(pl.col(columns).sum())
    )
    votes = {row["source"]: row for row in sums.to_dicts()}
    return [
        ResultSet(
            id=source.id,
            election=results.election.id,
            name=words.named(source.name),
            votes={column.removeprefix("votes."): int(votes[source.id][column]) for column in columns},
        )
        for source in one.sources
        if source.id in votes
    ]


def _announced(each: Announcement) -> dict[str, int]:
    votes = dict(each.votes)
    return votes if each.others is None else {**votes, "others": each.others.votes}

"""The main job, wired: from an election's definition and its files to everything that a record holds.

It can go on from an earlier examination of the same election: what follows from files that did not change, or from
readings that did not, is taken from there. What comes out is the same, whatever it went on from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from escruta.apps.examine_contest import ContestExamination, ContestInputs, examine_contest_again
from escruta.base.errors import InputError
from escruta.collation.verdicts import relations_of
from escruta.election.definition import Contest, Election, Source
from escruta.record.contents import Results
from escruta.sheets.figures import figures_of
from escruta.sources.readings import FileRead, SourceReadings, read_source
from escruta.sources.shelf import Digests, Shelf
from escruta.sources.stations import Geography, geography_of
from escruta.tally.policy import Policy, policy_named

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Everything that was found for an election, with the steps from which the next examination can go on."""

    results: Results
    read: tuple[SourceReadings, ...]
    contests: tuple[ContestExamination, ...]


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
    return examine(election, folders, sources=sources, policy=policy, progress=progress).results


def examine(
    election: Election,
    folders: Sequence[Path],
    *,
    sources: Collection[str] | None = None,
    policy: str | None = None,
    progress: Progress | None = None,
    since: Examination | None = None,
) -> Examination:
    """Do what `examine_election` does, and go on from an earlier examination where there is one."""
    chosen = _chosen_sources(election, sources)
    rule = _policy(election, policy or election.policy, chosen)
    since = since if since is not None and _is_of_the_same(since, election, chosen) else None
    read = _read_all(election, chosen, tuple(folders), progress, since)
    geography = geography_of(election, read, tuple(folders), None if since is None else since.results.geography)
    relations = relations_of(election.origins)
    contests: list[ContestExamination] = []
    for contest in election.contests:
        own = tuple(each for each in read if _is_of(each.source, contest, election))
        if not own:
            continue
        if progress is not None:
            progress("collate", len(contests), len(election.contests))
        inputs = ContestInputs(
            election=election,
            contest=contest,
            read=own,
            geography=geography,
            relations=relations,
            policy=_policy_for(rule, own),
        )
        contests.append(examine_contest_again(inputs, None if since is None else since.contests[len(contests)]))
    results = Results(
        election=election,
        relations=relations,
        geography=geography,
        files=_files(read, geography),
        contests=tuple(each.results for each in contests),
    )
    return Examination(results=results, read=read, contests=tuple(contests))


def _is_of_the_same(since: Examination, election: Election, sources: tuple[Source, ...]) -> bool:
    return since.results.election == election and tuple(each.source for each in since.read) == sources


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
    election: Election,
    sources: Sequence[Source],
    folders: tuple[Path, ...],
    progress: Progress | None,
    since: Examination | None,
) -> tuple[SourceReadings, ...]:
    """Read the sources; one whose files are, byte for byte, those that were read before is not read again."""
    read: list[SourceReadings] = []
    shelf, digests = Shelf(sources), Digests(folders)
    for done, source in enumerate(sources):
        if progress is not None:
            progress("read", done, len(sources))
        before = None if since is None else since.read[done]
        if before is not None and digests.are_those_of(each.table.file for each in before.files):
            read.append(before)
            continue
        contest = next(each for each in election.contests if _is_of(source, each, election))
        figures = figures_of(contest, [each for each in sources if _is_of(each, contest, election)])
        read.append(read_source(election, source, figures, folders, shelf, before))
    return tuple(read)


def _files(read: Sequence[SourceReadings], geography: Geography) -> tuple[tuple[str, FileRead], ...]:
    of_sources = [(each.source.id, file) for each in read for file in each.files]
    return (*of_sources, *(("register", file) for file in geography.files))

"""The verbs of escruta, as functions: what each command does, without printing anything.

>>> from pathlib import Path
>>> from escruta.apps import api
>>> results = api.examine(Path("examples/venezuela-2024"), data=Path("data"))  # doctest: +SKIP
>>> api.outcome(results).can_be_overturned  # doctest: +SKIP
False
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from escruta.apps.examine import Progress, examine_election
from escruta.assessment.outcome import Outcome, outcome_of
from escruta.base.errors import InputError, LayoutMismatch
from escruta.election.definition import Election, Layout, Source
from escruta.election.reading import read_election
from escruta.record.contents import ContestResults, Results
from escruta.record.summary import summary_of
from escruta.sources.cells import cell_of, key_columns, rows_to_keep
from escruta.sources.formats import ROW, RawTable, TableOptions, column_found, read_table
from escruta.sources.shelf import table_options
from escruta.sources.versions import VersionReport, compare_versions

if TYPE_CHECKING:
    from escruta.apps.init import Proposal
    from escruta.portal import SiteReport
    from escruta.portal.languages import Chosen
    from escruta.record.logbook import LogBook

__all__ = [
    "Progress",
    "RunReport",
    "check",
    "compare",
    "examine",
    "init",
    "outcome",
    "page_languages",
    "pages",
    "run",
    "tally",
]

SITE = "site"
"""The folder of the pages inside a record's folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What `run` wrote."""

    out: Path
    summary: dict[str, Any]
    site: SiteReport | None
    has_errors: bool
    """Whether any finding is of error severity."""


def examine(
    election: Path,
    *,
    data: Path | None = None,
    sources: Collection[str] | None = None,
    policy: str | None = None,
    progress: Progress | None = None,
) -> Results:
    """Do the main job on the election that a folder or file defines: everything that a record holds, unwritten.

    Files are looked for in `data`, then beside the definition. `sources` limits the work to some sources; `policy`
    takes the place of the definition's. Raises `InputError` where an input cannot be used.
    """
    definition = read_election(election)
    folders = (*([data] if data is not None else []), _home(election))
    return examine_election(definition, folders, sources=sources, policy=policy, progress=progress)


def _home(election: Path) -> Path:
    return election if election.is_dir() else election.parent


def check(results: Results) -> pl.DataFrame:
    """List every finding: checks that failed, and readings that differ."""
    return pl.concat([each.findings for each in results.contests])


def tally(results: Results, *, contest: str | None = None, area: str = "") -> pl.DataFrame:
    """Give the totals of a contest in an area, the first contest and the country by default."""
    chosen = contest_of(results, contest)
    require_area(chosen, area)
    return chosen.tally.totals.filter(pl.col("area") == area)


def outcome(results: Results, *, contest: str | None = None, area: str = "") -> Outcome:
    """Say who leads in an area, and whether what stands outside the count could change it."""
    chosen = contest_of(results, contest)
    require_area(chosen, area)
    return outcome_of(chosen.areas, area)


def contest_of(results: Results, contest: str | None) -> ContestResults:
    """Find a contest by its id; the first one by default."""
    if contest is None:
        return results.contests[0]
    known = {each.contest: each for each in results.contests}
    if contest not in known:
        raise InputError("there is no such contest", found=contest, expected=", ".join(known))
    return known[contest]


def require_area(results: ContestResults, area: str) -> None:
    """Refuse an area that is not there, and name some that are."""
    if results.areas["area"].eq(area).any():
        return
    near = results.areas.filter(pl.col("area") != "")["area"].head(8).to_list()
    raise InputError(
        "there is no such area",
        found=area,
        expected="the path of an area's codes, such as " + ", ".join(near) if near else "nothing: there are no areas",
    )


def run(  # noqa: PLR0913 - one for each option of the command
    election: Path,
    out: Path,
    *,
    data: Path | None = None,
    sources: Collection[str] | None = None,
    policy: str | None = None,
    with_pages: bool = True,
    with_statements: bool = False,
    languages: Sequence[str] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    book: LogBook | None = None,
) -> RunReport:
    """Do the main job and write the record into `out`, its log into `out/log`, and the pages into `out/site`.

    `out` is there complete, or not at all; an earlier record there is replaced, anything else is refused. `book` is the
    operator's log; without one the record gets a log of its own, which nobody vouches for.
    """
    if with_pages:
        page_languages(election, languages)
    results = examine(election, data=data, sources=sources, policy=policy, progress=progress)
    from escruta.record.logbook import Publication, SealedBook  # noqa: PLC0415 - the other verbs start without it
    from escruta.record.pictures import redacted_pictures  # noqa: PLC0415 - likewise
    from escruta.record.shapes import shapes_of  # noqa: PLC0415 - likewise
    from escruta.record.writing import Beside, record_folder, write_record  # noqa: PLC0415 - likewise

    written = book or SealedBook(results.election.id)
    folders = (*([data] if data is not None else []), _home(election))
    with record_folder(out) as staged:
        record = write_record(
            results,
            staged,
            progress,
            beside=Beside(
                with_statements=with_statements,
                log_policy=written.policy,
                pictures=redacted_pictures(results, folders),
                shapes=None if results.election.map is None else shapes_of(results.election.map, folders),
            ),
        )
        publication = Publication(staged, written)
        publication.log_received(results)
        publication.log_record()
        site = None
        if with_pages:
            from escruta.portal import render_site  # noqa: PLC0415 - likewise

            site = render_site(staged, staged / SITE, languages=languages, progress=progress, executor=executor)
            publication.log_pages(SITE)
    return RunReport(out=out, summary=record.summary, site=site, has_errors=results.has_errors())


def page_languages(election: Path, languages: Sequence[str] | None = None) -> Chosen:
    """Choose the languages of the pages of an election, before any work is done.

    Raises:
        InputError: the pages have no words in one that was asked for, or in any that the definition names.
    """
    from escruta.portal.languages import chosen_languages  # noqa: PLC0415 - the other verbs start without it

    return chosen_languages(languages, read_election(election).languages)


def summary(results: Results) -> dict[str, Any]:
    """Give the summary that `run` writes as `summary.json`."""
    return summary_of(results)


def pages(
    record: Path,
    out: Path,
    *,
    languages: Sequence[str] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> SiteReport:
    """Render the pages of a record that is already there."""
    from escruta.portal import render_site  # noqa: PLC0415 - the other verbs start without it

    return render_site(record, out, languages=languages, progress=progress, executor=executor)


def compare(
    old: Path,
    new: Path,
    *,
    key: Sequence[str] = (),
    election: Path | None = None,
    source: str | None = None,
) -> VersionReport:
    """Compare two versions of a data set: by the columns `key`, or by the station key of a definition's source.

    With a definition, only the rows that the source's layout chooses are compared: a file may hold two contests. With
    neither, the whole content is compared and rows are told apart by all their cells.
    """
    if election is None:
        older, newer = read_table(old, TableOptions()), read_table(new, TableOptions())
        shared = [name for name in older.frame.columns if name in newer.frame.columns and name != ROW]
        return compare_versions(older, newer, list(key) or shared)
    definition = read_election(election)
    chosen = _source_of(definition, source)
    layout = chosen.layout
    options = replace(table_options(layout, chosen.files[0]), columns=None, member=None)
    anew = replace(options, format=None, encoding=None, delimiter=None, sheet=None)
    like_it = {_ending(Path(file.path)) for file in chosen.files}
    parts = key_columns(definition.stations.key, layout.station)
    older, newer = (
        _chosen_rows(read_table(path, options if _ending(path) in like_it else anew), layout) for path in (old, new)
    )
    return compare_versions(older, newer, parts)


def _ending(path: Path) -> str:
    """Give the ending that tells a file's format: of another one, nothing that the layout says of the bytes holds."""
    return Path(path.name.removesuffix(".gz")).suffix.lower()


def _chosen_rows(table: RawTable, layout: Layout) -> RawTable:
    in_key = (cell_of(ref).column for ref in layout.station.values())
    asked = {column_found(name) for name in (*layout.where, *layout.skip_where, *in_key) if name is not None}
    missing = sorted(asked.difference(table.frame.columns))
    if missing:
        raise LayoutMismatch(
            "a column by which the definition chooses or names rows is not in the file",
            where=table.file.name,
            found=", ".join(name for name in table.frame.columns if name != ROW),
            expected=", ".join(missing),
            advice="Compare without --election, by columns that both versions have: --key COLUMN.",
        )
    return replace(table, frame=table.frame.filter(rows_to_keep(layout)))


def _source_of(election: Election, source: str | None) -> Source:
    known = {each.id: each for each in election.sources}
    if source is None:
        return election.sources[0]
    if source not in known:
        raise InputError("there is no such source", found=source, expected=", ".join(known))
    return known[source]


def init(files: Sequence[Path], *, election_id: str | None = None) -> Proposal:
    """Propose a definition from sample files."""
    from escruta.apps.init import propose_definition  # noqa: PLC0415 - the other verbs start without it

    return propose_definition(files) if election_id is None else propose_definition(files, election_id=election_id)

"""The whole site from one record: cut into shards, written by one process or many, the same bytes either way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

from markupsafe import Markup

from escruta.portal.charts.frames import chart_style
from escruta.portal.checking import CHECKING, checking_page
from escruta.portal.editions import Edition, colour_rules, figure_names, without_national
from escruta.portal.finding import scripts
from escruta.portal.languages import chosen_languages
from escruta.portal.lists import LISTS, Lists, lists_after, lists_of, write_lists
from escruta.portal.live import LIVE, VERSION, live_style, script, version_file
from escruta.portal.machines import head_links, pictured_pages, site_address, site_maps
from escruta.portal.outcome import standfirst
from escruta.portal.output import FRONT, Files, Output, Written, draft_of, listed
from escruta.portal.places import shares_of_work
from escruta.portal.proof.pages import CHECK, check_page
from escruta.portal.proof.record_log import RecordLog
from escruta.portal.reading import Record
from escruta.portal.shell import templates
from escruta.portal.snapshots import Snapshot, own_program, snapshot_of, tables_of, touched_areas
from escruta.portal.sorting import SORT, sort_script
from escruta.portal.weights import readings_of_areas
from escruta.portal.words import load_words
from escruta.portal.workshop import Order, Shard, Workshop, editions_of, owner_of, render_shard
from escruta.record.digests import digest_of

Progress = Callable[[str, int, int], None]
ICON = "assets/icon.svg"
"""The address of what a browser shows beside a page's title, in the package and on the site."""
_SMALL = 400
"""Areas up to which a second process costs more than it saves."""
_SHARDS_A_WORKER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReport:
    """What was written."""

    out: Path
    languages: tuple[str, ...]
    pages: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A site that was rendered: which files it has, and what they were made from."""

    languages: tuple[str, ...]
    snapshot: Snapshot | None
    """None where the record does not come again."""
    files: Files
    """Every file of the site but the whole list of their digests."""
    written: Files
    """Those of them that were written this time; the others stay as they were in the site before."""
    lists: Lists
    """The list of the digests of all files, and its parts."""
    list_digest: str
    """The SHA-256 of that list."""
    pages: int
    """How many pages the site has."""
    size_bytes: int
    """Of what was written."""


def pages_in(files: Files) -> int:
    """Count the pages among files."""
    return sum(address.endswith(".html") for address, _ in listed(files))


def render_site(
    record: Path,
    out: Path,
    *,
    languages: Sequence[str] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    record_href: str = "../",
) -> SiteReport:
    """Render a record as a static site.

    The site depends on the record, the languages and `record_href` alone: whoever renders it gets the same bytes, with
    any number of workers. It is written beside `out` and put in its place when it is whole.

    Args:
        record: the record's folder, as `docs/reference/record.md` describes it.
        out: the folder of the site; an older site there is replaced, anything else is refused.
        languages: languages of the pages, the first one is the front door; the definition's when absent.
        progress: called with the stage, the shards done and the shards in all.
        executor: where to render; processes on this machine when absent and the record is large.
        record_href: from the site's folder to the record's folder.

    Raises:
        FileUnreadable: a file of the record is missing, damaged or not in its form.
        InputError: `out` holds something that is not a site, or a language has no words.
    """
    with draft_of(out) as draft:
        opened = Record(record)
        opened.require_whole()
        done = render_pages(
            opened, draft, languages=languages, progress=progress, executor=executor, record_href=record_href
        )
    return SiteReport(out=out, languages=done.languages, pages=done.pages, size_bytes=done.size_bytes)


def render_pages(
    opened: Record,
    draft: Path,
    *,
    languages: Sequence[str] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    record_href: str = "../",
    since: Rendered | None = None,
) -> Rendered:
    """Write the pages of a record into a folder; with `since`, only those that differ from an earlier site's.

    The record is one that this program wrote, or one of which `Record.require_whole` was asked.

    The list of digests is that of the whole site in either case. Which pages stand in `since` and not in the new site
    can be told from the two: they share no folder.
    """
    chosen = chosen_languages(languages, opened.election.get("languages"))
    order = Order(record=opened.folder.resolve(), out=draft, languages=chosen.languages, record_href=record_href)
    editions = [editions_of(order, number, opened) for number in range(len(opened.contests))]
    of_areas = [without_national(each[0]) for each in editions]
    snapshot = snapshot_of(opened, of_areas, order.languages) if opened.comes_again else None
    touched = touched_areas(None if since is None else since.snapshot, snapshot)
    shards = _plan(opened, touched)
    written = [_front_door(opened, order, editions[0][0]), _check_pages(opened, order)]
    few = touched is not None and sum(len(shard.areas or ()) for shard in shards) < _SMALL
    for each in _run(order, shards, None if few else executor, opened, editions):
        if progress:
            progress("pages", len(written) - 2, len(shards))
        written.append(each)
    whole = Written.all_of(written)
    files, pages = whole.files, whole.pages
    going: Files = {}
    before = None if touched is None else since
    if before is not None and touched is not None:
        going = _those_that_go(before, touched)
        files = _in_their_place(before.files, going, whole.files)
        pages += before.pages - pages_in(going)
    site = site_address(opened.election)
    if site is not None:
        whole = Written.all_of([whole, _maps(order, site, files)])
        files = {**files, FRONT: whole.files[FRONT]}
    outside = _outside(order, opened.log)
    lists = lists_of(files, outside) if before is None else lists_after(before.lists, going, whole.files, outside)
    of_lists = write_lists(lists, draft, None if before is None else before.lists)
    whole = Written.all_of([whole, of_lists.written])
    if progress:
        progress("pages", len(shards), len(shards))
    return Rendered(
        languages=order.languages,
        snapshot=snapshot,
        files={**files, **of_lists.files},
        written=whole.files,
        lists=lists,
        list_digest=of_lists.digest,
        pages=pages,
        size_bytes=whole.size_bytes,
    )


def look_ahead(record: Record) -> None:
    """Find what the pages need of a record's tables alone, while its files and its log are still being written."""
    tables_of(record)
    for contest in record.contests:
        record.seats(contest)
        readings_of_areas(record, contest)


def _those_that_go(since: Rendered, touched: Sequence[frozenset[str]]) -> Files:
    """Give the files of a site that do not stay as they are."""
    going = {FRONT, *(owner_of(number, area) for number, areas in enumerate(touched) for area in areas)}
    return {owner: since.files[owner] for owner in going if owner in since.files}


def _in_their_place(files: Files, going: Files, come: Files) -> Files:
    """Give the files of a site without those that go, and without its lists, and with those that come."""
    found = dict(files)  # a whole copy, and not owner by owner: there are tens of thousands, and few go
    for owner in (*going, LISTS):
        found.pop(owner, None)
    found.update(come)
    return found


def _maps(order: Order, site: str, files: Files) -> Written:
    output = Output(order.out)
    for address, content in site_maps(site, (address for address, _ in listed(files))):
        output.write(address, content)
    return output.written


def _outside(order: Order, log: RecordLog | None) -> Iterator[tuple[str, str]]:
    """Give the checkpoints to which the proofs on the pages lead, and their digests."""
    for each in () if log is None else log.kept_files:
        yield f"{order.record_href}{each}", digest_of(order.record / each)


def _plan(record: Record, touched: Sequence[frozenset[str]] | None) -> list[Shard]:
    """Cut the work into shards: the front pages of each contest, and runs of the areas that are to be written."""
    shards = []
    for contest in range(len(record.contests)):
        chosen = [each for each in record.areas if each.area and (touched is None or each.area in touched[contest])]
        parts = 1 if len(chosen) < _SMALL else (os.cpu_count() or 1) * _SHARDS_A_WORKER
        runs = shares_of_work([2 + (area.stations_listed or 0) for area in chosen], parts)
        shards.append(Shard(contest, None))
        shards.extend(Shard(contest, tuple(area.area for area in chosen[run.start : run.stop])) for run in runs)
    return shards


def _run(
    order: Order,
    shards: Sequence[Shard],
    executor: Executor | None,
    opened: Record,
    editions: Sequence[Sequence[Edition]],
) -> Iterator[Written]:
    if executor is not None:
        yield from _spread(order, shards, executor)
    elif sum(len(shard.areas or ()) for shard in shards) < _SMALL:
        workshops = [Workshop(order, contest, opened, own) for contest, own in enumerate(editions)]
        yield from (workshops[shard.contest].write(shard) for shard in shards)
    else:
        workers = os.cpu_count() or 1
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as own:
            yield from _spread(order, shards, own)


def _spread(order: Order, shards: Sequence[Shard], executor: Executor) -> Iterator[Written]:
    waiting = [executor.submit(render_shard, order, shard) for shard in shards]
    try:
        for each in as_completed(waiting):
            yield each.result()
    finally:
        for each in waiting:
            each.cancel()  # whoever stops early waits for the parts under way, and for no others


def _check_pages(record: Record, order: Order) -> Written:
    """Write the pages that check any sheet of the log and any page of the site, in each language."""
    output, log = Output(order.out), record.log
    if log is None:
        return output.written
    for language in order.languages:
        words = load_words(language)
        election = words.named(record.election["name"])
        names = {key: name for contest in record.contests for key, name in figure_names(contest, words).items()}
        up = f"../{order.record_href}"
        page = check_page(words, order.languages, log, election=election, names=names, record=up)
        output.write(f"{language}/{CHECK}", page)
        page = checking_page(words, order.languages, log, election=election, names=names, record=order.record_href)
        output.write(f"{language}/{CHECKING}", page)
    return output.written


def _front_door(record: Record, order: Order, edition: Edition) -> Written:
    """Write the page that leads to the first language, the style sheet, the scripts, and which version this is."""
    editions = [load_words(language) for language in order.languages]
    door = (
        templates()
        .get_template("door.html")
        .render(
            first=editions[0],
            editions=editions,
            name=editions[0].named(record.election["name"]),
            links=Markup(_door_links(edition)),  # noqa: S704 - every part is escaped
        )
    )
    sheet = (files("escruta.portal") / "assets" / "site.css").read_text(encoding="utf-8") + chart_style() + live_style()
    colours = "".join(colour_rules(contest, place) for place, contest in enumerate(record.contests))
    output = Output(order.out)
    output.write("assets/site.css", f"{sheet}{colours}".encode())
    output.write(ICON, (files("escruta.portal") / ICON).read_bytes())
    output.write("index.html", door.encode())
    output.write(VERSION, version_file(order.record, order.languages, own_program()))
    for address, text in (*scripts(), (LIVE, script()), (SORT, sort_script())):
        output.write(address, text)
    return output.written


def _door_links(edition: Edition) -> str:
    """Write what the door's head says: the address of the country's page, since this one is what people hand on."""
    page = edition.places.page("")
    lead = standfirst(edition, edition.national)
    return head_links(edition, page, "", lead, has_picture=page in pictured_pages(edition))

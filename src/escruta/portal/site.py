"""The whole site from one record: cut into shards, written by one process or many, the same bytes either way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

from escruta.base.errors import InputError
from escruta.portal.charts.frames import chart_style
from escruta.portal.editions import colour_rules, figure_names
from escruta.portal.finding import scripts
from escruta.portal.output import Output, Written, draft_of
from escruta.portal.places import shares_of_work
from escruta.portal.proof.pages import CHECK, check_page
from escruta.portal.proof.record_log import RecordLog
from escruta.portal.reading import Record
from escruta.portal.shell import templates
from escruta.portal.words import known_languages, load_words
from escruta.portal.workshop import Order, Shard, Workshop, render_shard
from escruta.record.digests import DIGESTS, digest_of, write_list

Progress = Callable[[str, int, int], None]
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
        InputError: `out` holds something that is not a site, or a language has no words.
    """
    opened = Record(record)
    chosen = _languages(opened, languages)
    shards = _plan(opened)
    with draft_of(out) as draft:
        order = Order(record=record.resolve(), out=draft, languages=chosen, record_href=record_href)
        written = [_front_door(opened, order), _check_pages(opened, order)]
        for each in _run(order, shards, executor, opened):
            if progress:
                progress("pages", len(written) - 2, len(shards))
            written.append(each)
        whole = Written.all_of(written)
        _list_digests(whole, order, opened.log)
    if progress:
        progress("pages", len(shards), len(shards))
    return SiteReport(out=out, languages=chosen, pages=whole.pages, size_bytes=whole.size_bytes)


def _list_digests(whole: Written, order: Order, log: RecordLog | None) -> None:
    """List the digest of every file, and of the checkpoints to which the proofs on the pages lead."""
    digests = sorted(whole.digests)
    if log is not None:
        digests += [(order.record_href + kept, digest_of(order.record / kept)) for kept in log.kept_files]
    write_list(order.out / DIGESTS, digests)


def _languages(record: Record, languages: Sequence[str] | None) -> tuple[str, ...]:
    known = known_languages()
    asked = tuple(languages) if languages is not None else tuple(record.election.get("languages", known))
    chosen = asked if languages is not None else tuple(each for each in asked if each in known)
    unknown = [each for each in chosen if each not in known]
    if unknown or not chosen:
        raise InputError(
            "the pages have no words in this language",
            found=", ".join(unknown) or "no language",
            expected=", ".join(known),
            advice="name a language that the pages know, or add its file of words",
        )
    return chosen


def _plan(record: Record) -> list[Shard]:
    workers = os.cpu_count() or 1
    weights = [2 + (area.stations_listed or 0) for area in record.areas]
    parts = 1 if len(weights) < _SMALL else workers * _SHARDS_A_WORKER
    shards = []
    for contest in range(len(record.contests)):
        shards.append(Shard(contest, None))
        shards.extend(Shard(contest, run) for run in shares_of_work(weights, parts))
    return shards


def _run(order: Order, shards: Sequence[Shard], executor: Executor | None, opened: Record) -> Iterator[Written]:
    if executor is not None:
        yield from _spread(order, shards, executor)
    elif len(opened.areas) < _SMALL:
        yield from (Workshop(order, shard.contest, opened).write(shard) for shard in shards)
    else:
        workers = os.cpu_count() or 1
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as own:
            yield from _spread(order, shards, own)


def _spread(order: Order, shards: Sequence[Shard], executor: Executor) -> Iterator[Written]:
    waiting = [executor.submit(render_shard, order, shard) for shard in shards]
    for each in as_completed(waiting):
        yield each.result()


def _check_pages(record: Record, order: Order) -> Written:
    """Write the page that checks any sheet of the log, in each language."""
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
    return output.written


def _front_door(record: Record, order: Order) -> Written:
    """Write the page that leads to the first language, the style sheet, and the scripts of the search."""
    editions = [load_words(language) for language in order.languages]
    door = (
        templates()
        .get_template("door.html")
        .render(first=editions[0], editions=editions, name=editions[0].named(record.election["name"]))
    )
    sheet = (files("escruta.portal") / "assets" / "site.css").read_text(encoding="utf-8") + chart_style()
    colours = "".join(colour_rules(contest, place) for place, contest in enumerate(record.contests))
    output = Output(order.out)
    output.write("assets/site.css", f"{sheet}{colours}".encode())
    output.write("index.html", door.encode())
    for address, script in scripts():
        output.write(address, script)
    return output.written

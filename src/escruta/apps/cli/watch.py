"""`escruta watch`: an election's files are watched, and the record and its pages follow."""

from __future__ import annotations

import dataclasses
import json
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, ELECTION, FOLDER, FOLDER_THERE, with_exit_codes
from escruta.apps.cli.screen import say
from escruta.apps.cli.stopping import stops_tidily
from escruta.base.errors import harmless

if TYPE_CHECKING:
    from escruta.apps.live import Refused, Unchanged, Update
    from escruta.portal.languages import Chosen
    from escruta.record.logbook import LogBook


@click.command()
@click.argument("election", type=ELECTION)
@click.option("--data", type=FOLDER_THERE, help="Folder with the source files; beside the definition by default.")
@click.option("--out", required=True, type=FOLDER, help="Folder of the record; the pages stand in its folder site.")
@click.option("--policy", metavar="NAME", help="single, corroborated, confirmed, or source:ID.")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Language of the pages; may be repeated.")
@click.option("--log", "home", type=FOLDER_THERE, help="The home of your log (escruta log init); sealed without one.")
@click.option("--executor", metavar="PLACE", help="Where to render all pages: processes, threads or dask://HOST:PORT.")
@click.option("--once", is_flag=True, help="Stop when everything that is there is published.")
@click.option("--json", "as_json", is_flag=True, help="Print each version as a line of JSON.")
@with_exit_codes
def watch(  # noqa: PLR0913 - one for each option
    *,
    election: Path,
    data: Path | None,
    out: Path,
    policy: str | None,
    languages: tuple[str, ...],
    home: Path | None,
    executor: str | None,
    once: bool,
    as_json: bool,
) -> int:
    """Watch an election's files, and publish the record and the touched pages whenever one comes or changes.

    Whoever reads OUT, also over a web server, sees one whole version at every moment; the one before is kept beside it.
    Stop with Ctrl-C or SIGTERM; the next watch goes on from there.

    \b
    Examples:
      escruta watch my-election --data intake --out result
      escruta watch my-election --data intake --out result --log my-log
      escruta watch my-election --out result --once
    """
    from escruta.apps.executing import open_executor  # noqa: PLC0415 - keeps `--help` quick
    from escruta.apps.live import LiveFolder, Unchanged, Update  # noqa: PLC0415
    from escruta.apps.live import watch as watched  # noqa: PLC0415

    chosen = _languages(languages)
    told: Chosen | None = None
    with stops_tidily(), ExitStack() as opened:
        place = opened.enter_context(open_executor(executor)) if executor else None
        book_of = partial(_opened_book, opened, home)
        live = opened.enter_context(LiveFolder(out, book_of, languages=chosen, executor=place))
        for moment in watched(election, data, live, policy=policy):
            if isinstance(moment, Update) and chosen is None:
                told = _tell_languages(election, told)
            _tell(moment, live.out, as_json=as_json)
            if once and isinstance(moment, Unchanged):
                break
    return DONE


def _languages(asked: tuple[str, ...]) -> tuple[str, ...] | None:
    """Choose the languages that were asked for; the definition's are looked up with each version of it."""
    from escruta.apps.cli.paging import told_languages  # noqa: PLC0415
    from escruta.portal.languages import chosen_languages  # noqa: PLC0415

    return told_languages(chosen_languages(asked, None)) if asked else None


def _tell_languages(election: Path, told: Chosen | None) -> Chosen | None:
    """Say which languages of the definition have no words, with the first version and whenever that changes."""
    from escruta.apps import api  # noqa: PLC0415
    from escruta.apps.cli.paging import told_languages  # noqa: PLC0415
    from escruta.base.errors import InputError  # noqa: PLC0415

    try:
        now = api.page_languages(election)
    except InputError:  # the definition has changed again; the next version tells
        return told
    if now != told:
        told_languages(now)
    return now


def _opened_book(opened: ExitStack, home: Path | None, election: str, own: Path, earlier: Path) -> LogBook:
    from escruta.record.logbook import GrowingSealedBook  # noqa: PLC0415

    if home is None:
        return GrowingSealedBook(election, own, earlier, clock=_now)
    from escruta.apps.operator.books import open_book  # noqa: PLC0415

    return opened.enter_context(open_book(home))


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _tell(moment: Update | Refused | Unchanged, out: Path, *, as_json: bool) -> None:
    from escruta.apps.live import Refused, Update  # noqa: PLC0415

    if isinstance(moment, Update):
        if as_json:
            click.echo(json.dumps(dataclasses.asdict(moment)))
        else:
            say(_said(moment, out))
    elif isinstance(moment, Refused):
        if as_json:
            click.echo(json.dumps({"refused": str(moment.error)}, ensure_ascii=False))
        else:
            click.echo(f"Not published, and tried again at the next change: {harmless(str(moment.error))}", err=True)


def _said(update: Update, out: Path) -> str:
    steps: dict[str, Any] = update.seconds
    took = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in steps.items())
    first = f"  open {out / 'site' / 'index.html'}" if update.version == 1 else ""
    return f"Version {update.version}: {update.written:,} of {update.pages:,} pages written ({took}){first}"

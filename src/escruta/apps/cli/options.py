"""Options that several commands share: which results are asked, and the page that is written beside the answer."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import ELECTION, FOLDER_THERE, Command
from escruta.apps.cli.screen import progress_bars

if TYPE_CHECKING:
    from escruta.record.contents import ContestResults, Results

FILE_TO_WRITE = click.Path(path_type=Path, dir_okay=False)
_PERCENT = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,4})?\s*%")


def asks_results(command: Command) -> Command:
    """Add what says which results are asked: `open_asked` opens them."""
    return with_options(
        command,
        click.argument("election", metavar="ELECTION|RECORD", type=ELECTION),
        click.option(
            "--data", type=FOLDER_THERE, help="Folder with the source files; beside the definition by default."
        ),
        click.option("--source", "sources", multiple=True, metavar="ID", help="Use only this source; may be repeated."),
        click.option("--policy", metavar="NAME", help="single, corroborated, confirmed, or source:ID."),
        click.option("--contest", metavar="ID", help="The contest; the first one by default."),
    )


def writes_page(command: Command) -> Command:
    """Add the page, its language, and the answer as JSON."""
    return with_options(
        command,
        click.option("--page", type=FILE_TO_WRITE, metavar="FILE.html", help="Also write the answer as a page."),
        click.option("--language", metavar="CODE", help="Language of the page; the election's first by default."),
        click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON on standard output."),
    )


def with_options(command: Command, *options: Any) -> Command:  # noqa: ANN401 - decorators, whose type click keeps to itself
    """Add options and arguments to a command, in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def open_asked(election: Path, said: dict[str, Any], *, quiet: bool) -> tuple[Results, ContestResults]:
    """Open the results that `asks_results` names, and find the contest in them."""
    from escruta.apps import api  # noqa: PLC0415 - keeps `--help` quick
    from escruta.apps.cli.opened import open_results  # noqa: PLC0415

    with progress_bars(quiet=quiet) as progress:
        results = open_results(
            election, data=said["data"], sources=said["sources"], policy=said["policy"], progress=progress
        )
    return results, api.contest_of(results, said["contest"])


def share_of(text: str, option: str) -> Fraction:
    """Read a percentage exactly.

    Raises:
        InputError: it is none, or lies beyond 100 %.

    >>> share_of("96.87%", "--coverage")
    Fraction(9687, 10000)
    """
    from escruta.base.errors import InputError  # noqa: PLC0415

    known = _PERCENT.fullmatch(text.strip()) is not None and text.isascii()
    share = Fraction(text.strip()[:-1].strip().replace(",", ".")) / 100 if known else Fraction(-1)
    if not 0 <= share <= 1:
        raise InputError(
            "this is not a percentage",
            where=option,
            found=text,
            expected="such as 80% or 96.87%, with up to four decimals",
        )
    return share

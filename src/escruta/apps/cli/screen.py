"""What a person sees on a terminal: progress, tables, numbers and errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from escruta.base.errors import harmless

STAGES = {
    "write": "Writing the demo's election",
    "read": "Reading the sources",
    "collate": "Collating and adding up",
    "record": "Writing the record",
    "pages": "Rendering the pages",
    "issue": "Making the sealing keys",
    "print": "Printing the sheets",
    "verify-log": "Verifying the log",
    "verify-files": "Verifying the files",
    "verify-pages": "Verifying the pages",
    "verify-readings": "Digesting the readings again",
    "verify-results": "Computing the results again",
}

Step = Callable[[str, int, int], None]


def console() -> Console:
    """Open standard output; plain text where it is not a terminal."""
    return Console(highlight=False, soft_wrap=False)


@contextmanager
def progress_bars(*, quiet: bool) -> Iterator[Step]:
    """Show a bar for each stage on standard error; without a terminal, one line for each stage."""
    if quiet:
        yield lambda _stage, _done, _whole: None
        return
    screen = Console(stderr=True)
    if not screen.is_terminal:
        yield _lines()
        return
    columns = (TextColumn("{task.description:<28}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn(), console=screen) as bars:
        tasks: dict[str, TaskID] = {}

        def step(stage: str, done: int, whole: int) -> None:
            for earlier, task in tasks.items():
                if earlier != stage and not bars.tasks[task].finished:
                    bars.update(task, completed=bars.tasks[task].total)
            if stage not in tasks:
                tasks[stage] = bars.add_task(STAGES.get(stage, stage), total=whole)
            bars.update(tasks[stage], completed=done, total=whole)

        yield step
        for task in tasks.values():
            bars.update(task, completed=bars.tasks[task].total)


def _lines() -> Step:
    seen: set[str] = set()

    def step(stage: str, _done: int, _whole: int) -> None:
        if stage not in seen:
            seen.add(stage)
            click.echo(f"{STAGES.get(stage, stage)} …", err=True)

    return step


def show_json(value: object) -> None:
    """Print a value as JSON, in UTF-8, one object."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=_plain)
    sys.stdout.write(text + "\n")


def _plain(value: object) -> Any:  # noqa: ANN401 - what the json module asks for
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, Path) else list(value)  # type: ignore[call-overload]  # tuples and sets


def show_table(title: str | None, headers: Sequence[str], rows: Iterable[Sequence[object]], *, left: int = 1) -> None:
    """Print a table; the first `left` columns are texts, the others numbers at the right.

    Cells and headers are shown as they are: nothing in a name is taken for markup or for a command to the terminal.
    """
    plain_title = None if title is None else _plain_text(title)
    table = Table(
        title=plain_title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim"
    )
    for at, header in enumerate(headers):
        table.add_column(_plain_text(header), justify="left" if at < left else "right", overflow="fold")
    for row in rows:
        table.add_row(*(_plain_text(shown(cell)) for cell in row))
    console().print(table)


def _plain_text(text: str) -> Text:
    return Text(harmless(text))


def say(text: str = "") -> None:
    """Print a line of words; the terminal wraps it."""
    click.echo(harmless(text))


def shown(cell: object) -> str:
    """Write a value for a person: numbers with separators, and words where nothing is known.

    >>> shown(1234567), shown(None), shown(True)
    ('1,234,567', 'not known', 'yes')
    """
    if cell is None:
        return "not known"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def percent(part: int | None, whole: int | None) -> str:
    """Write a share with two decimals, rounded from the exact fraction.

    >>> percent(1, 3), percent(1, 0)
    ('33.33 %', '')
    """
    if part is None or not whole:
        return ""
    hundredths = (part * 20_000 + whole) // (2 * whole)
    return f"{hundredths // 100}.{hundredths % 100:02d} %"

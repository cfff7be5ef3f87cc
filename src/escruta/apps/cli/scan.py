"""`escruta scan`: read pictures of sheets into an election, and look at the doubtful ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, ELECTION, FILE, FINDINGS, FOLDER, FOLDER_THERE, with_exit_codes
from escruta.apps.cli.scan_learn import learn
from escruta.apps.cli.screen import say, show_json, show_table
from escruta.apps.cli.sealing_lists import TRUST, require_trust
from escruta.base.words import languages

if TYPE_CHECKING:
    from escruta.apps.scan import ScanCounts, ScanHome, ScanState
    from escruta.apps.scan.running import Progress
    from escruta.sheets.seal import KeyList

_SAID_EVERY = 20
_NOT_COUNTED = {
    "seal": "copies whose seal is not good",
    "station": "copies whose code and print are not known to be of one station (P204, P206)",
    "unsealed": "copies without a good seal, which this source requires (P108)",
}


class FilesOrCommand(click.Group):
    """A group whose first word may also be a file: then it is the command `read`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take a first word that is no command as the first of the files to read."""
        if args and args[0] not in self.commands:
            args = ["read", *args]
        return super().resolve_command(ctx, args)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take options without a file as those of `read` too."""
        if args and args[0].startswith("-") and args[0] not in ctx.help_option_names:
            args = ["read", *args]
        return super().parse_args(ctx, args)


@click.group("scan", cls=FilesOrCommand)
def scan() -> None:
    """Read pictures of tally sheets into an election, and look at the doubtful ones.

    \b
    Examples:
      escruta scan pictures --into my-election
      escruta scan 'night/**/*.jpg' late.pdf --into my-election --executor dask://10.0.0.5:8786
      escruta scan review --into my-election
    """


_INTO = click.option("--into", required=True, type=ELECTION, help="The election: its folder, or its election.toml.")
_DATA = click.option("--data", type=FOLDER_THERE, help="Folder of the source files; beside the definition by default.")
_SOURCE = click.option("--source", metavar="ID", help="The source for scans, where the definition has several.")
_ORIGINALS = click.option(
    "--originals", type=FOLDER, help="Where the pictures are kept as they came; sealed-originals beside the definition."
)
_KEYS = click.option("--keys", "list_path", type=FILE, metavar="LIST", help="The signed list of sealing keys.")


_LAYOUTS = click.option(
    "--layout",
    "layouts",
    multiple=True,
    type=FILE,
    help="The layout of a kind of sheet; those in the folder layouts beside the definition by default.",
)


@scan.command("read")
@click.argument("files", nargs=-1, metavar="FILES...")
@_INTO
@_DATA
@_SOURCE
@_ORIGINALS
@_KEYS
@TRUST
@_LAYOUTS
@click.option("--executor", default="processes", show_default=True, help="processes, threads or dask://HOST:PORT.")
@click.option("--workers", type=click.IntRange(min=1), help="How many at once; by default as many as processors.")
@click.option(
    "--effort",
    type=click.Choice(["quick", "usual", "thorough"]),
    default="usual",
    show_default=True,
    help="How long to try on a code that is hard to read.",
)
@click.option(
    "--again",
    type=click.Choice(["no", "failed", "all"]),
    default="no",
    show_default=True,
    help="Of the FILES, read again those that gave no reading before, or all: with a new layout, for example.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@with_exit_codes
def read(  # noqa: PLR0913 - one for each option
    *,
    files: tuple[str, ...],
    into: Path,
    data: Path | None,
    source: str | None,
    originals: Path | None,
    list_path: Path | None,
    trusted: tuple[str, ...],
    layouts: tuple[Path, ...],
    executor: str,
    workers: int | None,
    effort: str,
    again: str,
    as_json: bool,
) -> int:
    """Read the codes and figures of pictures, and write what they say where `escruta run` counts it.

    FILES are pictures, PDFs, folders, or patterns in quotes. Each file is known by its digest: one that was read before
    is not read again, whatever its name, so the same command may be given again at any time, also after it was killed.
    Without FILES only the tables are written anew, for example with a later list of keys.

    The readings go to the source of the definition whose layout has the format `scans`; beside them are findings.jsonl
    and the folder `redacted`, with pictures that may be published. The pictures as they came are kept apart, for their
    owner only.

    With --keys the seals are checked, and a picture whose seal is not good is not counted; from then on no earlier list
    will do. A picture without any seal is counted all the same, and bears the finding P105, unless the source in the
    definition says `seals = "required"`: then nothing without a good seal is counted.

    \b
    Examples:
      escruta scan pictures --into my-election
      escruta scan pictures --into my-election --keys keys.list --trust board.key.vkey
      escruta scan 'night/**/*.jpg' late.pdf --into my-election --executor dask://10.0.0.5:8786 --json
      escruta scan read ./review --into my-election      # a folder that is called like a command

    Ends with 1 where a picture contradicts itself, another one or the register.
    """
    from escruta.apps.executing import workplace_named  # noqa: PLC0415 - keeps `--help` quick
    from escruta.apps.scan import Again, files_of, finish, open_home, require_same_keys, scan_files  # noqa: PLC0415
    from escruta.sources.scans.codes import Effort  # noqa: PLC0415

    home = open_home(into, data=data, source=source, originals=originals, layouts=layouts)
    keys = _key_list(list_path, trusted)
    require_same_keys(home, keys)
    place = workplace_named(executor, workers)
    found = files_of(files)
    with _telling(quiet=as_json) as progress:
        counts = scan_files(home, found, place=place, effort=Effort(effort), progress=progress, again=Again(again))
    if not as_json:
        click.echo("Comparing the pictures and writing the tables …", err=True)
    state = finish(home, keys, place)
    if as_json:
        show_json({"run": _plain(counts), "state": dataclasses.asdict(state), "table": str(home.table)})
    else:
        _tell(home, counts, state, seals_checked=keys is not None, named=bool(files))
    return FINDINGS if state.has_contradictions else DONE


def _key_list(path: Path | None, trust: tuple[str, ...]) -> KeyList | None:
    if path is None:
        return None
    from escruta.apps.seals import read_key_list  # noqa: PLC0415

    return read_key_list(path, require_trust(trust)).keys


def _plain(counts: ScanCounts) -> dict[str, Any]:
    return {
        "files": counts.files,
        "known": counts.known,
        "read": counts.read,
        "failed": counts.failed,
        "failures": dict(counts.failures.most_common()),
        "seconds": round(counts.seconds, 3),
    }


@contextmanager
def _telling(*, quiet: bool) -> Iterator[Progress | None]:
    """Show how far it is, how fast, and how long it will still take; without a terminal, a line now and then."""
    if quiet:
        yield None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
    from rich.progress import Progress as Bars  # noqa: PLC0415

    screen = Console(stderr=True)
    if not screen.is_terminal:
        yield _lines()
        return
    columns = (
        TextColumn("Reading pictures"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]}"),
    )
    with Bars(*columns, console=screen) as bars:
        task = bars.add_task("", total=None, rate="", failed="")

        def step(done: int, whole: int, failed: int) -> None:
            speed = bars.tasks[task].speed
            rate = "" if speed is None else f"{_rate(speed)}/s"
            bars.update(task, completed=done, total=whole, rate=rate, failed=f"{failed} without reading")

        yield step


def _rate(a_second: float) -> str:
    """Write a rate; a slow one is not none.

    >>> _rate(45.23), _rate(0.043)
    ('45.2', '0.043')
    """
    return f"{a_second:.1f}" if a_second >= 1 else f"{a_second:.2g}"


def _lines() -> Progress:
    import time  # noqa: PLC0415

    started, said = time.monotonic(), -1

    def step(done: int, whole: int, failed: int) -> None:
        nonlocal said
        part = done * _SAID_EVERY // max(whole, 1)
        if part == said:
            return
        said = part
        rate = done / max(time.monotonic() - started, 1e-9)
        left = (whole - done) / rate
        click.echo(
            f"{done:,} of {whole:,} files, {_rate(rate)}/s, {left:,.0f} s left, {failed:,} without reading", err=True
        )

    return step


def _tell(home: ScanHome, counts: ScanCounts, state: ScanState, *, seals_checked: bool, named: bool) -> None:
    from escruta.apps.scan.intake import ENDINGS  # noqa: PLC0415
    from escruta.base.words import code_words  # noqa: PLC0415
    from escruta.sources.scans.evidence import GRADES  # noqa: PLC0415

    new = counts.read + counts.failed
    rate = f", {_rate(new / counts.seconds)} a second" if new and counts.seconds else ""
    if named and not counts.files:
        say(f"No file to read. Of a folder are taken {', '.join(sorted(ENDINGS))}; name any other file itself.")
    say(f"Files: {counts.files:,} named, {counts.known:,} read before, {counts.read:,} read now{rate}.")
    if counts.failures:
        say()
        rows = [(reason, number, counts.examples[reason]) for reason, number in counts.failures.most_common()]
        show_table("Without a reading", ("reason", "for example", "files"), [(a, c, b) for a, b, c in rows], left=2)
    say()
    say(
        f"In the table: {state.readings:,} readings of {state.copies - state.withheld:,} copies, "
        f"{state.stations:,} stations."
    )
    for why, number in state.withheld_for.items():
        say(f"Not in it: {number:,} {_NOT_COUNTED[why]}.")
    if not seals_checked and "P107" in state.findings:
        say("Seals were not checked: name the list of sealing keys with --keys.")
    unsealed = state.findings.get("P105", 0)
    if seals_checked and unsealed and not home.seals_required:
        say(f'Without a seal, and counted: {unsealed:,} copies. To leave them out: seals = "required" in the source.')
    if state.other_layouts:
        say(f"Read with other layouts than there are now: {state.other_layouts:,} files. Read them anew: --again all.")
    for missing in state.not_compared:
        say(f"Not compared with {missing}.")
    if state.findings:
        say()
        show_table(
            "What the pictures show",
            ("code", "grade", "what", "copies"),
            [(code, GRADES[code].value, code_words(code).title, number) for code, number in state.findings.items()],
            left=3,
        )
    say()
    say(f"The readings: {home.table}")
    say(f"The findings: {home.findings}")
    if state.doubtful:
        say(f"Doubtful: {state.doubtful:,} copies. Look at them: escruta scan review --into {home.folders[-1]}")


@scan.command("review")
@_INTO
@_DATA
@_SOURCE
@_ORIGINALS
@_LAYOUTS
@_KEYS
@TRUST
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@click.option("--language", default="en", show_default=True, type=click.Choice(languages()), help="Of the page.")
@click.option("--json", "as_json", is_flag=True, help="Only count what waits, as JSON, and serve nothing.")
@with_exit_codes
def review(  # noqa: PLR0913 - one for each option
    *,
    into: Path,
    data: Path | None,
    source: str | None,
    originals: Path | None,
    layouts: tuple[Path, ...],
    list_path: Path | None,
    trusted: tuple[str, ...],
    port: int,
    language: str,
    as_json: bool,
) -> int:
    """Show each doubtful picture on a page of this machine, to be typed by two people who do not see each other.

    Doubtful is a page without a reading, with unread figures, or with a finding that questions or contradicts. The
    first reader sees what the machine read, laid over the picture; the second one sees the picture only. Where both
    typed the same, that is a reading of method `typed`, which stands in place of what was recognised in print; where
    they differ, a third one decides. Everything goes by the keyboard.

    The page is served to this machine only, under an address that nobody can guess; give it to nobody. Ctrl-C ends it,
    and the tables are then written anew.

    \b
    Examples:
      escruta scan review --into my-election
      escruta scan review --into my-election --language es --port 8123
    """
    from escruta.apps.scan import finish, open_home, require_same_keys  # noqa: PLC0415 - keeps `--help` quick
    from escruta.apps.scan.review import ReviewQueue  # noqa: PLC0415
    from escruta.apps.scan.review.running import serve  # noqa: PLC0415

    home = open_home(into, data=data, source=source, originals=originals, layouts=layouts)
    keys = _key_list(list_path, trusted)
    require_same_keys(home, keys)
    queue = ReviewQueue(home)
    if as_json:
        show_json({"left": queue.left()})
        return DONE
    if not queue.left():
        say("Nothing is doubtful, or everything is decided.")
        return DONE
    say(f"{queue.left():,} pictures wait. Open this address in a browser of this machine, and give it to nobody:")
    serve(queue, port, language, say)
    state = finish(home, keys)
    say(f"In the table: {state.readings:,} readings. Written: {home.table}")
    return DONE


scan.add_command(learn)

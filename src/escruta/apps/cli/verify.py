"""`escruta verify`: a record or its log, alone, believing nothing that was not recomputed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FILE, FINDINGS, with_exit_codes
from escruta.apps.cli.screen import progress_bars, say, show_json

if TYPE_CHECKING:
    from escruta.apps.verify import RecordReport


@click.command()
@click.argument("record")
@click.option("--policy", type=FILE, help="The printed keys: a policy file. By default the record's own are taken.")
@click.option(
    "--checkpoint",
    "checkpoints",
    type=FILE,
    multiple=True,
    help="A checkpoint that you kept, or that somebody else was shown; may be repeated.",
)
@click.option("--fresh", type=click.IntRange(min=1), metavar="SECONDS", help="A log witness must have seen it since.")
@click.option("--board", type=FILE, help="The printed keys of the board that signs bulletins.")
@click.option("--candidates", type=FILE, help="The printed keys of the candidates who sign acceptances.")
@click.option("--no-pages", is_flag=True, help="Leave the pages out.")
@click.option("--render", is_flag=True, help="Also make the pages again from the record, and compare every byte.")
@click.option("--most", default=20, show_default=True, type=click.IntRange(min=0), help="Faults to show.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON on standard output.")
@with_exit_codes
def verify(  # noqa: PLR0913 - one for each option
    *,
    record: str,
    policy: Path | None,
    checkpoints: tuple[Path, ...],
    fresh: int | None,
    board: Path | None,
    candidates: Path | None,
    no_pages: bool,
    render: bool,
    most: int,
    as_json: bool,
) -> int:
    """Verify a published record: RECORD is its folder, its zip file, or its address.

    The log's signatures, tiles and entries; every file and page; every reading; and the results, computed again from
    the readings. All faults are told, and what could not be checked. Ends with 0 when there is no fault, and with 1
    when there is one.

    \b
    Examples:
      escruta verify out/venezuela-2024
      escruta verify https://example.org/record --policy printed.policy --checkpoint kept/46488
      escruta verify record.zip --no-pages --json
      escruta verify out/venezuela-2024 --render
    """
    from escruta.apps.board import read_board  # noqa: PLC0415
    from escruta.apps.published import open_published  # noqa: PLC0415
    from escruta.apps.verify import Pages, Printed, verify_record  # noqa: PLC0415

    older = [(str(path), path.read_bytes()) for path in checkpoints]
    printed = Printed(
        policy=None if policy is None else policy.read_bytes(),
        board=None if board is None else read_board(board),
        candidates=None if candidates is None else read_board(candidates),
    )
    with progress_bars(quiet=as_json) as progress, open_published(record) as place:
        pages = Pages.LEFT_OUT if no_pages else Pages.RENDERED if render else Pages.DIGESTS
        report = verify_record(place, printed, older=older, fresh_s=fresh, pages=pages, progress=progress)
    if as_json:
        show_json(_as_json(report))
    else:
        _tell(report, most)
    return DONE if report.is_sound else FINDINGS


def _tell(report: RecordReport, most: int) -> None:
    from escruta.tlog.encodings import to_base64  # noqa: PLC0415 - keeps `--help` quick

    standing = report.standing
    if standing is not None:
        head = standing.checkpoint.head
        say(f"{standing.checkpoint.origin}: {head.size:,} entries, root {to_base64(head.root)}")
        say()
    for line in report.checked:
        say(f"checked      {line}")
    for each in report.unchecked:
        say(f"not checked  {each.subject}: {each.why}")
    for fault in report.faults[:most]:
        say(f"FAULT        {fault}")
    if report.faults[most:]:
        say(f"             … and {len(report.faults) - most:,} more: --most, or --json for all")
    say()
    faults = len(report.faults)
    say("No fault was found." if not faults else f"{faults:,} {'fault' if faults == 1 else 'faults'}.")


def _as_json(report: RecordReport) -> dict[str, Any]:
    from escruta.tlog.encodings import to_base64  # noqa: PLC0415

    standing = report.standing
    return {
        "format": "escruta/verification/v1",
        "record": report.place,
        "is_sound": report.is_sound,
        "log": None
        if standing is None
        else {
            "origin": standing.checkpoint.origin,
            "size": standing.checkpoint.head.size,
            "root": to_base64(standing.checkpoint.head.root),
            "keys": [str(key) for key in standing.log_keys],
            "log_witnesses": len(report.policy.witnesses),
            "cosigned": dict(standing.cosigned),
            "quorum_met": standing.is_met,
        },
        "checked": list(report.checked),
        "faults": [
            {name: getattr(each, name) for name in ("kind", "file", "what", "offset", "found", "expected")}
            for each in report.faults
        ],
        "not_checked": [{"subject": each.subject, "why": each.why} for each in report.unchecked],
    }

"""`escruta export`: a record's results in the formats of others."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from escruta.apps.cli.exits import DONE, with_exit_codes
from escruta.apps.cli.screen import say, show_json

_NIST, _EML = "nist-1500-100", "eml"
_FORMATS = (_NIST, _EML)


@click.command()
@click.argument("record")
@click.option(
    "--format", "kind", type=click.Choice(_FORMATS), default=_FORMATS[0], show_default=True, help="Which one."
)
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")
@click.option("--issuer", default="escruta", show_default=True, help="Who issues the report.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="When it was made, in UTC; now by default.")
@click.option(
    "--units", default="stations", show_default=True, help="For eml: stations, or the id of a level of areas."
)
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@with_exit_codes
def export(*, record: str, kind: str, out: Path, issuer: str, at: datetime | None, units: str, as_json: bool) -> int:
    """Write the results of RECORD, a folder, a .zip or a URL, in a format that election software reads.

    nist-1500-100: NIST SP 1500-100 (election results, version 2), as JSON. eml: the OASIS Election Markup Language
    5.0, message 510 (Count), as XML. Figures that are not known have no count in them; a sum over unread figures is
    marked as a lower bound. The same record with the same --at gives the same bytes.

    \b
    Examples:
      escruta export result -o results.json
      escruta export result --format eml -o count.xml
      escruta export result --format eml --units state -o states.xml
      escruta export https://example.org/record --issuer "Observers" --at 2024-07-30T12:00:00Z -o results.json
    """
    from escruta.apps.published import PublishedRecord, open_published  # noqa: PLC0415 - keeps `--help` quick
    from escruta.record.exports import Source, eml_count, nist_report  # noqa: PLC0415

    moment = datetime.now(UTC) if at is None else at.replace(tzinfo=UTC)
    with open_published(record) as place:
        opened = PublishedRecord(place)
        source = Source(election=opened.election, summary=opened.summary, contests=opened.contests, table=opened.table)
        pieces: Iterable[str]
        if kind == _EML:
            pieces = eml_count(source, issuer=issuer, generated_at=moment, units=units)
        else:
            report = nist_report(source, issuer=issuer, generated_at=moment)
            pieces = (json.dumps(report, ensure_ascii=False, separators=(",", ":")), "\n")
        size = _write(out, pieces)
    written = {"out": str(out), "format": kind, "bytes": size}
    if as_json:
        show_json(written)
    else:
        say(f"{out}: {kind}, {size:,} bytes.")
    return DONE


def _write(out: Path, pieces: Iterable[str]) -> int:
    """Write a file piece by piece; give its size in bytes."""
    size = 0
    with out.open("wb") as file:
        for piece in pieces:
            size += file.write(piece.encode())
    return size

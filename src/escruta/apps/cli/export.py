"""`escruta export`: a record's results in the formats of others."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from escruta.apps.cli.exits import DONE, with_exit_codes
from escruta.apps.cli.screen import say, show_json

_FORMATS = ("nist-1500-100",)


@click.command()
@click.argument("record")
@click.option(
    "--format", "kind", type=click.Choice(_FORMATS), default=_FORMATS[0], show_default=True, help="Which one."
)
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file to write.")
@click.option("--issuer", default="escruta", show_default=True, help="Who issues the report.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="When it was made, in UTC; now by default.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@with_exit_codes
def export(*, record: str, kind: str, out: Path, issuer: str, at: datetime | None, as_json: bool) -> int:
    """Write the results of RECORD, a folder, a .zip or a URL, as NIST SP 1500-100 (election results, version 2, JSON).

    Figures that are not known have no count in it; a sum over unread figures is marked as a lower bound. The same
    record with the same --at gives the same bytes.

    \b
    Examples:
      escruta export result -o results.json
      escruta export https://example.org/record --issuer "Observers" --at 2024-07-30T12:00:00Z -o results.json
    """
    from escruta.apps.published import PublishedRecord, open_published  # noqa: PLC0415 - keeps `--help` quick
    from escruta.record.nist import Source, nist_report  # noqa: PLC0415

    with open_published(record) as place:
        opened = PublishedRecord(place)
        source = Source(election=opened.election, summary=opened.summary, contests=opened.contests, table=opened.table)
        moment = datetime.now(UTC) if at is None else at.replace(tzinfo=UTC)
        report = nist_report(source, issuer=issuer, generated_at=moment)
    raw = json.dumps(report, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    out.write_bytes(raw)
    written = {"out": str(out), "format": kind, "bytes": len(raw)}
    if as_json:
        show_json(written)
    else:
        say(f"{out}: {kind}, {len(raw):,} bytes.")
    return DONE

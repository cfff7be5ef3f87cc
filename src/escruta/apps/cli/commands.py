"""The commands, each a thin door to the verb of the same name in `escruta.apps.api`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from escruta.apps.cli.acceptances import accept
from escruta.apps.cli.announced import announced
from escruta.apps.cli.audit import audit
from escruta.apps.cli.bulletins import bulletin
from escruta.apps.cli.diff import diff
from escruta.apps.cli.exits import DONE, ELECTION, FILE, FINDINGS, FOLDER, FOLDER_THERE, Command, with_exit_codes
from escruta.apps.cli.export import export
from escruta.apps.cli.keys import key
from escruta.apps.cli.log import log
from escruta.apps.cli.mirror import mirror
from escruta.apps.cli.outcome import outcome
from escruta.apps.cli.polls import polls
from escruta.apps.cli.printing import print_command
from escruta.apps.cli.project import project
from escruta.apps.cli.prove import prove
from escruta.apps.cli.quickcount import quickcount
from escruta.apps.cli.scan import scan
from escruta.apps.cli.screen import progress_bars, say, show_json
from escruta.apps.cli.seal import seal
from escruta.apps.cli.sealing_keys import keys
from escruta.apps.cli.stopping import stops_tidily
from escruta.apps.cli.verify import verify
from escruta.apps.cli.watch import watch
from escruta.apps.cli.witness import witness


def _common(command: Command) -> Command:
    """Add the options that every command on an election takes."""
    options = [
        click.argument("election", type=ELECTION),
        click.option(
            "--data", type=FOLDER_THERE, help="Folder with the source files; beside the definition by default."
        ),
        click.option("--source", "sources", multiple=True, metavar="ID", help="Use only this source; may be repeated."),
        click.option("--policy", metavar="NAME", help="single, corroborated, confirmed, or source:ID."),
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.group(name="escruta", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="escruta")
def main() -> None:
    """Turn the tally sheets of polling stations into a result that anyone can check.

    \b
    Start here:
      escruta demo                                  a fictional republic, from files to pages
      escruta init results.csv --out my-election    a definition to correct, from sample files
      escruta run my-election --out result          the record, and the pages in result/site

    Exit codes: 0 done, nothing to object; 1 done, there are findings of error severity; 2 an input cannot be used.
    """


@main.command()
@click.option("--stations", default=2000, show_default=True, type=click.IntRange(min=20), help="Polling stations.")
@click.option("--seed", default=2024, show_default=True, type=int, help="The same seed gives the same night.")
@click.option("--out", default=Path("escruta-demo"), show_default=True, type=FOLDER, help="Where to write.")
@click.option("--no-pages", is_flag=True, help="Write the record only.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON on standard output.")
@with_exit_codes
def demo(*, stations: int, seed: int, out: Path, no_pages: bool, as_json: bool) -> int:
    """Write a fictional republic's election night and do the whole main job on it.

    An authority's feed with an outage, two adverse parties' copies, observers, late stations, honest mistakes and one
    batch of made-up figures; then what was planted is shown beside what was found.

    \b
    Examples:
      escruta demo
      escruta demo --stations 20000 --seed 7 --out republic
    """
    from escruta.apps.cli.demo import run_demo  # noqa: PLC0415 - keeps `--help` quick

    return run_demo(stations=stations, seed=seed, out=out, with_pages=not no_pages, as_json=as_json)


@main.command("init")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--out", required=True, type=FOLDER, help="Folder to write election.toml into.")
@click.option("--id", "election_id", metavar="ID", help="The election's id; from the folder's name by default.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written and noticed as JSON.")
@with_exit_codes
def init_command(*, files: tuple[Path, ...], out: Path, election_id: str | None, as_json: bool) -> int:
    """Write a commented definition from sample files, for a person to correct.

    Lines marked CHECK are guesses: each says what it was guessed from.

    \b
    Examples:
      escruta init results.csv --out my-election
      escruta init trep.xlsx final.xlsx party.csv.gz --out my-election --id my-2024-president
    """
    from escruta.apps.cli.init import run_init  # noqa: PLC0415

    return run_init(files, out=out, election_id=election_id, as_json=as_json)


@main.command()
@_common
@click.option(
    "--most", default=10, show_default=True, type=click.IntRange(min=0), help="Findings to show of each code."
)
@with_exit_codes
def check(*, as_json: bool, most: int, **chosen: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Check every sheet against itself, the register and the other sheets, and list where readings differ.

    \b
    Examples:
      escruta check examples/venezuela-2024 --data ../shared/data
      escruta check my-election --source authority --json
    """
    from escruta.apps import api  # noqa: PLC0415
    from escruta.apps.cli import telling  # noqa: PLC0415

    results = _examine(as_json=as_json, **chosen)
    findings = api.check(results)
    if as_json:
        counts = [each.check_counts.to_dicts() for each in results.contests]
        show_json({"checks": [row for rows in counts for row in rows], "findings": findings.to_dicts()})
    else:
        telling.tell_notes(results)
        for each in results.contests:
            telling.tell_checks(each)
        telling.tell_findings(findings, most=most)
    return FINDINGS if results.has_errors() else DONE


@main.command()
@_common
@click.option("--contest", metavar="ID", help="The contest; the first one by default.")
@click.option("--area", default="", metavar="PATH", help="Codes of an area from the widest level down, joined by /.")
@with_exit_codes
def tally(*, as_json: bool, contest: str | None, area: str, **chosen: Any) -> int:  # noqa: ANN401
    """Add up what counts under the policy, with the coverage funnel and what is left out.

    \b
    Examples:
      escruta tally examples/venezuela-2024 --data ../shared/data
      escruta tally examples/venezuela-2024 --data ../shared/data --area 01/0101 --policy source:campaign
    """
    from escruta.apps import api  # noqa: PLC0415
    from escruta.apps.cli import telling  # noqa: PLC0415

    results = _examine(as_json=as_json, **chosen)
    one = api.contest_of(results, contest)
    totals = api.tally(results, contest=contest, area=area)
    if as_json:
        row = one.areas.filter(one.areas["area"] == area).to_dicts()[0]
        show_json({"contest": one.contest, "policy": one.policy, "area": row, "totals": totals.to_dicts()})
    else:
        telling.tell_totals(one, area)
        say()
        telling.tell_coverage(one.areas, area)
    return FINDINGS if results.has_errors() else DONE


@main.command()
@_common
@click.option("--out", required=True, type=FOLDER, help="Folder of the record; the pages go to its folder site.")
@click.option("--no-pages", is_flag=True, help="Write the record only.")
@click.option("--statements", is_flag=True, help="Also write the standing readings as actasum statements (JSON Lines).")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Language of the pages; may be repeated.")
@click.option("--log", "home", type=FOLDER_THERE, help="The home of your log (escruta log init); sealed without one.")
@with_exit_codes
def run(  # noqa: PLR0913 - one for each option
    *,
    election: Path,
    out: Path,
    data: Path | None,
    sources: tuple[str, ...],
    policy: str | None,
    no_pages: bool,
    statements: bool,
    languages: tuple[str, ...],
    home: Path | None,
    as_json: bool,
) -> int:
    """Do the whole main job: from the published files to the record, its log and the pages.

    \b
    Examples:
      escruta run examples/venezuela-2024 --data ../shared/data --out out/venezuela-2024
      escruta run my-election --out result --source authority --policy confirmed --no-pages
      escruta run my-election --out result --log my-log
    """
    from escruta.apps import api  # noqa: PLC0415
    from escruta.apps.cli.paging import told_languages  # noqa: PLC0415
    from escruta.apps.cli.run import opened_book, tell_run  # noqa: PLC0415

    chosen = None if no_pages else told_languages(api.page_languages(election, languages or None))
    with stops_tidily(), progress_bars(quiet=as_json) as progress, opened_book(home) as book:
        report = api.run(
            election,
            out,
            data=data,
            sources=sources or None,
            policy=policy,
            with_pages=not no_pages,
            with_statements=statements,
            languages=chosen,
            progress=progress,
            book=book,
        )
    if as_json:
        show_json(report.summary)
    else:
        tell_run(report, book)
    return FINDINGS if report.has_errors else DONE


@main.command()
@click.argument("record", type=FOLDER)
@click.option("--out", type=FOLDER, help="Folder of the pages; the record's folder site by default.")
@click.option("--language", "languages", multiple=True, metavar="CODE", help="Language of the pages; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@with_exit_codes
def pages(*, record: Path, out: Path | None, languages: Sequence[str], as_json: bool) -> int:
    """Render the pages of a record that is already there, byte for byte the same for everybody.

    \b
    Examples:
      escruta pages out/venezuela-2024
      escruta pages somebody-elses-record --out my-mirror --language es
    """
    from escruta.apps import api  # noqa: PLC0415
    from escruta.apps.cli.paging import told_languages, unlogged_pages  # noqa: PLC0415
    from escruta.portal.languages import chosen_languages  # noqa: PLC0415
    from escruta.portal.reading import Record  # noqa: PLC0415

    site = record / api.SITE
    chosen = told_languages(chosen_languages(languages or None, Record(record).election.get("languages")))
    with stops_tidily(), progress_bars(quiet=as_json) as progress:
        report = api.pages(record, out or site, languages=chosen, progress=progress)
    note = unlogged_pages(record, site) if report.out.resolve() == site.resolve() else None
    if as_json:
        show_json({**dataclasses.asdict(report), "note": note})
    else:
        say(f"{report.pages:,} pages in {', '.join(report.languages)}: open {report.out / 'index.html'}")
    if note:
        click.echo(f"escruta: {note}", err=True)
    return DONE


@main.command()
@click.argument("old", type=FILE)
@click.argument("new", type=FILE)
@click.option("--key", multiple=True, metavar="COLUMN", help="A column that tells rows apart; may be repeated.")
@click.option("--election", type=ELECTION, help="A definition whose source says how the files are laid out.")
@click.option("--source", metavar="ID", help="The definition's source; the first one by default.")
@click.option("--most", default=10, show_default=True, type=click.IntRange(min=0), help="Rows to show of each kind.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON on standard output.")
@with_exit_codes
def compare(
    *,
    old: Path,
    new: Path,
    key: tuple[str, ...],
    election: Path | None,
    source: str | None,
    most: int,
    as_json: bool,
) -> int:
    """Compare two versions of one data set: rows added, dropped and changed, and columns lost.

    \b
    Examples:
      escruta compare results-1.csv results-2.csv --key CENTRO --key MESA
      escruta compare old.xlsx new.xlsx --election my-election --source authority

    Ends with 0 when both hold the same table, and with 1 when they differ.
    """
    from escruta.apps import api  # noqa: PLC0415
    from escruta.apps.cli import telling  # noqa: PLC0415

    report = api.compare(old, new, key=key, election=election, source=source)
    if as_json:
        show_json(_versions_as_json(report))
    else:
        telling.tell_versions(report, most=most)
    return FINDINGS if report.differs else DONE


def _versions_as_json(report: Any) -> dict[str, Any]:  # noqa: ANN401 - a VersionReport, whose module loads late
    frames = {name: getattr(report, name).to_dicts() for name in ("added", "dropped", "changed")}
    plain = {
        field.name: getattr(report, field.name) for field in dataclasses.fields(report) if field.name not in frames
    }
    return plain | frames


def _examine(*, as_json: bool, **chosen: Any) -> Any:  # noqa: ANN401 - a Results, whose module loads late
    from escruta.apps import api  # noqa: PLC0415

    with progress_bars(quiet=as_json) as progress:
        return api.examine(
            chosen["election"],
            data=chosen["data"],
            sources=chosen["sources"] or None,
            policy=chosen["policy"],
            progress=progress,
        )


main.add_command(key)
main.add_command(witness)
main.add_command(verify)
main.add_command(prove)
main.add_command(bulletin)
main.add_command(accept)
main.add_command(mirror)
main.add_command(log)
main.add_command(keys)
main.add_command(seal)
main.add_command(diff)
main.add_command(print_command)
main.add_command(audit)
main.add_command(scan)
main.add_command(outcome)
main.add_command(export)
main.add_command(announced)
main.add_command(project)
main.add_command(quickcount)
main.add_command(polls)
main.add_command(watch)

"""`escruta polls`: polls beside the count, scored against every result there is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, ELECTION, FILE, FINDINGS, with_exit_codes
from escruta.apps.cli.screen import progress_bars, say, show_json, show_table

if TYPE_CHECKING:
    from escruta.assessment.polls import HouseEffect, Poll, ResultSet, Score, TrackRecord

PAGE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--record", "records", multiple=True, type=ELECTION, help="A record or an election; may be repeated.")
@click.option("--against", multiple=True, metavar="RESULT", help="Track records against this result; may be repeated.")
@click.option("--contest", metavar="ID", help="The contest of the records; the first one by default.")
@click.option("--page", type=PAGE, metavar="FILE.html", help="Also write the scores as a page.")
@click.option("--language", default="en", show_default=True, metavar="CODE", help="Language of the page.")
@click.option("--json", "as_json", is_flag=True, help="Print the scores as JSON on standard output.")
@with_exit_codes
def polls(*, files: tuple[Path, ...], as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Score polls against every result set: the count, each source alone, each announcement.

    FILES are TOML with [[polls]] (and [[results]] of elections without a record), or CSV with a row a poll. No poll is
    ever part of a count, and each score says against which result it is.

    \b
    Examples:
      escruta polls examples/venezuela-2024/polls.toml --record out/venezuela-2024
      escruta polls polls.toml earlier.csv --record result --against count --page polls.html --language es

    Ends with 1 where a poll has no result to be scored against.
    """
    from escruta.apps.cli.paging import page_language  # noqa: PLC0415 - keeps `--help` quick
    from escruta.apps.cli.polls_files import read_files, results_of  # noqa: PLC0415
    from escruta.assessment.polls import house_effects, score, track_records  # noqa: PLC0415

    language = page_language(said["language"])
    known, results = read_files(files)
    names: dict[str, str] = {}
    with progress_bars(quiet=as_json) as progress:
        for record in said["records"]:
            more, named = results_of(record, said["contest"], progress, language)
            results, names = (*results, *more), names | named
    scores = score(known, results)
    against = _against(said["against"], results)
    tracks, houses = track_records(scores, results=against), house_effects(scores)
    if said["page"] is not None:
        said["page"].write_bytes(_page(language, known, results, scores, tracks, names))
    unscored = [poll.id for poll in known if poll.id not in {each.poll for each in scores}]
    if as_json:
        show_json(_as_json(known, results, scores, tracks, houses, unscored))
    else:
        _tell(known, results, scores, tracks, houses)
        if unscored:
            say(f"Without a result to be scored against: {', '.join(unscored)}.")
    return FINDINGS if unscored else DONE


def _against(named: Sequence[str], results: Sequence[ResultSet]) -> tuple[str, ...]:
    """Take the named results; without names, the first result of each election."""
    from escruta.base.errors import InputError  # noqa: PLC0415

    ids = [each.id for each in results]
    unknown = [each for each in named if each not in ids]
    if unknown:
        raise InputError(
            "there is no such result", found=", ".join(unknown), expected=", ".join(ids) or "none is known"
        )
    if named:
        return tuple(named)
    first: dict[str, str] = {}
    for each in results:
        first.setdefault(each.election, each.id)
    return tuple(first.values())


def _page(
    language: str,
    known: Sequence[Poll],
    results: Sequence[ResultSet],
    scores: Sequence[Score],
    tracks: Sequence[TrackRecord],
    names: dict[str, str],
) -> bytes:
    from escruta.portal.polled import polls_page  # noqa: PLC0415
    from escruta.portal.words import load_words  # noqa: PLC0415

    return polls_page(load_words(language), known, results, scores, tracks, names)


def _as_json(
    known: Sequence[Poll],
    results: Sequence[ResultSet],
    scores: Sequence[Score],
    tracks: Sequence[TrackRecord],
    houses: Sequence[HouseEffect],
    unscored: Sequence[str],
) -> dict[str, Any]:
    import dataclasses  # noqa: PLC0415
    from fractions import Fraction  # noqa: PLC0415

    def plain(value: Any) -> Any:  # noqa: ANN401 - whatever a record holds
        if isinstance(value, Fraction):
            return float(value)
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        return [plain(each) for each in value] if isinstance(value, list | tuple) else value

    def rows(values: Sequence[Any]) -> list[Any]:
        return [plain(dataclasses.asdict(each)) for each in values]

    return {
        "polls": rows(known),
        "results": rows(results),
        "scores": [
            {**plain(dataclasses.asdict(each)), "z": None if each.bias is None else each.bias.z} for each in scores
        ],
        "track_records": rows(tracks),
        "house_effects": rows(houses),
        "without_a_result": list(unscored),
    }


def _tell(
    known: Sequence[Poll],
    results: Sequence[ResultSet],
    scores: Sequence[Score],
    tracks: Sequence[TrackRecord],
    houses: Sequence[HouseEffect],
) -> None:
    say("Polls are no part of any count. Errors are in points; undecided are given in proportion.")
    for result in results:
        own = [each for each in scores if each.result == result.id]
        if not own:
            continue
        say()
        show_table(
            f"Against {result.id}: {result.name} ({own[0].first} minus {own[0].second})",
            ("poll", "pollster", "margin error", "average", "A", "z", "B", "B weighted"),
            [
                (
                    each.poll,
                    each.pollster,
                    f"{float(each.margin_error) * 100:+.2f}",
                    f"{float(each.average_error) * 100:.2f}",
                    _number(each.bias.value if each.bias else None, "+.3f"),
                    _number(each.bias.z if each.bias else None, "+.1f")
                    + ("*" if each.bias and each.bias.rests_on_an_assumed_sample else ""),
                    _number(each.b, ".3f"),
                    _number(each.b_weighted, ".3f"),
                )
                for each in own
            ],
            left=2,
        )
    if any(poll.sample is None for poll in known):
        say("* The number of interviews was not published: z rests on an assumed one.")
    say()
    show_table(
        "Track records",
        ("pollster", "elections", "polls", "mean margin error", "mean size", "mean average", "against"),
        [
            (
                each.pollster,
                len(each.elections),
                each.polls,
                f"{each.mean_margin_error * 100:+.2f}",
                f"{each.mean_size * 100:.2f}",
                f"{each.mean_average_error * 100:.2f}",
                ", ".join(each.results),
            )
            for each in tracks
        ],
    )
    if any(each.kept for each in houses):
        say()
        show_table(
            "House effects: off the mean of all pollsters, drawn towards it",
            ("result", "pollster", "own error", "all", "effect", "kept"),
            [
                (
                    each.result,
                    each.pollster,
                    f"{each.own * 100:+.2f}",
                    f"{each.all_houses * 100:+.2f}",
                    f"{each.effect * 100:+.2f}",
                    f"{each.kept:.0%}",
                )
                for each in houses
            ],
            left=2,
        )


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)

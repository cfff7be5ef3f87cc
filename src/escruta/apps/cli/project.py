"""`escruta project`: what the stations outside may bring, and what that assumes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FILE, FINDINGS, with_exit_codes
from escruta.apps.cli.options import FILE_TO_WRITE, asks_results, open_asked, writes_page
from escruta.apps.cli.screen import say, show_json, show_table, shown

if TYPE_CHECKING:
    from escruta.assessment.projection import AreaProjection, Baseline, FramedCentres, Interval, Projection
    from escruta.record.contents import ContestResults, Results

_PERCENT = click.FloatRange(0, 100)
_NEARLY_CERTAIN = 0.999


@click.command()
@asks_results
@click.option("--baseline", type=FILE, help="CSV of an earlier election: a row a centre, a column of votes an option.")
@click.option("--baseline-key", default="centre", show_default=True, metavar="COLUMN", help="Its column with the code.")
@click.option("--option", "options", multiple=True, metavar="COLUMN", help="Its columns with votes; all by default.")
@click.option("--level", metavar="ID", help="Show the areas of this level; the widest by default.")
@click.option("--coverage", "sure", type=click.FloatRange(50, 99.9), default=90.0, show_default=True, help="Percent.")
@click.option(
    "--new-share", type=_PERCENT, default=10.0, show_default=True, help="Percent of missing voters: new centres."
)
@click.option(
    "--also-new", type=_PERCENT, multiple=True, metavar="PERCENT", help="Another such share; may be repeated."
)
@click.option("--arrivals", type=FILE, help="CSV with the columns station and arrived_at (ISO 8601): calibrates on it.")
@click.option(
    "--centres", type=FILE_TO_WRITE, metavar="FILE.csv", help="Also write each centre where something is out."
)
@writes_page
@with_exit_codes
def project(*, election: Path, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Project what the stations outside will bring, from those inside, the areas and an earlier election.

    An estimate, never a proof: it assumes that missing centres are like those of their area, size and earlier result,
    and shows how the missing differ. Whether the outcome is settled is said by `escruta outcome`.

    \b
    Examples:
      escruta project out/venezuela-2024 --baseline ../shared/data/ve-2012/centres.csv
      escruta project out/venezuela-2024 --baseline earlier.csv --also-new 0 --also-new 50 --page projection.html
      escruta project my-election --level municipality --json
      escruta project my-election --centres centres.csv

    Ends with 1 where the model refuses: too little is in.
    """
    results, one = open_asked(election, said, quiet=as_json)
    place = _level(results, said["level"])
    baseline = _baseline(said)
    frame = _frame(results, one, baseline, said, said["new_share"])
    found = _project(frame, said, (place,))
    others = [(percent, _other(results, one, baseline, said, percent)) for percent in said["also_new"]]
    if said["centres"] is not None and found.country is not None:
        _write_centres(said["centres"], frame, found.level)
    if said["page"] is not None:
        said["page"].write_bytes(_page(results, one, frame, found, said["language"], place, others))
    if as_json:
        show_json(_as_json(one, frame, found, others))
    else:
        _tell(one, frame, found, others)
    return FINDINGS if found.country is None else DONE


def _project(frame: FramedCentres, said: dict[str, Any], levels: tuple[int, ...]) -> Projection:
    from escruta.assessment.projection import project as project_centres  # noqa: PLC0415

    return project_centres(frame.centres, level=said["sure"] / 100, levels=levels)


def _write_centres(file: Path, frame: FramedCentres, level: float) -> None:
    """Write a row for each centre where something is out: votes counted, and what they may become."""
    import csv  # noqa: PLC0415

    from escruta.apps.cli.certificates import plain_cell  # noqa: PLC0415
    from escruta.assessment.projection import each_centre, fit  # noqa: PLC0415

    centres = frame.centres
    found = each_centre(fit(centres), level)
    figures = ("counted", "projected", "low", "high")
    head = [f"{name}.{figure}" for name in centres.candidates for figure in figures]
    tables = (found.middle.round(), found.low.round(), found.high.round())
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["centre", "registered_voters", "registered_voters_out", *head])
        for at, row in enumerate(found.rows):
            votes = [
                int(each)
                for place, counted in enumerate(centres.votes[row])
                for each in (counted, *(table[at, place] for table in tables))
            ]
            voters = (round(float(centres.registered[row])), round(float(centres.out[row])))
            writer.writerow([plain_cell(frame.names[row]), *voters, *votes])


def _other(
    results: Results, one: ContestResults, baseline: Baseline | None, said: dict[str, Any], percent: float
) -> Interval | None:
    country = _project(_frame(results, one, baseline, said, percent), said, ()).country
    return None if country is None else country.margin


def _level(results: Results, name: str | None) -> int:
    from escruta.base.errors import InputError  # noqa: PLC0415

    known = [each.id for each in results.election.levels]
    if not known:
        raise InputError(
            "the definition has no areas, so that there are no centres to project",
            expected="levels, the narrowest of which is the centre",
        )
    if name is not None and name not in known:
        raise InputError("there is no such level", found=name, expected=", ".join(known))
    return 0 if name is None else known.index(name)


def _baseline(said: dict[str, Any]) -> Baseline | None:
    import polars as pl  # noqa: PLC0415

    from escruta.assessment.projection import baseline_of  # noqa: PLC0415
    from escruta.base.errors import TableBroken  # noqa: PLC0415

    file, key = said["baseline"], said["baseline_key"]
    if file is None:
        return None
    try:
        table = pl.read_csv(file, schema_overrides={key: pl.String})
    except pl.exceptions.PolarsError as error:
        raise TableBroken(
            "the earlier election is not a table", where=str(file), found=str(error), expected="CSV, a row a centre"
        ) from None
    return baseline_of(table, key=key, options=said["options"], where=str(file))


def _frame(
    results: Results, one: ContestResults, baseline: Baseline | None, said: dict[str, Any], percent: float
) -> FramedCentres:
    from escruta.apps.cli.arriving import arrivals_of_file, arrivals_of_readings  # noqa: PLC0415
    from escruta.assessment.projection import framed  # noqa: PLC0415

    election = results.election
    slices = [level.code_from.first if level.code_from is not None else None for level in election.levels]
    if said["arrivals"] is not None:
        moments = arrivals_of_file(said["arrivals"], election.time_zone)
    else:
        moments = arrivals_of_readings(one.readings) or {}
    arrived = {station: moment.timestamp() for station, moment in moments.items()} or None
    return framed(
        one.stations,
        candidates=[each.id for each in one.figures.contest.candidates],
        levels=[level.id for level in election.levels],
        area_names=results.geography.areas,
        baseline=baseline,
        registered_in_all=election.stations.expected_registered_voters,
        prefixes=[each for each in slices if each is not None],
        new_share=percent / 100,
        arrived=arrived,
    )


def _page(
    results: Results,
    one: ContestResults,
    frame: FramedCentres,
    found: Projection,
    language: str | None,
    place: int,
    others: list[tuple[float, Interval | None]],
) -> bytes:
    from escruta.apps.cli.paging import page_words  # noqa: PLC0415
    from escruta.portal.projected import ProjectedOf, projected_page  # noqa: PLC0415

    words = page_words(results.election, language)
    asked = ProjectedOf(
        election=words.named(results.election.name),
        contest=words.named(one.figures.contest.name),
        names=_names(one),
        level=words.named(results.election.levels[place].name),
        others=[(round(percent), margin) for percent, margin in others if margin is not None],
    )
    return projected_page(words, asked, frame, found)


def _names(one: ContestResults) -> dict[str, str]:
    return {each.id: each.name for each in one.figures.contest.candidates}


def _as_json(
    one: ContestResults, frame: FramedCentres, found: Projection, others: list[tuple[float, Interval | None]]
) -> dict[str, Any]:
    past = found.backcast
    return {
        "contest": one.contest,
        "assumption": found.assumption,
        "level": found.level,
        "coverage": found.coverage,
        "refused": [dataclasses.asdict(each) for each in found.refused],
        "cautions": [dataclasses.asdict(each) for each in found.cautions],
        "frame": {
            "centres": len(frame.names),
            "registered_listed": frame.listed,
            "registered_supposed_in_earlier_centres": frame.supposed,
            "growth_since_then": frame.growth,
            "registered_supposed_in_new_centres": frame.new,
            "stations_without_registered_voters": frame.voters_filled,
        },
        "country": None if found.country is None else _area_as_json(found, found.country),
        "areas": [_area_as_json(found, each) for areas in found.areas for each in areas],
        "if_other_shares_are_new": [
            {"percent": percent, "margin": None if margin is None else dataclasses.asdict(margin)}
            for percent, margin in others
        ],
        "missing": dataclasses.asdict(found.missing),
        "order_of_arrival": None if past is None else ("known" if past.known_order else "supposed"),
    }


def _area_as_json(found: Projection, area: AreaProjection) -> dict[str, Any]:
    names = found.candidates
    return {
        "area": area.area,
        "registered_voters": area.registered,
        "registered_voters_out": area.out,
        "votes": {name: dataclasses.asdict(each) for name, each in zip(names, area.votes, strict=True)},
        "leader": names[area.leader],
        "runner_up": None if area.runner_up is None else names[area.runner_up],
        "margin": dataclasses.asdict(area.margin),
        "leader_stays_ahead": dataclasses.asdict(area.leads),
    }


def _tell(
    one: ContestResults,
    frame: FramedCentres,
    found: Projection,
    others: list[tuple[float, Interval | None]],
) -> None:
    from escruta.portal.words import load_words  # noqa: PLC0415

    words = load_words("en")
    say(f"In: {found.coverage:.1%} of the registered voters; {shown(found.missing.centres_out)} centres are out.")
    for each in (*found.refused, *found.cautions):
        values = [f"{value:.1%}" if value <= 1 else f"{value:,.0f}" for value in (each.found, each.limit)]
        say(
            "! "
            + words(f"projection.reason.{each.code}", found=values[0], limit=values[1], areas=", ".join(each.areas))
        )
    if found.country is not None:
        _tell_country(one, found, found.country)
        for percent, margin in others:
            if margin is not None:
                say(f"With {percent:g} % of the missing voters in new centres: a margin of {_range(margin)}.")
        if frame.supposed or frame.new:
            say(
                f"No complete register: {shown(frame.supposed)} missing voters are supposed in centres of the earlier "
                f"election, {shown(frame.new)} in new ones."
            )
        say()
        _tell_areas(one, found)
    say()
    _tell_missing(found)
    say()
    say(
        "This assumes that among centres of one area, size and earlier result, whether a centre is in has nothing to do"
    )
    say("with how it voted. Nothing in the figures can prove that.")


def _tell_country(one: ContestResults, found: Projection, country: AreaProjection) -> None:
    names = _names(one)
    whole = sum(each.middle for each in country.votes)
    order = sorted(range(len(country.votes)), key=lambda place: -country.votes[place].middle)
    show_table(
        f"Projected votes, intervals of {found.level:.0%}",
        ("candidate", "counted", "projected", "low", "high", "share"),
        [
            (
                names[found.candidates[place]],
                country.votes[place].counted,
                *(round(value) for value in _three(country.votes[place])),
                f"{country.votes[place].middle / whole:.2%}",
            )
            for place in order
        ],
    )
    if country.runner_up is None:
        return
    leader, second = (names[found.candidates[place]] for place in (country.leader, country.runner_up))
    say(f"{leader} ahead of {second}: {_range(country.margin)}.")
    say(f"Possible at all: {shown(country.margin.least)} to {shown(country.margin.most)}.")
    if country.leads.is_certain:
        say("Who is ahead needs no estimate: arithmetic alone settles it.")
    else:
        say(f"Under the assumption below, {leader} stays ahead with a probability of {_chance(country.leads.value)}.")


def _chance(value: float) -> str:
    """Write a probability that nothing has proved, so that it never looks like certainty.

    >>> _chance(0.99999), _chance(0.5), _chance(0.0)
    ('more than 99.9%', '50.0%', 'less than 0.1%')
    """
    if value > _NEARLY_CERTAIN:
        return f"more than {_NEARLY_CERTAIN:.1%}"
    return f"less than {1 - _NEARLY_CERTAIN:.1%}" if value < 1 - _NEARLY_CERTAIN else f"{value:.1%}"


def _tell_areas(one: ContestResults, found: Projection) -> None:
    names = _names(one)
    for areas in found.areas:
        show_table(
            "By area",
            ("area", "ahead", "margin", "low", "high", "voters out"),
            [
                (
                    _place(area),
                    names[found.candidates[area.leader]],
                    *(round(each) for each in _three(area.margin)),
                    area.out,
                )
                for area in areas
            ],
            left=2,
        )


def _tell_missing(found: Projection) -> None:
    slopes = {each.name: each for each in found.missing.logit}
    show_table(
        "How the missing differ from those that are in",
        ("known before", "in", "out", "gap", "chance", "logit of being in"),
        [
            (
                each.name,
                f"{each.mean_in:.4f}",
                f"{each.mean_out:.4f}",
                f"{each.difference:+.4f}",
                f"{each.chance:.3f}",
                f"{slopes[each.name].value:+.3f} ± {slopes[each.name].standard_error:.3f}",
            )
            for each in found.missing.gaps
        ],
    )


def _place(area: AreaProjection) -> str:
    return "not known where" if area.area == "?" else area.area


def _three(each: Interval) -> tuple[float, float, float]:
    return each.middle, each.low, each.high


def _range(each: Interval) -> str:
    return f"{shown(round(each.middle))} votes, between {shown(round(each.low))} and {shown(round(each.high))}"

"""Hypothesis strategies for small elections: several origins, copies, acts, unread figures, ballot options.

A true count is drawn for every station first; then every source tells it in its own way: faithfully, with a figure
that it cannot read, with another figure, twice, from two copies, or not at all. So agreement is common, and every
verdict occurs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from escruta.testing.elections import Row, SmallElection, SmallOrigin, SmallSource

CANDIDATES = ("ana", "ben", "cleo", "dov")
FATES = ("same", "same", "same", "same", "absent", "differs", "unread", "twice", "two-copies", "copies-differ", "half")
"""What can become of a station's sheet in a source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What was counted at one station, and where it lies."""

    station: str
    areas: tuple[str, ...] | None
    """None where no file says it."""
    votes: tuple[int, ...]
    null: int
    registered_voters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What the sources of one election share."""

    truths: tuple[Truth, ...]
    origins: tuple[SmallOrigin, ...]
    candidates: tuple[str, ...]
    options: Mapping[str, str]
    levels: tuple[str, ...]
    with_acts: bool


@st.composite
def elections(
    draw: st.DrawFn,
    *,
    max_stations: int = 8,
    min_candidates: int = 1,
    policies: Sequence[str] = ("single", "corroborated", "confirmed"),
    with_acts: bool = True,
    with_options: bool = True,
) -> SmallElection:
    """Draw a small election: every part of it may be there or not."""
    candidates = CANDIDATES[: draw(st.integers(min_candidates, len(CANDIDATES)))]
    levels = ("state", "town", "place")[: draw(st.integers(0, 3))]
    truths = draw(_truths(max_stations, len(candidates), levels))
    origins = draw(_origins())
    options = _options_of(candidates) if with_options and draw(st.booleans()) else {}
    night = Night(
        truths=truths, origins=origins, candidates=candidates, options=options, levels=levels, with_acts=with_acts
    )
    sources: list[SmallSource] = []
    for at in range(draw(st.integers(1, 4))):
        sources.append(draw(_sources(f"s{at}", night, tuple(each.id for each in sources))))
    register = draw(st.sampled_from([None, "rows", "some rows", "s0"]))
    listed = truths if register == "rows" else truths[: (len(truths) + 1) // 2]
    return SmallElection(
        sources=tuple(sources),
        candidates=candidates,
        options=options,
        origins=origins,
        levels=levels,
        register=tuple(_register_row(each, levels) for each in listed)
        if register in {"rows", "some rows"}
        else register,
        register_is_complete=draw(st.booleans()),
        expected=draw(st.sampled_from([None, len(truths), len(truths) + 3, max(1, len(truths) - 1)])),
        expected_registered_voters=draw(st.sampled_from([None, 40 * len(truths) + 25, 5 * len(truths)])),
        policy=draw(st.sampled_from([*policies])),
        checks=draw(st.sampled_from(_CHECKS)),
    )


_CHECKS: tuple[Mapping[str, Mapping[str, object]], ...] = (
    {},
    {"S201": {"severity": "warning"}, "S203": {"severity": "warning"}},
    {"S302": {"minimum": 0}, "S402": {"minimum": 0}},
)


@st.composite
def _truths(draw: st.DrawFn, most: int, candidates: int, levels: Sequence[str]) -> tuple[Truth, ...]:
    count = st.integers(0, 9)
    one = st.tuples(
        st.lists(count, min_size=candidates, max_size=candidates),
        count,
        st.integers(-2, 30),
        st.lists(st.sampled_from("XY"), min_size=len(levels), max_size=len(levels)),
        st.integers(0, 7),
    )
    drawn = draw(st.lists(one, min_size=1, max_size=most))
    return tuple(
        Truth(
            station=str(at),
            areas=None if levels and unknown == 0 else tuple(areas),
            votes=tuple(votes),
            null=null,
            registered_voters=max(0, sum(votes) + null + slack),
        )
        for at, (votes, null, slack, areas, unknown) in enumerate(drawn, 1)
    )


@st.composite
def _origins(draw: st.DrawFn) -> tuple[SmallOrigin, ...]:
    """Draw origins that derive from earlier ones only, and are adverse only to those that they do not derive from."""
    names = ("authority", "red", "blue", "press")[: draw(st.integers(1, 4))]
    origins: list[SmallOrigin] = []
    ancestry: dict[str, set[str]] = {}
    for name in names:
        earlier = [each.id for each in origins]
        parents = draw(st.lists(st.sampled_from(earlier), max_size=1)) if earlier else []
        ancestry[name] = {name, *(ancestor for parent in parents for ancestor in ancestry[parent])}
        free = [each for each in earlier if each not in ancestry[name]]
        adverse = draw(st.lists(st.sampled_from(free), max_size=2, unique=True)) if free else []
        origins.append(SmallOrigin(id=name, derived_from=tuple(parents), adverse_to=tuple(adverse)))
    return tuple(origins)


def _options_of(candidates: Sequence[str]) -> dict[str, str]:
    """Give the first candidate two ballot options, and every other one an option of the same id."""
    first, *others = candidates
    return {f"{first}-1": first, f"{first}-2": first} | {candidate: candidate for candidate in others}


@st.composite
def _sources(draw: st.DrawFn, name: str, night: Night, earlier: tuple[str, ...]) -> SmallSource:
    by_option = bool(night.options) and draw(st.booleans())
    gives_voters = draw(st.booleans())
    fates = draw(st.lists(st.sampled_from(FATES), min_size=len(night.truths), max_size=len(night.truths)))
    candidate = draw(st.sampled_from(night.candidates))
    sheets = [_row(truth, night, gives_voters=gives_voters) for truth in night.truths]
    rows = [row for sheet, fate in zip(sheets, fates, strict=True) for row in _told(sheet, fate, candidate)] or sheets
    return SmallSource(
        id=name,
        rows=tuple(_by_option(row, night.options) if by_option else row for row in rows),
        origin=draw(st.sampled_from([each.id for each in night.origins])),
        act=draw(st.sampled_from(["count", "count", "canvass"])) if night.with_acts else "count",
        supersedes=tuple(draw(st.lists(st.sampled_from(earlier), max_size=1))) if earlier and night.with_acts else (),
        layout=draw(st.sampled_from([{}, {}, {}, {"empty": "not-on-sheet"}])),
    )


def _row(truth: Truth, night: Night, *, gives_voters: bool) -> dict[str, str | int | None]:
    row: dict[str, str | int | None] = {"station": truth.station, "copy": "1", **_areas_of(truth, night.levels)}
    if gives_voters:
        row["registered_voters"] = truth.registered_voters
    return row | dict(zip(night.candidates, truth.votes, strict=True)) | {"null": truth.null}


def _areas_of(truth: Truth, levels: Sequence[str]) -> dict[str, str | None]:
    areas: tuple[str | None, ...] = truth.areas if truth.areas is not None else (None,) * len(levels)
    return dict(zip(levels, areas, strict=True))


def _told(row: dict[str, str | int | None], fate: str, candidate: str) -> list[dict[str, str | int | None]]:
    """Tell one sheet as its fate has it."""
    other = row | {candidate: int(row[candidate] or 0) + 1}
    return {
        "same": [row],
        "absent": [],
        "differs": [other],
        "unread": [row | {candidate: None}],
        "twice": [row, row],
        "two-copies": [row, row | {"copy": "2"}],
        "copies-differ": [row, other | {"copy": "2"}],
        "half": [row | {candidate: None}, row | {"null": None}],
    }[fate]


def _by_option(row: dict[str, str | int | None], options: Mapping[str, str]) -> dict[str, str | int | None]:
    """Split the votes of the candidate with several options over them."""
    told = dict(row)
    for option, candidate in options.items():
        if option != candidate and candidate in told:
            votes = told.pop(candidate)
            told |= {f"{candidate}-1": votes, f"{candidate}-2": None if votes is None else 0}
    return told


def _register_row(truth: Truth, levels: Sequence[str]) -> Row:
    return {"station": truth.station, **_areas_of(truth, levels), "registered_voters": truth.registered_voters}

"""One language's edition of one contest: what all of its pages share."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from string import ascii_uppercase
from typing import Any, cast

from markupsafe import Markup

from escruta.portal.contents import AreaResult, Contest
from escruta.portal.moments import zone_of
from escruta.portal.places import Places
from escruta.portal.proof.record_log import Fork
from escruta.portal.words import Words

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
SHADES = 5
"""How many candidates have a colour of their own; the others share one."""


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What the pages of one contest in one language are made with."""

    words: Words
    election: Mapping[str, Any]
    contest: Contest
    places: Places
    national: AreaResult
    languages: Sequence[str]
    contests: Sequence[Contest]
    record_href: str
    """From the site's folder to the record's folder, such as `../`."""
    forks: Sequence[Fork] = ()
    """Checkpoints that the log signed and that cannot both be right."""
    has_log: bool = False
    """Whether the record has a log, so that its pages can be checked."""

    @cached_property
    def election_name(self) -> str:
        """The election's name in this language, escaped."""
        return escape(self.words.named(self.election["name"]))

    @property
    def time_zone(self) -> str:
        """The zone in which the election's times are shown, beside UTC."""
        return str(zone_of(self.election))

    @cached_property
    def sources(self) -> list[Mapping[str, Any]]:
        """The sources of this contest that were read, as the definition lists them."""
        mine, read = self.contest.contest, {each["source"] for each in self.contest.summary.get("sources", ())}
        own = [source for source in self.election["sources"] if source.get("contest") in {None, mine}]
        return [source for source in own if source["id"] in read]

    @cached_property
    def is_as_published(self) -> bool:
        """Whether the policy counts one source's figures as published, whatever the verdict."""
        return str(self.contest.summary.get("policy", "")).startswith("source:")

    @cached_property
    def letters(self) -> dict[str, str]:
        """A letter for each source, so that a narrow column can name it."""
        return {source["id"]: _letter(place) for place, source in enumerate(self.sources)}

    @cached_property
    def origins(self) -> dict[str, Mapping[str, Any]]:
        """The origins, by id."""
        return {origin["id"]: origin for origin in self.election["origins"]}

    @cached_property
    def ranking(self) -> list[int]:
        """The candidates' places in the contest, the one with the most votes in the country first."""
        votes = [each.votes or 0 for each in self.national.votes]
        return sorted(range(len(votes)), key=lambda place: (-votes[place], place))

    @cached_property
    def front(self) -> list[int]:
        """The candidates in a table of areas: the first two, and who else has a tenth of the country’s votes."""
        votes = [each.votes or 0 for each in self.national.votes]
        large = [place for place in self.ranking[2:SHADES] if votes[place] * 10 >= sum(votes) > 0]
        return self.ranking[:2] + large

    @cached_property
    def shades(self) -> list[str]:
        """The class of the colour of each candidate, in the contest's order."""
        found = ["k0"] * len(self.contest.candidates)
        for rank, place in enumerate(self.ranking[:SHADES], start=1):
            found[place] = f"k{rank}"
        number = self.contests.index(self.contest)
        for place, candidate in enumerate(self.contest.candidates):
            if candidate.colour:
                found[place] = _own_shade(number, place)
        return found

    @cached_property
    def candidate_names(self) -> list[str]:
        """The candidates' names, escaped, in the contest's order."""
        return [escape(candidate.name) for candidate in self.contest.candidates]

    @cached_property
    def party_names(self) -> list[str]:
        """The candidates' parties, escaped, in the contest's order."""
        return [escape(candidate.party or "") for candidate in self.contest.candidates]

    @cached_property
    def sheet_figures(self) -> frozenset[str]:
        """The figures that a sheet of this contest should have: the votes, and those that the definition lists."""
        votes = {f"votes.{candidate.candidate}" for candidate in self.contest.candidates}
        return frozenset(votes | set(self.contest.sheet_figures))

    @cached_property
    def figure_labels(self) -> list[str]:
        """What each figure of a reading is called, escaped, in the order of the contest's figures."""
        return [self.figure_label(figure) for figure in self.contest.figures]

    def candidate_name(self, candidate: str | None) -> Markup:
        """Name a candidate, escaped; a sum over several has its own word."""
        place = self.contest.index.get(candidate or "")
        if place is None:
            return self.words.html("announcement.others")
        return Markup(self.candidate_names[place])  # noqa: S704 - escaped where it was made

    def figure_label(self, figure: str) -> str:
        """Name a figure of a sheet, escaped."""
        kind, _, name = figure.partition(".")
        if kind in {"votes", "low", "high"}:
            return self.candidate_name(name)
        if kind == "option":
            return escape(self.contest.option_names.get(name, name))
        if kind == "other":
            return escape(self.words.named(self.contest.figure_names.get(name, name)))
        key = f"figure.{figure}"
        return str(self.words(key)) if self.words.has(key) else escape(figure)

    @cached_property
    def level_names(self) -> list[str]:
        """The names of the levels, escaped, the country first."""
        levels = self.election.get("levels", ())
        return [self.words("place.country"), *(escape(self.words.named(level["name"])) for level in levels)]

    def has_name(self, area: str) -> bool:
        """Whether an area has a name beside its code."""
        found = self.places.areas[area]
        return bool(found.name) and found.name != found.code

    def area_name(self, area: str) -> str:
        """Name an area, escaped: its name, or else its level and code."""
        found = self.places.areas[area]
        if not area:
            return self.words("place.country")
        if self.has_name(area):
            return escape(found.name)
        return f"{self.level_names[found.level]} {escape(found.code)}"


KEPT_OF_SUMMARY = ("policy", "sources")
"""What the pages of areas may know of a contest's summary; of its sources only which they are."""


class _Withheld:
    """Stands for the country's figures on pages that must not depend on them; asking it for one is an error."""


def without_national(edition: Edition) -> Edition:
    """Give the edition for the pages of areas: it knows who leads in the country, and no figure of it.

    So a page of an area stays as it is while only other areas change.
    """
    contests = [_of_areas(contest) for contest in edition.contests]
    own = contests[edition.contests.index(edition.contest)]
    given = replace(edition, contest=own, contests=contests, national=cast("AreaResult", _Withheld()))
    vars(given).update(ranking=edition.ranking, front=edition.front)  # computed from what is withheld
    return given


def _of_areas(contest: Contest) -> Contest:
    kept = {name: contest.summary[name] for name in KEPT_OF_SUMMARY if name in contest.summary}
    if "sources" in kept:
        kept["sources"] = [{"source": each["source"]} for each in kept["sources"]]
    return replace(contest, summary=kept)


def figure_names(contest: Contest, words: Words) -> dict[str, str]:
    """Name the figures that only this election has, by contest and figure; not escaped."""
    named = {f"votes.{each.candidate}": each.name for each in contest.candidates}
    named |= {f"option.{option}": name for option, name in contest.option_names.items()}
    named |= {f"other.{figure}": words.named(name) for figure, name in contest.figure_names.items()}
    return {f"{contest.contest}/{figure}": name for figure, name in named.items()}


def colour_rules(contest: Contest, number: int) -> str:
    """Write the style of the colours that the definition gives to candidates of the contest with this number.

    A colour that is not six hexadecimal digits is left out, so that no other text can enter the style sheet.
    """
    return "".join(
        f".{_own_shade(number, place)}{{fill:{candidate.colour};background:{candidate.colour}}}\n"
        for place, candidate in enumerate(contest.candidates)
        if candidate.colour and _COLOUR.fullmatch(candidate.colour)
    )


def _own_shade(number: int, place: int) -> str:
    return f"c{number}-{place}"


def _letter(place: int) -> str:
    return ascii_uppercase[place] if place < len(ascii_uppercase) else f"S{place + 1}"

"""What no total holds, why, and whether it could change who leads: each part by itself, and all of it together.

The bound is arithmetic, with no probability: as if every registered voter there voted for the runner-up. A station that
is in the totals although its readings differ can also lose votes; what moves from one to the other counts twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from escruta.portal.contents import DIFFERING, SetAside
from escruta.portal.editions import Edition
from escruta.portal.folding import fold_whole
from escruta.portal.results import percent
from escruta.portal.verdicts import chip

_UNDECIDED = ("disputed", "contradicted")
_ROOM = (21, 20)
"""So much more than the longest is drawn, so that a line at its end is seen."""


@dataclass(frozen=True, slots=True)
class Stake:
    """A part of what could matter; None is not known."""

    why: str
    stations: int | None
    reach: int | None
    """By how many votes it could at most change the lead."""
    counted: bool = False


def stakes(edition: Edition, aside: Sequence[SetAside]) -> str:
    """Write the section; nothing where nobody leads, or where nothing is set aside and nothing is missing."""
    national = edition.national
    margin = national.margin_votes
    if national.is_none_counted or national.leader is None or national.runner_up is None or margin is None:
        return ""
    inside = [each for each in aside if each.listed]
    parts = parts_of(edition, inside)
    if not parts:
        return ""
    beside = sum(each.stations for each in aside if not each.listed)
    more = f"<p class=note>{edition.words('stakes.unlisted', n=beside)}" if beside else ""
    said = f"<p class=say>{_sentence(edition, inside, margin)}"
    figures = fold_whole(edition.words, "stakes", f"{_table(edition, parts, margin)}{_decided(edition, inside)}")
    lists = f"<p><a href=differing.html>{edition.words('nav.differing')}</a>" if aside else ""
    return f"{said}{figures}{more}{lists}"


def parts_of(edition: Edition, aside: Sequence[SetAside]) -> list[Stake]:
    """List the parts: what no copy came of, what is set aside by verdict, and unread figures of counted sheets."""
    national = edition.national
    held = [each for each in aside if not each.counted]
    missing = _missing(held, national.outside_stations, national.outside_registered_voters)
    parts = [missing] if missing.stations != 0 or missing.reach != 0 else []
    parts += [Stake(each.verdict, each.stations, _reach(each), each.counted) for each in aside]
    if national.unread_at_most != 0:
        parts.append(Stake("unread", None, national.unread_at_most))
    return parts


def _missing(held: Sequence[SetAside], stations: int | None, voters: int | None) -> Stake:
    known = [each.registered_voters for each in held if each.registered_voters is not None]
    number = None if stations is None else max(stations - sum(each.stations for each in held), 0)
    reach = None if voters is None or len(known) < len(held) else max(voters - sum(known), 0)
    return Stake("missing", number, reach)


def _reach(part: SetAside) -> int | None:
    """Bound a part: outside it can bring its voters to the runner-up, inside also take as many from the leader."""
    return None if part.registered_voters is None else part.registered_voters * (2 if part.counted else 1)


def _together(reaches: Sequence[int | None]) -> int | None:
    known = [each for each in reaches if each is not None]
    return sum(known) if len(known) == len(reaches) else None


def _sentence(edition: Edition, aside: Sequence[SetAside], margin: int) -> str:
    """Say in words whether the stations with differing or questioned readings could change who leads."""
    words = edition.words
    differing = [each for each in aside if each.verdict in DIFFERING]
    if not differing:
        return words("stakes.none")
    key = "stakes.published" if any(each.counted for each in differing) else "stakes.aside"
    said = words(key, n=sum(each.stations for each in differing))
    reach = _together([_reach(each) for each in differing])
    if reach is None:
        return f"{said} {words('stakes.unsaid')}"
    names = {
        "leader": edition.candidate_name(edition.national.leader),
        "runner_up": edition.candidate_name(edition.national.runner_up),
    }
    if reach < margin:
        return f"{said} {words('stakes.cannot', n=margin - reach, **names)}"
    return f"{said} {words('stakes.could', n=reach, **names)}"


def _table(edition: Edition, parts: Sequence[Stake], margin: int) -> str:
    words = edition.words
    longest = max([margin, 1, *(each.reach for each in parts if each.reach is not None)]) * _ROOM[0] // _ROOM[1]
    rows = "".join(_row(edition, each, margin, longest) for each in parts)
    whole = _together([each.reach for each in parts])
    if len(parts) > 1:
        numbers = _together([each.stations for each in parts if each.why != "unread"])
        rows += (
            f"<tr class=sum><th scope=row>{words('stakes.together')}<td class=n>{_known(edition, numbers)}"
            f"<td class=n>{_known(edition, whole)}<td class=n>{_left(edition, whole, margin)}"
        )
    return (
        f"<div class=w tabindex=0 role=region aria-label='{words('stakes.title')}'><table class=stk><thead><tr>"
        f"<th scope=col>{words('stakes.what')}<th scope=col class=n>{words('funnel.stations')}"
        f"<th scope=col class=n>{words('stakes.votes')}<th scope=col class=n>{words('stakes.left')}"
        f"<tbody>{rows}</table></div><p class=note>{words('stakes.line')}"
    )


def _row(edition: Edition, part: Stake, margin: int, longest: int) -> str:
    words = edition.words
    name = words("stakes.unread") if part.why == "unread" else chip(edition, part.why)
    more = f" <small>{words('stakes.counted')}</small>" if part.counted else ""
    number = "" if part.why == "unread" else _known(edition, part.stations)
    return (
        f"<tr><th scope=row>{name}{more}{_bar(part.reach, margin, longest)}"
        f"<td class=n>{number}<td class=n>{_known(edition, part.reach)}<td class=n>{_left(edition, part.reach, margin)}"
    )


def _bar(reach: int | None, margin: int, longest: int) -> str:
    """Draw how far a part reaches, beside a line at the lead."""
    shape = "<rect class=open width=100% />"
    if reach is not None:
        shape = f'<rect class=f2 width="{percent(reach, longest)}" />'
    return f'<svg class=line aria-hidden=true>{shape}<rect class=at x="{percent(margin, longest)}" width=2 /></svg>'


def _known(edition: Edition, number: int | None) -> str:
    return f"<i>{edition.words('unknown')}</i>" if number is None else edition.words.numbers.count(number)


def _left(edition: Edition, reach: int | None, margin: int) -> str:
    words = edition.words
    if reach is None:
        return f"<i>{words('unknown')}</i>"
    if reach < margin:
        return words.numbers.count(margin - reach)
    return f"<b class=d>{words('stakes.enough')}</b>"


def _decided(edition: Edition, aside: Sequence[SetAside]) -> str:
    """Say what is left of the lead if each undecided station were decided for the worst of its readings."""
    undecided = [each for each in aside if each.verdict in _UNDECIDED and not each.counted]
    if not undecided:
        return ""
    words, contest, votes = edition.words, edition.contest, edition.national.votes
    leader = contest.index[edition.national.leader or ""]
    left = []
    for place in range(len(votes)):
        if place == leader:
            continue
        ends = [each.low[leader] for each in undecided] + [each.high[place] for each in undecided]
        first, other = votes[leader].votes, votes[place].votes
        if first is None or other is None or votes[place].unread_stations or None in ends:
            return ""
        gained = sum(each.low[leader] or 0 for each in undecided)
        left.append(first + gained - other - sum(each.high[place] or 0 for each in undecided))
    least = min(left)
    if least > 0:
        return f"<p>{words('stakes.decided', n=least, leader=edition.candidate_name(edition.national.leader))}"
    return f"<p>{words('stakes.decided_open')}"

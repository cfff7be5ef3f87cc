"""The result of an area as bars with their figures, and as a strip for a table."""

from __future__ import annotations

from escruta.portal.contents import AreaResult, Votes
from escruta.portal.editions import Edition

_FULL = 1000


def percent(part: int, whole: int) -> str:
    """Write a length of a picture, in percent of its frame, to a tenth.

    >>> percent(1, 3), percent(0, 7), percent(7, 7)
    ('33.3%', '0%', '100%')
    """
    tenths = (part * _FULL + whole // 2) // whole
    return f"{tenths // 10}.{tenths % 10}%" if tenths % 10 else f"{tenths // 10}%"


def result_table(edition: Edition, result: AreaResult) -> str:
    """Draw who has how many votes, the most first; an interval is shown where it is more than one number."""
    words = edition.words
    longest = max([each.high or each.votes or 0 for each in result.votes] + [1])
    order = sorted(range(len(result.votes)), key=lambda place: (-(result.votes[place].votes or 0), place))
    rows = [_row(edition, result, place, longest) for place in order]
    return (
        f"<table class=res><thead><tr><th scope=col>{words('result.candidate')}"
        f"<th scope=col class=n>{words('result.votes')}<th scope=col class=n>{words('result.share')}<tbody>"
        f"{''.join(rows)}</table>{_none_counted(edition, result)}{_beside(edition, result)}"
    )


def _none_counted(edition: Edition, result: AreaResult) -> str:
    """Say that nothing is counted; where copies arrived, that it is the count's rule that leaves them out."""
    if not result.is_none_counted:
        return ""
    words, received = edition.words, result.stations[1]
    of_received = f" {words('result.none_of_received', n=received)}" if received else ""
    return f"<p class=note>{words('result.none_counted')}{of_received}"


def _row(edition: Edition, result: AreaResult, place: int, longest: int) -> str:
    words, votes = edition.words, result.votes[place]
    party = edition.contest.candidates[place].party
    small = f" <small>{edition.party_names[place]}</small>" if party else ""
    is_any_read = votes.votes is not None and (votes.votes or not votes.unread_stations)
    share = (
        words.numbers.share(votes.votes or 0, result.candidate_votes) if is_any_read and result.candidate_votes else "–"
    )
    return (
        f"<tr><th scope=row>{edition.candidate_names[place]}{small}{_bar(votes, edition.shades[place], longest)}"
        f"<td class=n>{_count(edition, votes, is_none_counted=result.is_none_counted)}<td class=n>{share}"
    )


def _count(edition: Edition, votes: Votes, *, is_none_counted: bool) -> str:
    words, count = edition.words, edition.words.numbers.count
    if votes.votes is None:
        text = "–" if is_none_counted else f"<i>{words('unknown')}</i>"
    else:
        text = f"≥ {count(votes.votes)}" if votes.unread_stations else count(votes.votes)
    if votes.low is None or votes.high is None or not _has_interval(votes):
        return text
    low, high = count(votes.low), count(votes.high)
    return f"{text}<small>{low if low == high else f'{low}–{high}'}</small>"


def _bar(votes: Votes, shade: str, longest: int) -> str:
    known = votes.votes or 0
    if not (known or votes.high):
        return ""
    reach = ""
    if votes.high is not None and votes.high > known:
        reach = f'<rect class=reach width="{percent(votes.high, longest)}" />'
    bar = f'<rect class={shade} width="{percent(known, longest)}" />' if votes.votes is not None else ""
    return f"<svg class=bar aria-hidden=true>{reach}{bar}</svg>"


def _beside(edition: Edition, result: AreaResult) -> str:
    """List the figures beside the votes: valid, null, blank."""
    words = edition.words
    kinds = {
        "valid": (result.valid, result.valid_low),
        "null": (result.null, result.null_low),
        "blank": (result.blank, result.blank_low),
        "ballots": (result.ballots, result.ballots_low),
    }
    expected = {"valid", *edition.contest.sheet_figures}
    parts = [
        f"<li>{words(f'figure.{kind}')} <b>{_known(edition, number, least)}</b>"
        for kind, (number, least) in kinds.items()
        if number is not None or least is not None or kind in expected
    ]
    note = f"<p class=note>{words('result.interval')}" if any(map(_has_interval, result.votes)) else ""
    return f"{note}<ul class=facts>{''.join(parts)}</ul>"


def _known(edition: Edition, number: int | None, least: int | None) -> str:
    """Write a sum; where a part of it is unread it is a lower bound, and is shown as one."""
    words = edition.words
    if number is not None:
        return words.numbers.count(number)
    return words("at_least", n=least) if least else words("unknown")


def _has_interval(votes: Votes) -> bool:
    return votes.low is not None and not votes.low == votes.high == votes.votes


def strip(edition: Edition, result: AreaResult) -> str:
    """Draw how the votes of an area divide among the country's first candidates, as one line of a table."""
    whole = sum(each.votes or 0 for each in result.votes)
    if not whole:
        return "<svg class=strip aria-hidden=true></svg>"
    parts, start = [], 0
    for place in edition.front:
        votes = result.votes[place].votes or 0
        left = f' x="{percent(start, whole)}"' if start else ""
        parts.append(f'<rect class={edition.shades[place]}{left} width="{percent(votes, whole)}" />')
        start += votes
    return f"<svg class=strip aria-hidden=true>{''.join(parts)}</svg>"

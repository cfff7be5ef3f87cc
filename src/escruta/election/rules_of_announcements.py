"""The rules for totals that were announced without polling stations behind them."""

from collections import Counter
from collections.abc import Iterator

from escruta.election.faults import Fault
from escruta.election.rules_of_references import contest_of, contest_reference_faults
from escruta.election.spots import Spot


def announcement_faults(root: Spot) -> Iterator[Fault]:
    """Require known candidates, each once, and parts that are not more than their whole."""
    for announcement in root.tables("announcements"):
        yield from contest_reference_faults(root, announcement)
        contest = contest_of(root, announcement)
        if contest is not None:
            yield from _candidate_faults(announcement, contest)
            yield from _sum_faults(announcement, contest)


def _candidate_faults(announcement: Spot, contest: Spot) -> Iterator[Fault]:
    known = contest.ids("candidates")
    alone = announcement.entries("votes")
    together = announcement.at("others").texts("candidates")
    for name, spot in alone:
        if name not in known:
            yield spot.unknown(name, "candidate", known)
    for spot in together:
        if spot.text not in known:
            yield spot.unknown(str(spot.text), "candidate", known)
    counts = Counter([*(name for name, _ in alone), *(str(spot.text) for spot in together)])
    for spot in together:
        if counts[str(spot.text)] > 1:
            yield spot.fault("each candidate once", f"Leave `{spot.text}` either in `votes` or in `others`, once.")


def _sum_faults(announcement: Spot, contest: Spot) -> Iterator[Fault]:
    """Source: the announcement's own words; what is announced as valid contains the votes for every candidate."""
    valid = announcement.at("valid")
    parts = [spot for _, spot in announcement.entries("votes")]
    parts.append(announcement.at("others").at("votes"))
    if contest.at("blank_is_valid").value is True:
        parts.append(announcement.at("blank"))
    total = sum(part.count or 0 for part in parts)
    if valid.count is not None and total > valid.count:
        advice = "Compare each number with the announcement; if that is what was announced, leave `valid` out."
        yield valid.fault(f"at least {total}, the sum of its parts", advice)

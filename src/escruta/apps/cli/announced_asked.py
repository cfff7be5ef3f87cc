"""The questions of `escruta announced`, and their answers as values and as a page."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from escruta.apps.cli.options import share_of

if TYPE_CHECKING:
    from escruta.assessment.announced import Answer, Coverage, FullAnswer
    from escruta.assessment.groups import Outside
    from escruta.assessment.known import Universe
    from escruta.assessment.rounded import RoundedTest
    from escruta.assessment.sequences import Bulletins
    from escruta.election.definition import Announcement
    from escruta.record.contents import ContestResults, Results

_DECIMALS = (0, 1, 2)


class Asked:
    """The questions of one call, with the sheets that they are asked of."""

    def __init__(
        self, results: Results, one: ContestResults, *, by: str, coverage: str | None, outside: Outside, each: bool
    ) -> None:
        self._results, self._one = results, one
        self._by, self._coverage, self._outside, self._each = by, coverage, outside, each
        self.names = {candidate.id: candidate.name for candidate in one.figures.contest.candidates}

    def answer(self, announcement: Announcement) -> FullAnswer:
        """Hold one announcement against the sheets of its area."""
        from escruta.apps import api  # noqa: PLC0415
        from escruta.assessment.announced import full_answer  # noqa: PLC0415
        from escruta.assessment.known import known_sheets, universe_of  # noqa: PLC0415

        area = announcement.area or ""
        api.require_area(self._one, area)
        universe = universe_of(self._one.areas, area)
        return full_answer(
            announcement,
            known_sheets(self._one.stations, self._one.figures, area),
            universe,
            coverage=self._claimed(announcement, universe),
            each=self._each,
            outside=self._outside,
        )

    def _claimed(self, announcement: Announcement, universe: Universe) -> Coverage:
        from escruta.assessment.announced import Coverage, claimed_coverage  # noqa: PLC0415
        from escruta.base.errors import InputError  # noqa: PLC0415

        of = universe.stations if self._by == "stations" else universe.registered_voters
        text = self._coverage
        if text is None:
            return claimed_coverage(announcement, universe, by=self._by)
        if text == "any":
            return Coverage(by=self._by, claimed=None, of=of)
        if text.isascii() and text.isdecimal():
            return Coverage(by=self._by, claimed=self._within(int(text), of), of=of)
        share = share_of(text, "--coverage")
        if of is None:
            raise InputError(
                "a share of an unknown number",
                where="--coverage",
                found=text,
                expected=f"a number of {self._by}, because nobody says how many there are",
            )
        return Coverage(by=self._by, claimed=int(share * of + Fraction(1, 2)), of=of)

    def _within(self, claimed: int, of: int | None) -> int:
        """Refuse a coverage of more than there is."""
        from escruta.base.errors import InputError  # noqa: PLC0415

        if of is not None and claimed > of:
            raise InputError(
                f"more {self._by} than there are", where="--coverage", found=str(claimed), expected=f"at most {of}"
            )
        return claimed

    def together(self, chosen: list[Announcement]) -> Bulletins | None:
        """Hold the announcements of one area and announcer together, in the order of their dates."""
        from escruta.assessment.known import known_sheets, universe_of  # noqa: PLC0415
        from escruta.assessment.sequences import in_order, sequence_answer  # noqa: PLC0415

        ordered = in_order(chosen, ZoneInfo(self._results.election.time_zone))
        if len({(each.area or "", each.by) for each in chosen}) > 1 or ordered is None:
            return None
        area = chosen[0].area or ""
        universe = universe_of(self._one.areas, area)
        return sequence_answer(
            ordered,
            known_sheets(self._one.stations, self._one.figures, area),
            universe,
            coverages=[self._claimed(each, universe) for each in ordered],
            outside=self._outside,
        )

    def page(
        self, chosen: list[Announcement], answers: list[FullAnswer], together: Bulletins | None, language: str | None
    ) -> bytes:
        """Write the page."""
        from escruta.apps.cli.paging import page_words  # noqa: PLC0415
        from escruta.portal.announced_report import Told, announced_report  # noqa: PLC0415
        from escruta.record.summary import answer_values  # noqa: PLC0415

        words = page_words(self._results.election, language)
        told = [
            Told(
                title=words.named(announcement.name),
                answer=answer,
                bound=answer_values(answer.answer),
                rounded=rounded_tests(announcement),
            )
            for announcement, answer in zip(chosen, answers, strict=True)
        ]
        election, contest = self._results.election.name, self._one.figures.contest.name
        return announced_report(
            words,
            kicker=f"{words.named(election)} · {words.named(contest)}",
            names=self.names,
            told=told,
            together=together,
            titles={each.id: words.named(each.name) for each in chosen},
        )

    def as_json(
        self, chosen: list[Announcement], answers: list[FullAnswer], together: Bulletins | None
    ) -> dict[str, Any]:
        """Draw the answers up as plain values."""
        from escruta.record.summary import answer_values, certificate_values  # noqa: PLC0415

        listed = [
            {
                "announcement": announcement.id,
                "area": announcement.area,
                "sheets": len(answer.answer.question.votes),
                **answer_values(answer.answer),
                "critical_coverage": answer.critical_coverage,
                "critical_coverage_of_group": {
                    one.group: answer.answer.coverage_of(one.known_coverage) for one in answer.answer.alone
                },
                "false_sheets_at_least": answer.false_sheets,
                "false_sheets_at_least_at_any_coverage": answer.false_sheets_at_any_coverage,
                "best_mixture_outside": mixtures_of(answer.answer),
                "rounded_percentages": [rounded_values(test) for test in rounded_tests(announcement)],
            }
            for announcement, answer in zip(chosen, answers, strict=True)
        ]
        joint = None
        if together is not None:
            joint = {
                "announcements": list(together.announcements),
                "groups": [group.id for group in together.groups],
                "fewer_votes_later": [list(each) for each in together.shrinking],
                "certificate": certificate_values(together.certificate),
                "certificate_at_any_coverage": certificate_values(together.certificate_at_any_coverage),
            }
        supposed = {
            "turnout_outside_at_most": float(self._outside.turnout),
            "shares_outside_at_most": {name: float(share) for name, share in self._outside.shares.items()},
        }
        return {"contest": self._one.contest, "supposed": supposed, "announcements": listed, "together": joint}


def mixtures_of(answer: Answer) -> dict[str, Any] | None:
    """Give how the votes outside fall where each proof lets them score most, as whole parts; null without limits."""
    if answer.question.limits is None:
        return None
    return {
        "of": answer.question.limits.unit,
        "certificate": answer.mixture(answer.certificate),
        "certificate_at_any_coverage": answer.mixture(answer.certificate_at_any_coverage),
    }


def rounded_tests(announcement: Announcement) -> tuple[RoundedTest, ...]:
    """Hold an announcement's counts against percentages with up to two decimals, as far as they are large enough."""
    from escruta.assessment.rounded import rounded_test  # noqa: PLC0415

    groups, counts = list(announcement.votes), list(announcement.votes.values())
    if announcement.others is not None:
        groups.append("others")
        counts.append(announcement.others.votes)
    if len(groups) < 2:  # noqa: PLR2004 - one count is its own total
        return ()
    total = sum(counts)
    return tuple(rounded_test(groups, counts, each) for each in _DECIMALS if total >= 1000 * 10**each)


def rounded_values(test: RoundedTest) -> dict[str, Any]:
    """Draw a test of rounded percentages up as plain values."""
    return {
        "decimals": test.decimals,
        "total": test.total,
        "all_are_nearest": test.all_hit,
        "counts": [
            {"group": each.group, "announced": each.announced, "nearest": each.nearest, "is_nearest": each.is_hit}
            for each in test.counts
        ],
        "one_in": round(1 / test.together),
        "is_exact": test.is_exact,
        "one_in_for_a_hundred_patterns": round(1 / test.corrected),
    }

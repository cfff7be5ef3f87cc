"""`escruta announced`: could an announcement be true beside the counted sheets, with the proof as a file."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, ELECTION, FINDINGS, FOLDER_THERE, with_exit_codes
from escruta.apps.cli.screen import progress_bars, say, show_json, show_table, shown

if TYPE_CHECKING:
    from escruta.assessment.announced import Bulletins, Coverage, FullAnswer
    from escruta.assessment.bounds import Certificate
    from escruta.assessment.known import Universe
    from escruta.assessment.rounded import RoundedTest
    from escruta.election.definition import Announcement
    from escruta.record.contents import ContestResults, Results

FILE_TO_WRITE = click.Path(path_type=Path, dir_okay=False)
_DECIMALS = (0, 1, 2)


@click.command()
@click.argument("election", metavar="ELECTION|RECORD", type=ELECTION)
@click.option("--data", type=FOLDER_THERE, help="Folder with the source files; beside the definition by default.")
@click.option("--source", "sources", multiple=True, metavar="ID", help="Use only this source; may be repeated.")
@click.option("--policy", metavar="NAME", help="single, corroborated, confirmed, or source:ID.")
@click.option("--contest", metavar="ID", help="The contest; the first one by default.")
@click.option("--announcement", "wanted", multiple=True, metavar="ID", help="Only this one; may be repeated.")
@click.option(
    "--by",
    type=click.Choice(["stations", "voters"]),
    default="stations",
    show_default=True,
    help="What a percentage is a share of.",
)
@click.option("--coverage", metavar="N|P%", help="What the announcement covers, in place of what it says; or any.")
@click.option("--turnout", metavar="P%", help="Turnout at most where no true sheet is known: a choice of yours.")
@click.option("--each", is_flag=True, help="Hold every announced figure apart, not two candidates and the rest.")
@click.option("--certificate", type=FILE_TO_WRITE, metavar="FILE.csv", help="Write the first proof, sheet by sheet.")
@click.option("--page", type=FILE_TO_WRITE, metavar="FILE.html", help="Also write the answer as a page.")
@click.option("--language", metavar="CODE", help="Language of the page; the election's first by default.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON on standard output.")
@with_exit_codes
def announced(  # noqa: PLR0913 - one for each option
    *,
    election: Path,
    data: Path | None,
    sources: tuple[str, ...],
    policy: str | None,
    contest: str | None,
    wanted: tuple[str, ...],
    by: str,
    coverage: str | None,
    turnout: str | None,
    each: bool,
    certificate: Path | None,
    page: Path | None,
    language: str | None,
    as_json: bool,
) -> int:
    """Say whether announced totals can be true beside the counted sheets, and prove it where they cannot.

    Whatever stations an announcement holds, the counted sheets among them have the votes that they have. Where that is
    too much, the announcement and the sheets cannot both be right; which of them is not, is never proved.

    \b
    Examples:
      escruta announced out/venezuela-2024
      escruta announced out/venezuela-2024 --announcement bulletin-1 --certificate proof.csv
      escruta announced examples/venezuela-2024 --data ../shared/data --by voters --page announced.html

    Ends with 0 when nothing is proved against any of them, and with 1 when something is.
    """
    from escruta.apps import api  # noqa: PLC0415 - keeps `--help` quick
    from escruta.apps.cli.opened import open_results  # noqa: PLC0415

    limit = _share(turnout, "--turnout") if turnout is not None else Fraction(1)
    with progress_bars(quiet=as_json) as progress:
        results = open_results(election, data=data, sources=sources, policy=policy, progress=progress)
    one = api.contest_of(results, contest)
    chosen = _chosen(results, one, wanted)
    asked = _Asked(results, one, by=by, coverage=coverage, turnout=limit, each=each)
    answers = [asked.answer(announcement) for announcement in chosen]
    together = asked.together(chosen)
    if certificate is not None:
        _write_certificate(certificate, answers)
    if page is not None:
        page.write_bytes(asked.page(chosen, answers, together, language))
    if as_json:
        show_json(asked.as_json(chosen, answers, together))
    else:
        for announcement, answer in zip(chosen, answers, strict=True):
            asked.tell(announcement, answer)
        _tell_together(together)
    is_proved = any(_is_proved(answer) for answer in answers) or _is_proved_together(together)
    return FINDINGS if is_proved else DONE


def _is_proved(answer: FullAnswer) -> bool:
    found = answer.answer
    return found.certificate is not None or found.certificate_at_any_coverage is not None


def _is_proved_together(found: Bulletins | None) -> bool:
    return found is not None and (found.certificate is not None or found.certificate_at_any_coverage is not None)


def _chosen(results: Results, one: ContestResults, wanted: tuple[str, ...]) -> list[Announcement]:
    from escruta.base.errors import InputError  # noqa: PLC0415

    first = results.election.contests[0].id
    listed = [each for each in results.election.announcements if (each.contest or first) == one.contest]
    own = [each for each in listed if each.votes or each.others is not None]
    unknown = [name for name in wanted if name not in {each.id for each in own}]
    if unknown or not own:
        raise InputError(
            "there is no such announcement" if own else "the definition has no announced votes for this contest",
            found=", ".join(unknown) or "none",
            expected=", ".join(each.id for each in own) or "an [[announcements]] table",
            advice="Add what was announced to the definition, with who announced it and when.",
        )
    return [each for each in own if not wanted or each.id in wanted]


def _share(text: str, option: str) -> Fraction:
    from escruta.base.errors import InputError  # noqa: PLC0415

    try:
        share = Fraction(text.removesuffix("%").strip().replace(",", ".")) / 100
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not text.endswith("%") or not 0 <= share <= 1:
        raise InputError("this is not a percentage", where=option, found=text, expected="such as 80% or 96.87%")
    return share


class _Asked:
    """The questions of one call, with the sheets that they are asked of."""

    def __init__(
        self, results: Results, one: ContestResults, *, by: str, coverage: str | None, turnout: Fraction, each: bool
    ) -> None:
        self._results, self._one = results, one
        self._by, self._coverage, self._turnout, self._each = by, coverage, turnout, each
        self._names = {candidate.id: candidate.name for candidate in one.figures.contest.candidates}

    def answer(self, announcement: Announcement) -> FullAnswer:
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
            turnout_outside=self._turnout,
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
        if text.isdecimal():
            return Coverage(by=self._by, claimed=int(text), of=of)
        share = _share(text, "--coverage")
        if of is None:
            raise InputError(
                "a share of an unknown number",
                where="--coverage",
                found=text,
                expected=f"a number of {self._by}, because nobody says how many there are",
            )
        return Coverage(by=self._by, claimed=int(share * of + Fraction(1, 2)), of=of)

    def together(self, chosen: list[Announcement]) -> Bulletins | None:
        """Hold the announcements of one area and announcer together, in the order of their dates."""
        from escruta.assessment.announced import sequence_answer  # noqa: PLC0415
        from escruta.assessment.known import known_sheets, universe_of  # noqa: PLC0415

        same = {(each.area or "", each.by) for each in chosen}
        if len(chosen) < 2 or len(same) > 1 or any(each.at is None for each in chosen):  # noqa: PLR2004 - two
            return None
        area = chosen[0].area or ""
        universe = universe_of(self._one.areas, area)
        in_order = sorted(chosen, key=self._moment)
        return sequence_answer(
            in_order,
            known_sheets(self._one.stations, self._one.figures, area),
            universe,
            coverages=[self._claimed(each, universe) for each in in_order],
            turnout_outside=self._turnout,
        )

    def _moment(self, announcement: Announcement) -> str:
        """Write a moment so that moments sort, whatever their offset; a day comes before its hours."""
        from datetime import datetime  # noqa: PLC0415
        from zoneinfo import ZoneInfo  # noqa: PLC0415

        at = announcement.at
        if not isinstance(at, datetime) or at.tzinfo is None:
            return str(at)
        return str(at.astimezone(ZoneInfo(self._results.election.time_zone)))

    def page(
        self, chosen: list[Announcement], answers: list[FullAnswer], together: Bulletins | None, language: str | None
    ) -> bytes:
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
            names=self._names,
            told=told,
            together=together,
            titles={each.id: words.named(each.name) for each in chosen},
        )

    def as_json(
        self, chosen: list[Announcement], answers: list[FullAnswer], together: Bulletins | None
    ) -> dict[str, Any]:
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
                "rounded_percentages": [_rounded_values(test) for test in rounded_tests(announcement)],
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
        return {"contest": self._one.contest, "announcements": listed, "together": joint}

    def tell(self, announcement: Announcement, answer: FullAnswer) -> None:
        from escruta.apps.cli.telling import title_of  # noqa: PLC0415
        from escruta.portal.words import load_words  # noqa: PLC0415

        found = answer.answer
        words = load_words("en")
        say(f"\n{words.named(announcement.name)}: {words.forms[f'announced.{found.verdict.value}']}")
        totals = [int(total) for total in found.question.votes.sum(axis=0)]
        rows = [
            (
                self._names.get(one.group, "all others together"),
                one.announced,
                total,
                one.smallest,
                one.shortfall or "–",
            )
            for one, total in zip(found.alone, totals, strict=True)
        ]
        title = f"Announced, beside {shown(len(found.question.votes))} sheets"
        show_table(title, ("", "announced", "on the sheets", "at least", "too few by"), rows)
        if found.coverage.claimed is not None:
            say(f"Coverage: {shown(found.coverage.claimed)} of {shown(found.coverage.of)} {found.coverage.by}.")
        say(f"Largest coverage that is not ruled out: {_critical(answer)}.")
        for where, proof in (
            ("at the coverage that it claims", found.certificate),
            ("whatever it covers", found.certificate_at_any_coverage),
        ):
            if proof is not None:
                _tell_proof(where, proof, [self._names.get(group.id, group.id) for group in found.groups])
        say(
            "Counted sheets that must be false for it to be true, at least: "
            f"{shown(answer.false_sheets)} at its coverage, "
            f"{shown(answer.false_sheets_at_any_coverage)} whatever it covers."
        )
        _tell_rounded(rounded_tests(announcement))
        say("This holds under these assumptions:")
        for code in found.assumptions:
            say(f"  - {title_of(code)}")


def _critical(answer: FullAnswer) -> str:
    critical, of = answer.critical_coverage, answer.answer.coverage.of
    if critical is None:
        return "not known"
    if critical < 0:
        return "none: it is ruled out at any coverage"
    share = f" ({100 * critical / of:.2f} %)" if of else ""
    return f"{shown(critical)} of {shown(of)} {answer.answer.coverage.by}{share}"


def _tell_proof(where: str, proof: Certificate, names: list[str]) -> None:
    weights = ", ".join(f"{name} {weight}" for name, weight in zip(names, proof.weights[0], strict=True))
    say(f"Proof {where}: with the weights {weights}")
    said = (
        f"  what was announced scores {shown(proof.announced_score)}; the best of any stations is {shown(proof.bound)}"
    )
    say(f"{said}: {shown(proof.gap)} too much.")


def _tell_rounded(tests: tuple[RoundedTest, ...]) -> None:
    hit = next((test for test in tests if test.all_hit), None)
    if not tests:
        say("Rounded percentages: not asked; that takes two announced counts at least, of some thousand votes.")
        return
    if hit is None:
        say("Rounded percentages: the counts do not look worked out from any with up to two decimals.")
        return
    most = "" if hit.is_exact else "at most "
    odds, corrected = shown(round(1 / hit.together)), shown(round(1 / hit.corrected))
    say(
        f"Rounded percentages: all {len(hit.counts)} counts are the nearest to percentages with {hit.decimals} "
        "decimals; "
        f"by chance that happens {most}1 time in {odds} (for a hundred such patterns: 1 in {corrected})."
    )
    say(
        "  A clerk who was given a total and percentages would write down the same counts: it does not make them false."
    )


def _tell_together(together: Bulletins | None) -> None:
    if together is None:
        return
    say("\nTogether, as a later announcement contains the earlier ones:")
    for later, candidate in together.shrinking:
        say(f"  {later} has fewer votes for {candidate} than the one before it")
    if together.certificate_at_any_coverage is not None:
        say("  they cannot be right beside the counted sheets, whatever they cover")
    elif together.certificate is not None:
        say("  they cannot be right beside the counted sheets, if they cover as much as they say")
    else:
        say("  nothing more is proved than of each alone")


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


def _rounded_values(test: RoundedTest) -> dict[str, Any]:
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


def _write_certificate(path: Path, answers: list[FullAnswer]) -> None:
    from escruta.apps.cli.certificates import write_certificate  # noqa: PLC0415
    from escruta.base.errors import InputError  # noqa: PLC0415

    for answer in answers:
        if write_certificate(path, answer.answer):
            return
    raise InputError(
        "there is no proof to write",
        where=str(path),
        found="nothing is proved against any announcement",
        expected="an announcement that the sheets rule out",
    )

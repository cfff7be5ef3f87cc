"""What `escruta announced` says on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from escruta.apps.cli.announced_asked import rounded_tests
from escruta.apps.cli.screen import say, show_table, shown

if TYPE_CHECKING:
    from escruta.assessment.announced import Answer, FullAnswer
    from escruta.assessment.bounds import Certificate
    from escruta.assessment.rounded import RoundedTest
    from escruta.assessment.sequences import Bulletins
    from escruta.election.definition import Announcement

Names = Mapping[str, str]
"""Candidate to name."""


def tell(announcement: Announcement, answer: FullAnswer, names: Names) -> None:
    """Say what follows for one announcement."""
    from escruta.apps.cli.telling import title_of  # noqa: PLC0415
    from escruta.portal.words import load_words  # noqa: PLC0415

    found = answer.answer
    words = load_words("en")
    verdict = found.verdict.value if len(found.question.votes) else "no_sheet"
    say(f"\n{words.named(announcement.name)}: {words.forms[f'announced.{verdict}']}")
    rows = [
        (
            names.get(one.group, "all others together"),
            one.announced,
            total,
            one.smallest,
            one.shortfall or "–",
        )
        for one, total in zip(found.alone, found.counted, strict=True)
    ]
    title = f"Announced, beside {shown(len(found.question.votes))} sheets"
    show_table(title, ("", "announced", "on the sheets", "at least", "too few by"), rows)
    if found.coverage.claimed is not None:
        say(f"Coverage: {shown(found.coverage.claimed)} of {shown(found.coverage.of)} {found.coverage.by}.")
    for line in _supposed(found, names):
        say(line)
    say(f"Largest coverage that is not ruled out: {_critical(answer)}.")
    for where, proof in (
        ("at the coverage that it claims", found.certificate),
        ("whatever it covers", found.certificate_at_any_coverage),
    ):
        if proof is not None:
            _tell_proof(where, found, proof, [names.get(group.id, group.id) for group in found.groups])
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


def _tell_proof(where: str, found: Answer, proof: Certificate, names: list[str]) -> None:
    weights = ", ".join(f"{name} {weight}" for name, weight in zip(names, proof.weights[0], strict=True))
    say(f"Proof {where}: with the weights {weights}")
    said = (
        f"  what was announced scores {shown(proof.announced_score)}; the best of any stations is {shown(proof.bound)}"
    )
    say(f"{said}: {shown(proof.gap)} too much.")
    mixture = found.mixture(proof)
    if mixture is not None:
        listed = ", ".join(f"{name} {shown(part)}" for name, part in zip(names, mixture, strict=True))
        say(f"  the votes outside score most if, of each {shown(sum(mixture))}, they fall so: {listed}")


def _supposed(found: Answer, names: Names) -> list[str]:
    """Say what was chosen of the votes outside."""
    where = "Supposed where no true sheet is known: at most"
    turnout = found.outside.turnout
    said = [f"{where} {float(turnout * 100):g} % of the registered voters voted."] if turnout < 1 else []
    for name, share in found.outside.shares.items():
        said.append(f"{where} {float(share * 100):g} % of the votes for candidates are for {names.get(name, name)}.")
    return said


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
        f"Rounded percentages: all {len(hit.counts)} counts are the nearest to percentages with "
        f"{hit.decimals} {'decimal' if hit.decimals == 1 else 'decimals'}; "
        f"by chance that happens {most}1 time in {odds} (for a hundred such patterns: 1 in {corrected})."
    )
    say(
        "  A clerk who was given a total and percentages would write down the same counts: it does not make them false."
    )


def tell_together(together: Bulletins | None, names: Names) -> None:
    """Say what follows for announcements of which each contains the one before it."""
    if together is None:
        return
    say("\nTogether, as a later announcement contains the earlier ones:")
    for later, candidate in together.shrinking:
        say(f"  {later} has fewer votes for {names.get(candidate, candidate)} than the one before it")
    if together.certificate_at_any_coverage is not None:
        say("  they cannot be right beside the counted sheets, whatever they cover")
    elif together.certificate is not None:
        say("  they cannot be right beside the counted sheets, if they cover as much as they say")
    else:
        say("  nothing more is proved than of each alone")

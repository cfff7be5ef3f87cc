"""The rules that tie the parts of a definition together.

Each rule looks at the document as it was found and speaks of what it can read there, so that a fault in one section
never hides a fault in another. What has the wrong form altogether is told by `escruta.election.structure`.
"""

import math
import re
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from escruta.election.faults import Fault, listed
from escruta.election.rules_of_announcements import announcement_faults
from escruta.election.rules_of_deciding import deciding_faults
from escruta.election.rules_of_layouts import register_layout_faults, source_layout_faults
from escruta.election.rules_of_references import (
    contest_faults,
    level_faults,
    origin_faults,
    register_faults,
    source_faults,
)
from escruta.election.spots import Spot

Rule = Callable[[Spot], Iterator[Fault]]

POLICIES = ("single", "corroborated", "confirmed")
LISTS_WITH_IDS = ("levels", "contests", "origins", "sources", "announcements")
LISTS_WITH_IDS_IN_A_CONTEST = ("candidates", "options", "further_figures")
CHECK_CODE = re.compile(r"[A-Z]\d{3}")
TIME_ZONE = re.compile(r"[A-Za-z]+(/[A-Za-z0-9_+-]+)*")


def semantic_faults(document: Mapping[str, object], file: str) -> tuple[Fault, ...]:
    """List what does not fit together in a document; its form is looked at elsewhere."""
    root = Spot(file, (), document)
    return tuple(fault for rule in RULES for fault in rule(root))


def id_faults(root: Spot) -> Iterator[Fault]:
    """Require an id to name one thing of its kind."""
    for key in LISTS_WITH_IDS:
        yield from _repeated(root.tables(key), "id")
    for contest in root.tables("contests"):
        for key in LISTS_WITH_IDS_IN_A_CONTEST:
            yield from _repeated(contest.tables(key), "id")
    yield from _repeated(root.at("stations").tables("key"), "part")


def policy_faults(root: Spot) -> Iterator[Fault]:
    """Require one of the named policies, or one source as published."""
    policy = root.at("policy")
    if policy.text is None or policy.text in POLICIES:
        return
    kind, _, source = policy.text.partition(":")
    if kind != "source":
        expected = f"{listed(POLICIES)} or `source:ID`"
        yield policy.fault(expected, "Use `single` unless the election's own rules ask for more.")
    elif source not in root.ids("sources"):
        yield policy.unknown(source, "source", root.ids("sources"))


def language_faults(root: Spot) -> Iterator[Fault]:
    """Require at least one language for the pages, and each language once."""
    languages = root.at("languages")
    if languages.value == []:
        yield languages.fault("at least one language", 'Write for example `languages = ["en"]`, or leave the key out.')
    counts = Counter(spot.text for spot in root.texts("languages"))
    for language, count in counts.items():
        if count > 1:
            yield languages.fault("each language once", f"Remove all but one `{language}`.")


def time_zone_faults(root: Spot) -> Iterator[Fault]:
    """Require a time zone of the IANA database, as far as this machine has that database."""
    zone = root.at("time_zone")
    if zone.text is None or zone.text == "UTC":
        return
    known = zoneinfo.available_timezones()
    if not TIME_ZONE.fullmatch(zone.text):
        yield zone.fault("a time zone such as `America/La_Paz`", "Use a name of the IANA time zone database.")
    elif known and zone.text not in known:
        short = {name.rsplit("/", 1)[-1]: name for name in sorted(known)}
        city = zone.text.rsplit("/", 1)[-1].replace(" ", "_")
        known_first = (short[city], *sorted(known)) if city in short else tuple(sorted(known))
        advice = f"Did you mean `{known_first[0]}`?" if city in short else "Use a name of the IANA time zone database."
        yield zone.fault("a time zone such as `America/La_Paz`", advice)


def check_rule_faults(root: Spot) -> Iterator[Fault]:
    """Require checks to be named by their codes, and limits that can be reached."""
    for code, rule in root.entries("checks"):
        if not CHECK_CODE.fullmatch(code):
            expected = "the code of a check: a capital letter and three digits, such as `S201`"
            yield rule.fault(expected, "Look the code up in the reference of checks.", found=f"a key `{code}`")
        limit = rule.at("limit").value
        if isinstance(limit, int | float) and (not math.isfinite(limit) or limit < 0):
            advice = 'Write the limit that the check may reach; `severity = "off"` switches it off.'
            yield rule.at("limit").fault("a number, zero or more", advice)


def expectation_faults(root: Spot) -> Iterator[Fault]:
    """Require an expected number of stations that can be one."""
    expected = root.at("stations").at("expected")
    if expected.count == 0:
        yield expected.fault("at least 1", "Leave the key out when the number is not known.")


def _repeated(spots: tuple[Spot, ...], key: str) -> Iterator[Fault]:
    first: dict[str, Spot] = {}
    for spot in spots:
        word = spot.at(key)
        if word.text is None:
            continue
        if word.text in first:
            yield word.fault("an id that is used once", f"Rename one of the two that are called `{word.text}`.")
        first.setdefault(word.text, spot)


RULES: tuple[Rule, ...] = (
    id_faults,
    policy_faults,
    language_faults,
    time_zone_faults,
    expectation_faults,
    level_faults,
    contest_faults,
    deciding_faults,
    origin_faults,
    source_faults,
    source_layout_faults,
    register_faults,
    register_layout_faults,
    announcement_faults,
    check_rule_faults,
)
"""Every rule, in the order in which a definition is usually written."""

"""The rules for how a contest is decided."""

from collections.abc import Iterator

from escruta.election.faults import Fault
from escruta.election.spots import Spot

_SHARES = ("more_than", "at_least")
_LEADS = ("ahead_by_more_than", "ahead_by_at_least")


def deciding_faults(root: Spot) -> Iterator[Fault]:
    """Require ways to win or a bar, not both, and ways that ask for something, each thing once."""
    for contest in root.tables("contests"):
        rule = contest.at("rule")
        if not isinstance(rule.value, dict):
            continue
        if bool(rule.tables("wins")) == rule.at("bar").exists:
            advice = 'Write `rule = { wins = [{ more_than = "50%" }] }`, or `rule = { bar = "5%" }`.'
            yield rule.fault("either `wins` or `bar`", advice)
        for win in rule.tables("wins"):
            asked = [key for key in _SHARES if win.at(key).exists], [key for key in _LEADS if win.at(key).exists]
            if not (asked[0] or asked[1]):
                yield win.fault(f"one of {', '.join(f'`{key}`' for key in (*_SHARES, *_LEADS))}", "Say what wins.")
            for keys in asked:
                if len(keys) > 1:
                    yield win.at(keys[1]).fault(f"`{keys[0]}` alone", "Keep the one that the law says.")

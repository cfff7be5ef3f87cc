"""The checks that a reading goes through, each with its code.

A check passes, fails, or could not be made because a figure that it needs is missing; missing data never looks like a
pass. The severity and the limits given here are the usual ones; an election's definition may set its own. What a code
means, and what to do about it, is said in words per language in `escruta.base.words`.

    S1xx  arithmetic on one sheet        S4xx  unusual figures
    S2xx  the sheet and the register     S5xx  what stands in a cell
    S3xx  one sheet and the others
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from escruta.base.errors import InputError
from escruta.election.definition import CheckRule, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: its code, and the severity and limits that hold unless the election sets others."""

    code: str
    severity: Severity
    limit: float | int | None = None
    """What the checked quantity may not exceed; its unit stands in the code's page."""
    minimum: int | None = None
    """Sheets with fewer ballots are not looked at: the check could not be made."""

    def under(self, rule: CheckRule | None) -> Check:
        """Apply an election's own severity and limits."""
        if rule is None:
            return self
        return Check(
            code=self.code,
            severity=rule.severity if rule.severity is not None else self.severity,
            limit=rule.limit if rule.limit is not None else self.limit,
            minimum=rule.minimum if rule.minimum is not None else self.minimum,
        )


_CHECKS = (
    Check(code="S101", severity=Severity.ERROR),  # ballot options against the candidate's stated votes
    Check(code="S102", severity=Severity.ERROR),  # votes against the stated total of votes for candidates
    Check(code="S103", severity=Severity.ERROR),  # votes (and blank, where valid) against the stated valid votes
    Check(code="S104", severity=Severity.ERROR),  # valid + null + blank + other parts against the stated ballots
    Check(code="S201", severity=Severity.ERROR),  # ballots against registered voters
    Check(code="S202", severity=Severity.WARNING, limit=0.99, minimum=50),  # turnout, as a share of registered voters
    Check(code="S203", severity=Severity.ERROR),  # station not on the register
    Check(code="S204", severity=Severity.WARNING),  # registered voters on the sheet against the register
    Check(code="S301", severity=Severity.WARNING),  # station more than once in one source
    Check(code="S302", severity=Severity.WARNING, minimum=50),  # same figures at two stations
    Check(code="S303", severity=Severity.WARNING),  # same picture for two stations
    Check(code="S401", severity=Severity.WARNING),  # every figure zero
    Check(code="S402", severity=Severity.WARNING, limit=0.20, minimum=50),  # null votes, as a share of ballots
    Check(code="S501", severity=Severity.ERROR),  # a cell is not a count
)

CATALOGUE: Mapping[str, Check] = MappingProxyType({check.code: check for check in _CHECKS})
"""Every check, by its code."""


def checks_of(rules: Mapping[str, CheckRule]) -> dict[str, Check]:
    """List the checks that an election makes, under its own rules.

    Raises `InputError` for a rule of a check that there is not.
    """
    unknown = [code for code in rules if code not in CATALOGUE]
    if unknown:
        raise InputError(
            "the definition sets rules for a check that there is not",
            where="election.toml: checks",
            found=", ".join(unknown),
            expected=", ".join(CATALOGUE),
            advice="Look the codes up in the reference of codes, and correct or remove the rule.",
        )
    under = {code: check.under(rules.get(code)) for code, check in CATALOGUE.items()}
    return {code: check for code, check in under.items() if check.severity is not Severity.OFF}

"""What a slip shows, as it is typed: an option's id, `blank`, `null` or `not-found`."""

from __future__ import annotations

from collections.abc import Sequence

from escruta.apps.audits.errors import AuditRefused
from escruta.audit.polling import LOST, NOBODY

NULL, BLANK_SLIP, NOT_FOUND = "null", "blank", "not-found"


def require_plain_options(options: Sequence[str]) -> None:
    """Refuse options whose ids are words of the file of slips."""
    taken = sorted({NULL, NOT_FOUND} & set(options))
    if taken:
        raise AuditRefused(
            "an option has the id of a word with which slips are entered",
            found=", ".join(taken),
            expected=f"ids other than {NULL} and {NOT_FOUND}",
            advice="Audit whole boxes (--method macro), or give the option another id in the definition.",
        )


def fault_of(text: str, options: Sequence[str], *, lost: bool = True) -> str | None:
    """Say in words what is wrong with an entry; None where nothing is."""
    known = [*dict.fromkeys((*options, BLANK_SLIP, NULL)), *([NOT_FOUND] if lost else [])]
    if text in known:
        return None
    return f"{text!r} is none of {', '.join(known)}" if text else f"it is not said what it shows: {', '.join(known)}"


def encode(text: str, options: Sequence[str]) -> int:
    """Give an option's place, `NOBODY` or `LOST`."""
    if text == NOT_FOUND:
        return LOST
    return options.index(text) if text in options else NOBODY

"""Why a step of an audit is not taken."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from escruta.base.errors import InputError

_SHOWN = 20


class AuditRefused(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """A step is out of order, what was committed has changed, or counts cannot be taken as they are."""


def refuse_faults(what: str, faults: Sequence[str], path: Path, advice: str = "Correct the file.") -> None:
    """Raise `AuditRefused` with the faults of a file, the first twenty in words; nothing where there is none."""
    if not faults:
        return
    more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
    lines = "\n".join(f"    {each}" for each in [*faults[:_SHOWN], *more])
    raise AuditRefused(f"{what}:\n{lines}", where=str(path), advice=advice)

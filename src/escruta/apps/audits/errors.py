"""Why a step of an audit is not taken."""

from __future__ import annotations

from escruta.base.errors import InputError


class AuditRefused(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """A step is out of order, what was committed has changed, or counts cannot be taken as they are."""

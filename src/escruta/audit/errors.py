"""What an audit cannot begin with, or cannot go on with."""

from __future__ import annotations

from escruta.base.errors import InputError


class AuditImpossible(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """Nothing can be audited: no result of the boxes, a margin of nothing, or a bound below the votes."""

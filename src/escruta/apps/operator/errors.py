"""What keeps an operator's log from its work, beside the errors of the log itself."""

from __future__ import annotations

from escruta.base.errors import InputError


class HomeUnusable(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """The home of a log is not there, or what it says cannot be used."""

"""What keeps a bulletin or an acceptance from being signed or published."""

from __future__ import annotations

from escruta.base.errors import InputError


class BulletinRefused(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """It is not what the record says, not signed by enough members, or not of this log."""

"""What can be wrong with a published place, and with one file of it."""

from __future__ import annotations

from escruta.base.errors import InputError


class PlaceUnusable(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """The place as a whole cannot be used: not there, no answer, or it sends us elsewhere."""


class FileRefused(InputError):  # noqa: N818
    """One file of the place cannot be used: too large, cut off, damaged, or not what was asked for. Others may do."""

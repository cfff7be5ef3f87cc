"""What keeps a log witness from its work."""

from __future__ import annotations

from escruta.base.errors import InputError


class WitnessHomeUnusable(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """The folder of a log witness is not there, or holds something else."""

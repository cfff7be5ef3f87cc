"""Why a mirror does not go on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from escruta.base.errors import InputError


class MirrorUnusable(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """The mirror's own folder, key or policy cannot be used."""


class SourceDamaged(InputError):  # noqa: N818
    """What is published does not lead to the root that the log signed."""


class HistoryRefused(InputError):  # noqa: N818
    """The log shows another history than the one that this mirror holds, or less of it; both notes are kept."""

    def __init__(self, what: str, *, evidence_in: Path | None = None, is_fork: bool = False, **more: Any) -> None:  # noqa: ANN401 - as the root takes them
        super().__init__(what, **more)
        self.evidence_in = evidence_in
        """The folder that keeps both notes."""
        self.is_fork = is_fork
        """Whether two signed checkpoints contradict each other; otherwise the log only shows less than before."""


class BucketDiffers(InputError):  # noqa: N818
    """A bucket holds something else in the place of a file of this log."""

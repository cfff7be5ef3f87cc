"""Put what was signed into the log of an operator, and publish it."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from escruta.apps.board.publishing import require_in_log
from escruta.tlog.checkpoints import Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEntries:
    """Where entries stand in the log, and how its new checkpoint was received."""

    indexes: tuple[int, ...]
    said: str


def publish_into(home: Path, entries: Sequence[bytes], *, computed_from: Checkpoint | None) -> PublishedEntries:
    """Append entries to the log of a home, and publish it.

    Raises `BulletinRefused` where the log does not begin with what a bulletin was computed from.
    """
    operator: Any = importlib.import_module("escruta.apps.operator")
    opened = operator.open_home(home)
    if computed_from is not None:
        require_in_log(computed_from, home / "log")
    log = opened.open_log()
    indexes = log.append(entries)
    published = opened.publish(log)
    return PublishedEntries(indexes=indexes, said=str(published))

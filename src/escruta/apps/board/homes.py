"""Put what was signed into the log of an operator, and publish it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from escruta.apps.board.publishing import require_in_log
from escruta.apps.operator import open_home
from escruta.apps.signing import Passphrase
from escruta.tlog.checkpoints import Checkpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEntries:
    """Where entries stand in the log, and how its new checkpoint was received."""

    indexes: tuple[int, ...]
    said: str
    is_met: bool
    """Whether the quorum of log witnesses cosigned."""


def publish_into(
    home: Path, entries: Sequence[bytes], *, computed_from: Checkpoint | None, passphrase: Passphrase | None = None
) -> PublishedEntries:
    """Append entries to the log of a home, and publish it.

    Raises `BulletinRefused` where the log does not begin with what a bulletin was computed from; nothing is appended
    then. `passphrase` is that of the log's keys; by default the home says where it is.
    """
    with open_home(home) as opened:
        if computed_from is not None:
            require_in_log(computed_from, opened.log_folder)
        log = opened.open_log(passphrase)
        indexes = log.append(entries)
        published = opened.publish(log)
    return PublishedEntries(indexes=indexes, said=str(published), is_met=published.standing.is_met)

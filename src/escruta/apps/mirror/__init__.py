"""Mirrors: copies of a log that others keep, audited entry by entry, served, and cosigned.

The doors::

    mirror = Mirror(Path("mirror"), signers, clock, policy=policy)
    with open_published("https://example.org/log") as place:
        pulled = mirror.pull(place)                                  # or raises, and says why
"""

from escruta.apps.mirror.errors import HistoryRefused, MirrorUnusable, SourceDamaged
from escruta.apps.mirror.pulling import Mirror, Pulled

__all__ = ["HistoryRefused", "Mirror", "MirrorUnusable", "Pulled", "SourceDamaged"]

"""How much of a foreign place we are ready to take in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that a foreign place may make us do; beyond it an error says so."""

    file_bytes: int = 1 << 30
    """The most bytes of one file, as they come out. The largest bundle of a log has 17 MB."""
    members: int = 4_000_000
    """The most files of an archive: a country of a million stations has a page for each, in three languages."""
    directory_bytes: int = 1 << 29
    """The most bytes of an archive's own list of its files."""
    archive_bytes: int = 1 << 40
    """The most bytes that all files of an archive have together, as it promises."""
    ratio: int = 250
    """The most bytes that may come out for each byte that is packed; a bomb has a thousand."""
    ratio_from_bytes: int = 1 << 24
    """The ratio is looked at only in larger files: a small one may be very regular."""
    tries: int = 4
    """How often a server is asked for a file before we give up."""
    first_pause_s: float = 0.25
    """How long we wait before the second try; twice as long before each further one."""
    longest_pause_s: float = 10.0
    """The longest that a server may ask us to wait."""
    answer_s: float = 20.0
    """How long a server may be silent."""
    patience_s: float = 60.0
    """How long a file may take, before it must come at `slowest_bytes_a_second`."""
    slowest_bytes_a_second: int = 2_000
    """A slower server holds us up."""
    redirects: int = 3
    """How often a server may send us to another path of its own."""
    at_once: int = 8
    """How many files a server is asked for at the same time."""
    ahead: int = 16
    """How many files are fetched before anybody has read them."""


LIMITS = Limits()

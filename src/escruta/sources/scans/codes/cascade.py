"""One picture to its codes."""

from __future__ import annotations

from escruta.sources.scans.codes.quick import codes_of
from escruta.sources.scans.codes.values import Code, Effort
from escruta.sources.scans.pictures import Picture


def read_codes(picture: Picture, *, effort: Effort = Effort.USUAL) -> tuple[Code, ...]:
    """Read every code on the picture; what cannot be read exactly is not read."""
    del effort
    found = codes_of(picture.half, scale=2.0) if picture.is_large else ()
    return found or codes_of(picture.grey)

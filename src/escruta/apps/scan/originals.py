"""The originals, opened again where two pictures are laid beside each other."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from escruta.apps.scan.gathering import code_key
from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.keeping import original_of
from escruta.apps.scan.standing import Standing
from escruta.apps.scan.tables import page_of_copy
from escruta.base.errors import InputError
from escruta.sources.scans.evidence import COPIED, code_likeness
from escruta.sources.scans.pictures import Picture, each_picture

_HELD = 4
"""Pictures that stay in memory: pairs that come after each other often share one."""

Grey = npt.NDArray[np.uint8]


def open_original(home: ScanHome, digest: str, number: int) -> Picture:
    """Open a page of an original; raises `InputError` where it is not kept here, or is not what it was."""
    for picture in each_picture(original_of(home.originals, digest)):
        if picture.digest != digest:
            raise InputError("an original is not what it was", where=digest[:12], expected="the bytes that were read")
        if picture.page == number:
            return picture
    raise InputError("an original has no such page", where=digest[:12], found=number)


class Originals:
    """Originals by what their copies are known by, a few of them at a time."""

    def __init__(self, home: ScanHome, standing: Standing) -> None:
        """Take where originals lie, and what is known of them."""
        self._home = home
        self._standing = standing
        self._held: OrderedDict[str, Grey | None] = OrderedDict()

    def greys(self, one: str, other: str) -> tuple[Grey, Grey] | None:
        """Open two originals; None where one of them is not kept here any more."""
        first = self._grey(one)
        second = self._grey(other)
        return None if first is None or second is None else (first, second)

    def is_pasted(self, one: str, other: str, code: bytes) -> bool | None:
        """Say whether a code on two pages is as alike as a copy; None where that cannot be seen."""
        both = self.greys(one, other)
        if both is None:
            return None
        likeness = [
            code_likeness(both[0], first, both[1], second)
            for first in self._corners(one, code)
            for second in self._corners(other, code)
        ]
        seen = [each for each in likeness if each is not None]
        return max(seen) >= COPIED if seen else None

    def _corners(self, copy: str, code: bytes) -> list[npt.NDArray[np.float64]]:
        page = self._standing.page(*page_of_copy(copy)) or {"codes": []}
        return [np.array(each["corners"], dtype=np.float64) for each in page["codes"] if code_key(each) == code]

    def _grey(self, copy: str) -> Grey | None:
        if copy not in self._held:
            try:
                self._held[copy] = open_original(self._home, *page_of_copy(copy)).grey
            except InputError:
                self._held[copy] = None
        self._held.move_to_end(copy)
        while len(self._held) > _HELD:
            self._held.popitem(last=False)
        return self._held[copy]

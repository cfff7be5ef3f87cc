"""The originals, opened again where two pictures are laid beside each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from escruta.apps.scan.keeping import original_of
from escruta.apps.scan.tables import page_of_copy
from escruta.base.errors import InputError
from escruta.sources.scans.evidence import LONGEST, Features, FlatCode, features_of, flat_code
from escruta.sources.scans.pictures import Picture, each_picture

Grey: TypeAlias = npt.NDArray[np.uint8]
Corners: TypeAlias = tuple[tuple[float, float], ...]
Places: TypeAlias = tuple[Corners, ...]
"""Where on its picture a code is, each time that it is there: corners in pixels, clockwise from the top left."""


def open_original(folder: Path, digest: str, number: int) -> Picture:
    """Open a page of an original; raises `InputError` where it is not kept here, or is not what it was."""
    for picture in each_picture(original_of(folder, digest), only=number):
        if picture.digest != digest:
            raise InputError("an original is not what it was", where=digest[:12], expected="the bytes that were read")
        if picture.page == number:
            return picture
    raise InputError("an original has no such page", where=digest[:12], found=number)


class Originals:
    """Originals by what their copies are known by: each is opened once, and only what is compared stays of it."""

    def __init__(self, folder: Path) -> None:
        """Take where originals lie."""
        self._folder = folder
        self._held: tuple[str, Picture | None] = ("", None)
        self._features: dict[str, Features | None] = {}
        self._codes: dict[tuple[str, Corners], FlatCode | None] = {}

    def features(self, copy: str) -> Features | None:
        """Give what a page is laid upon others by; None where its original is not kept here any more."""
        if copy not in self._features:
            picture = self._picture(copy)
            self._features[copy] = None if picture is None else features_of(_large_enough(picture))
        return self._features[copy]

    def codes(self, copy: str, places: Places) -> Iterator[FlatCode]:
        """Give those codes of a page that can be seen, from above."""
        for corners in places:
            if (copy, corners) not in self._codes:
                picture = self._picture(copy)
                self._codes[copy, corners] = None if picture is None else flat_code(picture.grey, np.array(corners))
            code = self._codes[copy, corners]
            if code is not None:
                yield code

    def _picture(self, copy: str) -> Picture | None:
        if copy != self._held[0]:
            try:
                self._held = (copy, open_original(self._folder, *page_of_copy(copy)))
            except InputError:
                self._held = (copy, None)
        return self._held[1]


def _large_enough(picture: Picture) -> Grey:
    """Decode a picture at half its size where that is as much as is looked at."""
    return picture.half if max(picture.width, picture.height) >= 2 * LONGEST else picture.grey

"""One picture beside all the others: the same one again, a region of it, or its code on another sheet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from escruta.apps.scan.homes import ScanHome
from escruta.apps.scan.keeping import original_of
from escruta.apps.scan.tables import SheetRead
from escruta.base.errors import InputError
from escruta.sources.scans.evidence import (
    COPIED,
    MOST_PAIRS,
    NEAR_BITS,
    PictureFinding,
    code_likeness,
    from_text,
    near_pairs,
    shared_region,
)
from escruta.sources.scans.pictures import open_pictures

REGION_BITS = 44
"""Pictures of two stations that look so alike are laid upon each other; photographs of two sheets differ by more."""
MOST_LAID = 100
"""How many pairs are laid upon each other, the most alike first: each takes a third of a second."""
MOST_CODES = 400
"""How many pairs of one code are compared pixel by pixel."""

NOT_COMPARED = "P406"

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    copy: str
    digest: str
    page: int
    station: str
    sheets: tuple[SheetRead, ...]


def findings_of_likeness(
    home: ScanHome, sheets: Sequence[SheetRead], stations: Mapping[str, str]
) -> Iterator[tuple[str, PictureFinding]]:
    """Compare every page with every other one, and look closely where two are alike."""
    pages = _pages(sheets, stations)
    if not pages:
        return
    looks = np.array([from_text(each.sheets[0].on_page["look"]) for each in pages])
    alike: set[str] = set()
    for one, other, code in [*_near(pages, looks), *_of_regions(home, pages, looks), *_of_codes(home, pages, looks)]:
        for each, beside in ((one, other), (other, one)):
            alike.add(each.copy)
            details = {} if code == NOT_COMPARED else {"copy": beside.copy, "station": beside.station}
            yield each.copy, PictureFinding(code=code, details=details)
    flooded = len(near_pairs(looks, REGION_BITS)) >= MOST_PAIRS
    for page in pages:
        if flooded:
            yield page.copy, PictureFinding(code=NOT_COMPARED)
        elif page.copy not in alike:
            yield page.copy, PictureFinding(code="P401", details={"pictures": len(pages)})


def _pages(sheets: Sequence[SheetRead], stations: Mapping[str, str]) -> list[_Page]:
    by_copy: dict[str, list[SheetRead]] = defaultdict(list)
    for sheet in sheets:
        by_copy[sheet.copy].append(sheet)
    return [
        _Page(
            copy=copy,
            digest=own[0].digest,
            page=own[0].page,
            station=stations.get(copy, ""),
            sheets=tuple(own),
        )
        for copy, own in sorted(by_copy.items())
    ]


def _near(pages: Sequence[_Page], looks: npt.NDArray[np.uint64]) -> Iterator[tuple[_Page, _Page, str]]:
    for first, second in near_pairs(looks):
        one, other = pages[first], pages[second]
        yield one, other, "P402" if one.station == other.station else "P403"


def _of_regions(
    home: ScanHome, pages: Sequence[_Page], looks: npt.NDArray[np.uint64]
) -> Iterator[tuple[_Page, _Page, str]]:
    """Lay pictures of two stations upon each other that look alike, and are not nearly the same already."""
    pairs = near_pairs(looks, REGION_BITS)
    differing = np.bitwise_count(looks[pairs[:, 0]] ^ looks[pairs[:, 1]]).sum(axis=1, dtype=np.int64)
    order = np.argsort(differing, kind="stable")
    wanted = [at for at in order if differing[at] > NEAR_BITS]
    laid = 0
    for at in wanted:
        one, other = (pages[which] for which in pairs[at])
        if one.station == other.station:
            continue
        laid += 1
        both = _greys(home, one, other) if laid <= MOST_LAID else None
        if both is None:
            yield one, other, NOT_COMPARED
        elif shared_region(*both) is not None:
            yield one, other, "P404"


def _of_codes(
    home: ScanHome, pages: Sequence[_Page], looks: npt.NDArray[np.uint64]
) -> Iterator[tuple[_Page, _Page, str]]:
    """Compare the pixels of one code on pictures that do not look alike: a code that was pasted brings its own."""
    by_text: dict[str, list[int]] = defaultdict(list)
    for at, page in enumerate(pages):
        for text in {sheet.sheet["text"] for sheet in page.sheets if sheet.sheet["method"] == "qr"}:
            by_text[text].append(at)
    compared = 0
    for text, places in sorted(by_text.items()):
        for at, first in enumerate(places):
            for second in places[at + 1 :]:
                if int(np.bitwise_count(looks[first] ^ looks[second]).sum()) <= NEAR_BITS or compared >= MOST_CODES:
                    continue
                compared += 1
                if _is_copied(home, pages[first], pages[second], text):
                    yield pages[first], pages[second], "P405"


def _is_copied(home: ScanHome, one: _Page, other: _Page, text: str) -> bool:
    both = _greys(home, one, other)
    if both is None:
        return False
    likeness = [
        code_likeness(both[0], first, both[1], second)
        for first in _corners(one, text)
        for second in _corners(other, text)
    ]
    return max((each for each in likeness if each is not None), default=0.0) >= COPIED


def _corners(page: _Page, text: str) -> list[npt.NDArray[np.float64]]:
    codes = page.sheets[0].on_page["codes"]
    return [np.array(code["corners"], dtype=np.float64) for code in codes if code["text"] == text]


def _greys(home: ScanHome, one: _Page, other: _Page) -> tuple[Grey, Grey] | None:
    """Open two originals again; None where one of them is not kept here any more."""
    try:
        return _grey(home, one), _grey(home, other)
    except InputError:
        return None


def _grey(home: ScanHome, page: _Page) -> Grey:
    return open_pictures(original_of(home.originals, page.digest))[page.page - 1].grey

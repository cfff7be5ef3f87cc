"""Where each page stands in the site, and what lies inside what.

Addresses are made from the codes of the areas, so that they stay the same from record to record.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from escruta.portal.contents import Area

STATIONS_A_PAGE = 200
"""The most stations that a page holds."""
_LONGEST = 100
"""The most signs of a code in an address: file systems take no name of more than 255 bytes."""
_NOT_IN_ADDRESS = re.compile(r"[^a-z0-9]+")
_IN_ANCHOR = re.compile(r"[^0-9A-Za-z._-]")


class Places:
    """The tree of areas, and the address of each area's page inside a language's folder.

    >>> country = Area("", 0, "country", "", "Utopia", "", 2)
    >>> north = Area("N", 1, "region", "N", "North", "", 2)
    >>> places = Places([country, north], prefix="")
    >>> places.page("N"), places.page("")
    ('areas/n.html', 'index.html')
    """

    def __init__(self, areas: Sequence[Area], prefix: str, a_page: Mapping[str, int] | None = None) -> None:
        self.areas: Mapping[str, Area] = {area.area: area for area in areas}
        self.prefix = prefix
        self._a_page = a_page or {}
        self._children: dict[str, list[str]] = defaultdict(list)
        for area in areas:
            if area.area:
                self._children[area.parent].append(area.area)
        self._slugs: dict[str, str] = {"": ""}
        for parent in [area.area for area in areas]:
            self._name_children(parent)

    def children(self, area: str) -> Sequence[str]:
        """List the areas directly inside an area, by code."""
        return self._children.get(area, ())

    def page(self, area: str) -> str:
        """Give the address of an area's page."""
        return f"{self.prefix}areas/{self._slugs[area]}.html" if area else f"{self.prefix}index.html"

    def slug(self, area: str) -> str:
        """Give the last part of an area's address; the country has none."""
        return self._slugs[area].rpartition("/")[2]

    def stations_page(self, area: str, number: int) -> str:
        """Give the address of a page with a part of the stations that lie directly in an area; numbered from 1."""
        slug = self._slugs[area]
        return f"{self.prefix}stations/{slug}{'/' if slug else ''}{number}.html"

    def stations_a_page(self, area: str) -> int:
        """Tell how many of the stations that lie directly in an area one page holds."""
        return self._a_page.get(area, STATIONS_A_PAGE)

    def page_of_station(self, area: str, place: int, stations: int) -> str:
        """Give the address where the readings of the `place`-th station (from 0) of an area's `stations` stand."""
        if area and stations <= self.stations_a_page(area):
            return self.page(area)
        return self.stations_page(area, place // self.stations_a_page(area) + 1)

    def path(self, area: str) -> list[Area]:
        """List the areas from the country's first level down to this one."""
        steps: list[Area] = []
        while area and area in self.areas:
            steps.append(self.areas[area])
            area = self.areas[area].parent
        return steps[::-1]

    def _name_children(self, parent: str) -> None:
        taken: set[str] = set()
        for child in self._children.get(parent, ()):
            slug = wanted = _slug(self.areas[child].code or child.rsplit("/", 1)[-1])
            number = 1
            while slug in taken:
                number += 1
                slug = f"{wanted}-{number}"
            taken.add(slug)
            above = self._slugs[parent]
            self._slugs[child] = f"{above}/{slug}" if above else slug


def link(here: str, there: str) -> str:
    """Write the address of a page as seen from another page of the same language.

    >>> link("areas/01/0101.html", "areas/01/0101/010101.html")
    '0101/010101.html'
    >>> link("areas/01.html", "index.html")
    '../index.html'
    """
    folder = here.rpartition("/")[0]
    if folder and there.startswith(f"{folder}/"):
        return there[len(folder) + 1 :]
    return "../" * here.count("/") + there


def anchor(station: str) -> str:
    """Make the name of a station's place in its page; two stations never share one.

    >>> anchor("1/3/2"), anchor("010113042.1")
    ('s1:3:2', 's010113042.1')
    """
    return "s" + _IN_ANCHOR.sub(lambda found: ":" if found[0] == "/" else f"~{ord(found[0]):x}~", station)


def shares_of_work(weights: Sequence[int], parts: int) -> list[range]:
    """Cut a row of weights into at most `parts` runs of about the same weight."""
    total, bound, start = sum(weights), 0, 0
    runs: list[range] = []
    for place, weight in enumerate(weights):
        bound += weight
        if bound * parts >= total * (len(runs) + 1) or place == len(weights) - 1:
            runs.append(range(start, place + 1))
            start = place + 1
    return runs


def stations_in(areas: Iterable[Area]) -> int:
    """Count the stations that are listed in some areas."""
    return sum(area.stations_listed or 0 for area in areas)


@lru_cache(maxsize=1 << 16)
def _slug(code: str) -> str:
    plain = unicodedata.normalize("NFKD", code).encode("ascii", "ignore").decode("ascii").lower()
    return _NOT_IN_ADDRESS.sub("-", plain).strip("-")[:_LONGEST].rstrip("-") or "area"

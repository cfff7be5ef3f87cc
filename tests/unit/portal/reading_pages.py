"""What the tests look for in a page: its text, its links, its places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

VOID = frozenset({"meta", "link", "br", "img", "rect", "path"})


@dataclass
class Page:
    """A page as a reader meets it."""

    text: str = ""
    links: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)
    styles: int = 0
    scripts: int = 0


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if "id" in values:
            self.page.ids.append(values["id"])
        if tag == "a":
            self.page.links.append(values["href"])
        elif "href" in values or "src" in values:
            self.page.resources.append(values.get("href") or values["src"])
        self.page.styles += "style" in values or tag == "style"
        self.page.scripts += tag == "script" or any(name.startswith("on") for name in values)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def read_page(path: Path) -> Page:
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    reader.page.text = " ".join(" ".join(reader.parts).split())
    return reader.page


def pages_of(site: Path) -> Iterator[Path]:
    yield from sorted(site.rglob("*.html"))


def target_of(page: Path, link: str) -> tuple[Path, str]:
    """Give the file and the place in it that a link leads to."""
    address, _, place = link.partition("#")
    return ((page.parent / unquote(address)).resolve() if address else page), unquote(place)

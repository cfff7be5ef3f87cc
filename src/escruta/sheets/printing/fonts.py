"""The fonts of a sheet: a few that come with the package, further folders, and where it is asked the system's.

Fonts are taken in that order until every letter can be written; a letter that none has is an error (`GlyphsMissing`),
never an empty box on a sheet that somebody signs.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escruta.base.errors import InputError
from escruta.sheets.printing.coverage import characters_of
from escruta.sheets.printing.errors import GlyphsMissing, PrintingUnavailable

if TYPE_CHECKING:
    import typst

FIRST = "Noto Sans"
LOW = frozenset({FIRST, "Noto Sans Armenian", "Noto Sans Georgian", "Noto Sans Hebrew"})
"""Families whose letters stay within the usual height of a line."""
_LEAST_FONT = 16
"""Bytes of a collection for each of its fonts, at the very least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A family of fonts, and what it can write both in its lightest and in its boldest face."""

    name: str
    faces: tuple[tuple[Path, int], ...]

    def covers(self, letters: Collection[int]) -> frozenset[int]:
        """Say which of these letters every face has."""
        held = frozenset(letters)
        for path, index in self.faces:
            held &= characters_of(path, index)
        return held


@dataclass(frozen=True)  # no slots: what was found in the folders is remembered
class FontShelf:
    """Where fonts are taken from, beside those of the package."""

    folders: tuple[Path, ...] = ()
    with_system: bool = False

    @cached_property
    def typst_fonts(self) -> typst.Fonts:
        """The fonts as the typesetter takes them."""
        for folder in self.folders:
            _require_collections(folder)
        fonts: typst.Fonts = typesetter().Fonts(
            include_system_fonts=self.with_system,
            include_embedded_fonts=True,
            font_paths=[own_fonts(), *self.folders],
        )
        return fonts

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """The families in the order in which they are asked: the package's own, the folders', the system's."""
        own = str(own_fonts())
        found: dict[str, list[tuple[Path, int, int]]] = {}
        for each in self.typst_fonts.fonts():
            if each.path is not None and each.style == "normal":
                found.setdefault(each.family, []).append((Path(each.path), each.index, each.weight))
        ranked = sorted(found.items(), key=lambda item: (_rank(item[1], own, self.folders), item[0] != FIRST, item[0]))
        return tuple(Family(name=name, faces=_faces(faces)) for name, faces in ranked)

    def families_for(self, texts: Iterable[str]) -> tuple[str, ...]:
        """Name the fewest families, in order, that can write all letters; raises `GlyphsMissing`."""
        needed = {ord(letter) for text in texts for letter in text if not _is_blank(letter)}
        chosen = []
        for family in self.families:
            held = family.covers(needed)
            if held or family.name == FIRST:
                chosen.append(family.name)
                needed -= held
            if not needed:
                return tuple(chosen)
        raise GlyphsMissing(chr(letter) for letter in needed)


def own_fonts() -> Path:
    """Give the folder of the fonts that come with the package."""
    return Path(str(files("escruta.sheets.printing") / "fonts"))


def typesetter() -> Any:  # noqa: ANN401 - the module, which is an extra
    """Import the typesetter; raises `PrintingUnavailable`."""
    try:
        import typst  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise PrintingUnavailable(
            "sheets are set by a program that is not installed", advice='pip install "escruta[print]"'
        ) from error
    return typst


def _require_collections(folder: Path) -> None:
    """Refuse a collection that claims more fonts than it can hold: the typesetter would look for each of them."""
    for path in (each for each in sorted(folder.rglob("*")) if each.suffix.lower() in {".ttc", ".otc", ".ttf", ".otf"}):
        with path.open("rb") as opened:
            head = opened.read(12)
        if head[:4] == b"ttcf" and int.from_bytes(head[8:], "big") * _LEAST_FONT > path.stat().st_size:
            raise InputError(
                "this is no collection of fonts", where=str(path), advice="Take the file out of the folder of fonts."
            )


def _rank(faces: Iterable[tuple[Path, int, int]], own: str, folders: Iterable[Path]) -> int:
    paths = [path for path, _, _ in faces]
    if any(path.is_relative_to(own) for path in paths):
        return 0
    return 1 if any(path.is_relative_to(folder) for path in paths for folder in folders) else 2


def _faces(faces: Iterable[tuple[Path, int, int]]) -> tuple[tuple[Path, int], ...]:
    """Take the face nearest to regular, and the one nearest to bold: those that a sheet is set in."""
    known = sorted(faces, key=lambda face: (str(face[0]), face[1]))
    regular = min(known, key=lambda face: abs(face[2] - 400))
    bold = min(known, key=lambda face: abs(face[2] - 700))
    return tuple(dict.fromkeys((face[0], face[1]) for face in (regular, bold)))


def _is_blank(letter: str) -> bool:
    return letter.isspace() or unicodedata.category(letter) == "Cf"

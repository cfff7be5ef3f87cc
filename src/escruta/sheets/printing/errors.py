"""What keeps a sheet from being printed.

::

    InputError
    ├── PrintingUnavailable   the typesetter is not installed: the extra `print`
    ├── GlyphsMissing         no font at hand can write some letters of the sheet
    ├── TextUnprintable       a text holds what would not show, or would change how other letters show
    ├── WordsMissing          the words of a language are not there, or not all of them
    └── SheetUnprintable      seal and sheet differ, the code is wider than the paper, …
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from escruta.base.errors import InputError

_NAMED = 12


class PrintingUnavailable(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """The typesetter is not installed."""


class GlyphsMissing(InputError):  # noqa: N818
    """No font at hand can write some letters. `letters` are those letters, each once, in order."""

    def __init__(self, letters: Iterable[str]) -> None:
        self.letters = "".join(sorted(set(letters)))
        names = [f"{letter} U+{ord(letter):04X} {unicodedata.name(letter, '')}".strip() for letter in self.letters]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        super().__init__(
            f"no font at hand can write these letters: {', '.join(names[:_NAMED])}{more}",
            advice="Give a folder with a font that has them (--fonts DIR), such as one of the Noto fonts.",
        )

    def __reduce__(self) -> tuple[type[GlyphsMissing], tuple[str]]:
        """Cross to another process whole."""
        return (type(self), (self.letters,))


class TextUnprintable(InputError):  # noqa: N818
    """A text holds a control character, or one that turns the direction of what follows."""


class WordsMissing(InputError):  # noqa: N818
    """The words of a language are not there, or not all of them."""


class SheetUnprintable(InputError):  # noqa: N818
    """A sheet cannot be printed as it is."""

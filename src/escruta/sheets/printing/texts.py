"""Texts that come from data, made fit to be printed: nothing that does not show, nothing that turns letters round.

Names reach the typesetter as JSON values and never as markup, so no name can be a command. What is left is what letters
themselves can do: control characters, and those that turn the direction of the writing (Unicode Technical Report 36,
section 3.5: after U+202E, 12 looks like 21).
"""

from __future__ import annotations

import unicodedata

from escruta.sheets.printing.errors import TextUnprintable

LONGEST_TEXT = 400
_LONGEST_WORD = 18
_JOINERS = frozenset("\u200b\u200c\u200d\u200e\u200f\u061c\u2060\u00ad")
"""Characters of format that writing needs: joiners, marks of direction, places where a word may break."""
_BREAK = "\u200b"


def printable_text(text: str, where: str) -> str:
    r"""Give a text in normal form C with single spaces; raises `TextUnprintable`.

    >>> printable_text("  Ana\n Díaz ", "a name")
    'Ana Díaz'
    """
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    if text and all(letter in _JOINERS or letter == " " for letter in plain):
        raise TextUnprintable("nothing of a text shows", where=where, found=ascii(text), expected="letters or digits")
    if len(plain) > LONGEST_TEXT:
        raise TextUnprintable(
            "a text is too long for a sheet",
            where=where,
            found=f"{len(plain)} characters",
            expected=f"at most {LONGEST_TEXT}",
        )
    for letter in plain:
        if _is_hidden(letter):
            raise TextUnprintable(
                "a text holds a character that does not show, or that changes how others show",
                where=where,
                found=f"U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')}",
                expected="letters, digits, signs and spaces",
                advice="Remove it from the definition or the file that it comes from.",
            )
    return plain


def _is_hidden(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn"} and letter not in _JOINERS


def breakable(text: str) -> str:
    """Let words that no line would hold break, by places for it that do not show.

    >>> len(breakable("Llanfair" * 3)) - len("Llanfair" * 3)
    1
    """
    return " ".join(_word(word) for word in text.split(" "))


def _word(word: str) -> str:
    if len(word) <= _LONGEST_WORD:
        return word
    pieces, last = [""], 0
    for before, letter in zip(" " + word, word, strict=False):
        if last >= _LONGEST_WORD and _may_part(before, letter):
            pieces.append("")
            last = 0
        pieces[-1] += letter
        last += 1
    return _BREAK.join(pieces)


_VIRAMA = 9
"""Joins the consonants before and after it: the canonical combining class of Unicode."""


def _may_part(before: str, letter: str) -> bool:
    """Whether a line may end between two letters: not before a mark, nor inside a conjunct or what is joined."""
    joined = unicodedata.combining(before) == _VIRAMA or before in _JOINERS or letter in _JOINERS
    return not joined and unicodedata.category(letter)[0] != "M"

"""What every code of the house means, in words, per language.

Findings, verdicts, steps and assumptions are data: a code and its evidence. The words are kept apart, in
`codes/LANGUAGE.toml`, so that a page, a command line and the documentation say the same thing. A code is `S201`, or a
group and a name: `verdict.single`, `step.received`, `assumption.nobody_votes_twice`, `to_compare.null_votes_announced`.
The name alone, as it stands in `summary.json`, is enough where one group has it.

    words = code_words("S201", "nl")
    words.title                              # Meer stembiljetten dan geregistreerde kiezers
    words.say(found=412, expected=405)       # Er staan 412 stembiljetten tegenover 405 geregistreerde kiezers.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from escruta.base.errors import InputError

FALLBACK = "en"
"""The language that has the words where the wanted one is not ours."""

_GROUPS = ("verdict", "step", "assumption", "to_compare")


class CodeUnknown(InputError, KeyError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """No such code in the house: it was mistyped, or comes from a later version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeWords:
    """The words of one code in one language."""

    code: str
    language: str
    """The language of these words: the one that was asked for, or else English."""
    title: str
    """At most 60 characters."""
    meaning: str
    """What it means, and what it does not mean."""
    what_to_do: str
    """The next step of a careful person."""
    says: str | None = None
    """The sentence of one finding or note, with its details in braces."""
    needs: str | None = None
    """The figures without which a check cannot be made."""
    limit: str | None = None
    """What the limit of a check counts, with its unit."""
    minimum: str | None = None
    """What the minimum of a check counts."""

    def say(self, **details: object) -> str:
        """Say the finding or note with its details; the title where there is no sentence.

        >>> code_words("S103").say(found=297, expected=299)
        'The parts add up to 297; the sheet states 299.'
        """
        return self.title if self.says is None else self.says.format(**details)


def code_words(code: str, language: str = FALLBACK) -> CodeWords:
    """Give the words of a code; in English where we do not speak the language.

    Raises `CodeUnknown`, which is a `KeyError` too.

    >>> code_words("verdict.confirmed", "es").title
    'confirmada'
    """
    spoken = language if language in languages() else language.partition("-")[0]
    spoken = spoken if spoken in languages() else FALLBACK
    table = _words_of(spoken)
    named = [code] if code in table else [f"{group}.{code}" for group in _GROUPS if f"{group}.{code}" in table]
    if len(named) != 1:
        raise CodeUnknown(
            "there is no such code" if not named else "two codes have this name",
            found=code,
            expected=", ".join(named) or "a code of docs/reference/codes",
        )
    return table[named[0]]


def codes() -> tuple[str, ...]:
    """List every code that has words, in the order of the documentation.

    >>> codes()[0], len(codes()) > 50
    ('F101', True)
    """
    return tuple(_words_of(FALLBACK))


@cache
def languages() -> tuple[str, ...]:
    """List the languages that the house speaks: its codes, its pages and the choices of every command.

    >>> languages()
    ('en', 'es', 'fr', 'nl', 'pt')
    """
    names = (entry.name for entry in (files("escruta.base") / "codes").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def _words_of(language: str) -> Mapping[str, CodeWords]:
    text = (files("escruta.base") / "codes" / f"{language}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    entries = {code: words for code, words in table.items() if code not in _GROUPS}
    for group in _GROUPS:
        entries |= {f"{group}.{name}": words for name, words in table.get(group, {}).items()}
    return MappingProxyType({code: CodeWords(code=code, language=language, **words) for code, words in entries.items()})

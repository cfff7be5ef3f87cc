"""What was noticed in the files that the result is made from: notes, by their codes (F), for whoever reads the page.

A note stops nothing, and belongs to a file and to no polling station. Its details stand in `files.json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from escruta.base.words import CodeUnknown, code_words
from escruta.portal.words import Words

_SAYS_NOTHING = frozenset({"F113", "F114"})
"""Notes that say why a source has no polling station: they are shown without being asked for."""

_FILES_NAMED = 3


def noticed_in(words: Words, source: str, files: Sequence[Mapping[str, Any]], *, key: str = "source.noticed") -> str:
    """List the notes on the files of a source, or of the register; nothing where there are none.

    `files` is the list in the record's `files.json`; the word of `key` says whose files they are.
    """
    by_code: dict[str, list[str]] = {}
    for each in files:
        if each.get("source") == source:
            for code in dict.fromkeys(str(note["code"]) for note in each.get("notes") or ()):
                by_code.setdefault(code, []).append(str(each["path"]))
    if not by_code:
        return ""
    codes = sorted(by_code)
    titles = "; ".join(escape(_said(words, code)[0]) for code in codes)
    items = "".join(_item(words, code, by_code[code]) for code in codes)
    is_open = " open" if _SAYS_NOTHING.intersection(codes) else ""
    summary = f"<summary>{words.labelled(words(key), titles)}</summary>"
    return f"<details{is_open}>{summary}<ul class=plain>{items}</ul></details>"


def _item(words: Words, code: str, paths: Sequence[str]) -> str:
    title, meaning = _said(words, code)
    names = ", ".join(f"<code>{escape(path.rsplit('/', 1)[-1])}</code>" for path in paths[:_FILES_NAMED])
    more = f" {words('source.noticed_more', n=len(paths) - _FILES_NAMED)}" if len(paths) > _FILES_NAMED else ""
    text = f"<b>{escape(title)}.</b> {escape(meaning)}" if meaning else ""
    return f"<li>{text} <small>{words.labelled(escape(code), names)}{more}</small>"


def _said(words: Words, code: str) -> tuple[str, str]:
    """Give the title and the meaning of a code; one that we have no words for stands for itself."""
    try:
        said = code_words(code, words.language)
    except CodeUnknown:
        return code, ""
    return said.title, said.meaning

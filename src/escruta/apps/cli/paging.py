"""What the pages of commands share: their language, what areas are called, and whether the log names them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from escruta.base.errors import InputError
from escruta.election.definition import Election
from escruta.portal.words import Words, known_languages, load_words
from escruta.record.contents import Results
from escruta.record.logbook import log_names_pages


def page_words(election: Election, language: str | None) -> Words:
    """Take the words of a language; of the election's first one that has words when none is named."""
    known = known_languages()
    if language is None:
        return load_words(next((each for each in election.languages if each in known), "en"))
    if language not in known:
        raise InputError("the pages have no words in this language", found=language, expected=", ".join(known))
    return load_words(language)


def area_name(results: Results, words: Words, area: str) -> str:
    """Name an area; by its code where it has no name."""
    if not area:
        return words.html("place.country")
    names = results.geography.areas.filter(pl.col("area") == area)["name"].to_list()
    return names[0] if names and names[0] else area


def unlogged_pages(record: Path, site: Path) -> str | None:
    """Say that the record's log does not name the pages that stand in its own site; None where it names them."""
    if log_names_pages(record, site):
        return None
    return (
        "the record's log does not name these pages, and `escruta verify` will say so. Publish them with `escruta run` "
        "(with --log, where the log is yours), or render them into another folder with --out"
    )

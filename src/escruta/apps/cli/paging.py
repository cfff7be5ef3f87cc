"""What the pages of commands share: their language, what areas are called, and whether the log names them."""

from __future__ import annotations

from pathlib import Path

import click
import polars as pl

from escruta.base.errors import harmless
from escruta.election.definition import Election
from escruta.portal.languages import Chosen, chosen_languages, spoken
from escruta.portal.words import Words, load_words
from escruta.record.contents import Results
from escruta.record.logbook import log_names_pages


def page_words(election: Election, language: str | None) -> Words:
    """Take the words of a language; of the election's first one that has words when none is named."""
    if language is None:
        return load_words(next(filter(None, map(spoken, election.languages)), "en"))
    return load_words(page_language(language))


def page_language(asked: str) -> str:
    """Find the language whose words a page asked for in `asked` is written in, and say so where it is another one.

    Raises:
        InputError: the pages have no words in it.
    """
    return told_languages(chosen_languages([asked], None))[0]


def told_languages(chosen: Chosen) -> tuple[str, ...]:
    """Say on standard error which languages stand in for others, and which are left out; give those of the pages."""
    for asked, instead in chosen.instead:
        click.echo(f"escruta: {harmless(asked)}: the pages are in {instead}, whose words are ours", err=True)
    for language in chosen.without:
        click.echo(f"escruta: {harmless(language)}: the pages have no words in it, and leave it out", err=True)
    return chosen.languages


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

"""How a reader checks the result without us: the words, the files, and the command that adds it all up again."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from jinja2 import Environment

from escruta.base.words import code_words
from escruta.portal.areas import Page
from escruta.portal.contents import STEPS, VERDICTS
from escruta.portal.editions import Edition
from escruta.portal.reading import Record
from escruta.portal.shell import Shell

_KILO = 1000


def about_page(edition: Edition, shell: Shell, environment: Environment, record: Record) -> Page:
    """Write the page that explains how to check the rest."""
    here = f"{edition.places.prefix}about.html"
    up = "../" * (here.count("/") + 1)
    body = environment.get_template("about.html").render(
        say=edition.words.html,
        name=edition.words.named(edition.election["name"]),
        verdicts=[(each, code_words(f"verdict.{each}", edition.words.language).meaning) for each in VERDICTS],
        steps=[(each, code_words(f"step.{each}", edition.words.language).meaning) for each in STEPS],
        policy=edition.contest.summary.get("policy", edition.election.get("policy", "single")),
        files=_files(edition, record.folder),
        record=f"{up}{edition.record_href}",
        notes=edition.words.named(edition.election.get("notes")),
    )
    return here, shell.page(here, body, title=edition.words("nav.about"), tab="about")


def _files(edition: Edition, folder: Path) -> list[Mapping[str, str]]:
    """List the record's files with their sizes and digests."""
    digests = _digests(folder / "SHA256SUMS")
    return [
        {"name": name, "size": _size(edition, (folder / name).stat().st_size), "sha256": digest}
        for name, digest in sorted(digests.items())
    ]


def _digests(path: Path) -> dict[str, str]:
    lines = [line.split(maxsplit=1) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return {parts[1].removeprefix("*"): parts[0] for parts in lines if len(parts) > 1}


def _size(edition: Edition, size: int) -> str:
    return escape(f"{edition.words.numbers.count(max(-(-size // _KILO), 1))} kB")

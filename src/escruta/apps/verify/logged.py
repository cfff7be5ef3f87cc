"""What a log says of the record that it belongs to, read from its entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from escruta.apps.board import BOARD_KINDS
from escruta.record.entries import History, kind_of

KNOWN = frozenset(("rules", "file", "copy", "reading", "withdrawal", "return", "record", "page", "pages", *BOARD_KINDS))


@dataclass(slots=True)
class Logged:
    """The entries of a log, drawn together; what was published later takes the place of what was before."""

    history: History = field(default_factory=History)
    rules: set[str] = field(default_factory=set)
    pages: set[tuple[str, str]] = field(default_factory=set)
    """Path and SHA-256 of every page that ever was published."""
    signed: list[tuple[int, bytes]] = field(default_factory=list)
    """Index and entry of each bulletin, dissent and acceptance."""
    kinds: Counter[str] = field(default_factory=Counter)


def read_logged(entries: Iterable[bytes]) -> Logged:
    """Read a log from its beginning."""
    logged = Logged()
    for index, raw in enumerate(entries):
        kind, said = kind_of(raw)
        logged.kinds[kind if kind in KNOWN else "other"] += 1
        logged.history.add_said(raw, kind, said)
        if kind == "rules":
            logged.rules.add(str(said.get("sha256")))
        elif kind == "page":
            logged.pages.add((str(said.get("path")), str(said.get("sha256"))))
        elif kind in BOARD_KINDS:
            logged.signed.append((index, raw))
    return logged

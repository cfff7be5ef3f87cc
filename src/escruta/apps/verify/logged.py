"""What a log says of the record that it belongs to, read from its entries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from escruta.apps.board import BOARD_KINDS
from escruta.record.entries import MUST_SAY, History, is_in_form, kind_of


@dataclass(slots=True)
class Logged:
    """The entries of a log, drawn together; what was published later takes the place of what was before."""

    history: History = field(default_factory=History)
    rules: set[str] = field(default_factory=set)
    pages: set[tuple[str, str]] = field(default_factory=set)
    """Path and SHA-256 of every page that ever was published."""
    signed: list[tuple[int, bytes]] = field(default_factory=list)
    """Index and entry of each bulletin, dissent and acceptance."""
    unlike: list[int] = field(default_factory=list)
    """Indexes of entries of a kind of ours that are not in its form, or contradict what stands before them."""
    others: int = 0
    """Entries of no kind that we know."""

    def withdrawn(self) -> str:
        """Tell of whom how many readings were withdrawn."""
        count = Counter(self.history.withdrawn.values())
        return ", ".join(f"{source} {readings}" for source, readings in sorted(count.items()))


def read_logged(entries: Iterable[bytes]) -> Logged:
    """Read a log from its beginning."""
    logged = Logged()
    for index, raw in enumerate(entries):
        kind, said = kind_of(raw)
        if kind in BOARD_KINDS:
            logged.signed.append((index, raw))
            continue
        if kind not in MUST_SAY:
            logged.others += 1
            continue
        is_whole_reading = kind == "reading" and "kind" not in said  # its digest is its form
        if not (is_whole_reading or is_in_form(raw, kind, said)) or not logged.history.add_said(raw, kind, said):
            logged.unlike.append(index)
            continue
        if kind == "rules":
            logged.rules.add(str(said.get("sha256")))
        elif kind == "page":
            logged.pages.add((str(said.get("path")), str(said.get("sha256"))))
    return logged

"""Gather the keys that belong on one sheet, from cards and from policies."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from escruta.apps.signing.cards import KeyCard, card_of
from escruta.base.errors import FileUnreadable
from escruta.tlog.keys import KeyKind
from escruta.tlog.policies import LARGEST_POLICY, Policy, parse_policy

_FIRST_WORDS = (b"log", b"witness", b"group", b"quorum")


def gather(references: Iterable[str]) -> tuple[list[KeyCard], list[str]]:
    """Give the cards of all keys, each once, and the policies as they stand.

    A reference is what `card_of` takes, or the file of a policy or a board.
    """
    cards: dict[str, KeyCard] = {}
    policies: list[str] = []
    for reference in references:
        raw = _policy_in(Path(reference))
        if raw is None:
            found = [card_of(reference)]
        else:
            policy = parse_policy(raw, where=reference, witness_kinds=tuple(KeyKind))
            policies.append(raw.decode("utf-8", "replace"))
            found = cards_of(policy)
        for card in found:
            known = cards.get(str(card.key))
            cards[str(card.key)] = card if known is None or known.owner is None else known
    return list(cards.values()), policies


def cards_of(policy: Policy) -> list[KeyCard]:
    """Give a card for each key of a policy; the name that the policy gives to it stands for its owner."""
    origins = ", ".join(dict.fromkeys(key.name for key in policy.logs)) or None
    logs = [KeyCard(key=key, valid_for=key.name) for key in policy.logs]
    others = [
        KeyCard(key=key, owner=name.encode("ascii", "surrogateescape").decode("utf-8", "replace"), valid_for=origins)
        for name, key in policy.witnesses.items()
    ]
    return logs + others


def _policy_in(path: Path) -> bytes | None:
    """Give the bytes of a file whose first line that counts is one of a policy; None for any other."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as opened:
            raw = opened.read(LARGEST_POLICY + 1)
    except OSError as error:
        raise FileUnreadable("the file cannot be read", where=str(path), found=error.strerror) from error
    lines = (line.split() for line in raw.split(b"\n"))
    first = next((words[0] for words in lines if words and not words[0].startswith(b"#")), b"")
    return raw if first in _FIRST_WORDS else None

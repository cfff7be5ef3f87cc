"""Pages of one sheet as somebody would change them, and links as the pages of a site write them."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from escruta.base.errors import EscrutaError
from escruta.portal.proof import RecordLog, one_file_proof
from escruta.portal.proof.pages import policy_text
from escruta.tlog import parse_policy, parse_proof_file

ENTRY = 30


def one_file(log: RecordLog, language: str = "en") -> str:
    return one_file_proof(
        log.entry(ENTRY), log.proof(ENTRY), log.policy, language, names={"head/votes.alba": "Ana Alba"}
    )


def one_policy(log: RecordLog) -> str:
    return policy_text(log.policy)


def link_of(site: Path, language: str = "en") -> str:
    """Find a link to a check as a page writes it, from the folder of its language."""
    pages = (page.read_text(encoding="utf-8") for page in sorted((site / language).rglob("*.html")))
    return next(found[1] for text in pages if (found := re.search(r"href='[./]*(check\.html#[^']+)'", text)))


def flipped(text: str, at: int) -> str:
    """Another sign in place of one, which stays Base 64 or a digit."""
    other = {"1": "2", "A": "B"}.get(text[at], "1" if text[at].isdigit() else "A")
    return text[:at] + other + text[at + 1 :]


def page_with(log: RecordLog, entry: bytes, proof: str, policy: str) -> str:
    """Put other texts into a page: what somebody would do who wants a false one to be believed."""
    page = one_file(log)
    for name, text in (("entry", entry.decode()), ("proof", proof), ("policy", policy)):
        start = page.index(">", page.index(f'<pre id="{name}"')) + 1
        page = page[:start] + escape(text) + page[page.index("</pre>", start) :]
    return page


def is_good(entry: bytes, proof: str, policy: str) -> bool:
    """What our other program says of the same texts."""
    try:
        parse_proof_file(proof.encode()).verify(entry, parse_policy(policy.encode()))
    except EscrutaError:
        return False
    return True


def spoilt(log: RecordLog) -> dict[str, tuple[bytes, str, str]]:
    """Entry, proof and policy, each with one thing changed."""
    entry, proof, policy = log.entry(ENTRY), str(log.proof(ENTRY)), one_policy(log)
    lines = proof.splitlines()

    def changed(row: int, at: int) -> str:
        return "\n".join([*lines[:row], flipped(lines[row], at), *lines[row + 1 :]]) + "\n"

    keys = enumerate([*log.policy.logs, *log.policy.witnesses.values()])
    blank = lines.index("", 2)
    signatures = [row for row, line in enumerate(lines) if line.startswith("—")]
    root = blank + 3
    ends = {row: len(lines[row]) - 10 for row in signatures}
    return {
        "entry": (flipped(entry.decode(), entry.index(b'"valid":') + 8).encode(), proof, policy),
        "entry-space": (entry.replace(b'"act":"count"', b'"act": "count"'), proof, policy),
        "index": (entry, proof.replace(f"index {ENTRY}", f"index {ENTRY + 1}"), policy),
        "first-hash": (entry, changed(2, 7), policy),
        "last-hash": (entry, changed(blank - 1, 7), policy),
        "one-hash-less": (entry, "\n".join(lines[:2] + lines[3:]) + "\n", policy),
        "one-hash-more": (entry, "\n".join([*lines[:2], lines[2], *lines[2:]]) + "\n", policy),
        "size": (entry, changed(root - 1, 0), policy),
        "root": (entry, changed(root, 7), policy),
        **{f"signature-{at}": (entry, changed(row, ends[row]), policy) for at, row in enumerate(signatures)},
        "ml-dsa-start": (entry, changed(signatures[1], 60), policy),
        "witness-time": (entry, changed(signatures[2], 30), policy),
        **{
            f"key-{at}": (entry, proof, flipped(policy, policy.index(str(key)) + len(str(key)) - 8)) for at, key in keys
        },
    }

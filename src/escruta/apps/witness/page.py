"""The page of a log witness: what it is, its keys, and what it last cosigned."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from html import escape

from escruta.tlog.encodings import to_base64
from escruta.tlog.keys import VerifierKey
from escruta.tlog.witness_state import origin_hash
from escruta.tlog.witnessing import Cosigned

_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; color: CanvasText; background: Canvas }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
code { font-family: ui-monospace, monospace; font-size: .85rem; overflow-wrap: anywhere }
details code { font-size: .75rem }
h1 code { font-size: .7em }
table { border-collapse: collapse; width: 100% }
th, td { text-align: start; vertical-align: top; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8886 }
.scroll { overflow-x: auto }
.forked { border-left: .4rem solid #c33; padding-left: .8rem }
"""

POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the browser lets the page do: nothing but its own style."""

SAYS = (
    "A cosignature says one thing: under this log’s name, this is the longest list of entries that this log witness "
    "has seen, and it begins with every list that it saw before: append-only. It says nothing on content: the log "
    "witness has not read the entries and approves none of them."
)


def page_of(keys: Sequence[VerifierKey], cosigned: Sequence[Cosigned], about: str) -> str:
    """Write the page."""
    names = ", ".join(dict.fromkeys(key.name for key in keys))
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Log witness {escape(names)}</title>",
        f"<style>{_STYLE}</style>",
        "<main>",
        f"<h1>Log witness <code>{escape(names)}</code></h1>",
        f"<p>{escape(about)}</p>" if about else "",
        f"<p>{SAYS}</p>",
        *(_forked(each) for each in cosigned if each.has_forked),
        "<h2>What it last cosigned</h2>",
        _table(cosigned),
        "<h2>Its verifier keys</h2>",
        "<p>Compare them with what those who run this log witness have printed: a page can lie.</p>",
        *(_key(key) for key in keys),
        "</main>",
        "</html>",
        "",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _table(cosigned: Sequence[Cosigned]) -> str:
    if not cosigned:
        return "<p>It cosigns no log yet.</p>"
    rows = "\n".join(_row(each) for each in cosigned)
    heading = "<tr><th>Log<th>Entries<th>Root<th>When (UTC)</tr>"
    return f'<div class="scroll"><table>\n{heading}\n{rows}\n</table></div>'


def _row(each: Cosigned) -> str:
    if each.head is None or each.time_s is None:
        return f"<tr><td><code>{escape(each.origin)}</code><td>nothing yet<td><td></tr>"
    link = f"{origin_hash(each.origin)}/checkpoint"
    return (
        f'<tr><td><a href="{link}"><code>{escape(each.origin)}</code></a><td>{each.head.size:,}'
        f"<td><code>{to_base64(each.head.root)}</code><td>{time_text(each.time_s)}</tr>"
    )


def _forked(each: Cosigned) -> str:
    return (
        f'<p class="forked"><strong>{escape(each.origin)} showed two histories.</strong> Two checkpoints bear this '
        "log’s signature, the same size and different roots. One was cosigned, the other refused; both are kept.</p>"
    )


def _key(key: VerifierKey) -> str:
    is_open = " open" if len(key.public_key) == _ED25519_SIZE else ""
    return (
        f"<details{is_open}><summary>{escape(key.name)}, {kind_text(key)}, id <code>{key.key_id.hex()}</code></summary>"
        f"<p><code>{escape(str(key))}</code></p></details>"
    )


def kind_text(key: VerifierKey) -> str:
    """Name the kind of a cosigning key."""
    return "Ed25519" if len(key.public_key) == _ED25519_SIZE else "ML-DSA-44"


_ED25519_SIZE = 32


def time_text(time_s: int) -> str:
    """Write a time of day in UTC; one that no calendar has is written as a number.

    >>> time_text(1_790_000_000)
    '2026-09-21 14:13:20'
    """
    try:
        return f"{datetime.fromtimestamp(time_s, UTC):%Y-%m-%d %H:%M:%S}"
    except (OverflowError, OSError, ValueError):
        return f"{time_s} s after 1970"

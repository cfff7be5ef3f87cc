"""The printed sheet of keys: what goes into the gazette before election day, as a page for print or as plain text."""

from __future__ import annotations

import textwrap
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files

from escruta.apps.signing.cards import KeyCard
from escruta.apps.signing.fingerprints import digest_of_key, qr_letters, qr_svg, spoken
from escruta.tlog.keys import KeyKind

_WIDTH = 100

Words = Mapping[str, str]


@cache
def _tables() -> dict[str, dict[str, str]]:
    return tomllib.loads((files("escruta.apps.signing") / "sheet_words.toml").read_text(encoding="utf-8"))


def sheet_languages() -> tuple[str, ...]:
    """List the languages in which a sheet can be printed.

    >>> sheet_languages()
    ('en', 'es', 'fr', 'nl', 'pt')
    """
    return tuple(_tables())


def sheet_html(
    cards: Sequence[KeyCard], *, language: str = "en", title: str | None = None, policies: Sequence[str] = ()
) -> str:
    """Write the sheet as one page that needs nothing else; `policies` are printed as they stand, below the keys."""
    words = _tables()[language]
    heading = escape(title or words["title"])
    parts = [
        f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<title>{heading}</title>\n',
        '<meta name="viewport" content="width=device-width">\n',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
        f"<style>\n{_STYLE}</style>\n<main>\n<h1>{heading}</h1>\n",
        f"<p>{_coded(words['what'])}</p>\n<p>{_coded(words['check'])}</p>\n",
        *(_key_html(card, words) for card in cards),
        *(_policy_html(policy, words) for policy in policies),
        "</main>\n</html>\n",
    ]
    return "".join(parts)


def _key_html(card: KeyCard, words: Words) -> str:
    key = card.key
    groups = " ".join(f"<span>{group}</span>" for group in spoken(key))
    large = " large" if key.kind is KeyKind.MLDSA44_COSIGNATURE else ""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>\n" for name, text in _facts(card, words))
    return (
        f'<section class="key{large}">\n<h2>{escape(key.name)}</h2>\n<figure>{qr_svg(key)}</figure>\n<dl>\n{rows}'
        f'<dt>{escape(words["aloud"])}</dt><dd class="aloud">{groups}</dd>\n'
        f'<dt>{escape(words["digest"])}</dt><dd class="mono">{digest_of_key(key)}</dd>\n</dl>\n'
        f'<p class="mono vkey">{escape(str(key))}</p>\n<p class="later">{_coded(_later(card, words))}</p>\n</section>\n'
    )


def _facts(card: KeyCard, words: Words) -> Iterable[tuple[str, str]]:
    yield words["owner"], card.owner or words["not_said"]
    yield words["valid_for"], card.valid_for or words["not_said"]
    yield words["kind"], words[card.key.kind.name]
    yield words["key_id"], card.key.key_id.hex()


def _later(card: KeyCard, words: Words) -> str:
    return words["later" if card.key.kind is KeyKind.ED25519 else "later_printed"]


def _policy_html(policy: str, words: Words) -> str:
    digest = sha256(policy.encode("utf-8")).hexdigest()
    return (
        f'<section class="policy">\n<h2>{escape(words["policy"])}</h2>\n<pre>{escape(policy)}</pre>\n'
        f'<p class="mono">SHA-256 {digest}</p>\n</section>\n'
    )


def _coded(text: str) -> str:
    """Escape a text, and set what stands between backquotes as code."""
    pieces = escape(text).split("`")
    return "".join(f"<code>{piece}</code>" if at % 2 else piece for at, piece in enumerate(pieces))


def sheet_text(
    cards: Sequence[KeyCard], *, language: str = "en", title: str | None = None, policies: Sequence[str] = ()
) -> str:
    """Write the same as plain text; QR codes are drawn in block letters, except those that no line holds."""
    words = _tables()[language]
    heading = title or words["title"]
    parts = [heading, "=" * len(heading), "", *_wrapped(words["what"]), "", *_wrapped(words["check"]), ""]
    for card in cards:
        parts += [card.key.name, "-" * len(card.key.name)]
        parts += [f"{name}: {text}" for name, text in _facts(card, words)]
        parts += [f"{words['aloud']}: {' '.join(spoken(card.key))}", f"{words['digest']}: {digest_of_key(card.key)}"]
        parts += ["", *textwrap.wrap(str(card.key), _WIDTH, break_on_hyphens=False), ""]
        parts += [qr_letters(card.key), *_wrapped(_later(card, words)), "", ""]
    for policy in policies:
        parts += [words["policy"], "-" * len(words["policy"]), policy, ""]
        parts += [f"SHA-256 {sha256(policy.encode('utf-8')).hexdigest()}", ""]
    return "\n".join(parts)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text.replace("`", ""), _WIDTH)


_STYLE = """\
@page { size: A4; margin: 15mm; }
body { font: 10.5pt/1.4 "DejaVu Serif", Georgia, serif; max-width: 180mm; margin: 0 auto; }
body { color: #000; background: #fff; }
h1 { font-size: 17pt; margin: 0 0 3mm; }
h2 { font-size: 12.5pt; margin: 0 0 2mm; overflow-wrap: anywhere; }
section { border-top: 0.5pt solid #000; padding: 4mm 0; break-inside: avoid; display: flow-root; }
figure { float: right; width: 42mm; margin: 0 0 2mm 5mm; }
.large figure { float: none; width: 120mm; margin: 2mm auto; }
.qr { width: 100%; height: auto; display: block; }
dl { margin: 0; }
dt { font-size: 8.5pt; font-weight: bold; }
dd { margin: 0 0 1.5mm; }
code, pre, .mono, .aloud { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.mono { font-size: 8pt; overflow-wrap: anywhere; }
.vkey { font-size: 9.5pt; clear: none; }
.large .vkey { font-size: 6.5pt; line-height: 1.25; }
.aloud { display: grid; grid-template-columns: repeat(6, max-content); column-gap: 1.2ex; }
.later { font-size: 9pt; margin: 1mm 0 0; }
pre { font-size: 8pt; white-space: pre-wrap; overflow-wrap: anywhere; }
"""

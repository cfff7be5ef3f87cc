"""What every page with scripts of its own is made of: its security policy, its words and values, its files.

Such a page is one file. Its security policy names its scripts and its style by their digests, so that nothing else in
it can run, whatever an address, an entry or a file says; nothing of it can be framed, sent or taken for HTML.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from escruta.portal.words import Words

FIGURE_WORDS = ("figure.", "mark.")
"""The beginnings of the keys of words that every page with figures says."""


@cache
def page_templates(package: str) -> Environment:
    """Open the templates that stand beside the modules of a package; everything in them is escaped.

    The filter `script_json` writes a value for a script.
    """
    environment = Environment(
        loader=PackageLoader(package, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["script_json"] = script_json
    return environment


@cache
def page_file(package: str, *path: str) -> Markup:
    """Read a script or a style that stands beside the modules of a package, to stand in a page as it is."""
    return Markup(files(package).joinpath(*path).read_text(encoding="utf-8"))  # noqa: S704 - our own, or our own copy


def security_policy(style: str, scripts: Sequence[str], *, fetches: bool = False, parses: str = "") -> str:
    """Let these texts run, and nothing else.

    Args:
        style: the page's style sheet.
        scripts: its scripts.
        fetches: whether it may fetch from the host that it came from; otherwise nothing is fetched.
        parses: the name under which a script may have HTML parsed, which it never puts into the page.
    """
    named = " ".join(_digest(script) for script in scripts)
    fetched = "connect-src 'self'; " if fetches else ""
    return (
        f"default-src 'none'; script-src {named}; style-src {_digest(style)}; {fetched}base-uri 'none'; "
        f"form-action 'none'; require-trusted-types-for 'script'; trusted-types {parses or repr('none')}"
    )


def script_json(value: object) -> Markup:
    r"""Write JSON for a script element, which only `</` or `<!` could end or open.

    >>> script_json({"b": "</script>", "a": 1})
    Markup('{"a":1,"b":"\\u003c/script>"}')
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - nothing of it is a tag any more


@lru_cache(maxsize=64)
def script_words(words: Words, *starts: str, without: str = "") -> dict[str, object]:
    """Take the words whose keys begin in one of these ways; the beginning `without` is taken off where it stands.

    With them goes `locale`, by which the script writes numbers and dates as the page does. It is the same dictionary
    each time, which nobody may change.

    >>> from escruta.portal.words import load_words
    >>> script_words(load_words("en"), "proof.sign.", without="proof.")["sign.good"]
    'holds'
    """
    kept = (without, *starts) if without else starts
    said = {key.removeprefix(without): form for key, form in words.forms.items() if key.startswith(kept)}
    return {"locale": words.tag, **said}


@lru_cache(maxsize=64)
def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

"""Write the page that checks seals: a list of keys, the words of all languages, and the scripts, in one file.

The page asks nothing of any host: its security policy names each script by its digest, and lets nothing be fetched.
The list's signature is verified before the page is written, and not by the page: whoever could give away another page
could give away another check. The page shows the list's digest instead, to be compared with the one in print.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from escruta.portal.words import known_languages, load_words
from escruta.sheets.seal import KeyList, SealForm
from escruta.sheets.seal.key_list_text import head_of, name_key

_OWN = ("scanner.", "figure.", "mark.")
_SCRIPTS = (
    ("escruta.portal.proof", ("vendor", "noble.js")),
    ("escruta.portal.scanner", ("vendor", "jsqr.js")),
    ("escruta.portal.scanner", ("seal.js",)),
    ("escruta.portal.scanner", ("scanner.js",)),
)


def scanner_page(keys: KeyList, *, signed_by: Sequence[str], language: str = "en") -> str:
    """Write the page for a list of keys whose signatures were verified; `signed_by` names their keys."""
    words = load_words(language)
    style = _asset("escruta.portal.proof", "check.css") + _asset("escruta.portal.scanner", "scanner.css")
    scripts = [_asset(package, *path) for package, path in _SCRIPTS]
    languages = [(code, load_words(code).name) for code in known_languages()]
    return (
        _templates()
        .get_template("scanner.html")
        .render(
            say=words.html,
            language=language,
            languages=languages,
            security=_security(style, scripts),
            style=Markup(style),  # noqa: S704 - our own
            scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own, and our own copies
            election=keys.election,
            list=_json(_list_of(keys, signed_by)),
            words=_json({code: _words_of(code) for code, _ in languages}),
        )
    )


def _list_of(keys: KeyList, signed_by: Sequence[str]) -> Mapping[str, Any]:
    """Put a list into the fewest letters: keys in one row of bytes, validity told once for as many as share it."""
    spans = groupby((int(key.valid_from.timestamp()), int(key.valid_until.timestamp())) for key in keys.keys)
    head = head_of(keys)
    return {
        "election": keys.election,
        "sequence": keys.sequence,
        "issued": int(keys.issued_at.timestamp()),
        "digest": head.content_sha256,
        "signed_by": list(signed_by),
        "forms": [_form_of(form, keys) for form in keys.forms],
        "stations": [key.station for key in keys.keys],
        "keys": b64encode(b"".join(key.public_key for key in keys.keys)).decode("ascii"),
        "spans": [[*span, len(list(group))] for span, group in spans],
        "revoked": {each.kid.hex(): [int(each.at.timestamp()), each.reason.value] for each in keys.revocations},
    }


def _form_of(form: SealForm, keys: KeyList) -> Mapping[str, Any]:
    names = [keys.names.get(name_key(form.contest, figure), "") for figure in form.figures]
    return {"id": form.id.hex(), "contest": form.contest, "figures": list(form.figures), "names": names}


@cache
def _words_of(language: str) -> Mapping[str, object]:
    forms = load_words(language).forms
    return {key: form for key, form in forms.items() if key.startswith(_OWN)}


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("escruta.portal.scanner", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _asset(package: str, *path: str) -> str:
    found = files(package)
    for part in path:
        found = found / part
    return found.read_text(encoding="utf-8")


def _security(style: str, scripts: Sequence[str]) -> str:
    """Let these texts run, and nothing else; let nothing be fetched, framed, sent or taken for HTML."""
    named = " ".join(_digest(script) for script in scripts)
    return (
        f"default-src 'none'; script-src {named}; style-src {_digest(style)}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _json(value: object) -> Markup:
    """Write JSON for a script element, which only `</` or `<!` could end or open."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - nothing of it is a tag any more

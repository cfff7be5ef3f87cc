"""Write the page that checks seals: a list of keys, the words of all languages, and the scripts, in one file.

The page asks nothing of any host: its security policy names each script by its digest, and lets nothing be fetched.
The list's signature is verified before the page is written, and not by the page: whoever could give away another page
could give away another check. The page shows the list's digest instead, to be compared with the one in print.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from escruta.election.definition import Name
from escruta.portal.proof.pages import style_of_checks
from escruta.portal.scripted import FIGURE_WORDS, page_file, page_templates, script_words, security_policy
from escruta.portal.words import Words, known_languages, load_words
from escruta.sheets.seal import KeyList, SealForm
from escruta.sheets.seal.key_list_text import head_of, name_key

_HERE = "escruta.portal.scanner"
_SCRIPTS = (
    ("escruta.portal.proof", ("vendor", "noble.js")),
    (_HERE, ("vendor", "jsqr.js")),
    (_HERE, ("seal.js",)),
    (_HERE, ("scanner.js",)),
)


_ELECTION = "election.name"
"""Under which key the words of each language have what the election is called."""


def scanner_page(keys: KeyList, *, signed_by: Sequence[str], language: str = "en", name: Name | None = None) -> str:
    """Write the page for a list of keys whose signatures were verified; `signed_by` names their keys.

    `name` is what the definition calls the election; a list of keys has only its id.
    """
    words = load_words(language)
    style = style_of_checks() + page_file(_HERE, "scanner.css")
    scripts = [page_file(package, *path) for package, path in _SCRIPTS]
    languages = [(code, load_words(code).name) for code in known_languages()]
    return (
        page_templates(_HERE)
        .get_template("scanner.html")
        .render(
            say=words.html,
            language=language,
            languages=languages,
            security=security_policy(style, scripts),
            style=style,
            scripts=scripts,
            election=keys.election,
            name=words.named(name),
            list=_list_of(keys, signed_by),
            words={code: _words_of(load_words(code), name) for code, _ in languages},
        )
    )


def _words_of(words: Words, name: Name | None) -> Mapping[str, object]:
    return script_words(words, "scanner.", *FIGURE_WORDS) | {_ELECTION: words.named(name)}


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

"""Assemble the page that checks one sheet: for all sheets of a site, or for one sheet as a file of its own.

The page fetches nothing. Its content security policy names its two scripts and its style by their digests, so that
nothing else in it can run, whatever an address or an entry says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from markupsafe import Markup

from escruta.base.errors import InputError
from escruta.portal.proof.record_log import Fork, RecordLog
from escruta.portal.scripted import FIGURE_WORDS, page_file, page_templates, script_words, security_policy
from escruta.portal.words import Words, load_words
from escruta.tlog.errors import PolicyMalformed
from escruta.tlog.keys import KeyKind, VerifierKey
from escruta.tlog.policies import Policy
from escruta.tlog.proof_files import ProofFile

CHECK = "check.html"
"""The page of a site, in each language's folder."""
PROOFS = "proofs"
"""The folder of the site that holds a proof file for each reading."""

_SPOKEN = 60
"""Decimal digits of a key's digest that stand beside it in print, in groups of five."""
_MEMBERS = ("election", "contest", "station", "source", "origin", "method", "act", "copy", "supersedes")
_HERE = "escruta.portal.proof"
_SHARED = ("verifying.js", "telling.js")
"""The scripts that every page which verifies has."""
_OWN = "proof."


def one_file_proof(
    entry: bytes, proof: ProofFile, policy: Policy, language: str, *, names: Mapping[str, str] | None = None
) -> str:
    """Write a page that checks one entry and needs nothing else, neither a network nor a server.

    `names` are those of candidates and further figures, by `CONTEST/FIGURE`; nothing vouches for them, and the page
    says so; its figures stand in the order of `names`. What is checked is checked by whoever opens the page, not here.

    Raises:
        InputError: the entry cannot stand in a page as it is.
    """
    words = load_words(language)
    text = _text_of(entry)
    said = _members_of(text)
    station = said.get("station")
    return _page(
        words,
        kicker=words.html("proof.title"),
        title=words("proof.station", station=station) if isinstance(station, str) else words("proof.entry"),
        names=names or {},
        policy=policy,
        entry=text,
        proof=str(proof),
        figures=_figure_rows(words, said, names or {}),
        members=[*_member_rows(words, said), (words("proof.member.reading"), sha256(entry).hexdigest())],
    )


def check_page(
    words: Words, languages: Sequence[str], log: RecordLog, *, election: str, names: Mapping[str, str], record: str
) -> bytes:
    """Write the page of a site that checks whichever sheet its address names; `record` leads from it to the record."""
    return _page(
        words,
        kicker=election,
        title=words("proof.title"),
        names=names,
        policy=log.policy,
        frame=log.frame,
        languages=[(code, load_words(code).name) for code in languages],
        forks=log.forks,
        record=record,
    ).encode()


def spoken(key: VerifierKey) -> str:
    """Give the digits that stand beside a key in print: the last sixty of its digest, in groups of five.

    >>> from escruta.tlog.keys import parse_verifier_key
    >>> spoken(parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"))[:17]
    '39978 59720 80585'
    """
    digits = f"{int(sha256(str(key).encode()).hexdigest(), 16) % 10**_SPOKEN:0{_SPOKEN}}"
    return " ".join(digits[at : at + 5] for at in range(0, _SPOKEN, 5))


def kind_name(key: VerifierKey) -> str:
    """Name the way in which a key signs."""
    return "ML-DSA-44" if key.kind is KeyKind.MLDSA44_COSIGNATURE else "Ed25519"


def policy_text(policy: Policy) -> str:
    """Write a policy as a file of it holds it; without the addresses, which checking does not need."""
    lines = [f"log {key}" for key in policy.logs]
    lines += [f"witness {name} {key}" for name, key in policy.witnesses.items()]
    lines += [f"group {name} {group.threshold} {' '.join(group.members)}" for name, group in policy.groups.items()]
    text = "".join(f"{line}\n" for line in [*lines, f"quorum {policy.quorum}"])
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError as error:
        raise PolicyMalformed(
            "a name in the policy is not UTF-8, and cannot stand in a page", expected="names in UTF-8"
        ) from error


def _page(  # noqa: PLR0913 - what the template asks for
    words: Words,
    *,
    kicker: str,
    title: str,
    names: Mapping[str, str],
    policy: Policy,
    entry: str = "",
    proof: str = "",
    figures: Sequence[Mapping[str, str]] = (),
    members: Sequence[tuple[str, str]] = (),
    frame: Mapping[str, Any] | None = None,
    languages: Sequence[tuple[str, str]] = (),
    forks: Sequence[Fork] = (),
    record: str = "",
) -> str:
    style, scripts = style_of_checks(), verifier_scripts(page_file(_HERE, "check.js"))
    return (
        page_templates(_HERE)
        .get_template("check.html")
        .render(
            words=words,
            say=words.html,
            kicker=kicker,
            title=Markup(title),  # noqa: S704 - escaped where it was said
            security=security_policy(style, scripts),
            style=style,
            scripts=scripts,
            data={
                "words": script_words(words, *FIGURE_WORDS, without=_OWN),
                "names": names,
                "order": list(names),
                "frame": frame,
            },
            keys=keys_of(words, policy),
            policy=policy_text(policy),
            entry=entry,
            proof=proof,
            figures=figures,
            members=members,
            languages=languages,
            forks=forks,
            record=record,
        )
    )


def verifier_scripts(*scripts: Markup) -> list[Markup]:
    """Give the scripts of a page that verifies: ours that verify and tell, and those of the page itself."""
    return [page_file(_HERE, "vendor", "noble.js"), *(page_file(_HERE, name) for name in _SHARED), *scripts]


def style_of_checks() -> Markup:
    """Give the style that pages which verify have in common."""
    return page_file(_HERE, "check.css")


def keys_of(words: Words, policy: Policy) -> list[Mapping[str, str]]:
    """Describe the keys of a policy, with the digits that stand beside each in print."""
    whose = [(key, words("proof.key.log")) for key in policy.logs]
    whose += [(key, words("proof.key.witness", name=name)) for name, key in policy.witnesses.items()]
    return [
        {
            "name": key.name,
            "whose": Markup(text),  # noqa: S704 - escaped where it was said
            "id": words.html("proof.key.id", kind=kind_name(key), id=key.key_id.hex()),
            "spoken": spoken(key),
        }
        for key, text in whose
    ]


def _text_of(entry: bytes) -> str:
    try:
        text = entry.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("an entry that is not UTF-8 cannot stand in a page", found=entry[:20].hex()) from error
    if "\r" in text or "\0" in text or text.startswith("\n"):
        raise InputError("an entry with such control characters cannot stand in a page", found=text[:40])
    return text


def _members_of(text: str) -> Mapping[str, Any]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _member_rows(words: Words, said: Mapping[str, Any]) -> list[tuple[str, str]]:
    named = [(words.html(f"proof.member.{name}"), _plain(said[name])) for name in _MEMBERS if name in said]
    return named + [(name, _plain(value)) for name, value in said.items() if name not in {*_MEMBERS, "figures"}]


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _figure_rows(words: Words, said: Mapping[str, Any], names: Mapping[str, str]) -> list[Mapping[str, str]]:
    figures = said.get("figures")
    if not isinstance(figures, dict):
        return []
    rows: list[Mapping[str, str]] = []
    places = {name: place for place, name in enumerate(names)}  # that of the ballot; what all elections have is first
    for figure, value in sorted(figures.items(), key=lambda each: places.get(f"{said.get('contest')}/{each[0]}", -1)):
        key = f"figure.{figure}"
        name = words.html(key) if words.has(key) else names.get(f"{said.get('contest')}/{figure}")
        rows.append({"name": name or figure, "figure": figure if name else "", "value": _value(words, value)})
    return rows


def _value(words: Words, value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return words.numbers.count(value)
    key = f"mark.{value}"
    return words.html(key) if words.has(key) else str(value)

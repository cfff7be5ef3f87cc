"""Assemble the page that checks the others. It is one file, which works beside the site and alone.

What verifies and what tells are the scripts of the page that checks one sheet: there is no second verifier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from escruta.portal.contents import STEPS, VERDICTS
from escruta.portal.proof.pages import keys_of, policy_text, style_of_checks, verifier_scripts
from escruta.portal.proof.record_log import RecordLog
from escruta.portal.scripted import FIGURE_WORDS, page_file, page_templates, script_words, security_policy
from escruta.portal.words import Words, load_words

CHECKING = "verify.html"
"""The page's address in the folder of a language."""

_HERE = "escruta.portal.checking"
_SCRIPTS = ("places.js", "log_files.js", "figures.js", "checking.js")
_SAID = (
    "checking.verdict.", "checking.vouched.", "checking.line.", "checking.by.", "checking.page", "checking.head",
    "checking.verdict_of", "checking.whose", "checking.in_data", "checking.no_number",
)  # fmt: skip
_PARSES = "escruta-looked-at"
"""The name under which the page that is checked is parsed, and never shown."""
_HEADS = (
    "result.votes", "result.share", "children.counted", "children.lead", "funnel.stations", "funnel.registered",
    "fact.lead", "fact.counted", "fact.backed",
)  # fmt: skip
"""The words by which a reader, and the script, knows what a figure of a page is."""


def checking_page(
    words: Words, languages: Sequence[str], log: RecordLog, *, election: str, names: Mapping[str, str], record: str
) -> bytes:
    """Write the page; `record` leads from the site's folder to the record's, and `names` are those of its figures."""
    style = style_of_checks() + page_file(_HERE, "checking.css")
    scripts = verifier_scripts(*(page_file(_HERE, name) for name in _SCRIPTS))
    editions = {code: _writing(load_words(code)) for code in languages}
    page = (
        page_templates(_HERE)
        .get_template("checking.html")
        .render(
            words=words,
            say=words.html,
            kicker=election,
            security=security_policy(style, scripts, fetches=True, parses=_PARSES),
            style=style,
            scripts=scripts,
            data={"words": _words(words), "names": names, "frame": {"record": record, "editions": editions}},
            keys=keys_of(words, log.policy),
            policy=policy_text(log.policy),
            languages=[(code, load_words(code).name) for code in languages],
            page=CHECKING,
            forks=log.forks,
            up=f"../{record}",
        )
    )
    return page.encode()


def _words(words: Words) -> dict[str, object]:
    """Take what the scripts say, and what they know figures by."""
    heads = (*_HEADS, *(f"step.{step}" for step in STEPS), *(f"verdict.{verdict}" for verdict in VERDICTS))
    return script_words(words, *_SAID, *FIGURE_WORDS, *heads, without="proof.") | _writing(words)


def _writing(words: Words) -> dict[str, object]:
    """Say how a language writes numbers: between thousands, and before the fraction."""
    return {"group": words.numbers.count(1000)[1:-3], "point": words.numbers.decimal("0.5")[1:-1]}

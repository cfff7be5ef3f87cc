"""How a reader checks the result without us: the words, the files, and the command that adds it all up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from escruta.base.words import code_words
from escruta.portal.areas import Page
from escruta.portal.checking.spreadsheets import Line, formulas, table_name
from escruta.portal.contents import STEPS, VERDICTS
from escruta.portal.editions import Edition
from escruta.portal.machines import data_set
from escruta.portal.proof.pages import keys_of, kind_name
from escruta.portal.proof.record_log import RecordLog
from escruta.portal.reading import Record
from escruta.portal.shell import Shell
from escruta.record.logbook import LOG, POLICY
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.encodings import to_base64
from escruta.tlog.keys import VerifierKey
from escruta.tlog.policies import NONE

_KILO = 1000


def about_page(
    edition: Edition, shell: Shell, environment: Environment, record: Record, reports: Sequence[str]
) -> Page:
    """Write the page that explains how to check the rest; `reports` are addresses inside the site's folder."""
    here = f"{edition.places.prefix}about.html"
    up = "../" * (here.count("/") + 1)
    files = _files(edition, record)
    body = environment.get_template("about.html").render(
        say=edition.words.html,
        count=edition.words.numbers.count,
        name=edition.words.named(edition.election["name"]),
        verdicts=[(each, code_words(f"verdict.{each}", edition.words.language).meaning) for each in VERDICTS],
        steps=[(each, code_words(f"step.{each}", edition.words.language).meaning) for each in STEPS],
        policy=edition.contest.summary.get("policy", edition.election.get("policy", "single")),
        files=files,
        record=f"{up}{edition.record_href}",
        data_set=Markup(data_set(edition, files, f"{up}{edition.record_href}")),  # noqa: S704 - JSON without a "<"
        notes=edition.words.named(edition.election.get("notes")),
        log=None if record.log is None else _log(edition, record.log),
        keys=() if record.log is None else keys_of(edition.words, record.log.policy),
        table=table_name(edition.contest),
        formulas=_formulas(edition, record),
        reports=[{"href": f"{up}{each}", "name": each.rpartition("/")[2]} for each in reports],
    )
    return here, shell.page(here, body, title=edition.words("nav.about"), tab="about")


def _formulas(edition: Edition, record: Record) -> list[Line]:
    """Write what a spreadsheet must be told to add up the result, from the columns of its table."""
    contest = edition.contest
    return formulas(edition.words, contest, edition.national, record.columns(f"verdicts-{contest.contest}"))


def _log(edition: Edition, log: RecordLog) -> Mapping[str, Any]:
    """Say what the log is, who signed it, and how many log witnesses cosigned."""
    words, standing, policy = edition.words, log.standing, log.policy
    checkpoint, cosigned, witnesses = standing.checkpoint, len(standing.cosigned), len(policy.witnesses)
    rule = "not_asked" if policy.quorum == NONE else "met" if standing.is_met else "unmet"
    keys = [*standing.log_keys, *(policy.witnesses[name] for name in standing.cosigned)]
    return {
        "is_sealed": log.is_sealed,
        "origin": checkpoint.origin,
        "size": words.numbers.count(checkpoint.head.size),
        "root": to_base64(checkpoint.head.root),
        "keys": [{"text": _key_text(each), "kind": kind_name(each)} for each in keys],
        "cosigned": words.html("log.cosigned", k=cosigned, n=witnesses),
        "rule": words.html(f"log.{rule}"),
        "files": [f"{LOG}/{CHECKPOINT}", POLICY],
    }


def _key_text(key: VerifierKey) -> str:
    return f"{key.name}+{key.key_id.hex()}"


def _files(edition: Edition, record: Record) -> list[Mapping[str, str]]:
    """List the record's files with their sizes and digests."""
    return [
        {"name": name, "size": _size(edition, (record.folder / name).stat().st_size), "sha256": digest}
        for name, digest in sorted(record.digests.items())
    ]


def _size(edition: Edition, size: int) -> str:
    return escape(f"{edition.words.numbers.count(max(-(-size // _KILO), 1))} kB")

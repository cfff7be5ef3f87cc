import json
import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.portal.make_log import LOG_SIGNERS, SEAL, WITNESSES
from tests.unit.portal.reading_pages import read_page

from escruta.apps.signing.fingerprints import spoken as printed
from escruta.base.errors import InputError
from escruta.base.words import languages
from escruta.portal.proof import one_file_proof
from escruta.portal.proof.pages import policy_text, spoken
from escruta.tlog import Policy, ProofFile, parse_policy
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.errors import PolicyMalformed
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.policies import Group
from escruta.tlog.signing import sign_note
from escruta.tlog.trees import TreeHead

POLICY = Policy(logs=tuple(signer.key for signer in LOG_SIGNERS))
NASTY = "</script><script>alert(1)</script><!--&amp;\u2028 ]]>"


def page_of(entry: bytes, policy: Policy = POLICY, language: str = "en", names=None) -> str:
    head = TreeHead(size=1, root=leaf_hash(entry))
    note = sign_note(Checkpoint(origin=LOG_SIGNERS[0].key.name, head=head).text, LOG_SIGNERS, time_s=1)
    return one_file_proof(entry, ProofFile(index=0, hashes=(), checkpoint=note), policy, language, names=names)


def entry_of(**more) -> bytes:
    return json.dumps({"figures": {"valid": 1234, "null": "illegible"}, "station": "7"} | more).encode()


def test_the_vendored_file_is_the_one_that_is_named():
    folder = files("escruta.portal.proof") / "vendor"
    raw, named = (folder / "noble.js").read_bytes(), json.loads((folder / "noble.json").read_text())
    assert (sha256(raw).hexdigest(), len(raw)) == (named["sha256"], named["bytes"])
    for name, version in named["versions"].items():
        assert name == "esbuild" or f"{name} {version}".encode() in raw[:200]
        assert json.loads((folder / "package.json").read_text())["devDependencies"][name] == version
    lock = (folder / "package-lock.json").read_text()
    assert "resolved" not in lock
    assert "://" not in re.sub(r'"(url|funding)": "[^"]*"', "", lock)
    assert "MIT" in (folder / "LICENSE").read_text()


def test_only_what_the_security_policy_names_is_run():
    text = page_of(entry_of())
    security = unescape(text.partition('Policy" content="')[2].partition('"')[0])
    digests = set(re.findall(r"'sha256-([^']+)'", security))
    blocks = re.findall(r"<script>(.*?)</script>|<style>(.*?)</style>", text, re.DOTALL)
    found = {b64encode(sha256((script or style).encode()).digest()).decode() for script, style in blocks}
    assert found == digests
    assert len(found) == 5
    assert security.startswith("default-src 'none'; ")
    assert "unsafe" not in security


def test_the_page_needs_nothing_from_elsewhere():
    text = page_of(entry_of())
    assert not re.findall(r"<(?:link|img|iframe|object|embed|base)\b", text)
    assert not re.findall(r"""\b(?:src|action|srcset|formaction)=""", text.partition("<script>")[0])
    assert not re.findall(r"fetch\(|XMLHttpRequest|import\(|eval\(|innerHTML|document\.write|insertAdjacent", text)


@pytest.mark.parametrize("language", languages())
def test_the_figures_stand_there_without_a_script(tmp_path, language):
    path = tmp_path / "a.html"
    path.write_text(page_of(entry_of(contest="head"), language=language, names={"head/valid": "no"}), encoding="utf-8")
    text = read_page(path).text
    said = {
        "en": ("Polling station 7", "1,234", "illegible"),
        "es": ("Mesa 7", "1234"),
        "fr": ("Bureau de vote 7", "1 234"),
        "nl": ("Stembureau 7", "1.234"),
        "pt": ("Mesa de voto 7", "1 234"),
    }
    for each in said[language]:
        assert each in text
    assert "c2sp.org/tlog-proof@v1 index 0" in text
    assert policy_text(POLICY).split()[1] in text
    assert path.read_text(encoding="utf-8").count(f'<html lang="{language}">') == 1


def test_candidates_stand_in_the_order_of_the_ballot(tmp_path):
    path = tmp_path / "a.html"
    figures = {"valid": 9, "votes.a": 4, "votes.b": 5}
    names = {"head/votes.b": "First", "head/votes.a": "Second"}
    path.write_text(page_of(entry_of(contest="head", figures=figures), names=names), encoding="utf-8")
    text = read_page(path).text
    assert -1 < text.index("Valid votes") < text.index("First") < text.index("Second")


def test_what_an_entry_says_is_text_wherever_it_stands():
    text = page_of(entry_of(station=NASTY, source=NASTY, **{NASTY: NASTY}), names={f"None/{NASTY}": NASTY})
    assert "<script>alert" not in text
    assert text.count("<script") == 8
    assert text.count("</script>") == 8
    assert "<!--" not in text


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists)))
def test_any_entry_makes_a_page_that_holds_it_unchanged(said):
    entry = json.dumps(said, ensure_ascii=False).encode("utf-8", "replace")
    try:
        text = page_of(entry)
    except InputError:
        assert b"\r" in entry or b"\0" in entry
        return
    assert text.count("</script>") == 8


@pytest.mark.parametrize("entry", [b"\xff", b"a\rb", b"a\0b", b"\n{}"])
def test_an_entry_that_a_page_would_change_is_refused(entry):
    with pytest.raises(InputError, match="cannot stand in a page"):
        page_of(entry)


@pytest.mark.parametrize("entry", [b"", b"[]", b"text", b'{"figures":[1]}', b'{"figures":{"a":null,"b":true,"c":[1]}}'])
def test_an_entry_that_is_no_reading_makes_a_page_too(entry):
    assert "An entry of the log" in page_of(entry)


def test_a_policy_is_written_as_it_was_read():
    witnesses = {name: signer.key for name, signer in WITNESSES.items()}
    groups = {
        "any": Group(threshold=1, members=("red", "blue")),
        "all": Group(threshold=2, members=("any", "observers")),
    }
    policy = Policy(logs=POLICY.logs, witnesses=witnesses, groups=groups, quorum="all")
    assert parse_policy(policy_text(policy).encode()) == policy
    sealed = Policy(logs=(SEAL[0].key,))
    assert parse_policy(policy_text(sealed).encode()) == sealed


def test_a_name_in_a_policy_that_is_no_text_is_refused():
    raw = b"witness \xff " + str(WITNESSES["red"].key).encode() + b"\nquorum \xff\n"
    with pytest.raises(PolicyMalformed, match="not UTF-8"):
        policy_text(parse_policy(raw))
    named = b"witness \xc3\xb1 " + str(WITNESSES["red"].key).encode() + b"\nquorum \xc3\xb1\n"
    assert policy_text(parse_policy(named)).encode() == named


def test_the_digits_of_a_key_are_those_in_print():
    for signer in (*LOG_SIGNERS, *WITNESSES.values()):
        assert spoken(signer.key) == " ".join(printed(signer.key))

"""A list of sealing keys contradicts neither itself nor what an earlier one said."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from tests.unit.sheets.seal.seal_vectors import FORMS, VECTORS, key_list, signer

from escruta.sheets.seal import KeyListMalformed, Revocation, RevocationReason, SealForm, parse_form
from escruta.sheets.seal.key_list_text import content_of, head_of, parse_head, parse_list

LIST = key_list()
LATER = replace(LIST, sequence=2, issued_at=LIST.issued_at + timedelta(hours=1))
FIRST = Revocation(kid=signer("first").kid, at=LIST.issued_at, reason=RevocationReason.LOST)
STRANGER = replace(FIRST, kid=signer("stranger").kid)
MAYOR = SealForm(election=LIST.election, contest="mayor", figures=("null",))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"sequence": 0}, "has a number"),
        ({"keys": LIST.keys[::-1]}, "not in order"),
        ({"keys": (*LIST.keys, LIST.keys[-1])}, "the same kid"),
        ({"keys": (replace(LIST.keys[0], public_key=b"short"),), "revocations": ()}, "is no key"),
        ({"keys": (replace(LIST.keys[0], valid_until=LIST.keys[0].valid_from),), "revocations": ()}, "never valid"),
        ({"revocations": (STRANGER,)}, "not on the list"),
        ({"revocations": (FIRST, FIRST)}, "revoked twice"),
        ({"revocations": (FIRST, *LIST.revocations)}, "not in order"),
        ({"forms": (*FORMS.values(), MAYOR)}, "two forms"),
        ({"forms": (replace(MAYOR, election="other"),), "names": {}}, "another election"),
        ({"names": {"president option.z": "Z"}}, "no figure of these forms"),
        ({"names": {"president option.a": "A\nkey x"}}, "cannot stand on a line"),
        ({"names": {"president option.a": ""}}, "cannot stand on a line"),
        ({"keys": (replace(LIST.keys[0], station="0\u202e1"),), "revocations": ()}, "that no sheet can name"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_list_that_contradicts_itself_is_refused(change, what):
    with pytest.raises(KeyListMalformed) as refused:
        key_list(**change)
    assert what in str(refused.value)


def test_a_name_keeps_the_joiners_of_its_writing():
    names = {"president option.a": "क्\u200dष"}
    keys = key_list(names=names)
    assert parse_list(head_of(keys), content_of(keys).encode("utf-8")).names == names


def test_a_later_list_says_everything_again_and_more():
    LATER.require_continues(LIST)
    more = replace(LATER, revocations=(*LIST.revocations, FIRST))
    more.require_continues(LIST)
    replace(more, sequence=7).require_continues(more)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"sequence": 1}, "no later one"),
        ({"issued_at": LIST.issued_at - timedelta(seconds=1)}, "no later one"),
        ({"revocations": LIST.revocations[1:]}, "a revocation was taken back"),
        (
            {"revocations": tuple(replace(each, reason=RevocationReason.CLOSED) for each in LIST.revocations)},
            "a revocation was taken back, or changed",
        ),
        ({"keys": LIST.keys[1:]}, "was taken off the list"),
        (
            {"keys": (replace(LIST.keys[0], valid_until=LIST.issued_at), *LIST.keys[1:])},
            "was taken off the list, or changed",
        ),
        ({"keys": (replace(LIST.keys[0], station="0"), *LIST.keys[1:])}, "was taken off the list, or changed"),
        ({"forms": (FORMS["options"],), "names": {}}, "a form was taken off"),
        ({"names": {place: f"{name} II" for place, name in LIST.names.items()}}, "the name of a figure was changed"),
        ({"names": {}}, "the name of a figure was changed"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_list_that_takes_something_back_is_refused(change, what):
    with pytest.raises(KeyListMalformed) as refused:
        replace(LATER, **change).require_continues(LIST)
    assert what in str(refused.value)
    assert "evidence" in str(refused.value)


def test_lists_of_two_elections_do_not_continue_each_other():
    forms = tuple(replace(form, election="other") for form in LIST.forms)
    with pytest.raises(KeyListMalformed, match="different elections"):
        replace(LATER, election="other", forms=forms).require_continues(LIST)


@pytest.mark.parametrize(
    "text",
    [
        "",
        VECTORS["forms"]["options"]["text"].replace("v1", "v2"),
        VECTORS["forms"]["options"]["text"] + "figure null\n",
        VECTORS["forms"]["options"]["text"][:-1],
        VECTORS["forms"]["options"]["text"].replace("president", "President"),
        "escruta/sealed-sheet/v1\nelection a\ncontest b\n",
        "escruta/sealed-sheet/v1\nelection a\ncontest b\n" + "".join(f"figure f{at}\n" for at in range(513)),
    ],
    ids=["nothing", "version", "twice", "no end", "capital", "no figures", "too many"],
)
def test_a_text_that_is_no_form_is_refused(text):
    with pytest.raises(KeyListMalformed, match="no form"):
        parse_form(text)


CONTENT = content_of(LIST)
LINES = CONTENT.splitlines(keepends=True)
KEY = next(line for line in LINES if line.startswith("key "))


@pytest.mark.parametrize(
    "content",
    [
        KEY + CONTENT.replace(KEY, ""),
        CONTENT.replace(KEY, KEY.replace("= ", "== ", 1)),
        CONTENT.replace(KEY, f"key {KEY[4:46]}{chr(ord(KEY[46]) + 1)}{KEY[47:]}"),
        CONTENT.replace("figure null\n", "figure null \n"),
        CONTENT.replace("T", "t", 1),
        CONTENT.replace("\n", "\r\n"),
        CONTENT + "\n",
        CONTENT[:-1],
        CONTENT.replace(" stolen", " Stolen"),
        CONTENT.replace("figure null\n", "figure null\nfigure null\n"),
        "figure null\n" + CONTENT,
    ],
    ids=["order", "padding", "bits", "space", "small t", "carriage", "blank", "no end", "capital", "twice", "before"],
)
def test_a_list_has_one_text(content):
    assert content != CONTENT
    raw = content.encode("utf-8")
    with pytest.raises(KeyListMalformed):
        parse_list(replace(head_of(LIST), content_sha256=sha256(raw).hexdigest()), raw)


@pytest.mark.parametrize(
    ("old", "new"),
    [("v1\n", "v2\n"), ("sequence 1\n", "sequence 01\n"), ("T", " "), ("content ", "content 0"), ("Z\n", "Z\nx\n")],
)
def test_a_head_has_one_text(old, new):
    assert parse_head(head_of(LIST).text) == head_of(LIST)
    with pytest.raises(KeyListMalformed, match="the head is not that"):
        parse_head(head_of(LIST).text.replace(old, new, 1))

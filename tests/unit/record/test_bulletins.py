from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from escruta.record.bulletins import (
    LONGEST_TEXT,
    Bulletin,
    BulletinMalformed,
    Dissent,
    acceptance_of,
    bulletin_of,
    differing_lines,
    parse_acceptance,
    parse_bulletin,
    parse_dissent,
)
from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.trees import TreeHead

BULLETIN = Bulletin(
    election="small",
    contest="mayor",
    number=2,
    time=datetime(2025, 5, 4, 23, 0, tzinfo=UTC),
    policy="source:authority",
    stations=(5, 6, None),
    votes=(("ana", 120), ("ben", 0), ("eva", None)),
    figures=(200, None, 0, 203),
    checkpoint=Checkpoint(origin="example.com/log", head=TreeHead(size=7, root=b"r" * 32)),
    summary_sha256="0" * 64,
)
TEXT = """\
escruta/bulletin/v1
election small
contest mayor
number 2
time 2025-05-04T23:00:00Z
policy source:authority
stations counted 5
stations received 6
stations expected unknown
votes ana 120
votes ben 0
votes eva unknown
valid 200
null unknown
blank 0
ballots 203
log example.com/log
size 7
root cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=
summary 0000000000000000000000000000000000000000000000000000000000000000
"""


def test_a_bulletin_is_written_in_one_way():
    assert BULLETIN.text == TEXT
    assert parse_bulletin(TEXT) == BULLETIN
    assert BULLETIN.sha256 == sha256(TEXT.encode()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v1", "v2"),
        ("election small\n", ""),
        ("election small", "election Small"),
        ("number 2", "number 02"),
        ("number 2", "number 0"),
        ("number 2", "number ٢"),
        ("23:00:00Z", "23:00:00"),
        ("23:00:00Z", "23:00:00+00:00"),
        ("05-04", "02-30"),
        ("votes ana 120", "votes ana 0120"),
        ("votes ana 120", "votes ana -1"),
        ("votes ana 120", "votes ana 9999999999999999999"),
        ("votes ana 120", "votes ana  120"),
        ("votes ben", "votes ana"),
        ("votes ana 120\nvotes ben 0\nvotes eva unknown\n", ""),
        ("null unknown", "null"),
        ("valid 200\nnull unknown", "null unknown\nvalid 200"),
        ("size 7", "size 07"),
        ("root cnJ", "root !nJ"),
        ("cnI=", "cnJ="),
        ("summary 0", "summary A"),
        ("summary", "extra line\nsummary"),
        ("\n", "\r\n"),
    ],
)
def test_what_is_written_otherwise_is_no_bulletin(old, new):
    text = TEXT.replace(old, new)
    assert text != TEXT
    with pytest.raises(BulletinMalformed):
        parse_bulletin(text)


@pytest.mark.parametrize("text", ["", TEXT + "\n", TEXT[:-1], "\n" + TEXT, TEXT + TEXT])
def test_nothing_stands_before_or_after_a_bulletin(text):
    with pytest.raises(BulletinMalformed):
        parse_bulletin(text)


def test_what_differs_is_told_line_by_line():
    other = replace(BULLETIN, votes=(("ana", 121), ("ben", 0)), number=3)
    assert list(differing_lines(BULLETIN, other))[:2] == [("number 2", "number 3"), ("votes ana 120", "votes ana 121")]
    assert not list(differing_lines(BULLETIN, BULLETIN))
    assert ("summary " + "0" * 64, "no line") in list(differing_lines(BULLETIN, other))


def test_a_contest_that_the_record_does_not_have_is_told():
    with pytest.raises(BulletinMalformed, match="no such contest"):
        bulletin_of({"election": "small", "contests": []}, "mayor")


def test_a_dissent_keeps_its_words():
    words = "I do not sign.\n\nThe figures of the North:\n— not explained\n\n"
    dissent = Dissent(election="small", contest="mayor", number=2, bulletin_sha256=BULLETIN.sha256, words=words)
    assert parse_dissent(dissent.text) == dissent
    assert words in dissent.text


@pytest.mark.parametrize("words", ["", "\n", " \n", "no end", "x" * LONGEST_TEXT + "\n", "ñ" * 1000 + "\n"])
def test_words_that_are_none_or_too_many_are_refused(words):
    dissent = Dissent(election="small", contest="mayor", number=2, bulletin_sha256=BULLETIN.sha256, words=words)
    with pytest.raises(BulletinMalformed):
        parse_dissent(dissent.text)


def test_an_acceptance_holds_a_short_pact_and_names_a_long_one():
    short = acceptance_of("small", "1" * 64, "We accept the result.\n\nAll of us.\n")
    assert short.pact == "We accept the result.\n\nAll of us.\n"
    assert parse_acceptance(short.text) == short
    long = acceptance_of("small", "1" * 64, "x" * LONGEST_TEXT + "\n")
    assert long.pact is None
    assert long.pact_sha256 == sha256(b"x" * LONGEST_TEXT + b"\n").hexdigest()
    assert parse_acceptance(long.text) == long


def test_another_pact_than_the_digest_says_is_refused():
    text = acceptance_of("small", "1" * 64, "We accept.\n").text
    with pytest.raises(BulletinMalformed, match="not that of the pact"):
        parse_acceptance(text.replace("We accept.", "We object."))
    for broken in (text.replace("\n\n", "\n"), text.replace("pact ", "pakt "), text[:-1]):
        with pytest.raises(BulletinMalformed):
            parse_acceptance(broken)

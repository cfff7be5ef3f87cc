import pytest

from escruta.apps.board import parse_board, read_board, standing_of_board
from escruta.base.errors import FileUnreadable
from escruta.record.bulletins import Dissent
from escruta.tlog.errors import PolicyMalformed, SignatureRefused
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.notes import Note
from escruta.tlog.signing import sign_note


@pytest.fixture
def signed(drafted, members):
    return lambda *names: sign_note(drafted.text, [members[f"rector-{n}"] for n in names], time_s=0)


@pytest.fixture
def dissent(drafted, members):
    def make(number, digest=None):
        words = f"I am {number}.\n"
        about = {"election": drafted.election, "contest": drafted.contest, "number": drafted.number}
        text = Dissent(**about, bulletin_sha256=digest or drafted.sha256, words=words).text
        return sign_note(text, [members[f"rector-{number}"]], time_s=0)

    return make


def test_a_board_says_who_signed_who_dissents_and_who_is_silent(drafted, signed, dissent, board):
    standing = standing_of_board(drafted, signed(3, 1, 2), [dissent(4)], board)
    assert standing.is_met
    assert standing.signed == ("rector-1", "rector-2", "rector-3")
    assert standing.dissenting == {"rector-4": "I am 4.\n"}
    assert standing.silent == ("rector-5",)
    assert str(standing) == "3 of 5 members signed; 1 dissents: rector-4; 1 has not signed: rector-5"


@pytest.mark.parametrize(
    ("who", "against", "said"),
    [
        ((1, 2, 3, 4, 5), (), "5 of 5 members signed"),
        ((1, 2), (3, 4, 5), "2 of 5 members signed; 3 dissent: rector-3, rector-4, rector-5"),
        ((), (), "0 of 5 members signed; 5 have not signed: rector-1, rector-2, rector-3, rector-4, rector-5"),
    ],
)
def test_how_a_board_stands_is_said_in_a_line(drafted, signed, dissent, board, who, against, said):
    standing = standing_of_board(drafted, signed(*who), [dissent(each) for each in against], board)
    assert str(standing) == said
    assert standing.is_met == (len(who) >= 3)


def test_one_member_twice_is_one_member(drafted, signed, board):
    twice = signed(1, 2).signed_also(*signed(1).signatures)
    assert not standing_of_board(drafted, Note(text=twice.text, signatures=twice.signatures * 3), [], board).is_met


def test_a_member_who_signs_and_dissents_is_counted_and_heard(drafted, signed, dissent, board):
    standing = standing_of_board(drafted, signed(1, 2, 3), [dissent(3)], board)
    assert standing.is_met
    assert (standing.signed[-1], list(standing.dissenting)) == ("rector-3", ["rector-3"])


def test_strangers_do_not_count_and_false_lines_spoil_the_note(drafted, signed, board, members):
    stranger = SeedSigner("rector-1.example", KeyKind.ED25519, b"s" * 32)
    with_stranger = signed(1, 2).signed_also(*sign_note(drafted.text, [stranger], time_s=0).signatures)
    assert standing_of_board(drafted, with_stranger, [], board).signed == ("rector-1", "rector-2")
    elsewhere = sign_note("another text\n", [members["rector-3"]], time_s=0)
    with pytest.raises(SignatureRefused, match=r"rector-3\.example is false"):
        standing_of_board(drafted, signed(1, 2).signed_also(*elsewhere.signatures), [], board)


def test_a_dissent_on_another_bulletin_or_by_a_stranger_is_refused(drafted, signed, dissent, board):
    with pytest.raises(SignatureRefused, match="another bulletin"):
        standing_of_board(drafted, signed(1), [dissent(2, "0" * 64)], board)
    stranger = SeedSigner("x.example", KeyKind.ED25519, b"s" * 32)
    with pytest.raises(SignatureRefused, match="no known key"):
        standing_of_board(drafted, signed(1), [sign_note(dissent(2).text, [stranger], time_s=0)], board)


def test_names_of_any_script_make_a_quorum(drafted, members):
    key = members["rector-1"].key
    board = parse_board(f"witness señora {key}\ngroup all all señora\nquorum all\n".encode())
    standing = standing_of_board(drafted, sign_note(drafted.text, [members["rector-1"]], time_s=0), [], board)
    assert (standing.signed, standing.is_met) == (("señora",), True)


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("witness a {plain}\nquorum none\n", "a board has members and a quorum"),
        ("log {other}\nwitness a {plain}\nquorum a\n", "a board has members and a quorum"),
        ("witness a {timed}\nquorum a\n", "a key of this kind cannot stand here"),
        ("witness a {plain}\nwitness b {plain}\nquorum a\n", "the same key twice"),
        ("member a {plain}\nquorum a\n", "no such line"),
        ("witness a {plain}\ngroup g 2 a\nquorum g\n", "no such threshold"),
    ],
)
def test_what_is_no_board_is_refused(members, lines, what):
    timed = SeedSigner("w.example", KeyKind.ED25519_COSIGNATURE, b"w" * 32).key
    plain, other = members["rector-1"].key, members["rector-2"].key
    with pytest.raises(PolicyMalformed, match=what):
        parse_board(lines.format(plain=plain, other=other, timed=timed).encode())


def test_a_board_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileUnreadable):
        read_board(tmp_path / "none")

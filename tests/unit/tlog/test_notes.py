import pytest

from escruta.tlog.errors import NoteMalformed, SignatureRefused
from escruta.tlog.keys import KeyKind, SeedSigner, parse_verifier_key
from escruta.tlog.notes import SignatureLine, parse_note
from escruta.tlog.signing import sign_note, verify_note

# The example of the Go checksum database's notes.
NEUMANN = parse_verifier_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
KNOWN = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()


def test_the_known_note_is_verified():
    note = parse_note(KNOWN)
    assert [each.key for each in verify_note(note, [NEUMANN])] == [NEUMANN]
    assert bytes(note) == KNOWN


def test_the_text_ends_at_the_last_blank_line():
    note = parse_note("a\n\nb\n\n\n— n AAAAAAA=\n".encode())
    assert note.text == "a\n\nb\n\n"


def test_a_text_that_was_changed_is_refused():
    note = parse_note(KNOWN.replace(b"your problem,", b"my problem,"))
    with pytest.raises(SignatureRefused, match="false"):
        verify_note(note, [NEUMANN])


def test_lines_of_unknown_keys_are_passed_over_even_with_a_known_name():
    other = SeedSigner("PeterNeumann", KeyKind.ED25519, bytes(32))
    note = parse_note(KNOWN).signed_also(SignatureLine(name="PeterNeumann", key_id=b"\0\0\0\0", signature=b"?"))
    assert len(verify_note(note, [NEUMANN, other.key])) == 1


def test_one_false_line_of_a_known_key_spoils_the_note():
    wrong = SignatureLine(name="PeterNeumann", key_id=NEUMANN.key_id, signature=bytes(64))
    with pytest.raises(SignatureRefused, match="a signature of PeterNeumann is false"):
        verify_note(parse_note(KNOWN).signed_also(wrong), [NEUMANN])


def test_a_note_that_nobody_known_signed_is_refused_and_says_who_did():
    key = SeedSigner("somebody.example", KeyKind.ED25519, bytes(32)).key
    with pytest.raises(SignatureRefused) as caught:
        verify_note(parse_note(KNOWN), [key])
    assert str(caught.value) == ("no known key signed this note\n  found: PeterNeumann\n  expected: somebody.example")


def test_sixteen_signatures_are_accepted_and_a_flood_is_not():
    signers = [SeedSigner(f"s{number}", KeyKind.ED25519, bytes([number]) * 32) for number in range(16)]
    note = parse_note(bytes(sign_note("text\n", signers, time_s=0)))
    assert len(verify_note(note, [signer.key for signer in signers])) == 16
    with pytest.raises(NoteMalformed, match="too many"):
        parse_note(b"text\n\n" + str(note.signatures[0]).encode() * 101)


def test_a_line_is_not_added_twice():
    note = parse_note(KNOWN)
    assert note.signed_also(note.signatures[0]) == note


@pytest.mark.parametrize(
    ("raw", "what", "offset"),
    [
        (b"", "no blank line", 0),
        (b"text\n", "no blank line", 5),
        (b"text\n\n", "does not end", 6),
        ("text\n\n— n AAAAAAA=".encode(), "does not end", 20),
        (b"text\n\n- n AAAAAAA=\n", "no line of a signature", 6),
        ("é\n\n— n AAAAAAA=\n— n\n".encode(), "no line of a signature", 19),
        ("text\n\n—  AAAAAAA=\n".encode(), "no line of a signature", 6),
        ("text\n\n— a+b AAAAAAA=\n".encode(), "no line of a signature", 6),
        ("text\n\n— a\u00a0b AAAAAAA=\n".encode(), "no line of a signature", 6),
        ("text\n\n— n AAAAAA==\n".encode(), "too short", 6),
        ("text\n\n— n AAAAAAA\n".encode(), "Base64", 6),
        ("text\n\n— n AAAAAAB=\n".encode(), "Base64", 6),
        ("te\txt\n\n— n AAAAAAA=\n".encode(), "control character", 2),
        ("text\r\n\r\n— n AAAAAAA=\r\n".encode(), "control character", 4),
        (b"te\xff", "not UTF-8", 2),
        (b"x" * 1_000_001, "too long", None),
    ],
)
def test_what_is_no_note_is_refused_with_its_place(raw, what, offset):
    with pytest.raises(NoteMalformed, match=what) as caught:
        parse_note(raw)
    assert caught.value.offset == offset

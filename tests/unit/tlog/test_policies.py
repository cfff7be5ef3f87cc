import pytest

from escruta.tlog.checkpoints import Checkpoint
from escruta.tlog.errors import PolicyMalformed, PolicyUnmet, SignatureRefused
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.policies import parse_policy, require_policy, standing_of
from escruta.tlog.signing import sign_note, sign_text
from escruta.tlog.trees import TreeHead

HEAD = TreeHead(size=1, root=leaf_hash(b""))
TEXT = Checkpoint(origin="example.com/log", head=HEAD).text


@pytest.fixture(scope="session")
def keys(log_signers, witness_signers):
    """The verifier keys by the letters that the policies here use."""
    letters = dict(zip("LMPQR", (*log_signers, *witness_signers), strict=True))
    return {letter: str(signer.key) for letter, signer in letters.items()}


@pytest.fixture(scope="session")
def text(keys):
    """Both keys of the log; one party, the press and one observer: the party and one of the two others."""
    return (
        "# who must have seen it\n"
        f"log {keys['L']} https://example.com/log\n"
        f"log {keys['M']}\n\n"
        f"witness party {keys['P']}\n"
        f"witness press\t{keys['Q']} https://press.example/w\n"
        f"witness observer {keys['R']}\n"
        "group others any press observer\n"
        "  group both all party others\n"
        "quorum both\n"
    ).encode()


def test_every_combination_of_witnesses_against_the_quorum(text):
    policy = parse_policy(text)
    met = [
        names
        for names in ([], ["party"], ["press"], ["press", "observer"], ["party", "press"], ["party", "observer"])
        if policy.is_met_by(names)
    ]
    assert met == [["party", "press"], ["party", "observer"]]
    assert "https://press.example/w" in policy.urls.values()


def test_a_checkpoint_with_the_quorum_is_accepted_and_tells_who(text, log_signers, witness_signers):
    note = sign_note(TEXT, (log_signers[0], witness_signers[0], witness_signers[2]), time_s=17)
    standing = require_policy(note, parse_policy(text))
    assert standing.checkpoint.head == HEAD
    assert standing.cosigned == {"party": 17, "observer": 17}


def test_a_checkpoint_without_the_quorum_is_told_or_refused(text, log_signers, witness_signers):
    note = sign_note(TEXT, (*log_signers, *witness_signers[1:]), time_s=17)
    assert not standing_of(note, parse_policy(text)).is_met
    with pytest.raises(PolicyUnmet) as caught:
        require_policy(note, parse_policy(text))
    assert str(caught.value) == (
        "2 of 3 log witnesses cosigned, which is not the quorum\n  found: observer, press\n  expected: the quorum both"
    )


def test_a_cosignature_without_time_does_not_count(text, log_signers, witness_signers):
    note = sign_note(TEXT, (log_signers[0], *witness_signers), time_s=0)
    assert standing_of(note, parse_policy(text)).cosigned == {}


def test_the_later_of_two_cosignatures_counts(text, log_signers, witness_signers):
    note = sign_note(TEXT, (log_signers[0], witness_signers[0]), time_s=9)
    note = note.signed_also(sign_text(TEXT, witness_signers[0], time_s=5))
    assert standing_of(note, parse_policy(text)).cosigned == {"party": 9}


def test_witnesses_alone_do_not_make_a_checkpoint(text, witness_signers):
    with pytest.raises(SignatureRefused, match="under its own name"):
        standing_of(sign_note(TEXT, witness_signers, time_s=1), parse_policy(text))


def test_a_log_cannot_sign_for_another(text, log_signers):
    other = Checkpoint(origin="example.com/other", head=HEAD).text
    with pytest.raises(SignatureRefused, match="under its own name"):
        standing_of(sign_note(other, log_signers, time_s=1), parse_policy(text))


def test_a_witness_key_among_the_logs_is_refused(keys):
    with pytest.raises(PolicyMalformed, match="of this kind"):
        parse_policy(f"log {keys['P']}\nquorum none\n".encode())
    with pytest.raises(PolicyMalformed, match="of this kind"):
        parse_policy(f"witness a {keys['L']}\nquorum none\n".encode())


def test_the_same_key_under_another_name_is_refused(keys):
    again = SeedSigner("other.example", KeyKind.ED25519_COSIGNATURE, b"3" * 32).key
    with pytest.raises(PolicyMalformed, match="same key twice") as caught:
        parse_policy(f"witness a {keys['P']}\nwitness b {again}\nquorum none\n".encode())
    assert caught.value.row == 2


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ("", "no line gives the quorum"),
        ("quorum none\nquorum none\n", "a second quorum"),
        ("quorum a\n", "not defined above"),
        ("quorum a\nwitness a P\n", "not defined above"),
        ("witness none P\nquorum none\n", "name is taken"),
        ("witness a P\nwitness a Q\nquorum a\n", "name is taken"),
        ("witness a P\ngroup a any a\nquorum a\n", "name is taken"),
        ("witness a P\ngroup g any none\nquorum g\n", "not defined above"),
        ("witness a P\ngroup g any g\nquorum g\n", "not defined above"),
        ("witness a P\ngroup g any a a\nquorum g\n", "member twice"),
        ("witness a P\ngroup g any a\ngroup h any a\nquorum g\n", "member twice"),
        ("witness a P\ngroup g 0 a\nquorum g\n", "no such threshold"),
        ("witness a P\ngroup g 2 a\nquorum g\n", "no such threshold"),
        ("witness a P\ngroup g 01 a\nquorum g\n", "no such threshold"),
        ("witness a P\ngroup g most a\nquorum g\n", "no such threshold"),
        ("witness a P\ngroup g any\nquorum g\n", "too few or too many words"),
        ("witness a\nquorum none\n", "too few or too many words"),
        ("log\nquorum none\n", "too few or too many words"),
        ("quorum none none\n", "too few or too many words"),
        ("witness a nonsense\nquorum a\n", "no verifier key"),
        ("mirror a P\nquorum none\n", "no such line"),
        ("quorum none\r\n", "control character"),
        ("quorum none", "does not end"),
    ],
)
def test_what_is_no_policy_is_refused_and_says_why(lines, what, keys):
    for letter in "PQ":
        lines = lines.replace(f" {letter}\n", f" {keys[letter]}\n")
    with pytest.raises(PolicyMalformed, match=what):
        parse_policy(lines.encode())


def test_names_are_octets_whatever_they_spell(keys):
    kelvin = f"witness \u212a {keys['P']}\nwitness K {keys['Q']}\nquorum K\n".encode()
    policy = parse_policy(kelvin)
    assert policy.is_met_by(["K"])
    assert len(policy.witnesses) == 2
    assert parse_policy(f"witness \xff {keys['P']}\nquorum \xff\n".encode("latin-1")).quorum == "\udcff"


@pytest.mark.parametrize("kind", [KeyKind.ED25519_COSIGNATURE, KeyKind.MLDSA44_COSIGNATURE])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_log_cannot_be_its_own_log_witness(kind, is_first):
    """One key in two roles would let a log make its own quorum, in a policy that nobody reads closely."""
    own = [
        SeedSigner("example.com/log", each, bytes(32)).key for each in (KeyKind.ED25519, KeyKind.MLDSA44_COSIGNATURE)
    ]
    logs = [f"log {key}" for key in own]
    witness = [f"witness somebody {SeedSigner('other.example/w', kind, bytes(32)).key}"]
    lines = [*witness, *logs] if is_first else [*logs, *witness]
    with pytest.raises(PolicyMalformed, match="same key twice"):
        parse_policy(("\n".join([*lines, "quorum somebody"]) + "\n").encode())

"""Our seals held to the published vectors, and to two other implementations of COSE."""

import runpy
from hashlib import sha256

import cwt
import pytest
from pycose.keys.okp import OKPKey
from pycose.messages.cosemessage import CoseMessage
from pycose.messages.sign1message import Sign1Message
from tests.unit.sheets.seal.seal_vectors import FOLDER, FORMS, PRINTED, VECTORS, key_list, moment, plain_sheet, signer

from escruta.sheets.seal import (
    CborRefused,
    CoseRefused,
    SealMalformed,
    SheetRefused,
    TextRefused,
    check_seal,
    kid_of,
    parse_form,
    read_seal,
    seal_sheet,
    text_of,
    version_of,
)

REFUSED = {"letters": TextRefused, "cbor": CborRefused, "cose": CoseRefused, "sheet": SheetRefused}
GOOD = sorted(VECTORS["good"])


def test_the_script_makes_the_vectors_again():
    made = runpy.run_path(str(FOLDER / "make.py"))["written"]()
    assert made == (FOLDER / "seals.json").read_text(encoding="utf-8")


def test_a_kid_begins_the_thumbprint_of_its_key():
    for key in VECTORS["keys"].values():
        assert kid_of(bytes.fromhex(key["public_key"])).hex() == key["kid"] == key["thumbprint"][:16]


def test_a_form_is_digested_as_its_text():
    for name, said in VECTORS["forms"].items():
        form = FORMS[name]
        assert (form.text, form.digest.hex()) == (said["text"], said["sha256"])
        assert parse_form(said["text"]) == form
        assert sha256(said["text"].encode()).digest()[:8] == form.id


def test_our_sealing_gives_the_vector():
    assert text_of(seal_sheet(plain_sheet(), signer())) == VECTORS["good"]["plain"]["text"]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_vector_is_read_and_written_the_same(name):
    said = VECTORS["good"][name]
    seal = read_seal(said["text"])
    assert seal.payload.hex() == said["payload"]
    assert seal.signed.hex() == said["sig_structure"]
    assert seal.signature.hex() == said["signature"]
    assert (seal.raw.hex(), seal.text) == (said["cose_sign1"], said["text"])
    assert seal.kid.hex() == VECTORS["keys"][said["key"]]["kid"]
    assert text_of(seal_sheet(seal.sheet, signer(said["key"]))) == said["text"]


@pytest.mark.parametrize("bad", VECTORS["bad"], ids=lambda bad: bad["name"])
def test_a_bad_vector_is_refused_for_its_reason(bad):
    with pytest.raises(SealMalformed) as refused:
        read_seal(bad["text"])
    assert type(refused.value) is REFUSED[bad["refused"]]
    assert str(refused.value).isprintable() or "\n" in str(refused.value)


@pytest.mark.parametrize("at", range(len(VECTORS["findings"])))
def test_a_finding_is_the_one_that_was_written_by_hand(at):
    said = VECTORS["findings"][at]
    seen = None if said["seen"] is None else moment(said["seen"])
    finding = check_seal(read_seal(said["text"]), key_list(), seen)
    assert [finding.status, *finding.reasons] == [said["status"], *said["reasons"]], said["seal"]


@pytest.mark.parametrize("name", GOOD)
def test_pycose_verifies_our_seal(name):
    said = VECTORS["good"][name]
    raw = seal_sheet(read_seal(said["text"]).sheet, signer(said["key"]))
    message = CoseMessage.decode(raw)
    assert isinstance(message, Sign1Message)
    message.key = OKPKey(crv="ED25519", x=signer(said["key"]).public_key)
    assert message.verify_signature()
    message.key = OKPKey(crv="ED25519", x=signer("second" if said["key"] != "second" else "first").public_key)
    assert not message.verify_signature()


@pytest.mark.parametrize("name", GOOD)
def test_cwt_verifies_our_seal(name):
    said = VECTORS["good"][name]
    raw = seal_sheet(read_seal(said["text"]).sheet, signer(said["key"]))
    assert cwt.COSE.new().decode(raw, cose_key(said["key"])).hex() == said["payload"]
    changed = raw[:-1] + bytes([raw[-1] ^ 1])
    with pytest.raises(cwt.VerifyError):
        cwt.COSE.new().decode(changed, cose_key(said["key"]))


def cose_key(name):
    public, kid = signer(name).public_key, signer(name).kid
    return cwt.COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: public})


def test_what_cwt_seals_is_read_by_us():
    said, kid = VECTORS["good"]["plain"], signer().kid
    secret = bytes.fromhex(VECTORS["keys"]["first"]["private_key"])
    private = cwt.COSEKey.new({1: 1, 2: kid, 3: -8, -1: 6, -2: signer().public_key, -4: secret})
    raw = cwt.COSE.new().encode(bytes.fromhex(said["payload"]), private, protected={1: -8, 4: kid})
    assert text_of(raw) == said["text"]


def test_the_plain_vector_says_what_was_sealed():
    sheet = read_seal(VECTORS["good"]["plain"]["text"]).sheet
    assert sheet == plain_sheet()
    assert (sheet.station, sheet.printed_at, sheet.copy, sheet.recipient) == ("010113042.1", PRINTED, 1, None)
    assert sheet.named(FORMS["options"])["registered_voters"] == 712
    assert version_of(VECTORS["good"]["plain"]["text"]) == 10

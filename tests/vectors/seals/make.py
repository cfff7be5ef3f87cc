"""Make the vectors of sealed sheets: run it in this folder, and the diff is empty.

Nothing here is ours: CBOR is written by `cbor2`, signatures (RFC 8032, so always the same) by `cryptography`, and
base45 by the few lines below, as RFC 9285 says it. The keys are the bytes 0 to 31, 1 to 32, and so on: they
guard nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
KEYS = {name: bytes(range(at, at + 32)) for at, name in enumerate(("first", "second", "stolen", "lost", "stranger"))}
STATIONS = {"first": "010113042.1", "second": "010113042.2", "stolen": "Norte 1 · é", "lost": "7"}
FORMS = {
    "options": (
        "ve-2024-president",
        "president",
        ["registered_voters", "valid", "null", *(f"option.{each}" for each in "abcdefgh")],
    ),
    "candidates": ("ve-2024-president", "mayor", ["ballots", "votes.ana", "votes.bea", "other.unused"]),
}
PRINTED = 1_722_205_260  # 2024-07-28T22:21:00Z
ISSUED, FROM, UNTIL = PRINTED + 86_400, PRINTED - 86_400, PRINTED + 30 * 86_400
REVOKED = {"stolen": (PRINTED + 3_600, "stolen"), "lost": (PRINTED + 3_600, "lost")}


def vectors() -> dict[str, Any]:
    good = {name: seal(*what) for name, what in sheets()}
    return {
        "profile": "escruta/sealed-sheet/v1",
        "keys": {name: key(seed) for name, seed in KEYS.items()},
        "forms": {name: form(*what) for name, what in FORMS.items()},
        "good": good,
        "bad": [{"name": name, "refused": part, "text": text} for name, part, text in bad(good["plain"])],
        "list": key_list(),
        "findings": list(findings(good)),
    }


def key(seed: bytes) -> dict[str, str]:
    public = public_key(seed)
    thumbprint = hashlib.sha256(cbor2.dumps({1: 1, -1: 6, -2: public}, canonical=True)).digest()
    return {
        "private_key": seed.hex(),
        "public_key": public.hex(),
        "thumbprint": thumbprint.hex(),
        "kid": thumbprint[:8].hex(),
    }


def public_key(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def form(election: str, contest: str, figures: list[str]) -> dict[str, Any]:
    lines = ["escruta/sealed-sheet/v1", f"election {election}", f"contest {contest}"]
    text = "".join(f"{line}\n" for line in [*lines, *(f"figure {figure}" for figure in figures)])
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"election": election, "contest": contest, "figures": figures, "text": text, "sha256": digest}


def form_id(name: str) -> bytes:
    return bytes.fromhex(form(*FORMS[name])["sha256"])[:8]


def packed(station: str) -> bytes:
    halves = "".join(f"{'0123456789.-/:'.index(letter):x}" for letter in station)
    return bytes.fromhex(halves + "f" * (len(halves) % 2))


def sheets() -> Iterator[tuple[str, tuple[str, dict[int, Any]]]]:
    """Name each sheet, the key that seals it, and its map."""
    votes = [712, 498, 3, 90, 260, 0, 1, 23, 24, 100, 0]
    plain = {1: 1, 2: form_id("options"), 3: packed("010113042.1"), 4: votes, 5: PRINTED, 6: 1}
    yield "plain", ("first", plain)
    yield "every mark", ("first", plain | {4: [-1, -2, -3, -4, 0, 0, 0, 0, 0, 0, 0]})
    yield "every field", ("first", plain | {6: 65_535, 7: 17, 8: 3, 9: 1})
    yield "largest figures", ("first", plain | {4: [10_000_000_000] * 11})
    yield "another contest", ("second", plain | {2: form_id("candidates"), 3: packed("010113042.2"), 4: [5, 3, 2, 300]})
    yield "a station with letters", ("stolen", plain | {3: "Norte 1 · é"})
    yield "a station of one digit", ("lost", plain | {3: packed("7")})
    yield "printed later", ("stolen", plain | {3: "Norte 1 · é", 5: PRINTED + 3_600})
    yield "lost, printed later", ("lost", plain | {3: packed("7"), 5: PRINTED + 3_601})
    yield "another station's key", ("second", plain)
    yield "another form", ("first", plain | {2: bytes(8)})
    yield "too few figures", ("first", plain | {4: votes[:-1]})
    yield "before the key was valid", ("first", plain | {5: FROM - 1})
    yield "when the key began", ("first", plain | {5: FROM})
    yield "when the key ended", ("first", plain | {5: UNTIL})
    yield "after the list", ("first", plain | {5: ISSUED + 1})
    yield "an unknown key", ("stranger", plain)


def seal(name: str, sheet: dict[int, Any]) -> dict[str, Any]:
    payload = cbor2.dumps(sheet, canonical=True)
    whole = signed(name, payload)
    parts = cbor2.loads(whole).value
    return {
        "key": name,
        "payload": payload.hex(),
        "protected": parts[0].hex(),
        "sig_structure": cbor2.dumps(["Signature1", parts[0], b"", payload]).hex(),
        "signature": parts[3].hex(),
        "cose_sign1": whole.hex(),
        "text": text(whole),
    }


def signed(name: str, payload: bytes, headers: Any = None, outside: Any = None) -> bytes:
    private = Ed25519PrivateKey.from_private_bytes(KEYS[name])
    kid = bytes.fromhex(key(KEYS[name])["kid"])
    protected = headers if isinstance(headers, bytes) else cbor2.dumps(headers or {1: -8, 4: kid}, canonical=True)
    signature = private.sign(cbor2.dumps(["Signature1", protected, b"", payload]))
    return cbor2.dumps(cbor2.CBORTag(18, [protected, outside or {}, payload, signature]), canonical=True)


def text(raw: bytes) -> str:
    """RFC 9285, section 4: groups of two bytes, the least letter first."""
    letters = ""
    for at in range(0, len(raw), 2):
        group = raw[at : at + 2]
        number = int.from_bytes(group, "big")
        for _ in range(len(group) + 1):
            letters += LETTERS[number % 45]
            number //= 45
    return f"ESC1:{letters}"


def bad(plain: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield from bad_letters(plain["text"])
    whole, payload = bytes.fromhex(plain["cose_sign1"]), bytes.fromhex(plain["payload"])
    yield from bad_cbor(whole, payload)
    yield from bad_cose(whole, payload)
    yield from bad_sheets(cbor2.loads(payload))


def bad_letters(good: str) -> Iterator[tuple[str, str, str]]:
    yield "nothing", "letters", ""
    yield "no prefix", "letters", good.removeprefix("ESC1:")
    yield "another prefix", "letters", good.replace("ESC1:", "ESC2:")
    yield "small letters", "letters", good.lower()
    yield "a small letter", "letters", good[:-1] + "a"
    yield "a space before it", "letters", f" {good}"
    yield "a line feed after it", "letters", f"{good}\n"
    yield "a Cyrillic letter in the prefix", "letters", good.replace("C", "\u0421", 1)
    yield "a full-width digit", "letters", good[:-1] + "\uff10"
    yield "an Arabic digit", "letters", good[:-1] + "\u0660"
    yield "a combining accent", "letters", good + "\u0301"
    yield "a lone surrogate", "letters", good[:-1] + "\ud800"
    yield "cut off in a group", "letters", good[: 5 + 3 * 20 + 1]
    yield "three letters beyond two bytes", "letters", f"ESC1::::{good[8:]}"
    yield "two letters beyond a byte", "letters", "ESC1:::"
    yield "too long", "letters", "ESC1:" + "0" * 2_401


def bad_cbor(whole: bytes, payload: bytes) -> Iterator[tuple[str, str, str]]:
    yield "a byte after the end", "cbor", text(whole + b"\0")
    yield "a byte too few", "cbor", text(whole[:-1])
    yield "an array of open length", "cbor", text(b"\xd2\x9f" + whole[2:] + b"\xff")
    yield "the array's length in two bytes", "cbor", text(b"\xd2\x98\x04" + whole[2:])
    yield "a length of 2**64 - 1", "cbor", text(b"\xd2\x9b" + b"\xff" * 8)
    yield "a million arrays in each other", "cbor", text(b"\xd2" + b"\x81" * 1_000)
    first = {"a number in two bytes": ("0101", "011801"), "the map's keys exchanged": ("a60101", "a6")}
    for name, (old, new) in first.items():
        changed = payload.replace(bytes.fromhex(old), bytes.fromhex(new), 1)
        changed += bytes.fromhex("0101") * (new == "a6")
        yield name, "cbor", text(signed("first", changed))
    doubled = b"\xa7" + payload[1:3] + payload[1:]
    yield "a key twice", "cbor", text(signed("first", doubled))
    entries = payload[1:]
    for name, value in (
        ("a tag", "c10a"),
        ("half a float", "f93c00"),
        ("null", "f6"),
        ("true", "f5"),
        ("undefined", "f7"),
        ("a text that is not UTF-8", "61ff"),
        ("a number of 2**64 bits", "c24101"),
    ):
        yield f"{name} in the map", "cbor", text(signed("first", b"\xa7" + entries + b"\x0a" + bytes.fromhex(value)))
    yield "a key that is text", "cbor", text(signed("first", b"\xa7" + entries + b"\x61\x61\x01"))


def bad_cose(whole: bytes, payload: bytes) -> Iterator[tuple[str, str, str]]:
    kid = bytes.fromhex(key(KEYS["first"])["kid"])
    yield "no bytes", "cose", "ESC1:"
    yield "no tag", "cose", text(whole[1:])
    yield "tag 17", "cose", text(b"\xd1" + whole[1:])
    yield "tag 18 in two bytes", "cose", text(b"\xd8\x12" + whole[1:])
    yield "three parts", "cose", text(cbor2.dumps(cbor2.CBORTag(18, cbor2.loads(whole).value[:3])))
    yield "a map of four", "cose", text(b"\xd2" + cbor2.dumps({1: 1, 2: 2, 3: 3, 4: 4}))
    yield "a header outside", "cose", text(signed("first", payload, outside={4: kid}))
    yield "another algorithm", "cose", text(signed("first", payload, headers={1: -7, 4: kid}))
    yield "a kid of 7 bytes", "cose", text(signed("first", payload, headers={1: -8, 4: kid[:7]}))
    yield "no kid", "cose", text(signed("first", payload, headers={1: -8}))
    yield "a third header", "cose", text(signed("first", payload, headers={1: -8, 4: kid, 3: 0}))
    parts = cbor2.loads(whole).value
    yield "a signature of 63 bytes", "cose", text(cbor2.dumps(cbor2.CBORTag(18, [*parts[:3], parts[3][:63]])))
    yield "no payload", "cbor", text(cbor2.dumps(cbor2.CBORTag(18, [parts[0], {}, None, parts[3]])))


def bad_sheets(plain: dict[int, Any]) -> Iterator[tuple[str, str, str]]:
    changes: dict[str, dict[int, Any]] = {
        "version 2": {1: 2},
        "a form of 7 bytes": {2: plain[2][:7]},
        "a form as text": {2: "president"},
        "digits as text": {3: "010113042.1"},
        "a station of open end": {3: bytes.fromhex("01f1")},
        "an unknown half byte": {3: bytes.fromhex("0e")},
        "no station": {3: b""},
        "an empty station": {3: ""},
        "a station with a split accent": {3: "Norte e\u0301"},
        "a station with a space before it": {3: " Norte"},
        "a station with a line feed": {3: "Norte\n1"},
        "a station that runs from the right": {3: "Norte \u202e1"},
        "a station of 65 bytes": {3: "N" * 65},
        "no figures": {4: []},
        "too many figures": {4: [0] * 513},
        "a mark that there is not": {4: [-5]},
        "a figure beyond the largest": {4: [10_000_000_001]},
        "a figure as text": {4: ["1"]},
        "figures as a map": {4: {1: 1}},
        "a time before 1970": {5: -1},
        "a time after 2106": {5: 1 << 32},
        "copy 0": {6: 0},
        "copy 65,536": {6: 65_536},
        "recipient 0": {7: 0},
        "the count written out": {8: 0},
        "act 4": {8: 4},
        "closing written out": {9: 0},
        "kind 2": {9: 2},
        "key 10": {10: 1},
        "key 0": {0: 1},
        "key -1": {-1: 1},
    }
    for name, change in changes.items():
        yield name, "sheet", text(signed("first", cbor2.dumps(plain | change, canonical=True)))
    for left_out in plain:
        rest = {field: value for field, value in plain.items() if field != left_out}
        yield f"no key {left_out}", "sheet", text(signed("first", cbor2.dumps(rest, canonical=True)))
    yield "an array in place of the map", "sheet", text(signed("first", cbor2.dumps(list(plain.values()))))


def key_list() -> dict[str, Any]:
    return {
        "election": "ve-2024-president",
        "issued": ISSUED,
        "from": FROM,
        "until": UNTIL,
        "stations": STATIONS,
        "revoked": {name: {"at": at, "reason": reason} for name, (at, reason) in REVOKED.items()},
    }


def findings(good: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Say by hand what each seal shows against the list; `seen` is a moment at which it was there."""
    said: list[tuple[str, int | None, str, list[str]]] = [
        ("plain", None, "valid", []),
        ("plain", PRINTED - 1, "valid", ["printed-after-seen"]),
        ("every mark", None, "valid", []),
        ("every field", None, "valid", []),
        ("largest figures", None, "valid", []),
        ("another contest", None, "valid", []),
        ("a station with letters", None, "undecided", ["stolen-later", "own-claim"]),
        ("a station with letters", PRINTED + 3_599, "valid", ["revoked-later"]),
        ("a station with letters", PRINTED + 3_600, "undecided", ["stolen-later", "own-claim"]),
        ("a station of one digit", None, "valid", ["revoked-later", "own-claim"]),
        ("a station of one digit", PRINTED + 3_599, "valid", ["revoked-later"]),
        ("printed later", None, "revoked", ["revoked"]),
        ("printed later", PRINTED, "revoked", ["revoked", "printed-after-seen"]),
        ("lost, printed later", None, "revoked", ["revoked"]),
        ("another station's key", None, "invalid", ["other-station"]),
        ("another form", None, "invalid", ["other-form"]),
        ("too few figures", None, "invalid", ["other-form"]),
        ("before the key was valid", None, "invalid", ["before-validity"]),
        ("when the key began", None, "valid", []),
        ("when the key ended", None, "invalid", ["after-validity", "list-is-older"]),
        ("after the list", None, "valid", ["list-is-older"]),
        ("an unknown key", None, "unknown-key", ["unknown-key"]),
    ]
    for name, seen, status, reasons in said:
        yield {"seal": name, "text": good[name]["text"], "seen": seen, "status": status, "reasons": reasons}
    first = good["plain"]
    raw = bytearray.fromhex(first["cose_sign1"])
    raw[-1] ^= 1
    yield {"seal": None, "text": text(bytes(raw)), "seen": None, "status": "invalid", "reasons": ["signature-false"]}


def written() -> str:
    return json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("seals.json").write_text(written(), encoding="utf-8", newline="\n")

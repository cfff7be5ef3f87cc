"""The vectors of sealed sheets as the values of our own classes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from escruta.sheets.seal import (
    KeyList,
    Revocation,
    RevocationReason,
    SealedSheet,
    SealForm,
    SealingKey,
    SealSigner,
    sheet_of,
)

FOLDER = Path(__file__).resolve().parents[3] / "vectors" / "seals"
VECTORS: dict[str, Any] = json.loads((FOLDER / "seals.json").read_text(encoding="utf-8"))
FORMS = {
    name: SealForm(election=each["election"], contest=each["contest"], figures=tuple(each["figures"]))
    for name, each in VECTORS["forms"].items()
}
PRINTED = datetime(2024, 7, 28, 22, 21, tzinfo=UTC)


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def signer(name: str = "first") -> SealSigner:
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["keys"][name]["private_key"]))
    return SealSigner(public_key=private.public_key().public_bytes_raw(), sign=private.sign)


def key_list(**more: Any) -> KeyList:
    said = VECTORS["list"]
    keys = [
        SealingKey(
            station=station,
            public_key=signer(name).public_key,
            valid_from=moment(said["from"]),
            valid_until=moment(said["until"]),
        )
        for name, station in said["stations"].items()
    ]
    revocations = [
        Revocation(kid=signer(name).kid, at=moment(each["at"]), reason=RevocationReason(each["reason"]))
        for name, each in said["revoked"].items()
    ]
    whole: dict[str, Any] = {
        "election": said["election"],
        "sequence": 1,
        "issued_at": moment(said["issued"]),
        "forms": tuple(FORMS.values()),
        "keys": tuple(sorted(keys, key=lambda key: (key.station, key.valid_from, key.kid))),
        "revocations": tuple(sorted(revocations, key=lambda each: (each.at, each.kid))),
        "names": {"president option.a": "A · Ana"},
    }
    return KeyList(**whole | more)


def plain_sheet(**more: Any) -> SealedSheet:
    form = FORMS["options"]
    votes = (712, 498, 3, 90, 260, 0, 1, 23, 24, 100, 0)
    return sheet_of(form, "010113042.1", dict(zip(form.figures, votes, strict=True)), **{"printed_at": PRINTED} | more)

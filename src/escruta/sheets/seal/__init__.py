"""The sealed sheet: a tally sheet's figures under a signature that fits a QR code and that any phone checks offline.

The profile, with test vectors, is `docs/reference/sealed-sheets.md`.

    form = form_of(election)                                            # which figure stands where
    sheet = sheet_of(form, "010113042.1", {"null": 2, …}, printed_at=moment)
    text = text_of(seal_sheet(sheet, SealSigner(public_key=…, sign=…)))
    modules = code_of(text)                                             # the QR code, level Q
    finding = check_seal(read_seal(text), keys)                         # its status, and the reasons
"""

from escruta.sheets.seal.checking import SealFinding, SealReason, SealStatus, check_seal
from escruta.sheets.seal.codes import LEVEL, QUIET_ZONE, code_of, version_of
from escruta.sheets.seal.cose import (
    PREFIX,
    Seal,
    SealSigner,
    bytes_of,
    kid_of,
    read_seal,
    seal_from,
    seal_sheet,
    text_of,
)
from escruta.sheets.seal.errors import (
    CborRefused,
    CoseRefused,
    KeyListMalformed,
    SealingFailed,
    SealMalformed,
    SheetRefused,
    TextRefused,
)
from escruta.sheets.seal.forms import SealForm, form_of, names_of, parse_form
from escruta.sheets.seal.key_list import KeyList, Revocation, RevocationReason, SealingKey
from escruta.sheets.seal.sheets import Figure, Recipient, SealedSheet, SheetKind, sheet_of, witness_of

__all__ = [
    "LEVEL",
    "PREFIX",
    "QUIET_ZONE",
    "CborRefused",
    "CoseRefused",
    "Figure",
    "KeyList",
    "KeyListMalformed",
    "Recipient",
    "Revocation",
    "RevocationReason",
    "Seal",
    "SealFinding",
    "SealForm",
    "SealMalformed",
    "SealReason",
    "SealSigner",
    "SealStatus",
    "SealedSheet",
    "SealingFailed",
    "SealingKey",
    "SheetKind",
    "SheetRefused",
    "TextRefused",
    "bytes_of",
    "check_seal",
    "code_of",
    "form_of",
    "kid_of",
    "names_of",
    "parse_form",
    "read_seal",
    "seal_from",
    "seal_sheet",
    "sheet_of",
    "text_of",
    "version_of",
    "witness_of",
]

"""What a seal shows, against the list of sealing keys: a status, and every reason for it.

A seal shows that whoever held a station's key sealed these figures; not when, for the time of printing is the sheet's
own claim, and not that they were counted well. Whoever steals a key can write an earlier time. So a moment from
elsewhere at which the seal was there already (a checkpoint of the log that has it, the day on which a copy came in) is
held against the time of the revocation: with such a moment before it, the seal is good whatever happened later; without
one, a seal of a key that was stolen later is undecided, and of one that was lost, replaced or closed stays good on the
sheet's own word, which the finding says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from escruta.sheets.seal.cose import Seal
from escruta.sheets.seal.forms import SealForm
from escruta.sheets.seal.key_list import KeyList, Revocation, RevocationReason, SealingKey


class SealStatus(StrEnum):
    """What a seal shows, in one word."""

    VALID = "valid"
    INVALID = "invalid"
    REVOKED = "revoked"
    UNKNOWN_KEY = "unknown-key"
    UNDECIDED = "undecided"


class SealReason(StrEnum):
    """Why. The first group makes a seal invalid, the last one only says what is left open."""

    SIGNATURE_FALSE = "signature-false"
    OTHER_STATION = "other-station"
    """The key is good, and belongs to another station."""
    OTHER_FORM = "other-form"
    """The key is good, and the sheet is of no contest of this election, or of another order of figures."""
    BEFORE_VALIDITY = "before-validity"
    AFTER_VALIDITY = "after-validity"

    UNKNOWN_KEY = "unknown-key"
    REVOKED = "revoked"
    STOLEN_LATER = "stolen-later"
    """The key was stolen after the time of printing that the sheet claims, and nothing else shows that time."""

    REVOKED_LATER = "revoked-later"
    """The key was revoked after the seal was printed."""
    OWN_CLAIM = "own-claim"
    """Only the sheet itself says that it was printed before the revocation."""
    LIST_IS_OLDER = "list-is-older"
    """The list was issued before the sheet was printed: a later list may revoke its key."""
    PRINTED_AFTER_SEEN = "printed-after-seen"
    """The sheet claims a later time than that at which it was seen: a clock was wrong."""


_FALSE = {
    SealReason.SIGNATURE_FALSE,
    SealReason.OTHER_STATION,
    SealReason.OTHER_FORM,
    SealReason.BEFORE_VALIDITY,
    SealReason.AFTER_VALIDITY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SealFinding:
    """What a seal shows, and why."""

    status: SealStatus
    reasons: tuple[SealReason, ...]
    """All of them; none where the seal is good and nothing is left open."""
    seal: Seal
    key: SealingKey | None = None
    """The key that the seal names; None where the list has none."""
    revocation: Revocation | None = None
    form: SealForm | None = None
    """The form that says what the figures are; None where the list has none."""


def check_seal(seal: Seal, keys: KeyList, at: datetime | None = None) -> SealFinding:
    """Hold a seal against a list whose own signature was verified.

    `at` is a moment at which the seal was known to be there, on another's word than the sheet's own.
    """
    key, form = keys.by_kid.get(seal.kid), keys.form_by_id(seal.sheet.form_id)
    if key is None:
        return SealFinding(status=SealStatus.UNKNOWN_KEY, reasons=(SealReason.UNKNOWN_KEY,), seal=seal, form=form)
    revocation = keys.revoked.get(seal.kid)
    reasons = [*_faults(seal, key, form)]
    if revocation is not None:
        reasons += _after_revocation(seal, revocation, at)
    if seal.sheet.printed_at > keys.issued_at:
        reasons.append(SealReason.LIST_IS_OLDER)
    if at is not None and seal.sheet.printed_at > at:
        reasons.append(SealReason.PRINTED_AFTER_SEEN)
    return SealFinding(
        status=_status(reasons), reasons=tuple(reasons), seal=seal, key=key, revocation=revocation, form=form
    )


def _faults(seal: Seal, key: SealingKey, form: SealForm | None) -> list[SealReason]:
    sheet = seal.sheet
    found = {
        SealReason.SIGNATURE_FALSE: not seal.is_signed_by(key.public_key),
        SealReason.OTHER_STATION: sheet.station != key.station,
        SealReason.OTHER_FORM: form is None or len(form.figures) != len(sheet.figures),
        SealReason.BEFORE_VALIDITY: sheet.printed_at < key.valid_from,
        SealReason.AFTER_VALIDITY: sheet.printed_at >= key.valid_until,
    }
    return [reason for reason, is_so in found.items() if is_so]


def _after_revocation(seal: Seal, revocation: Revocation, at: datetime | None) -> list[SealReason]:
    if seal.sheet.printed_at >= revocation.at:
        return [SealReason.REVOKED]
    if at is not None and at < revocation.at:
        return [SealReason.REVOKED_LATER]
    if revocation.reason is RevocationReason.STOLEN:
        return [SealReason.STOLEN_LATER, SealReason.OWN_CLAIM]
    return [SealReason.REVOKED_LATER, SealReason.OWN_CLAIM]


def _status(reasons: list[SealReason]) -> SealStatus:
    if _FALSE.intersection(reasons):
        return SealStatus.INVALID
    if SealReason.REVOKED in reasons:
        return SealStatus.REVOKED
    return SealStatus.UNDECIDED if SealReason.STOLEN_LATER in reasons else SealStatus.VALID

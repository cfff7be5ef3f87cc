"""What keeps a text from being a seal, a sheet from being sealed, and a list from being a list of sealing keys.

::

    InputError
    ├── SealMalformed         a text or its bytes are no seal of this profile
    │   ├── TextRefused       the letters: prefix, alphabet, length, base45
    │   ├── CborRefused       the bytes are not CBOR in its one deterministic form
    │   ├── CoseRefused       the CBOR is no COSE_Sign1 of this profile
    │   └── SheetRefused      what is signed is no sheet: a field is missing, unknown, of another type or out of range
    ├── SealingFailed         whoever holds the key gave no signature of it
    └── KeyListMalformed      a list of sealing keys is not in its form, or takes back what an earlier one said

Whether a seal that is well formed is also good is never an exception: it is a `SealFinding`.
"""

from __future__ import annotations

from escruta.base.errors import InputError


class SealMalformed(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """A text, or its bytes, is no seal of this profile."""


class TextRefused(SealMalformed):
    """The text is too long, has another prefix or another letter, or is not base45."""


class CborRefused(SealMalformed):
    """The bytes are not CBOR in its deterministic form, or of a kind that a seal never has."""


class CoseRefused(SealMalformed):
    """The CBOR is no COSE_Sign1 with the headers of this profile."""


class SheetRefused(SealMalformed):
    """The signed map is no sheet: a field is missing, unknown, of another type or out of range."""


class SealingFailed(InputError):  # noqa: N818
    """Whoever holds the private key gave no signature, or one that is not of its key."""


class KeyListMalformed(InputError):  # noqa: N818
    """A list of sealing keys is not in its form, or does not continue the one before it."""

"""What keeps a key from signing."""

from __future__ import annotations

from escruta.base.errors import InputError


class KeyUnusable(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """A signing key cannot be opened: not there, open to others, another passphrase, another name than asked for."""


class SigningFailed(InputError):  # noqa: N818
    """A token or a program gave no signature, or one that is not of its key."""

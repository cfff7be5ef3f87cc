"""How a key in a token is named: `pkcs11:token=board;object=log?module-path=/usr/lib/libtoken.so`.

Source: RFC 7512. What a URI asks for and we cannot obey is refused and never passed over: another key might answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

from escruta.apps.signing.errors import KeyUnusable

SCHEME = "pkcs11:"
_TOKEN = {"token": "token", "manufacturer": "manufacturer", "serial": "serial", "model": "model"}
_OBJECT = {"object", "id", "type", "slot-id"}
_QUERY = {"module-path", "pin-source"}
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenUri:
    """Which token, which object in it, and the library that speaks to it."""

    module_path: Path
    token: tuple[tuple[str, str], ...]
    """Attributes that the token must have: token (its label), manufacturer, serial, model."""
    slot_id: int | None
    label: str | None
    """The object's label."""
    object_id: bytes | None
    pin_file: Path | None

    @property
    def subject(self) -> str:
        """Name the token for a person who is asked for its PIN."""
        return "the token with " + (
            ", ".join(f"{name} {text}" for name, text in self.token) or f"in slot {self.slot_id}"
        )


def parse_token_uri(uri: str) -> TokenUri:
    r"""Read a URI; raises `KeyUnusable`.

    >>> found = parse_token_uri("pkcs11:token=The%20Board;id=%01%ff?module-path=/usr/lib/libtoken.so")
    >>> found.token, found.object_id, found.module_path.name
    ((('token', 'The Board'),), b'\x01\xff', 'libtoken.so')
    """
    path, _, query = uri.removeprefix(SCHEME).partition("?")
    where = _attributes(path, ";", _TOKEN.keys() | _OBJECT)
    how = _attributes(query, "&", _QUERY)
    if where.get("type", b"private") != b"private":
        raise KeyUnusable("the URI names no private key", found=_text("type", where["type"]), expected="type=private")
    if "object" not in where and "id" not in where:
        raise KeyUnusable("the URI does not say which key of the token", found=path, expected="object=LABEL or id=ID")
    token = tuple((name, _text(name, where[name])) for name in _TOKEN if name in where)
    slot = _text("slot-id", where["slot-id"]) if "slot-id" in where else None
    if not token and slot is None:
        raise KeyUnusable("the URI does not say which token", found=path, expected="token=LABEL, serial=… or slot-id=…")
    if slot is not None and not re.fullmatch("[0-9]{1,10}", slot, re.ASCII):
        raise KeyUnusable("the URI has no number as slot-id", found=slot)
    if "module-path" not in how:
        raise KeyUnusable(
            "the URI does not say which library speaks to the token",
            found=uri,
            expected="?module-path=/usr/lib/….so at its end",
        )
    pin = _text("pin-source", how["pin-source"]) if "pin-source" in how else None
    return TokenUri(
        module_path=Path(_text("module-path", how["module-path"])),
        token=token,
        slot_id=None if slot is None else int(slot),
        label=_text("object", where["object"]) if "object" in where else None,
        object_id=where.get("id"),
        pin_file=None if pin is None else Path(pin.removeprefix("file://").removeprefix("file:")),
    )


def _attributes(part: str, separator: str, known: set[str]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for piece in part.split(separator) if part else []:
        name, equals, value = piece.partition("=")
        if name == "pin-value":
            raise KeyUnusable(
                "a PIN does not belong in a URI, which others may see",
                advice="Leave pin-value out; give the PIN as a passphrase, or name its file with pin-source.",
            )
        if not equals or name not in known or name in found:
            raise KeyUnusable(
                "the URI has an attribute twice, or one that we cannot obey",
                found=name or piece,
                expected=", ".join(sorted(known)) + ", each at most once",
            )
        if _ESCAPE.search(value):
            raise KeyUnusable("a percent sign in the URI is not followed by two hexadecimal digits", found=value)
        found[name] = unquote_to_bytes(value)
    return found


def _text(name: str, raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise KeyUnusable("the URI has an attribute that is no UTF-8", found=name) from error
    if not text or not text.isprintable():
        raise KeyUnusable("the URI has an attribute that is empty or does not print", found=name)
    return text

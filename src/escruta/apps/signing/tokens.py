"""Keys in a token (smart card, HSM, SoftHSM): the private side never leaves it.

Source: PKCS #11 v3.0, 2.3.10 (Edwards EC) and 2.3.14 (CKM_EDDSA). `EC_PARAMS` is the curve's name as a
PrintableString, which tokens of both versions 2.40 and 3.0 understand.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from escruta.apps.signing.errors import KeyUnusable, SigningFailed
from escruta.apps.signing.passphrases import Passphrase, read_private
from escruta.apps.signing.token_uris import TokenUri, parse_token_uri
from escruta.tlog.keys import KeyKind, VerifierKey, require_name

if TYPE_CHECKING:
    import pkcs11
    from pkcs11.types import SignMixin

_EDWARDS25519 = b"\x13\x0cedwards25519"
"""The curve's name as a DER PrintableString."""
_POINT_SIZE = 32
_OCTETS = bytes([0x04, _POINT_SIZE])


class TokenSigner:
    """An Ed25519 key in a token, with the session that is logged in to it."""

    def __init__(self, session: pkcs11.Session, private: SignMixin, key: VerifierKey) -> None:
        self.key = key
        self._session = session
        self._private = private
        self._lock = threading.Lock()  # a session does one thing at a time

    def sign(self, message: bytes) -> bytes:
        """Sign the message in the token; raises `SigningFailed`."""
        library = _library()
        try:
            with self._lock:
                return bytes(self._private.sign(message, mechanism=library.Mechanism.EDDSA))
        except library.PKCS11Error as error:
            raise SigningFailed("the token did not sign", where=self.key.name, found=_said(error)) from error


def open_token(
    uri: str,
    *,
    name: str | None = None,
    kind: KeyKind | None = None,
    key: VerifierKey | None = None,
    passphrase: Passphrase | None = None,
) -> TokenSigner:
    """Log in to a token and find a key in it; raises `KeyUnusable`.

    The public side is read from the token. Where `key` is given it must be the same; otherwise `name` says in whose
    name the key signs.
    """
    found = parse_token_uri(uri)
    signs_as = name if key is None else key.name
    if signs_as is None:
        raise KeyUnusable("nobody says in whose name this key signs", where=uri, expected="a card, or --name NAME")
    require_name(signs_as)
    chosen = (KeyKind.ED25519 if kind is None else kind) if key is None else key.kind
    if chosen is KeyKind.MLDSA44_COSIGNATURE:
        raise KeyUnusable("we use tokens for Ed25519 only", where=uri, advice="Keep an ML-DSA-44 key in a file.")
    with _explained(uri):
        session = _session(found, passphrase)
        private = _object(session, found, _library().ObjectClass.PRIVATE_KEY)
        public = _point(_object(session, found, _library().ObjectClass.PUBLIC_KEY), uri)
    if key is not None and key.public_key != public:
        raise KeyUnusable(
            "the key in the token is not the one on its card",
            where=uri,
            expected=str(key),
            advice="Find the token of this card; do not sign with this one.",
        )
    return TokenSigner(session, private, VerifierKey(name=signs_as, kind=chosen, public_key=public))


def make_token_key(uri: str, passphrase: Passphrase | None) -> None:
    """Make a pair of keys in a token, which keeps the private one for ever; raises `KeyUnusable` where one is there."""
    found, library = parse_token_uri(uri), _library()
    with _explained(uri):
        session = _session(found, passphrase, writes=True)
        if list(session.get_objects(_template(found, library.ObjectClass.PRIVATE_KEY))):
            raise KeyUnusable("the token has a key of that name already", where=uri, advice="Name another object.")
        parameters = session.create_domain_parameters(
            library.KeyType.EC_EDWARDS, {library.Attribute.EC_PARAMS: _EDWARDS25519}, local=True
        )
        parameters.generate_keypair(
            mechanism=library.Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
            store=True,
            label=found.label,
            id=found.object_id or (found.label or "").encode("utf-8"),
        )


def _library() -> Any:  # noqa: ANN401 - a module that may not be installed
    try:
        import pkcs11  # noqa: PLC0415 - an extra: not everybody has a token
    except ImportError as error:
        raise KeyUnusable("what speaks to tokens is not installed", advice="pip install 'escruta[pkcs11]'") from error
    return pkcs11


@contextmanager
def _explained(uri: str) -> Iterator[None]:
    """Tell what the token complains of, in place of an error of the library."""
    library = _library()
    try:
        yield
    except library.PKCS11Error as error:
        raise KeyUnusable("the token refuses", where=uri, found=_said(error)) from error


def _said(error: Exception) -> str:
    name = type(error).__name__
    return f"{name}: {error}" if str(error) else name


def _session(found: TokenUri, passphrase: Passphrase | None, *, writes: bool = False) -> pkcs11.Session:
    library = _library()
    try:
        module = library.lib(str(found.module_path))
    except RuntimeError as error:
        raise KeyUnusable(
            "the library of the token cannot be loaded", where=str(found.module_path), found=str(error)
        ) from error
    tokens = [token for token in module.get_tokens() if _is_meant(token, found)]
    if len(tokens) != 1:
        raise KeyUnusable(
            "no token is the one that was named" if not tokens else "several tokens are as was named",
            where=str(found.module_path),
            found=", ".join(str(token.label) for token in module.get_tokens()) or "no token",
            expected=found.subject,
        )
    return _login(tokens[0], _pin(tokens[0], found, passphrase), writes=writes)


def _login(token: Any, pin: object, *, writes: bool) -> pkcs11.Session:  # noqa: ANN401
    """Log in; a process that has logged in to a token once is logged in with all its sessions (PKCS #11, 5.6.8)."""
    session: pkcs11.Session
    try:
        session = token.open(rw=writes, user_pin=pin)
    except _library().UserAlreadyLoggedIn:
        session = token.open(rw=writes)
    return session


def _is_meant(token: Any, found: TokenUri) -> bool:  # noqa: ANN401 - of a module that may not be installed
    has = {
        "token": token.label,
        "serial": _plain(token.serial),
        "manufacturer": _plain(token.manufacturer_id),
        "model": _plain(token.model),
    }
    is_there = found.slot_id is None or token.slot.slot_id == found.slot_id
    return is_there and all(has[name] == text for name, text in found.token)


def _plain(text: str | bytes) -> str:
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).rstrip(" \0")


def _pin(token: Any, found: TokenUri, passphrase: Passphrase | None) -> object:  # noqa: ANN401
    """Give the PIN, or the mark of the library for a token on which it is typed."""
    library = _library()
    if found.pin_file is None and token.flags & library.TokenFlag.PROTECTED_AUTHENTICATION_PATH:
        return library.PROTECTED_AUTH
    if found.pin_file is not None:
        pin = read_private(found.pin_file).partition(b"\n")[0]
    elif passphrase is not None:
        pin = passphrase(found.subject)
    else:
        raise KeyUnusable(
            "the token asks for a PIN, and none was given",
            where=found.subject,
            advice="Name where it is with --passphrase prompt, env:NAME, file:PATH or credential:NAME.",
        )
    return pin.decode("utf-8", "replace")


def _template(found: TokenUri, object_class: Any) -> dict[Any, Any]:  # noqa: ANN401
    attribute = _library().Attribute
    template = {attribute.CLASS: object_class, attribute.LABEL: found.label, attribute.ID: found.object_id}
    return {name: value for name, value in template.items() if value is not None}


def _object(session: pkcs11.Session, found: TokenUri, object_class: Any) -> Any:  # noqa: ANN401
    objects = list(session.get_objects(_template(found, object_class)))
    if len(objects) != 1:
        side = "private" if object_class == _library().ObjectClass.PRIVATE_KEY else "public"
        raise KeyUnusable(
            f"the token has no such {side} key" if not objects else f"the token has several such {side} keys",
            where=found.subject,
            found=f"{len(objects)} of the name {found.label or (found.object_id or b'').hex()}",
            expected="one pair of keys with the same label and id",
        )
    return objects[0]


def _point(public: Any, uri: str) -> bytes:  # noqa: ANN401
    """Read the public key: 32 bytes, in a DER OCTET STRING or bare, as tokens differ."""
    point = bytes(public[_library().Attribute.EC_POINT])
    point = point.removeprefix(_OCTETS) if len(point) == len(_OCTETS) + _POINT_SIZE else point
    if len(point) != _POINT_SIZE:
        raise KeyUnusable("the key in the token is not of Ed25519", where=uri, found=f"a point of {len(point)} bytes")
    return point

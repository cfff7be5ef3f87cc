"""Keys that sign: in a file, in a token, or behind a program, all with the interface `escruta.tlog.keys.Signer`.

The doors::

    new_key(Path("log.key"), "example.com/log", KeyKind.ED25519, b"five words drawn by dice")
    signer = open_signer("log.key", passphrase=passphrase_from("env:LOG_PASSPHRASE"))
    signer = open_signer("pkcs11:token=board;object=log?module-path=/usr/lib/libtoken.so", name="example.com/log")
    card_of("log.key").key                                       # the public side, without any secret
"""

from escruta.apps.signing.cards import KeyCard, card_of, read_card
from escruta.apps.signing.errors import KeyUnusable, SigningFailed
from escruta.apps.signing.key_files import new_key
from escruta.apps.signing.opening import KIND_NAMES, kind_name, open_signer
from escruta.apps.signing.passphrases import Passphrase, passphrase_from

__all__ = [
    "KIND_NAMES",
    "KeyCard",
    "KeyUnusable",
    "Passphrase",
    "SigningFailed",
    "card_of",
    "kind_name",
    "new_key",
    "open_signer",
    "passphrase_from",
    "read_card",
]

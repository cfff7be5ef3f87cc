"""What the commands that read lists of sealing keys share: who signs, whom to trust, what a list says of itself."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import Command
from escruta.apps.cli.options import with_options
from escruta.apps.cli.screen import say

if TYPE_CHECKING:
    from escruta.apps.seals import SignedList
    from escruta.sheets.seal import KeyList
    from escruta.tlog.keys import Signer, VerifierKey

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
TRUST = click.option(
    "--trust",
    "trusted",
    multiple=True,
    metavar="KEY",
    help="A verifier key or card of the election; may be repeated: each must have signed the list.",
)
_SIGNER = "The election's key that signs the list: a file, pkcs11:… or command:…; may be repeated."
MOMENT = click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"])


def signed_by(command: Command) -> Command:
    """Add the options of whoever signs a list."""
    return with_options(
        command,
        click.option("--signer", "signers", multiple=True, required=True, metavar="REFERENCE", help=_SIGNER),
        click.option(
            "--signer-passphrase",
            default="prompt",
            show_default=True,
            metavar="SOURCE",
            help="Of the election's key: prompt, env:NAME, file:PATH or credential:NAME.",
        ),
    )


def open_signers(references: tuple[str, ...], passphrase: str) -> list[Signer]:
    """Open the keys that `signed_by` names; the passphrase is asked once."""
    from functools import cache  # noqa: PLC0415

    from escruta.apps.signing import open_signer, passphrase_from  # noqa: PLC0415

    source = cache(passphrase_from(passphrase))
    return [open_signer(each, passphrase=source) for each in references]


def trusted_keys(references: tuple[str, ...]) -> list[VerifierKey]:
    """Find the keys that somebody trusts, by text or card."""
    from escruta.apps.signing import card_of  # noqa: PLC0415

    return [card_of(each).key for each in references]


def require_trust(references: tuple[str, ...]) -> list[VerifierKey]:
    """Find the keys that somebody trusts; at least one."""
    if not references:
        raise click.UsageError("Name the election's key, as it was printed: --trust KEY.")
    return trusted_keys(references)


def list_of_ours(path: Path, signers: list[Signer]) -> KeyList:
    """Read the list that a new one continues: whoever signs the new one must have signed it."""
    from escruta.apps.seals import read_key_list  # noqa: PLC0415

    return read_key_list(path, [signer.key for signer in signers]).keys


def tell_list(signed: SignedList) -> None:
    """Say what a list says of itself, and who signed it."""
    from escruta.sheets.seal.key_list_text import moment_text  # noqa: PLC0415

    of_list = signed.keys
    say(f"{signed.path}: list {of_list.sequence} of {of_list.election}, issued {moment_text(of_list.issued_at)}")
    say(f"{len(of_list.keys):,} keys, {len(of_list.revocations):,} revoked; {len(of_list.forms)} forms")
    names = ", ".join(f"{key.name} ({key.key_id.hex()})" for key in signed.signed_by)
    say(f"Signed by: {names}" if names else "Nobody's signature was verified: name the election's key with --trust.")


def list_as_json(signed: SignedList) -> dict[str, Any]:
    """Give what a list says of itself as other programs read it."""
    of_list = signed.keys
    return {
        "list": signed.path,
        "election": of_list.election,
        "sequence": of_list.sequence,
        "issued": of_list.issued_at,
        "keys": len(of_list.keys),
        "revoked": len(of_list.revocations),
        "forms": {form.contest: form.digest.hex() for form in of_list.forms},
        "signed_by": [str(key) for key in signed.signed_by],
    }


def now() -> datetime:
    """Give the moment, to the second."""
    return datetime.now(UTC).replace(microsecond=0)

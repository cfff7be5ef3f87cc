"""`escruta key`: make keys, show and print their public side, and say which key comes after which."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FILE, Command, with_exit_codes
from escruta.apps.cli.screen import say, show_json
from escruta.base.words import languages

if TYPE_CHECKING:
    from escruta.apps.signing import KeyCard
    from escruta.tlog.keys import VerifierKey

_KINDS = ("ed25519", "cosignature", "mldsa44")
OUT = click.Path(path_type=Path, dir_okay=False)
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
PASSPHRASE = click.option(
    "--passphrase",
    default="prompt",
    show_default=True,
    metavar="SOURCE",
    help="Where the passphrase or PIN is: prompt, env:NAME, file:PATH or credential:NAME (of systemd).",
)


@click.group()
def key() -> None:
    """Make keys, and print their public side before election day.

    \b
    Examples:
      escruta key new log.key --name example.com/log
      escruta key print log.key.vkey log.policy --out keys.html
    """


def _words(command: Command) -> Command:
    """Add the options of what a card and a sheet say."""
    options: list[Callable[[Command], Command]] = [
        click.option("--owner", metavar="WORDS", help="To whom the key belongs, for the card and the sheet."),
        click.option("--valid-for", metavar="WORDS", help="What it signs, such as the origin of a log."),
        click.option(
            "--language", type=click.Choice(languages()), default="en", show_default=True, help="Of the sheet."
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@key.command("new")
@click.argument("path", type=OUT)
@click.option("--name", required=True, help="In whose name it signs; a log's keys bear the log's origin.")
@click.option("--kind", type=click.Choice(_KINDS), default="ed25519", show_default=True, help="What it signs.")
@PASSPHRASE
@click.option("--no-passphrase", is_flag=True, help="Leave the private key unencrypted in its file.")
@click.option("--signer", metavar="REFERENCE", help="Use a key that is elsewhere: pkcs11:… or command:….")
@click.option("--generate", is_flag=True, help="With a pkcs11 signer: make the key in the token first.")
@click.option("--public", type=FILE, help="With a command signer: its public key in PEM.")
@click.option("--print", "prints", multiple=True, type=OUT, help="Write a sheet, FILE.html or FILE.txt.")
@_words
@_AS_JSON
@with_exit_codes
def new(*, path: Path, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Make a key: the private side encrypted in PATH, its card with the public side in PATH.vkey.

    A log signs with a key of kind ed25519 and one of kind mldsa44; a log witness with cosignature or mldsa44; members
    of a board and candidates with ed25519. Nothing is ever written over.

    \b
    Examples:
      escruta key new log.key --name example.com/log --owner "Electoral Board" --print log-key.html
      escruta key new log-pq.key --name example.com/log --kind mldsa44 --passphrase file:/run/keys/log
      escruta key new rector.key --name rector-1.example --no-passphrase
      escruta key new hsm --name example.com/log --signer "pkcs11:token=board;object=log?module-path=/usr/lib/token.so"
    """
    from escruta.apps.signing import card_of  # noqa: PLC0415 - keeps `--help` quick

    for sheet in said["prints"]:
        _require_sheet(sheet)
    _make(path, **said)
    card = card_of(str(path))
    for sheet in said["prints"]:
        _write_sheet(sheet, [card], language=said["language"])
    if said["no_passphrase"] and said["signer"] is None:
        click.echo(
            f"escruta: warning: {path} is not encrypted: whoever copies it can sign in the name {card.key.name}.",
            err=True,
        )
    _tell(card, as_json=as_json, private=None if said["signer"] else path)
    return DONE


def _make(path: Path, **said: Any) -> None:  # noqa: ANN401
    from functools import cache  # noqa: PLC0415

    from escruta.apps.signing import KIND_NAMES, new_key, passphrase_from  # noqa: PLC0415
    from escruta.apps.signing.adopting import adopt_key, read_public_key  # noqa: PLC0415
    from escruta.apps.signing.passphrases import ask_new  # noqa: PLC0415

    kind, name, signer = KIND_NAMES[said["kind"]], said["name"], said["signer"]
    words = {"owner": said["owner"], "valid_for": said["valid_for"]}
    source = cache(passphrase_from(said["passphrase"]))
    if signer is None:
        if said["generate"] or said["public"]:
            raise click.UsageError("--generate and --public go with --signer.")
        secret = None if said["no_passphrase"] else ask_new(said["passphrase"], str(path))
        new_key(path, name, kind, secret, **words)
        return
    if said["generate"]:
        from escruta.apps.signing.tokens import make_token_key  # noqa: PLC0415

        make_token_key(signer, source)
    public = None if said["public"] is None else read_public_key(said["public"], name, kind)
    adopt_key(path, name, kind, signer, source, public=public, **words)


@key.command("show")
@click.argument("reference")
@click.option("--name", help="In whose name it signs, where no card says so.")
@click.option("--kind", type=click.Choice(_KINDS), help="What it signs, where no card says so.")
@click.option("--card", "writes_card", is_flag=True, help="Write the card PATH.vkey, where it is lost.")
@click.option("--qr", type=OUT, help="Write the QR code as SVG.")
@PASSPHRASE
@_AS_JSON
@with_exit_codes
def show(
    *,
    reference: str,
    name: str | None,
    kind: str | None,
    writes_card: bool,
    qr: Path | None,
    passphrase: str,
    as_json: bool,
) -> int:
    """Show the public side of a key: verifier key, digits to read aloud, and its QR code.

    REFERENCE is a verifier key, a card, a key file with its card, or, with --name, a key without a card. A passphrase
    is asked only where there is no card.

    \b
    Examples:
      escruta key show log.key
      escruta key show log.key --qr log-key.svg --json
      escruta key show old-backup.key --name example.com/log --card
    """
    from escruta.apps.signing import KIND_NAMES, KeyCard, card_of, open_signer, passphrase_from  # noqa: PLC0415
    from escruta.apps.signing.cards import card_path, write_new  # noqa: PLC0415
    from escruta.apps.signing.fingerprints import qr_svg  # noqa: PLC0415

    if name is None:
        card = card_of(reference)
    else:
        chosen = None if kind is None else KIND_NAMES[kind]
        signer = open_signer(reference, name=name, kind=chosen, passphrase=passphrase_from(passphrase))
        card = KeyCard(key=signer.key)
        if writes_card:
            path = card_path(Path(reference.removeprefix("file:")))
            write_new(path, str(card).encode("utf-8"), mode=0o644)
    if qr is not None:
        write_new(qr, qr_svg(card.key, is_file=True).encode("utf-8"), mode=0o644)
    _tell(card, as_json=as_json, private=None)
    return DONE


def _tell(card: KeyCard, *, as_json: bool, private: Path | None) -> None:
    from escruta.apps.signing import kind_name  # noqa: PLC0415
    from escruta.apps.signing.fingerprints import digest_of_key, qr_letters, spoken  # noqa: PLC0415

    if as_json:
        show_json({"file": private, **card_as_json(card)})
        return
    if private is not None:
        say(f"The private key: {private}. Keep it secret, and a copy of it elsewhere.")
        say(f"Its card, for everybody: {private}.vkey")
        say()
    say(str(card.key))
    say()
    for label, text in (("Belongs to", card.owner), ("Valid for", card.valid_for), ("Signer", card.signer)):
        if text is not None:
            say(f"{label}: {text}")
    say(f"Kind: {kind_name(card.key.kind)}; key id: {card.key.key_id.hex()}")
    say(f"To read aloud: {' '.join(spoken(card.key))}")
    say(f"SHA-256 of its text: {digest_of_key(card.key)}")
    code = qr_letters(card.key, is_screen=sys.stdout.isatty())
    say(f"\n{code}" if code else "Its QR code is too large for a terminal: --qr FILE.svg")


def card_as_json(card: KeyCard) -> dict[str, Any]:
    """Give a card as other programs read it."""
    from escruta.apps.signing import kind_name  # noqa: PLC0415
    from escruta.apps.signing.fingerprints import digest_of_key, spoken  # noqa: PLC0415

    return {
        "verifier_key": str(card.key),
        "name": card.key.name,
        "kind": kind_name(card.key.kind),
        "key_id": card.key.key_id.hex(),
        "read_aloud": " ".join(spoken(card.key)),
        "sha256": digest_of_key(card.key),
        "owner": card.owner,
        "valid_for": card.valid_for,
        "signer": card.signer,
    }


@key.command("print")
@click.argument("references", nargs=-1, required=True)
@click.option("--out", required=True, type=OUT, help="Where to write: FILE.html, for print, or FILE.txt.")
@click.option("--title", metavar="WORDS", help="Heading of the sheet.")
@click.option("--language", type=click.Choice(languages()), default="en", show_default=True, help="Of the sheet.")
@_AS_JSON
@with_exit_codes
def print_command(*, references: tuple[str, ...], out: Path, title: str | None, language: str, as_json: bool) -> int:
    """Write one sheet with several keys: those of the log, of its log witnesses and of the board.

    A reference is what `escruta key show` takes, or a policy or board file: then every key in it is printed, and the
    file itself, which says how many must have signed. No private key is opened.

    \b
    Examples:
      escruta key print log.key log-pq.key rector-*.vkey --out keys.html
      escruta key print log.policy board.policy --language es --title "Claves de la elección" --out keys.html
    """
    from escruta.apps.signing.gathering import gather  # noqa: PLC0415

    _require_sheet(out)
    cards, policies = gather(references)
    _write_sheet(out, cards, language=language, title=title, policies=policies)
    if as_json:
        show_json({"out": out, "keys": [card_as_json(card) for card in cards], "policies": len(policies)})
    else:
        say(f"{len(cards)} keys in {out}: print it, and compare every digit with the owners of the keys.")
        for card in cards:
            if card.owner is None:
                say(f"  {card.key.name} ({card.key.key_id.hex()}): nobody says to whom it belongs")
    return DONE


def _require_sheet(path: Path) -> None:
    from escruta.base.errors import OutputRefused  # noqa: PLC0415

    if path.suffix not in (".html", ".txt"):
        raise OutputRefused("a sheet is a page or a text", where=str(path), expected="FILE.html or FILE.txt")
    if path.exists():
        raise OutputRefused("there is a file of that name already", where=str(path), advice="Name another file.")


def _write_sheet(
    path: Path, cards: list[KeyCard], *, language: str, title: str | None = None, policies: list[str] | None = None
) -> None:
    from escruta.apps.signing.cards import write_new  # noqa: PLC0415
    from escruta.apps.signing.printing import sheet_html, sheet_text  # noqa: PLC0415

    write = sheet_html if path.suffix == ".html" else sheet_text
    text = write(cards, language=language, title=title, policies=policies or [])
    write_new(path, text.encode("utf-8"), mode=0o644)


@key.command("succeed")
@click.argument("old")
@click.argument("new")
@click.option("--by", metavar="REFERENCE", help="Another Ed25519 key of the same name that signs; OLD by default.")
@click.option(
    "--from", "since", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d"]), help="In UTC; now by default."
)
@click.option("--out", required=True, type=OUT, help="Where to write the signed note.")
@PASSPHRASE
@_AS_JSON
@with_exit_codes
def succeed(*, old: str, new: str, by: str | None, since: Any, out: Path, passphrase: str, as_json: bool) -> int:  # noqa: ANN401
    """Let an old key say that a new one comes after it, so that whoever has the old one in print can follow.

    Both keys have the same name and kind. An ML-DSA-44 key signs checkpoints only: name with --by the Ed25519 key that
    stands beside it.

    \b
    Examples:
      escruta key succeed log.key log-2027.key --out log-2027.succession
      escruta key succeed log-pq.key log-pq-2027.key --by log.key --out log-pq-2027.succession
    """
    from datetime import UTC, datetime  # noqa: PLC0415

    from escruta.apps.signing import card_of, open_signer, passphrase_from  # noqa: PLC0415
    from escruta.apps.signing.cards import write_new  # noqa: PLC0415
    from escruta.apps.signing.successions import Succession, sign_succession  # noqa: PLC0415

    moment = datetime.now(UTC) if since is None else since.replace(tzinfo=UTC)
    succession = Succession(old=card_of(old).key, new=card_of(new).key, since=moment.replace(microsecond=0))
    note = sign_succession(succession, open_signer(by or old, passphrase=passphrase_from(passphrase)))
    write_new(out, bytes(note), mode=0o644)
    if as_json:
        show_json({"out": out, "old": str(succession.old), "new": str(succession.new), "from": succession.since})
    else:
        say(f"{out}: after {succession.old.key_id.hex()} comes {succession.new.key_id.hex()}, from {succession.since}.")
        say("Publish it wherever the old key is published.")
    return DONE


@key.command("follow")
@click.argument("reference")
@click.argument("notes", nargs=-1, required=True, type=FILE)
@click.option("--also", multiple=True, metavar="REFERENCE", help="A further key that you trust; may be repeated.")
@_AS_JSON
@with_exit_codes
def follow_command(*, reference: str, notes: tuple[Path, ...], also: tuple[str, ...], as_json: bool) -> int:
    """Follow from a printed key, by signed successions, to the key that counts now.

    \b
    Examples:
      escruta key follow example.com/log+1f2e3d4c+AQ… log-2027.succession
      escruta key follow log-pq.vkey log-pq-2027.succession --also log.vkey
    """
    from escruta.apps.signing import KeyCard, card_of  # noqa: PLC0415
    from escruta.apps.signing.successions import follow  # noqa: PLC0415
    from escruta.tlog.notes import parse_note  # noqa: PLC0415

    keys: tuple[VerifierKey, ...] = tuple(card_of(each).key for each in (reference, *also))
    for path in notes:
        keys = follow(keys, parse_note(path.read_bytes(), where=str(path)), where=str(path))
    if as_json:
        show_json({"keys": [card_as_json(KeyCard(key=each)) for each in keys]})
    else:
        _tell(KeyCard(key=keys[0]), as_json=False, private=None)
    return DONE

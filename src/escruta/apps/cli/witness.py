"""The commands of a log witness."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FINDINGS, FOLDER, with_exit_codes
from escruta.apps.cli.keys import PASSPHRASE
from escruta.apps.cli.screen import say, show_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from escruta.tlog.witnessing import Cosigned

PORT = 7380


@click.group()
def witness() -> None:
    """Run a log witness: it cosigns a log that only grows, and says nothing on content."""


@witness.command("init")
@click.argument("folder", type=FOLDER)
@click.option("--name", help="The log witness's name for ever, such as party.example/log-witness.")
@click.option("--about", default="", metavar="WORDS", help="Who runs it; shown on its page.")
@click.option("--key", "references", multiple=True, metavar="REF", help="A key that is there: a path, or pkcs11:….")
@PASSPHRASE
@click.option("--no-passphrase", is_flag=True, help="Leave the new private keys unencrypted in their files.")
@click.option("--json", "as_json", is_flag=True, help="Print what was made as JSON.")
@with_exit_codes
def init_command(
    *,
    folder: Path,
    name: str | None,
    about: str,
    references: tuple[str, ...],
    passphrase: str,
    no_passphrase: bool,
    as_json: bool,
) -> int:
    """Make the folder of a new log witness, with two keys: Ed25519 and ML-DSA-44.

    What it cosigned is kept in the folder state. Never put an old copy of that folder back: make a new log witness,
    with a new name, instead.

    \b
    Examples:
      escruta witness init witness --name party.example/log-witness --about "Run by the Party of Example"
      escruta witness init witness --key "pkcs11:token=witness;object=cosign?module-path=/usr/lib/libtoken.so"
    """
    from escruta.apps.witness.home import make_home, require_room  # noqa: PLC0415 - keeps `--help` quick
    from escruta.tlog.keys import KeyKind  # noqa: PLC0415

    if bool(name) == bool(references):
        raise click.UsageError("Give --name to make new keys, or --key for each key that is there.")
    require_room(folder)
    made = [] if name is None else _new_keys(folder, name, about, None if no_passphrase else passphrase)
    home = make_home(folder, made or _from_here(references), about=about)
    if as_json:
        show_json({"folder": str(folder), "keys": [str(key) for key in home.keys]})
        return DONE
    say(f"A log witness in {folder}. What the logs that it will cosign need of it is one of its keys, and its address:")
    for key, reference in zip(home.keys, home.references, strict=True):
        is_short = key.kind is KeyKind.ED25519_COSIGNATURE
        say(f"  {key}" if is_short else f"  {key.name}, {key.kind.name}, id {key.key_id.hex()}: in {reference}.vkey")
    cards = " ".join(f"{reference}.vkey" for reference in home.references)
    say("Next:")
    say(f"  escruta key print {cards} --out keys.html")
    say(f"  escruta witness trust {folder} log.policy")
    say(f"  escruta witness serve {folder}")
    return DONE


def _new_keys(folder: Path, name: str, about: str, passphrase: str | None) -> list[str]:
    """Make the two keys of a log witness; gives their paths, which count from the folder."""
    from escruta.apps.signing import new_key  # noqa: PLC0415
    from escruta.apps.signing.passphrases import ask_new  # noqa: PLC0415
    from escruta.apps.witness.home import KEYS  # noqa: PLC0415
    from escruta.tlog.keys import KeyKind, require_name  # noqa: PLC0415

    require_name(name)
    word = None if passphrase is None else ask_new(passphrase, f"the new keys of {name}")
    if word is None:
        click.echo("escruta: warning: the keys are not encrypted: whoever can copy the files can cosign.", err=True)
    (folder / KEYS).mkdir(parents=True, exist_ok=True)
    made = {"ed25519.key": KeyKind.ED25519_COSIGNATURE, "mldsa44.key": KeyKind.MLDSA44_COSIGNATURE}
    for file, kind in made.items():
        new_key(folder / KEYS / file, name, kind, word, owner=about or None, valid_for="cosigning checkpoints")
    return [f"{KEYS}/{file}" for file in made]


def _from_here(references: Sequence[str]) -> list[str]:
    """Let paths that a person gives count from the folder in which they are kept."""
    given = [reference.removeprefix("file:") for reference in references]
    is_path = [not reference.startswith(("pkcs11:", "command:")) for reference in references]
    return [str(Path(path).absolute()) if at else path for path, at in zip(given, is_path, strict=True)]


@witness.command()
@click.argument("folder", type=FOLDER)
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@click.option("--json", "as_json", is_flag=True, help="Print what is trusted as JSON.")
@with_exit_codes
def trust(*, folder: Path, keys: tuple[str, ...], as_json: bool) -> int:
    """Cosign a log from now on: KEY is its verifier key, or a policy file that names it.

    A log with two keys needs both. A server that runs sees the change at once.

    \b
    Examples:
      escruta witness trust witness log.policy
      escruta witness trust witness example.org/log+4d9e2b1f+AbCd…
    """
    from escruta.apps.witness.home import open_home, read_log_keys, trust_logs  # noqa: PLC0415

    home = open_home(folder)
    new = trust_logs(home, read_log_keys(keys))
    if as_json:
        show_json({origin: [str(key) for key in of_log] for origin, of_log in home.trust.items()})
        return DONE
    for key in new:
        say(f"now trusted: {key.name}, {key.kind.name}, id {key.key_id.hex()}")
    say(f"{len(new)} new keys; this log witness cosigns {', '.join(home.trust)}")
    return DONE


@witness.command()
@click.argument("folder", type=FOLDER)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; 0.0.0.0 for all.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one.")
@PASSPHRASE
@click.option("--json", "as_json", is_flag=True, help="Print the address as JSON when it listens.")
@with_exit_codes
def serve(*, folder: Path, host: str, port: int, passphrase: str, as_json: bool) -> int:
    """Cosign what the trusted logs send, until stopped.

    Answers POST /add-checkpoint, and GET /HASH/checkpoint for whoever watches; a page at / says what this is. Who asks
    is not written down.

    \b
    Examples:
      escruta witness serve witness
      escruta witness serve witness --host 0.0.0.0 --port 7380 --passphrase credential:witness
    """
    from escruta.apps.signing import passphrase_from  # noqa: PLC0415
    from escruta.apps.witness.home import open_home  # noqa: PLC0415
    from escruta.apps.witness.running import listen  # noqa: PLC0415
    from escruta.apps.witness.running import serve as serve_home  # noqa: PLC0415

    def tell(words: str) -> None:
        click.echo(words, err=True)

    def ready(url: str) -> None:
        tell(f"listens at {url}")
        if as_json:
            show_json({"url": url, "keys": [str(key) for key in home.keys]})
            sys.stdout.flush()  # whoever started this waits for it

    home = open_home(folder)
    with listen(host, port) as listening:
        serve_home(home, listening, passphrase_from(passphrase), tell, ready)
    return DONE


@witness.command()
@click.argument("folder", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="Print the status as JSON on standard output.")
@with_exit_codes
def status(*, folder: Path, as_json: bool) -> int:
    """Show each log, how much of it was cosigned, and when; asks for no passphrase.

    Ends with 1 where a log showed two histories.

    \b
    Examples:
      escruta witness status witness
      escruta witness status witness --json
    """
    from escruta.apps.witness.home import open_home  # noqa: PLC0415
    from escruta.tlog.witnessing import tell_cosigned  # noqa: PLC0415

    home = open_home(folder)
    cosigned = tell_cosigned(home.state, home.trust, home.keys)
    if as_json:
        show_json({"keys": [str(key) for key in home.keys], "logs": [_as_json(each) for each in cosigned]})
    else:
        _tell(folder, home.keys, cosigned)
    return FINDINGS if any(each.has_forked for each in cosigned) else DONE


def _as_json(each: Cosigned) -> dict[str, Any]:
    from escruta.tlog.encodings import to_base64  # noqa: PLC0415
    from escruta.tlog.witness_state import origin_hash  # noqa: PLC0415

    size, root = (None, None) if each.head is None else (each.head.size, to_base64(each.head.root))
    names = {"origin": each.origin, "path": f"{origin_hash(each.origin)}/checkpoint"}
    return names | {"size": size, "root": root, "time_s": each.time_s, "has_forked": each.has_forked}


def _tell(folder: Path, keys: Sequence[Any], cosigned: Sequence[Cosigned]) -> None:
    from escruta.apps.witness.page import time_text  # noqa: PLC0415
    from escruta.tlog.encodings import to_base64  # noqa: PLC0415

    for key in keys:
        say(f"{key.name}, {key.kind.name}, id {key.key_id.hex()}")
    for each in cosigned:
        if each.head is None or each.time_s is None:
            say(f"{each.origin}: nothing cosigned yet")
        else:
            when = time_text(each.time_s)
            say(f"{each.origin}: {each.head.size:,} entries, root {to_base64(each.head.root)}, {when} UTC")
        if each.has_forked:
            say("  this log showed two histories: both checkpoints are in state, as fork.cosigned and fork.refused")
    if not cosigned:
        say(f"it cosigns no log yet: escruta witness trust {folder} log.policy")

"""`escruta log`: the operator's log, from its making to its restoring."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FILE, FINDINGS, FOLDER, with_exit_codes
from escruta.apps.cli.keys import PASSPHRASE
from escruta.apps.cli.screen import say, show_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from escruta.apps.operator.homes import Home
    from escruta.apps.operator.publishing import Published
    from escruta.apps.signing import Passphrase

_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
_PASSPHRASE = click.option(
    "--passphrase", metavar="SOURCE", help="Where the passphrase or PIN is; by default as log.toml says."
)
_DISBELIEVE = click.option(
    "--disbelieve",
    multiple=True,
    metavar="NAME",
    help="Go on though this log witness says, and does not show, that it has seen more.",
)


@click.group()
def log() -> None:
    """Run a transparency log: its home, its publication, its keys.

    \b
    Examples:
      escruta log init home --origin example.org/log --witness "red party-red.example/w+1f2e3d4c+BA… https://…"
      escruta run my-election --out record --log home
    """


@log.command("init")
@click.argument("home", type=FOLDER)
@click.option("--origin", required=True, metavar="NAME", help="The log's name for ever, such as example.org/2026.")
@click.option("--key", "keys", multiple=True, metavar="REF", help="A key that is there; without one, two are made.")
@click.option("--policy", type=FILE, help="A tlog-policy with the log witnesses and the quorum.")
@click.option("--witness", "witnesses", multiple=True, metavar="'NAME KEY URL'", help="A log witness; may be repeated.")
@click.option("--quorum", type=click.IntRange(min=1), help="How many must cosign; more than two thirds by default.")
@click.option("--mirror", "mirrors", multiple=True, metavar="URL", help="A mirror to ask; may be repeated.")
@click.option("--postgres", metavar="DSN", help="Keep the entries in PostgreSQL; leave the password to ~/.pgpass.")
@click.option("--owner", metavar="WORDS", help="To whom new keys belong, for their cards and the printed sheet.")
@PASSPHRASE
@click.option("--no-passphrase", is_flag=True, help="Leave the new private keys unencrypted in their files.")
@_AS_JSON
@with_exit_codes
def init_command(*, home: Path, as_json: bool, **said: Any) -> int:  # noqa: ANN401 - passed on as they are
    """Make the home of a new log, and publish the checkpoint of the empty one.

    The passphrase's source is written into log.toml, and asked there whenever the log signs.

    \b
    Examples:
      escruta log init home --origin example.org/2026 --policy witnesses.policy --mirror https://mirror.example/log
      escruta log init home --origin example.org/2026 --key log.key --key log-pq.key --passphrase credential:log
    """
    from escruta.apps.operator.making import make_home, require_room  # noqa: PLC0415 - keeps `--help` quick
    from escruta.apps.operator.settings import Settings, policy_of_witnesses  # noqa: PLC0415
    from escruta.apps.signing import passphrase_from  # noqa: PLC0415
    from escruta.tlog.policies import parse_policy  # noqa: PLC0415

    if (bool(said["policy"]) and (said["witnesses"] or said["quorum"])) or (said["quorum"] and not said["witnesses"]):
        raise click.UsageError("Give --policy, or --witness for each log witness and perhaps --quorum.")
    require_room(home)
    policy = policy_of_witnesses(said["witnesses"], said["quorum"])
    if said["policy"]:
        policy = said["policy"].read_bytes().decode("utf-8", "surrogateescape")
    parse_policy(policy.encode("utf-8", "surrogateescape"), where="the policy")
    keys: Sequence[str] = said["keys"]
    word: Passphrase | None = passphrase_from(said["passphrase"])
    if not keys:
        source = None if said["no_passphrase"] else said["passphrase"]
        keys, word = _new_keys(home, said["origin"], source, owner=said["owner"])
    settings = Settings(
        origin=said["origin"],
        keys=(),
        passphrase=said["passphrase"],
        mirrors=said["mirrors"],
        postgres=said["postgres"],
    )
    with make_home(home, settings, policy, word, keys=keys) as made:
        _tell_made(made, as_json=as_json)
    return DONE


def _new_keys(home: Path, origin: str, source: str | None, *, owner: str | None) -> tuple[list[str], Passphrase | None]:
    """Make both keys of a log; gives their paths, and the passphrase, so that it is not asked again."""
    from escruta.apps.signing import new_key  # noqa: PLC0415
    from escruta.apps.signing.passphrases import ask_new  # noqa: PLC0415
    from escruta.tlog.keys import KeyKind, require_name  # noqa: PLC0415

    require_name(origin)
    word = None if source is None else ask_new(source, f"the new keys of {origin}")
    if word is None:
        click.echo("escruta: warning: the keys are not encrypted: whoever can copy them can sign this log.", err=True)
    (home / "keys").mkdir(parents=True, exist_ok=True)
    made = {"ed25519.key": KeyKind.ED25519, "mldsa44.key": KeyKind.MLDSA44_COSIGNATURE}
    for name, kind in made.items():
        new_key(home / "keys" / name, origin, kind, word, owner=owner, valid_for=origin)
    return [str(home / "keys" / name) for name in made], None if word is None else lambda _: word


def _tell_made(made: Home, *, as_json: bool) -> None:
    from escruta.apps.operator.publishing import quorum_words  # noqa: PLC0415
    from escruta.apps.operator.settings import resolved  # noqa: PLC0415

    if as_json:
        show_json({"home": str(made.folder), "origin": made.origin, "keys": [str(key) for key in made.keys]})
        return
    say(f"A log in {made.folder}, signed with:")
    for key in made.keys:
        say(f"  {key.kind.name}, id {key.key_id.hex()}")
    if made.policy.witnesses:
        say(f"Its policy asks for {quorum_words(made.policy)} to cosign. Each of them runs, with your log.policy:")
        say("  escruta witness trust WITNESS log.policy")
    else:
        say("Its policy names no log witness, so nothing will show that everybody sees the same log.")
    say("Next:")
    cards = " ".join(
        f"{resolved(each, made.folder)}.vkey".replace(".vkey.vkey", ".vkey") for each in made.settings.keys
    )
    say(f"  escruta key print {cards} --out keys.html")
    say(f"  escruta log publish {made.folder}")
    say(f"  escruta run ELECTION --out RECORD --log {made.folder}")


@log.command()
@click.argument("home", type=FOLDER)
@_PASSPHRASE
@_DISBELIEVE
@_AS_JSON
@with_exit_codes
def publish(*, home: Path, passphrase: str | None, disbelieve: tuple[str, ...], as_json: bool) -> int:
    """Sign and publish what the log has taken, and have it cosigned.

    First log witnesses and mirrors are asked what they have seen: where it is more than this log recorded, or something
    else, nothing is signed. Where too few cosign, the checkpoint is published all the same, says so, and the command
    ends with 1.

    \b
    Examples:
      escruta log publish home
      escruta log publish home --passphrase credential:log --json
    """
    from escruta.apps.operator import open_home  # noqa: PLC0415

    with open_home(home) as opened:
        published = opened.publish(opened.open_log(_source(passphrase), disbelieve=disbelieve))
    if as_json:
        show_json(_published_as_json(published))
    else:
        _tell_published(published)
    return DONE if published.standing.is_met and not published.doubted else FINDINGS


def _source(passphrase: str | None) -> Passphrase | None:
    from escruta.apps.signing import passphrase_from  # noqa: PLC0415

    return None if passphrase is None else passphrase_from(passphrase)


def _tell_published(published: Published) -> None:
    say(str(published))
    for each in published.asked:
        say(f"  {each}")
    for mirror in published.silent_mirrors:
        say(f"  mirror {mirror.place}: not heard ({mirror.words})")
    without = [name for name, key in published.policy.witnesses.items() if str(key) not in published.policy.urls]
    if without:
        say(f"  not asked, since the policy has no URL: {', '.join(without)}")


def _published_as_json(published: Published) -> dict[str, Any]:
    from escruta.tlog.encodings import to_base64  # noqa: PLC0415

    head, policy = published.standing.checkpoint.head, published.policy
    asked = [
        {"names": each.names, "url": each.url, "outcome": each.outcome, "words": each.words, "size": each.size}
        for each in published.asked
    ]
    return {
        "origin": published.standing.checkpoint.origin,
        "size": head.size,
        "root": to_base64(head.root),
        "cosigned": dict(published.standing.cosigned),
        "log_witnesses": len(policy.witnesses),
        "quorum_met": published.standing.is_met,
        "witnessed": published.is_witnessed,
        "asked": asked,
        "silent_mirrors": [{"place": each.place, "words": each.words} for each in published.silent_mirrors],
    }


@log.command()
@click.argument("home", type=FOLDER)
@_AS_JSON
@with_exit_codes
def status(*, home: Path, as_json: bool) -> int:
    """Show what is published, who cosigned it, and all evidence that was kept; asks for no passphrase and nobody else.

    Ends with 1 where the quorum is not met, or where evidence of a second history was kept.

    \b
    Examples:
      escruta log status home
      escruta log status home --json
    """
    import dataclasses  # noqa: PLC0415

    from escruta.apps.operator import open_home  # noqa: PLC0415

    with open_home(home) as opened:
        shown, evidence = opened.shown(), opened.evidence.kept()
        taken = opened.sequencer.size()
        said = None if shown is None else _published_as_json(shown)
        if as_json:
            show_json(
                {"origin": opened.origin, "taken": taken, "published": said}
                | {"keys": [str(key) for key in opened.keys], "evidence": [dataclasses.asdict(one) for one in evidence]}
            )
        else:
            _tell_status(opened, shown, taken)
    return DONE if shown is not None and shown.standing.is_met and not evidence else FINDINGS


def _tell_status(opened: Home, shown: Published | None, taken: int) -> None:
    from escruta.apps.witness.page import time_text  # noqa: PLC0415

    for key in opened.keys:
        say(f"{key.name}, {key.kind.name}, id {key.key_id.hex()}")
    if shown is None:
        say("nothing is published yet")
    else:
        say(str(shown))
        for name in shown.policy.witnesses:
            time_s = shown.standing.cosigned.get(name)
            say(f"  {name}, " + ("not cosigned" if time_s is None else f"{time_text(time_s)} UTC"))
        waiting = taken - shown.standing.checkpoint.head.size
        if waiting:
            say(f"{waiting:,} further entries wait for: escruta log publish {opened.folder}")
    for each in opened.evidence.kept():
        kind = "evidence, signed by this log" if each.is_signed else "said, and not shown"
        say(f"{kind}: {each.words} ({each.place}, {each.when}): {opened.evidence.folder / each.folder}")


@log.command()
@click.argument("home", type=FOLDER)
@click.option("--key", metavar="REF", help="A new key of the same name: it signs beside the others from now on.")
@click.option("--retire", metavar="ID", help="The id of a key that signs no more.")
@_PASSPHRASE
@_AS_JSON
@with_exit_codes
def rotate(*, home: Path, key: str | None, retire: str | None, passphrase: str | None, as_json: bool) -> int:
    """Give the log a new key, and later retire the old one.

    In between both sign. The new key also signs every checkpoint that was kept. Publish the new log.policy, let the log
    witnesses trust the new key, and retire the old one when everybody has the new policy.

    \b
    Examples:
      escruta log rotate home --key home/keys/ed25519-2.key
      escruta log rotate home --retire 1f2e3d4c
    """
    from escruta.apps.operator.rotation import add_key, retire_key  # noqa: PLC0415

    if key is not None and retire is None:
        turned, words = add_key(home, key, _source(passphrase)), "signs now, beside the others"
        advice = (
            f"Publish {home}/log.policy anew, and have each log witness run: escruta witness trust WITNESS log.policy"
        )
    elif retire is not None and key is None:
        turned, words = retire_key(home, retire, _source(passphrase)), "signs no more"
        advice = f"Publish {home}/log.policy anew; what the key signed stays evidence."
    else:
        raise click.UsageError("Give --key, or --retire.")
    if as_json:
        show_json({"key": str(turned), "said": words})
    else:
        say(f"{turned.name}, {turned.kind.name}, id {turned.key_id.hex()}, {words}\n{advice}")
    return DONE


@log.command()
@click.argument("home", type=FOLDER)
@click.option("--from", "place", required=True, metavar="PLACE", help="A mirror: a folder, a zip file or a URL.")
@_AS_JSON
@with_exit_codes
def restore(*, home: Path, place: str, as_json: bool) -> int:
    """Bring a database that is an old copy, or was lost, up to date from a mirror.

    Every entry is hashed again and has to lead to the root that this log signed. Nothing is signed.

    \b
    Examples:
      escruta log restore home --from https://mirror.example/log
      escruta log restore home --from /media/stick/log
    """
    from escruta.apps.operator import open_home  # noqa: PLC0415
    from escruta.apps.operator.restoring import restore_from  # noqa: PLC0415
    from escruta.apps.published import open_published  # noqa: PLC0415
    from escruta.tlog.encodings import to_base64  # noqa: PLC0415

    with open_home(home) as opened, open_published(place) as copy:
        head = restore_from(opened, copy)
    if as_json:
        show_json({"size": head.size, "root": to_base64(head.root)})
    else:
        say(f"{head.size:,} entries are recorded. Ask what others have seen with: escruta log publish {home}")
    return DONE

"""`escruta accept`: what candidates sign before election day."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.bulletins import AS_JSON, KEY_NAME, LOG_PASSPHRASE, YES, open_key, require_consent, source_of
from escruta.apps.cli.exits import DONE, ELECTION, FILE, FINDINGS, FOLDER_THERE, with_exit_codes
from escruta.apps.cli.keys import OUT, PASSPHRASE
from escruta.apps.cli.screen import say, show_json

if TYPE_CHECKING:
    from escruta.record.bulletins import Acceptance
    from escruta.tlog.notes import Note


@click.command()
@click.argument("pact", type=FILE)
@click.option("--election", required=True, type=ELECTION, help="The definition that is accepted, or its folder.")
@click.option("--key", "reference", metavar="REFERENCE", help="Sign with this key: a file, pkcs11:… or command:….")
@KEY_NAME
@PASSPHRASE
@click.option("--out", type=OUT, help="The signed note; PACT.acceptance by default. More people sign the same one.")
@click.option("--definition", type=OUT, help="Also write the definition that is accepted, in canonical form.")
@click.option("--candidates", type=FILE, help="Who may sign: names and keys, in the form of a board.")
@click.option("--publish", "home", type=FOLDER_THERE, help="Put it into the log whose home this is.")
@LOG_PASSPHRASE
@YES
@AS_JSON
@with_exit_codes
def accept(*, pact: Path, election: Path, out: Path | None, yes: bool, as_json: bool, **said: Any) -> int:  # noqa: ANN401
    """Let candidates, or their agents, sign the pact and the election's definition, before election day.

    Without --key and --publish it shows who has signed.

    \b
    Examples:
      escruta accept pact.txt --election my-election --key ana.key
      escruta accept pact.txt --election my-election --candidates candidates.policy
      escruta accept pact.txt --election my-election --candidates candidates.policy --publish home
    """
    from escruta.apps.board.acceptances import read_acceptance  # noqa: PLC0415
    from escruta.apps.board.note_files import replace_file, sign_also  # noqa: PLC0415
    from escruta.apps.signing.cards import write_new  # noqa: PLC0415

    place = out or pact.with_name(f"{pact.name}.acceptance")
    acceptance, note, definition = read_acceptance(pact, election, place)
    if said["reference"] is not None:
        require_consent(note.text, yes=yes, as_json=as_json)
        signer = open_key(reference=said["reference"], name=said["name"], passphrase=said["passphrase"])
        note = sign_also(note, signer)
    if said["definition"] is not None and not _holds(said["definition"], definition):
        write_new(said["definition"], definition, mode=0o644)
    if said["reference"] is not None:
        replace_file(place, bytes(note))
    return _tell_acceptance(acceptance, note, place, as_json=as_json, **{name: said[name] for name in _TO_PUBLISH})


def _holds(path: Path, raw: bytes) -> bool:
    """Tell whether a file is there already with these bytes: whoever signs second may name it again."""
    return path.is_file() and path.read_bytes() == raw


_TO_PUBLISH = ("candidates", "home", "log_passphrase")


def _tell_acceptance(
    acceptance: Acceptance,
    note: Note,
    place: Path,
    *,
    candidates: Path | None,
    home: Path | None,
    log_passphrase: str | None,
    as_json: bool,
) -> int:
    """Say who accepted, and publish where a home is named."""
    from escruta.apps.board import entries_of_acceptance, read_board  # noqa: PLC0415
    from escruta.apps.board.homes import publish_into  # noqa: PLC0415

    known = None if candidates is None else read_board(candidates)
    signed = known.signers_of(note, where=str(place)) if known is not None and note.signatures else ()
    is_met = known is None or known.is_met_by(signed)
    names = [line.name for line in note.signatures]
    published = None
    if home is not None:
        keys = () if known is None else tuple(known.members.values())
        entries = entries_of_acceptance(acceptance, note, keys)
        published = publish_into(home, entries, computed_from=None, passphrase=source_of(log_passphrase))
    if as_json:
        known_names = None if known is None else {"signed": signed, "of": list(known.members), "is_met": is_met}
        indexes = None if published is None else published.indexes
        digests = {"definition_sha256": acceptance.definition_sha256, "pact_sha256": acceptance.pact_sha256}
        show_json({"out": place, **digests, "signatures": names, "candidates": known_names, "indexes": indexes})
        return DONE if is_met else FINDINGS
    say(f"Definition of {acceptance.election}: SHA-256 {acceptance.definition_sha256}")
    say(f"Pact: SHA-256 {acceptance.pact_sha256}")
    say(f"{place}: signed in the names of: {', '.join(names) or 'nobody'}")
    if known is not None:
        missing = [name for name in known.members if name not in signed]
        say(f"{len(signed)} of {len(known.members)} verified; not yet: {', '.join(missing) or 'nobody'}")
    if published is not None:
        say(f"In the log, index {', '.join(map(str, published.indexes))}. {published.said}")
    return DONE if is_met else FINDINGS

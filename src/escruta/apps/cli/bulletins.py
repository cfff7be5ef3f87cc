"""`escruta bulletin`: what the members of a board sign."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escruta.apps.cli.exits import DONE, FILE, FINDINGS, FOLDER_THERE, with_exit_codes
from escruta.apps.cli.keys import OUT, PASSPHRASE
from escruta.apps.cli.screen import say, show_json

if TYPE_CHECKING:
    from escruta.apps.board import BoardStanding
    from escruta.apps.signing import Passphrase
    from escruta.record.bulletins import Bulletin
    from escruta.tlog.keys import Signer
    from escruta.tlog.notes import Note

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON on standard output.")
_TIME = click.DateTime(["%Y-%m-%dT%H:%M:%SZ"])
KEY_NAME = click.option("--name", help="In whose name the key signs, where no card says so.")
LOG_PASSPHRASE = click.option(
    "--log-passphrase", metavar="SOURCE", help="Where the passphrase of the log's keys is; by default as log.toml says."
)
YES = click.option("--yes", is_flag=True, help="Sign without asking; needed where there is no terminal.")


@click.group()
def bulletin() -> None:
    """Draw up a result, let the members of a board sign it, and put it into the log.

    \b
    Examples:
      escruta bulletin draft out/my-election --number 1 --out bulletin-1.txt
      escruta bulletin sign bulletin-1.txt --key rector-1.key --record out/my-election
      escruta bulletin publish bulletin-1.txt --board board.policy --record out/my-election --log home
    """


@bulletin.command("draft")
@click.argument("record", type=FOLDER_THERE)
@click.option("--contest", metavar="ID", help="The contest; the only one by default.")
@click.option(
    "--number", default=1, show_default=True, type=click.IntRange(1, 999_999), help="Of the contest's bulletins."
)
@click.option("--time", "moment", type=_TIME, help="When it is drawn up, in UTC; now by default.")
@click.option("--out", required=True, type=OUT, help="Where to write the text to be signed.")
@AS_JSON
@with_exit_codes
def draft(*, record: Path, contest: str | None, number: int, moment: Any, out: Path, as_json: bool) -> int:  # noqa: ANN401
    """Draw up the bulletin of a contest: its totals, and the checkpoint of the log that they were computed from.

    Run `escruta verify RECORD` before; this command takes the record's word for its totals.

    \b
    Examples:
      escruta bulletin draft out/my-election --number 1 --out bulletin-1.txt
      escruta bulletin draft out/my-election --contest mayor --number 2 --time 2025-05-04T23:00:00Z --out mayor-2.txt
    """
    from datetime import UTC, datetime  # noqa: PLC0415

    from escruta.apps.board import draft_bulletin, read_record  # noqa: PLC0415
    from escruta.apps.signing.cards import write_new  # noqa: PLC0415

    read = read_record(record)
    time = datetime.now(UTC) if moment is None else moment.replace(tzinfo=UTC)
    drawn = draft_bulletin(read, contest, number=number, time=time)
    write_new(out, drawn.text.encode("utf-8"), mode=0o644)
    if as_json:
        show_json({"out": out, **_as_json(drawn), "log_is_sealed": read.is_sealed})
        return DONE
    say(drawn.text)
    say(f"Written to {out}, which nobody has signed yet.")
    if read.is_sealed:
        say(
            "Nobody vouches for this record's log: anybody can derive its key. It cannot be published into another one."
        )
    elif read.witnesses:
        say(f"Log witnesses: {len(read.standing.cosigned)} of {read.witnesses} cosigned the checkpoint.")
    return DONE


@bulletin.command("sign")
@click.argument("file", type=FILE)
@click.option("--key", "reference", required=True, metavar="REFERENCE", help="A key file, pkcs11:… or command:….")
@KEY_NAME
@PASSPHRASE
@click.option("--record", type=FOLDER_THERE, help="Compare every figure with this record before signing.")
@click.option("--dissent", type=FILE, help="Sign this text instead, as a dissent from the bulletin.")
@YES
@AS_JSON
@with_exit_codes
def sign(*, file: Path, record: Path | None, dissent: Path | None, yes: bool, as_json: bool, **key: Any) -> int:  # noqa: ANN401
    """Show a bulletin, and add a member's signature to its file; or sign a dissent into a file beside it.

    Several members can sign copies apart; `publish` and `show` take all the copies and join their signatures.

    \b
    Examples:
      escruta bulletin sign bulletin-1.txt --key rector-1.key --record out/my-election
      escruta bulletin sign bulletin-1.txt --key rector-2-token.vkey --yes
      escruta bulletin sign bulletin-1.txt --key rector-4.key --dissent why-not.txt
    """
    from escruta.apps.board.note_files import as_file, read_signable, replace_file, sign_also  # noqa: PLC0415
    from escruta.record.bulletins import parse_bulletin  # noqa: PLC0415

    note = read_signable(file)
    drawn = parse_bulletin(note.text, where=str(file))
    _compare(drawn, record, file, is_quiet=as_json)
    if dissent is not None:
        return _dissent(drawn, file, dissent, yes=yes, as_json=as_json, **key)
    require_consent(note.text, yes=yes, as_json=as_json)
    signer = open_key(**key)
    signed = sign_also(note, signer)
    replace_file(file, as_file(signed))
    _tell_signed(file, signer, signed, as_json=as_json, is_new=signed != note)
    return DONE


def _compare(drawn: Bulletin, record: Path | None, file: Path, *, is_quiet: bool) -> None:
    from escruta.apps.board import read_record, require_same_figures  # noqa: PLC0415

    if record is None:
        if not is_quiet:
            say("Not compared with any record: name yours with --record, and sign only what you computed yourself.\n")
        return
    require_same_figures(drawn, read_record(record), where=str(file))
    if not is_quiet:
        say(f"Every figure is that of {record}.\n")


def _dissent(drawn: Bulletin, file: Path, words: Path, *, yes: bool, as_json: bool, **key: Any) -> int:  # noqa: ANN401
    from escruta.apps.board.note_files import read_words, sign_also  # noqa: PLC0415
    from escruta.apps.signing.cards import write_new  # noqa: PLC0415
    from escruta.record.bulletins import Dissent, parse_dissent  # noqa: PLC0415
    from escruta.tlog.notes import Note  # noqa: PLC0415

    text = Dissent(
        election=drawn.election,
        contest=drawn.contest,
        number=drawn.number,
        bulletin_sha256=drawn.sha256,
        words=read_words(words),
    ).text
    parse_dissent(text, where=str(words))
    require_consent(text, yes=yes, as_json=as_json)
    signer = open_key(**key)
    note = sign_also(Note(text=text, signatures=()), signer)
    out = file.with_name(f"{file.name}.dissent-{signer.key.key_id.hex()}")
    write_new(out, bytes(note), mode=0o644)
    _tell_signed(out, signer, note, as_json=as_json, is_new=True)
    return DONE


def has_terminal() -> bool:
    """Tell whether there is somebody to ask."""
    return sys.stdin.isatty()


def require_consent(text: str, *, yes: bool, as_json: bool) -> None:
    """Show what is about to be signed, and go on only where a person says so."""
    from escruta.apps.board import BulletinRefused  # noqa: PLC0415

    click.echo("This is what you sign:\n", err=as_json)
    click.echo(_visible(text), err=as_json)
    if yes:
        return
    if not has_terminal():
        raise BulletinRefused("there is no terminal to ask on whether to sign", advice="Read it, and say --yes.")
    if not click.confirm("Do you sign this?", err=True):
        raise BulletinRefused("not signed", advice="Nothing was written. A dissent is signed with --dissent FILE.")


def _visible(text: str) -> str:
    """Give foreign words without what a terminal would obey instead of showing."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def open_key(*, reference: str, name: str | None, passphrase: str) -> Signer:
    """Open the key of a person who signs."""
    from escruta.apps.signing import open_signer, passphrase_from  # noqa: PLC0415

    return open_signer(reference, name=name, passphrase=passphrase_from(passphrase))


def source_of(named: str | None) -> Passphrase | None:
    """Give the source of a passphrase that a person named; None where nobody did."""
    from escruta.apps.signing import passphrase_from  # noqa: PLC0415

    return None if named is None else passphrase_from(named)


def _tell_signed(out: Path, signer: Signer, note: Note, *, as_json: bool, is_new: bool) -> None:
    if as_json:
        names = [line.name for line in note.signatures]
        show_json({"out": out, "signed_by": str(signer.key), "signatures": names, "is_new": is_new})
    elif is_new:
        say(f"Signed by {signer.key.name} ({signer.key.key_id.hex()}): {out}")
        say(f"Signatures in it: {len(note.signatures)}.")
    else:
        say(f"{signer.key.name} had signed already: {out} stays as it is.")


@bulletin.command("show")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--board", "board_file", type=FILE, help="The members, their keys and the rule, as printed.")
@click.option("--dissent", "dissents", multiple=True, type=FILE, help="A signed dissent; those beside FILE are found.")
@click.option("--record", type=FOLDER_THERE, help="Compare every figure with this record.")
@AS_JSON
@with_exit_codes
def show(
    *, files: tuple[Path, ...], board_file: Path | None, dissents: tuple[Path, ...], record: Path | None, as_json: bool
) -> int:
    """Show a bulletin, who signed and who dissents; several files are copies that were signed apart.

    Ends with 1 where the board's rule is not met.

    \b
    Examples:
      escruta bulletin show bulletin-1.txt --board board.policy
      escruta bulletin show from-rector-1.txt from-rector-2.txt --board board.policy --record out/my-election
    """
    from escruta.apps.board import read_board, standing_of_board  # noqa: PLC0415
    from escruta.apps.board.note_files import join_notes  # noqa: PLC0415
    from escruta.record.bulletins import parse_bulletin  # noqa: PLC0415

    note = join_notes(files)
    drawn = parse_bulletin(note.text, where=str(files[0]))
    _compare(drawn, record, files[0], is_quiet=as_json or record is None)
    standing = None
    if board_file is not None:
        found = [each for _, each in _dissents(files, dissents)]
        standing = standing_of_board(drawn, note, found, read_board(board_file), where=str(files[0]))
    if as_json:
        show_json(
            {**_as_json(drawn), "signatures": [line.name for line in note.signatures], "board": _standing(standing)}
        )
    else:
        say(drawn.text)
        _tell_standing(note, standing)
    return DONE if standing is None or standing.is_met else FINDINGS


def _dissents(files: Sequence[Path], named: Sequence[Path]) -> list[tuple[Path, Note]]:
    """Read the dissents that are named, and those beside the files."""
    from escruta.tlog.notes import parse_note  # noqa: PLC0415

    beside = [each for file in files for each in sorted(file.parent.glob(f"{file.name}.dissent-*"))]
    found = dict.fromkeys([*named, *beside])
    return [(path, parse_note(path.read_bytes(), where=str(path))) for path in found]


def _tell_standing(note: Note, standing: BoardStanding | None) -> None:
    if standing is None:
        names = ", ".join(line.name for line in note.signatures) or "nobody"
        say(f"Lines in the names of: {names}. Not verified: name the printed board with --board.")
        return
    say(str(standing))
    for name, words in standing.dissenting.items():
        say(f"\n{name} dissents:\n{_visible(words)}")
    say("The board's rule is met." if standing.is_met else "The board's rule is NOT met.")


def _as_json(drawn: Bulletin) -> dict[str, Any]:
    counted, received, expected = drawn.stations
    from escruta.tlog.encodings import to_base64  # noqa: PLC0415

    valid, null, blank, ballots = drawn.figures
    return {
        "election": drawn.election,
        "contest": drawn.contest,
        "number": drawn.number,
        "time": drawn.time,
        "policy": drawn.policy,
        "stations": {"counted": counted, "received": received, "expected": expected},
        "votes": dict(drawn.votes),
        "figures": {"valid": valid, "null": null, "blank": blank, "ballots": ballots},
        "log": drawn.checkpoint.origin,
        "size": drawn.checkpoint.head.size,
        "root": to_base64(drawn.checkpoint.head.root),
        "summary_sha256": drawn.summary_sha256,
        "sha256": drawn.sha256,
    }


def _standing(standing: BoardStanding | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {
        "members": standing.members,
        "signed": standing.signed,
        "dissenting": dict(standing.dissenting),
        "silent": standing.silent,
        "is_met": standing.is_met,
    }


@bulletin.command("publish")
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option(
    "--board", "board_file", required=True, type=FILE, help="The members, their keys and the rule, as printed."
)
@click.option("--record", required=True, type=FOLDER_THERE, help="The record that it was drawn up from.")
@click.option("--log", "home", required=True, type=FOLDER_THERE, help="The operator's home of the log.")
@click.option("--dissent", "dissents", multiple=True, type=FILE, help="A signed dissent; those beside FILE are found.")
@LOG_PASSPHRASE
@click.option("--without-quorum", is_flag=True, help="Publish though too few have signed; the log then says so.")
@AS_JSON
@with_exit_codes
def publish(  # noqa: PLR0913 - one for each option
    *,
    files: tuple[Path, ...],
    board_file: Path,
    record: Path,
    home: Path,
    dissents: tuple[Path, ...],
    log_passphrase: str | None,
    without_quorum: bool,
    as_json: bool,
) -> int:
    """Put a signed bulletin and its dissents into the log, once every figure and signature was looked at again.

    Signatures that come later are added by publishing the file again.

    \b
    Examples:
      escruta bulletin publish bulletin-1.txt --board board.policy --record out/my-election --log home
      escruta bulletin publish from-*.txt --board board.policy --record out/my-election --log home --without-quorum
    """
    from escruta.apps.board import entries_of_bulletin, read_board, read_record  # noqa: PLC0415
    from escruta.apps.board.homes import publish_into  # noqa: PLC0415
    from escruta.apps.board.note_files import join_notes  # noqa: PLC0415
    from escruta.record.bulletins import parse_bulletin  # noqa: PLC0415

    note, where = join_notes(files), str(files[0])
    drawn = parse_bulletin(note.text, where=where)
    entries, standing = entries_of_bulletin(
        drawn,
        note,
        [each for _, each in _dissents(files, dissents)],
        board=read_board(board_file),
        record=read_record(record),
        without_quorum=without_quorum,
        where=where,
    )
    word = source_of(log_passphrase)
    published = publish_into(home, entries, computed_from=drawn.checkpoint, passphrase=word)
    if as_json:
        show_json({**_as_json(drawn), "board": _standing(standing), "indexes": published.indexes})
    else:
        _tell_standing(note, standing)
        say(f"In the log, index {', '.join(map(str, published.indexes))}. {published.said}")
    return DONE if standing.is_met and published.is_met else FINDINGS

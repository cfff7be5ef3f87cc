"""What candidates sign before election day: the pact as it stands, and the election's definition."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from escruta.apps.board.definitions import canonical_definition
from escruta.apps.board.errors import BulletinRefused
from escruta.apps.board.note_files import read_signable, read_words
from escruta.record.bulletins import Acceptance, acceptance_of, parse_acceptance
from escruta.tlog.notes import Note


def read_acceptance(pact: Path, election: Path, place: Path) -> tuple[Acceptance, Note, bytes]:
    """Give the acceptance of a pact and a definition, the note with who signed so far, and the canonical definition.

    Raises `BulletinRefused` where the file of signatures is of another pact, or of a definition that was changed since.
    """
    identity, definition = canonical_definition(election)
    acceptance = acceptance_of(identity, sha256(definition).hexdigest(), read_words(pact))
    if not place.exists():
        return acceptance, Note(text=acceptance.text, signatures=()), definition
    note = read_signable(place)
    signed = parse_acceptance(note.text, where=str(place))
    if signed != acceptance:
        changed = "the pact" if signed.pact_sha256 != acceptance.pact_sha256 else "the definition"
        raise BulletinRefused(
            f"{changed} is not the one that was signed",
            where=str(place),
            found=f"definition {acceptance.definition_sha256[:16]}…, pact {acceptance.pact_sha256[:16]}…",
            expected=f"definition {signed.definition_sha256[:16]}…, pact {signed.pact_sha256[:16]}…",
            advice="Take back the change, or let everybody sign anew into another file with --out.",
        )
    return acceptance, note, definition

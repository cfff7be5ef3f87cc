"""The election's definition in the one form whose digest candidates accept."""

from __future__ import annotations

from pathlib import Path

import msgspec
import rfc8785
from pydantic import ValidationError

from escruta.apps.board.errors import BulletinRefused
from escruta.election.definition import Election
from escruta.election.reading import read_election

IN_RECORD = "election.json"


def canonical_definition(place: Path) -> tuple[str, bytes]:
    """Give the election's id, and its definition as a record holds it in `election.json` (RFC 8785).

    `place` is a definition, the folder of one, or a record. Raises `InputError`.
    """
    recorded = place / IN_RECORD
    if recorded.is_file() or place.name.endswith(".json"):
        return _recorded(recorded if recorded.is_file() else place)
    election = read_election(place)
    document = msgspec.json.decode(election.model_dump_json(by_alias=True, exclude_none=True))
    return election.id, rfc8785.dumps(document)


def _recorded(path: Path) -> tuple[str, bytes]:
    raw = path.read_bytes()
    try:
        election = Election.model_validate_json(raw)
        is_canonical = rfc8785.dumps(msgspec.json.decode(raw)) == raw
    except (ValidationError, msgspec.DecodeError, rfc8785.CanonicalizationError) as error:
        raise BulletinRefused("this is no definition of an election", where=str(path), found=str(error)) from error
    if not is_canonical:
        raise BulletinRefused(
            "the definition is not in canonical form, so its digest is not the one that others compute",
            where=str(path),
            expected="the file as `escruta run` wrote it (RFC 8785)",
        )
    return election.id, raw

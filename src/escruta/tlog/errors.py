"""What can be wrong with the bytes of a log, and what stops a log of our own."""

from __future__ import annotations

from typing import Any

from escruta.base.errors import EscrutaError, InputError


class LogInputError(InputError):
    """Bytes of a log, or about a log, cannot be used; `offset` counts bytes from the beginning of what was read.

    ::

        InputError
        └── LogInputError
            ├── KeyMalformed          no verifier key
            ├── NoteMalformed         no signed note
            ├── CheckpointMalformed   a note, but no checkpoint
            ├── ProofMalformed        no proof file
            ├── PolicyMalformed       no policy
            ├── SubmissionMalformed   no request to cosign a checkpoint
            ├── TileMalformed         no tile, no bundle, or no path of one
            ├── SignatureRefused      no known key signed, or a known key's signature is false
            ├── ProofRefused          the hashes do not lead to the root
            └── PolicyUnmet           signed, but not by as many as the policy asks for
        EscrutaError
        └── LogError                  our own log must not go on
            ├── EntryRefused          the entry is too long
            ├── LogConflict           there is something else where this log wants to write
            ├── StateDamaged          what a log witness has kept cannot be believed any more
            └── LogBusy               another process publishes this log

    >>> print(TileMalformed("the bundle ends within an entry", where="tile/entries/000", offset=17))
    the bundle ends within an entry
      where: tile/entries/000, byte 17
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        offset: int | None = None,
        found: object = None,
        expected: str | None = None,
        advice: str | None = None,
        row: int | None = None,
    ) -> None:
        super().__init__(what, where=where, row=row, found=found, expected=expected, advice=advice)
        self.offset = offset

    @property
    def spot(self) -> str:
        """File, line and byte in words; empty when the error has no place."""
        line = None if self.row is None else f"line {self.row}"
        byte = None if self.offset is None else f"byte {self.offset}"
        return ", ".join(part for part in (self.where, line, byte) if part)

    def evidence(self) -> dict[str, Any]:
        """Return everything but the sentence, by name."""
        kept = {name: value for name, value in super().evidence().items() if name != "column"}
        return {**kept, "offset": self.offset}


class KeyMalformed(LogInputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """The text is no verifier key, or one of a kind that we do not know."""


class NoteMalformed(LogInputError):  # noqa: N818
    """The bytes are no signed note."""


class CheckpointMalformed(LogInputError):  # noqa: N818
    """The text of the note is no checkpoint."""


class ProofMalformed(LogInputError):  # noqa: N818
    """The text is no proof file."""


class PolicyMalformed(LogInputError):  # noqa: N818
    """The text is no policy, or one that contradicts itself."""


class SubmissionMalformed(LogInputError):  # noqa: N818
    """The bytes are no request to cosign a checkpoint."""


class TileMalformed(LogInputError):  # noqa: N818
    """The bytes are no tile or bundle of the width that was asked for, or the path names none."""


class SignatureRefused(LogInputError):  # noqa: N818
    """No known key signed the note, or a signature in the name of a known key is false."""


class ProofRefused(LogInputError):  # noqa: N818
    """The proof does not lead from what is claimed to the root that was signed."""


class PolicyUnmet(LogInputError):  # noqa: N818
    """The note is signed, but not by as many as the policy asks for."""


class LogError(EscrutaError):
    """Our own log must not go on."""


class EntryRefused(LogError):  # noqa: N818
    """The entry is too long for a bundle."""


class LogConflict(LogError):  # noqa: N818
    """There is something else where this log wants to write: going on would show two histories."""


class StateDamaged(LogError):  # noqa: N818
    """What a log witness has kept cannot be believed any more, so it must not cosign."""


class LogBusy(LogError):  # noqa: N818
    """Another process publishes this log."""

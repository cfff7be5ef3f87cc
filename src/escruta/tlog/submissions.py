"""What a log sends to a log witness to have a checkpoint cosigned. Source: C2SP tlog-witness, "add-checkpoint"."""

from __future__ import annotations

from dataclasses import dataclass

from escruta.tlog.encodings import decode_text, parse_decimal, parse_hash, to_base64
from escruta.tlog.errors import SubmissionMalformed
from escruta.tlog.notes import LARGEST_NOTE, Note, parse_note

MOST_HASHES = 63
"""A proof of more is refused; no tree of less than 2**63 leaves needs it."""

_OLD = "old "
_LONGEST_LINE = 45
"""In bytes: a hash in Base64, with its line feed."""

LARGEST_SUBMISSION = (MOST_HASHES + 2) * _LONGEST_LINE + LARGEST_NOTE
"""In bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A checkpoint, and the proof that its tree begins with one that the log witness has cosigned."""

    old_size: int
    """The size of the last checkpoint that the log witness cosigned, as far as the log knows."""
    proof: tuple[bytes, ...]
    note: Note

    def __bytes__(self) -> bytes:
        """Write the request's body."""
        hashes = "".join(f"{to_base64(each)}\n" for each in self.proof)
        return f"{_OLD}{self.old_size}\n{hashes}\n{self.note}".encode()


def parse_submission(raw: bytes, *, where: str | None = None) -> Submission:
    r"""Read the body of a request; nothing is verified yet. Raises `SubmissionMalformed` and `NoteMalformed`.

    >>> raw = "old 0\n\nexample.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— a YWJjZGVm\n".encode()
    >>> parse_submission(raw).old_size, bytes(parse_submission(raw)) == raw
    (0, True)
    """
    if len(raw) > LARGEST_SUBMISSION:
        raise SubmissionMalformed(
            "the request is too long", where=where, found=f"{len(raw)} bytes", expected=f"at most {LARGEST_SUBMISSION}"
        )
    head, blank, below = raw.partition(b"\n\n")  # no line above the blank one can be empty
    if not blank:
        raise SubmissionMalformed("no blank line separates the proof from a checkpoint", where=where, offset=len(raw))
    first, *lines = decode_text(head, SubmissionMalformed, where=where).split("\n")
    old_size = parse_decimal(first.removeprefix(_OLD))
    if not first.startswith(_OLD) or old_size is None:
        raise SubmissionMalformed("the first line tells no size", where=where, row=1, found=first, expected="old SIZE")
    return Submission(old_size=old_size, proof=_parse_proof(lines, where), note=parse_note(below, where=where))


def _parse_proof(lines: list[str], where: str | None) -> tuple[bytes, ...]:
    if len(lines) > MOST_HASHES:
        raise SubmissionMalformed(
            "the proof is too long", where=where, found=f"{len(lines)} lines", expected=f"at most {MOST_HASHES}"
        )
    hashes = []
    for row, line in enumerate(lines, start=2):
        each = parse_hash(line)
        if each is None:
            raise SubmissionMalformed(
                "this is no hash", where=where, row=row, found=line, expected="32 bytes in Base64"
            )
        hashes.append(each)
    return tuple(hashes)

"""Proof files: everything that shows one entry to be in the log, in one small text. Source: C2SP tlog-proof."""

from __future__ import annotations

from dataclasses import dataclass

from escruta.tlog.encodings import decode_text, parse_base64, parse_decimal, parse_hash, to_base64
from escruta.tlog.errors import ProofMalformed
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.notes import LARGEST_NOTE, Note, parse_note
from escruta.tlog.policies import Policy, Standing, require_policy
from escruta.tlog.proofs import LONGEST_PROOF, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
LARGEST_PROOF_FILE = 2 * LARGEST_NOTE


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFile:
    """An entry's place, the hashes that lead to the root, and the checkpoint with its signatures."""

    index: int
    hashes: tuple[bytes, ...]
    """The leaf's neighbour first."""
    checkpoint: Note
    extra: bytes | None = None
    """Whatever goes along; nothing vouches for it."""

    def __str__(self) -> str:
        """Write the proof as a `.tlog-proof` file holds it."""
        extra = [] if self.extra is None else [f"extra {to_base64(self.extra)}"]
        lines = [HEADER, *extra, f"index {self.index}", *(to_base64(each) for each in self.hashes)]
        return "".join(f"{line}\n" for line in lines) + f"\n{self.checkpoint}"

    def verify(self, entry: bytes, policy: Policy, *, where: str | None = None) -> Standing:
        """Verify that the entry is in the log under a checkpoint that the policy accepts.

        Raises `SignatureRefused`, `PolicyUnmet` or `ProofRefused`.
        """
        standing = require_policy(self.checkpoint, policy, where=where)
        verify_inclusion(leaf_hash(entry), self.index, self.hashes, standing.checkpoint.head)
        return standing


def parse_proof_file(raw: bytes, *, where: str | None = None) -> ProofFile:
    """Read a proof file; nothing is verified yet."""
    if len(raw) > LARGEST_PROOF_FILE:
        found = f"{len(raw)} bytes"
        raise ProofMalformed(
            "the proof is too long", where=where, found=found, expected=f"at most {LARGEST_PROOF_FILE}"
        )
    head, blank, checkpoint = decode_text(raw, ProofMalformed, where=where).partition("\n\n")
    if not blank:
        raise ProofMalformed("no blank line stands before the checkpoint", where=where, offset=len(raw))
    lines = head.split("\n")
    if lines[0] != HEADER:
        raise ProofMalformed("this is no proof file", where=where, row=1, found=lines[0], expected=HEADER)
    extra = _parse_extra(lines, where)
    row = 2 if extra is None else 3
    index = _parse_index(lines[row - 1] if row <= len(lines) else "", row, where)
    return ProofFile(
        index=index,
        hashes=_parse_hashes(lines[row:], row + 1, where),
        checkpoint=parse_note(checkpoint.encode("utf-8"), where=where),
        extra=extra,
    )


def _parse_extra(lines: list[str], where: str | None) -> bytes | None:
    row = 2
    if len(lines) < row or not lines[1].startswith("extra "):
        return None
    extra = parse_base64(lines[1].removeprefix("extra "))
    if extra is None:
        raise ProofMalformed("the extra bytes are not in Base64", where=where, row=row, found=lines[1])
    return extra


def _parse_index(line: str, row: int, where: str | None) -> int:
    index = parse_decimal(line.removeprefix("index ")) if line.startswith("index ") else None
    if index is None:
        raise ProofMalformed("no line gives the index", where=where, row=row, found=line, expected="index NUMBER")
    return index


def _parse_hashes(lines: list[str], first_row: int, where: str | None) -> tuple[bytes, ...]:
    if len(lines) > LONGEST_PROOF:
        found = f"{len(lines)} hashes"
        raise ProofMalformed("the proof is too long", where=where, found=found, expected=f"at most {LONGEST_PROOF}")
    hashes = []
    for row, line in enumerate(lines, start=first_row):
        parsed = parse_hash(line)
        if parsed is None:
            raise ProofMalformed("this is no hash", where=where, row=row, found=line, expected="32 bytes in Base64")
        hashes.append(parsed)
    return tuple(hashes)

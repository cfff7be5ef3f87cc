"""Checkpoints: a log's origin, size and root as a note. Source: C2SP tlog-checkpoint.

We write no extension lines and accept none: an ML-DSA-44 signature does not cover them, so nobody could rely on them.
"""

from __future__ import annotations

from dataclasses import dataclass

from escruta.tlog.encodings import parse_decimal, parse_hash, to_base64
from escruta.tlog.errors import CheckpointMalformed
from escruta.tlog.notes import Note
from escruta.tlog.trees import EMPTY_TREE, TreeHead

_LINES = 3
_LONGEST_ORIGIN = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a log commits to.

    >>> print(Checkpoint(origin="example.com/log", head=EMPTY_TREE).text, end="")
    example.com/log
    0
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    """

    origin: str
    """The log's name, as in the names of its keys."""
    head: TreeHead

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.head.size}\n{to_base64(self.head.root)}\n"


def parse_checkpoint(text: str, *, where: str | None = None) -> Checkpoint:
    """Read the text of a note as a checkpoint; nothing is verified yet."""
    checkpoint = parse_claim(text, where=where)
    if checkpoint.head.size == 0 and checkpoint.head != EMPTY_TREE:
        raise CheckpointMalformed(
            "the root is not that of an empty tree",
            where=where,
            row=3,
            found=to_base64(checkpoint.head.root),
            expected=to_base64(EMPTY_TREE.root),
        )
    return checkpoint


def parse_claim(text: str, *, where: str | None = None) -> Checkpoint:
    """Read the same, and let an empty tree have any root: a log witness answers that after it saw who signed."""
    lines = text.removesuffix("\n").split("\n")
    if not text.endswith("\n") or len(lines) < _LINES:
        raise CheckpointMalformed(
            "a checkpoint has three lines", where=where, found=f"{len(lines)}", expected="origin, size, root"
        )
    origin, size_text, root_text = lines[:_LINES]
    if not 0 < len(origin.encode("utf-8", "surrogatepass")) <= _LONGEST_ORIGIN:
        raise CheckpointMalformed(
            "the origin is empty or too long", where=where, row=1, found=origin, expected="1 to 255 bytes"
        )
    size = parse_decimal(size_text)
    if size is None:
        raise CheckpointMalformed(
            "the size is no number", where=where, row=2, found=size_text, expected="digits without leading zeros"
        )
    root = parse_hash(root_text)
    if root is None:
        raise CheckpointMalformed(
            "the root is no hash", where=where, row=3, found=root_text, expected="32 bytes in Base64"
        )
    if len(lines) > _LINES:
        raise CheckpointMalformed(
            "the checkpoint has extension lines",
            where=where,
            row=4,
            found=lines[_LINES],
            expected="three lines: not every signature covers more",
        )
    return Checkpoint(origin=origin, head=TreeHead(size=size, root=root))


def checkpoint_of(note: Note, *, where: str | None = None) -> Checkpoint:
    """Read what a note says as a checkpoint; nothing is verified yet."""
    return parse_checkpoint(note.text, where=where)

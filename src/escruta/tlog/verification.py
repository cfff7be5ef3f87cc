"""Verify a whole published log: recompute everything from the entries, and tell all that does not fit.

Nothing is believed that was not recomputed. Each bundle is held against the tiles of leaves, each tile against the one
above it, the top against the signed root; so every tile below a partial edge is held against its parent too
(CVE-2026-56865: another program believed a full tile that was not). A fault names the file and the byte.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from escruta.base.errors import printable
from escruta.tlog.building import CHECKPOINT
from escruta.tlog.errors import LogInputError, SignatureRefused, TileMalformed
from escruta.tlog.findings import Fault, FaultKind, LogReport, Unchecked
from escruta.tlog.hashing import HASH_SIZE, fold, leaf_hash
from escruta.tlog.notes import parse_note
from escruta.tlog.policies import NONE, Policy, Standing, standing_of
from escruta.tlog.reading import Resources, read_tile
from escruta.tlog.tiles import Tile, entry_offsets, parse_bundle, parse_tile, parse_tile_path
from escruta.tlog.trees import TILE_HEIGHT, TILE_WIDTH, RightEdge, TreeHead, join_peaks

MOST_FAULTS = 20_000
"""So many faults are told of one log; a sound one of 2**60 entries takes no more words than a small one."""


def verify_log(resources: Resources, policy: Policy, *, older: Iterable[tuple[str, bytes]] = ()) -> LogReport:
    """Verify a log, and that it begins with every tree of the older checkpoints, given with a name each."""
    walk = _Walk(resources)
    standing = walk.read_standing(policy)
    if standing is None:
        walk.leave_unchecked("tiles and entries", "without a checkpoint nothing says what they should be")
        return walk.report(None)
    earlier = walk.read_older(older, policy, standing)
    walk.list_files(standing.checkpoint.head.size)
    walk.read_tree(standing.checkpoint.head, earlier)
    return walk.report(standing)


class _Walk:
    """A verification under way."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.faults: list[Fault] = []
        self.unchecked: list[Unchecked] = []
        self.entries = 0
        self.truth: RightEdge | None = RightEdge()
        """From the entries alone; None from the first entry on that could not be read."""
        self.below: list[list[bytes | None]] = []
        """By level of tiles: the hashes that the files of the level below lead to."""
        self.further: dict[tuple[int | None, int], set[int]] = defaultdict(set)
        """By level and index: which further widths of a tile are in the folder."""

    def report(self, standing: Standing | None) -> LogReport:
        root = None if standing is None or self.truth is None else self.truth.head().root
        return LogReport(
            standing=standing,
            faults=tuple(self.faults),
            unchecked=tuple(self.unchecked),
            entries=self.entries,
            root_of_entries=root,
        )

    def leave_unchecked(self, subject: str, why: str) -> None:
        self.unchecked.append(Unchecked(subject=subject, why=why))

    def fault(
        self,
        kind: FaultKind,
        file: str,
        what: str,
        *,
        offset: int | None = None,
        found: object = None,
        expected: str | None = None,
    ) -> None:
        told = None if found is None else printable(found)
        self.faults.append(Fault(kind=kind, file=file, what=what, offset=offset, found=told, expected=expected))

    def refuse(self, kind: FaultKind, file: str, error: LogInputError) -> None:
        self.fault(kind, file, error.what, offset=error.offset, found=error.found, expected=error.expected)

    # checkpoints

    def read_standing(self, policy: Policy) -> Standing | None:
        raw = self.resources.read(CHECKPOINT)
        if raw is None:
            self.fault(FaultKind.CHECKPOINT_UNUSABLE, CHECKPOINT, "there is no checkpoint")
            return None
        standing = self._standing(CHECKPOINT, raw, policy)
        if standing is not None:
            self._judge(standing, policy)
        return standing

    def _judge(self, standing: Standing, policy: Policy) -> None:
        """Tell what the checkpoint lacks under the policy."""
        for key in policy.logs:
            if key.name == standing.checkpoint.origin and key not in standing.log_keys:
                self.leave_unchecked(f"the log's key {key.key_id.hex()}", "it did not sign this checkpoint")
        if not standing.is_met:
            self.fault(
                FaultKind.QUORUM_UNMET,
                CHECKPOINT,
                f"{len(standing.cosigned)} of {len(policy.witnesses)} log witnesses cosigned, which is not the quorum",
                found=", ".join(sorted(standing.cosigned)) or "none",
                expected=f"the quorum {policy.quorum}",
            )
        if policy.quorum == NONE:
            self.leave_unchecked("split views", "the policy asks for no log witness: others may be shown another log")

    def _standing(self, name: str, raw: bytes, policy: Policy) -> Standing | None:
        try:
            return standing_of(parse_note(raw, where=name), policy, where=name)
        except SignatureRefused as error:
            self.refuse(FaultKind.SIGNATURE_REFUSED, name, error)
        except LogInputError as error:
            self.refuse(FaultKind.CHECKPOINT_UNUSABLE, name, error)
        return None

    def read_older(
        self, older: Iterable[tuple[str, bytes]], policy: Policy, standing: Standing
    ) -> list[tuple[str, TreeHead]]:
        """Give the heads of older checkpoints by name, smallest first."""
        heads = []
        now = standing.checkpoint
        for name, raw in older:
            then = self._standing(name, raw, policy)
            if then is None:
                continue
            head = then.checkpoint.head
            if then.checkpoint.origin != now.origin:
                self.leave_unchecked(name, f"it is a checkpoint of another log, {printable(then.checkpoint.origin)}")
            elif head.size > now.head.size:
                found, expected = f"{now.head.size} entries", f"at least {head.size}"
                self.fault(FaultKind.ROLLED_BACK, CHECKPOINT, f"{name} saw more", found=found, expected=expected)
            else:
                heads.append((name, head))
        return sorted(heads, key=lambda each: each[1].size)

    # files

    def list_files(self, size: int) -> None:
        paths = self.resources.paths()
        if paths is None:
            self.leave_unchecked("files beyond the checkpoint", "the files cannot be listed here")
            return
        beyond = 0
        for path in paths:
            if not path.startswith("tile/"):
                continue
            try:
                tile = parse_tile_path(path)
            except TileMalformed as error:
                self.refuse(FaultKind.NOT_OF_THE_LOG, path, error)
                continue
            if (size >> (TILE_HEIGHT * (tile.level or 0))) <= tile.index * TILE_WIDTH:
                beyond += 1
            else:
                self.further[tile.level, tile.index].add(tile.width)
        if beyond:
            self.leave_unchecked(
                f"{beyond} tiles and bundles", "they lie beyond the checkpoint, which says nothing yet"
            )

    # the tree

    def read_tree(self, head: TreeHead, earlier: list[tuple[str, TreeHead]]) -> None:
        for index in range((head.size + TILE_WIDTH - 1) // TILE_WIDTH):
            if len(self.faults) >= MOST_FAULTS:
                self._give_up(index * TILE_WIDTH, head, earlier)
                return
            width = min(TILE_WIDTH, head.size - index * TILE_WIDTH)
            leaves = self._read_bundle(Tile(level=None, index=index, width=width))
            earlier = self._compare_history(leaves, earlier)
            if self.truth is not None and leaves is not None:
                for _ in self.truth.extend(leaves):
                    pass
            else:
                self.truth = None
            self._read_tile(Tile(level=0, index=index, width=width), leaves or [None] * width)
        self._compare_empty(earlier)
        self._read_edge(head)
        self._compare_roots(head)

    def _give_up(self, entries: int, head: TreeHead, earlier: list[tuple[str, TreeHead]]) -> None:
        """Stop where next to nothing is there: a checkpoint may name a size that nobody could ever walk through."""
        self.truth = None
        self.leave_unchecked(
            f"entries {entries} to {head.size}", f"more than {MOST_FAULTS} faults were found in those before"
        )
        for subject in ("the root of the entries", *(name for name, _ in earlier)):
            self.leave_unchecked(subject, "not all entries were read")

    def _read_bundle(self, tile: Tile) -> list[bytes] | None:
        read = self._read(tile)
        if read is None:
            return None
        raw, width = read
        try:
            entries = parse_bundle(raw, width, where=tile.path)
        except TileMalformed as error:
            self.refuse(FaultKind.MALFORMED, tile.path, error)
            return None
        self.entries += tile.width
        self._compare_further_bundles(tile, raw, entries)
        return [leaf_hash(entry) for entry in entries[: tile.width]]

    def _compare_further_bundles(self, tile: Tile, raw: bytes, entries: Sequence[bytes]) -> None:
        for width in sorted(self.further[tile.level, tile.index] - {tile.width}):
            other = Tile(level=None, index=tile.index, width=width)
            found = self.resources.read(other.path) or b""
            shared = entry_offsets([*entries, b""])[min(width, tile.width)]
            is_longer = width > tile.width
            at = _first_difference(found[:shared], raw[:shared])
            if at is None and not is_longer and len(found) != shared:
                at = min(len(found), shared)
            if at is not None:
                self.fault(FaultKind.DIFFERS, other.path, f"the entries are not those of {tile.path}", offset=at)
            if is_longer:
                self.leave_unchecked(f"{other.path} after byte {shared}", "it lies beyond the checkpoint")

    def _read(self, tile: Tile) -> tuple[bytes, int] | None:
        read = read_tile(self.resources, tile)
        if read is None:
            self.fault(FaultKind.MISSING, tile.path, "the file is not there")
        return read

    def _read_tile(self, tile: Tile, below: Sequence[bytes | None]) -> None:
        """Hold a tile against what lies below it, and hand on what it leads to."""
        level = tile.level or 0
        hashes = self._hashes(tile, below)
        while len(self.below) <= level + 1:
            self.below.append([])
        if not tile.is_full:
            self.below[level] = list(hashes)
            return
        self.below[level] = []
        known = [each for each in hashes if each is not None]
        above = self.below[level + 1]
        above.append(fold(known) if len(known) == TILE_WIDTH else None)
        if len(above) == TILE_WIDTH:
            self._read_tile(Tile(level=level + 1, index=tile.index // TILE_WIDTH), above)

    def _hashes(self, tile: Tile, below: Sequence[bytes | None]) -> Sequence[bytes | None]:
        """Give the hashes of a tile as published; where they cannot be read, those that lie below."""
        read = self._read(tile)
        if read is None:
            return below
        raw, width = read
        try:
            published = parse_tile(raw, width, where=tile.path)
        except TileMalformed as error:
            self.refuse(FaultKind.MALFORMED, tile.path, error)
            return below
        self._compare_hashes(tile, published, below)
        for further in sorted(self.further[tile.level, tile.index] - {tile.width}):
            self._compare_further_tile(Tile(level=tile.level, index=tile.index, width=further), published, tile.width)
        return published[: tile.width]

    def _compare_hashes(self, tile: Tile, published: Sequence[bytes], below: Sequence[bytes | None]) -> None:
        if list(published[: tile.width]) == below:
            return
        wrong = [at for at, hash_ in enumerate(below) if hash_ is not None and published[at] != hash_]
        if not wrong:
            return
        at = wrong[0]
        index = tile.index * TILE_WIDTH + at
        source = f"entry {index}" if tile.level == 0 else Tile(level=(tile.level or 0) - 1, index=index).path
        expected = below[at]
        self.fault(
            FaultKind.DIFFERS,
            tile.path,
            f"the hash is not that of {source}" + (f" (the first of {len(wrong)} that differ)" if wrong[1:] else ""),
            offset=at * HASH_SIZE,
            found=published[at].hex(),
            expected=None if expected is None else expected.hex(),
        )

    def _compare_further_tile(self, other: Tile, published: Sequence[bytes], width: int) -> None:
        """Hold a tile of another width, which an earlier or later size needs, against this one."""
        found = self.resources.read(other.path) or b""
        shared = min(other.width, width)
        at = _first_difference(found[: shared * HASH_SIZE], b"".join(published[:shared]))
        if at is None and len(found) != other.width * HASH_SIZE:
            at = min(len(found), other.width * HASH_SIZE)
        if at is not None:
            self.fault(FaultKind.DIFFERS, other.path, f"the hashes are not those of its {width} places", offset=at)
        if other.width > width:
            subject = f"{other.path} after byte {shared * HASH_SIZE}"
            self.leave_unchecked(subject, "it lies beyond the checkpoint")

    def _read_edge(self, head: TreeHead) -> None:
        level = 1
        while head.size >> (TILE_HEIGHT * level):
            index, width = divmod(head.size >> (TILE_HEIGHT * level), TILE_WIDTH)
            if width:
                self._read_tile(Tile(level=level, index=index, width=width), self.below[level])
            level += 1

    # what it all leads to

    def _compare_history(
        self, leaves: list[bytes] | None, earlier: list[tuple[str, TreeHead]]
    ) -> list[tuple[str, TreeHead]]:
        """Compare the older heads that end within these leaves; give the others."""
        if self.truth is None or leaves is None:
            for name, _ in earlier:
                self.leave_unchecked(name, "the entries before it cannot all be read")
            return []
        size = self.truth.size
        while earlier and earlier[0][1].size <= size + len(leaves):
            name, head = earlier.pop(0)
            then = self.truth.copy()
            for _ in then.extend(leaves[: head.size - size]):
                pass
            self._compare_head(name, then.head(), head)
        return earlier

    def _compare_empty(self, earlier: list[tuple[str, TreeHead]]) -> None:
        for name, head in earlier:
            self._compare_head(name, RightEdge().head(), head)

    def _compare_head(self, name: str, recomputed: TreeHead, head: TreeHead) -> None:
        if recomputed != head:
            self.fault(
                FaultKind.HISTORY_CHANGED,
                name,
                f"the first {head.size} entries are not those that this checkpoint commits to",
                found=recomputed.root.hex(),
                expected=head.root.hex(),
            )

    def _compare_roots(self, head: TreeHead) -> None:
        if self.truth is None:
            self.leave_unchecked("the root of the entries", "not all of them can be read")
        elif self.truth.head() != head:
            found, expected = self.truth.head().root.hex(), head.root.hex()
            what = "the entries lead to another root than was signed"
            self.fault(FaultKind.ROOT_DIFFERS, CHECKPOINT, what, found=found, expected=expected)
        root: bytes | None = None
        for level in self.below:
            hashes = [each for each in level if each is not None]
            if len(hashes) != len(level):
                self.leave_unchecked("the root of the tiles", "not all of them can be read")
                return
            root = join_peaks(hashes, root)
        if root is not None and root != head.root:
            what = "the tiles lead to another root than was signed"
            self.fault(FaultKind.ROOT_DIFFERS, CHECKPOINT, what, found=root.hex(), expected=head.root.hex())


def _first_difference(one: bytes, other: bytes) -> int | None:
    """Give where two runs of bytes first differ; None where they are equal."""
    if one == other:
        return None
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))

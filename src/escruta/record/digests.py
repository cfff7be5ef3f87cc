"""Lists of digests, as `sha256sum --check` reads them: whole, and in parts of which a reader needs only a few.

The parts hold the same lines. Where a line belongs follows from its path alone: a part is named by the first
hexadecimal digits of the SHA-256 of the paths in it, and holds its lines by path.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType

DIGESTS = "SHA256SUMS"
"""The name of such a list."""
PARTS = "digests"
"""The folder of its parts."""
INDEX = f"{PARTS}/index"
"""The list of the digests of the parts, by their names."""

_MANY = 50
"""Where more than one line in so many changes, a list is sorted anew."""
_THREADS = 4
_LINES_OF_PART = 1000
"""Lines that a part has at most, on average."""
_PATH = 66
"""Where a path begins in a line."""
by_path = itemgetter(slice(_PATH, -1))
"""The path of a line that ends with a line feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A list of digests in parts."""

    digits: int
    """How many digits name a part."""
    lines: Mapping[str, Sequence[str]]
    """The lines of each part that has any, by its name."""
    digests: Mapping[str, str]
    """The SHA-256 of each of these."""

    def raw(self, name: str) -> bytes:
        """Write a part."""
        return "".join(self.lines[name]).encode()

    def index(self) -> bytes:
        """Write the list of the digests of the parts."""
        return "".join(f"{self.digests[name]}  {name}\n" for name in sorted(self.digests)).encode()


def digits_for(lines: int) -> int:
    """Tell by how many digits the parts of a list of so many lines are named: at least one.

    >>> [digits_for(lines) for lines in (0, 16_000, 16_001, 256_001)]
    [1, 1, 2, 3]
    """
    digits = 1
    while _LINES_OF_PART * 16**digits < lines:
        digits += 1
    return digits


def part_of(path: str, digits: int) -> str:
    """Name the part in which the line of a path stands.

    >>> part_of("en/index.html", 2)
    '4a'
    """
    return hashlib.sha256(path.encode()).hexdigest()[:digits]


def parts_of(lines: Collection[str], *, digits: int | None = None) -> Parts:
    """Cut a list into parts. Each line ends with a line feed, and none stands there twice.

    `digits` name a part; those for so many lines when absent.
    """
    digits = digits_for(len(lines)) if digits is None else digits
    found = {name: sorted(own, key=by_path) for name, own in _by_part(lines, digits).items()}
    return Parts(digits=digits, lines=found, digests={name: _digest_of(own) for name, own in found.items()})


def lines_after(lines: Sequence[str], gone: Collection[str], come: Collection[str]) -> list[str]:
    r"""Give lines by path when some of them went, and others came; a line that did both stays.

    Raises `KeyError` where a line that is said to go is not there: no other one goes in its place.

    >>> a, b, c = (f"{name * 64}  {name}\n" for name in "abc")
    >>> lines_after([a, c], [c], [b]) == [a, b]
    True
    """
    before, after = set(gone), set(come)
    own = list(lines)
    if (len(before) + len(after)) * _MANY > len(own):
        if absent := before.difference(own):
            raise KeyError(by_path(min(absent)))
        return sorted([*(line for line in own if line not in before), *after], key=by_path)
    for line in before - after:
        place = bisect_left(own, by_path(line), key=by_path)
        if own[place : place + 1] != [line]:
            raise KeyError(by_path(line))
        del own[place]
    for line in after - before:
        insort(own, line, key=by_path)
    return own


def parts_after(since: Parts, gone: Iterable[str], come: Iterable[str]) -> Parts:
    """Give the parts of a list from which lines went, each of which stood there, and to which others came.

    A line that did both stays.
    """
    before, after = set(gone), set(come)
    went, came = _by_part(before - after, since.digits), _by_part(after - before, since.digits)
    lines, digests = dict(since.lines), dict(since.digests)
    for name in went.keys() | came.keys():
        own = lines_after(lines.pop(name, ()), went[name], came[name])
        digests.pop(name, None)
        if own:
            lines[name], digests[name] = own, _digest_of(own)
    return Parts(digits=since.digits, lines=lines, digests=digests)


def _by_part(lines: Iterable[str], digits: int) -> dict[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for line in lines:
        found[part_of(by_path(line), digits)].append(line)
    return found


def _digest_of(lines: Iterable[str]) -> str:
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def digest_of(path: Path) -> str:
    """Give a file's SHA-256 in lower-case hexadecimal."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def write_digests(folder: Path, inside: Iterable[str] = (), known: Mapping[str, str] = MappingProxyType({})) -> None:
    """Write the list of the files that stand directly in a folder, and of those in the folders named in `inside`.

    `known` are digests that were taken already, by the name of the file.
    """
    files = sorted((each.name, each) for each in folder.iterdir() if each.is_file() and each.name != DIGESTS)
    files += sorted((f"{name}/{each.name}", each) for name in inside for each in (folder / name).glob("*"))
    with ThreadPoolExecutor(_THREADS) as executor:
        digests = executor.map(lambda file: known.get(file[0]) or digest_of(file[1]), files)
        write_list(folder / DIGESTS, [(name, digest) for (name, _), digest in zip(files, digests, strict=True)])


def write_list(path: Path, digests: Iterable[tuple[str, str]]) -> None:
    """Write a list of paths and their digests."""
    lines = [f"{digest}  {name}\n" for name, digest in digests]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def read_digests(text: str) -> Iterator[tuple[str, str]]:
    r"""Give path and digest of each line.

    >>> list(read_digests("00  a b.csv\n"))
    [('a b.csv', '00')]
    """
    for line in text.splitlines():
        digest, _, path = line.partition("  ")
        yield path, digest

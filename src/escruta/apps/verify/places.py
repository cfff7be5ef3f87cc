"""A published place as the verifier reads it: a file that cannot be taken is a fault of that file, told once.

Some files are read more than once. A server that gives others the second time must not be believed: what was verified
would not be what is then used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

from escruta.apps.published import FileRefused, Published
from escruta.apps.verify.findings import Findings, RecordFaultKind

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class Watched:
    """A place, or a part of one, whose refused files become findings."""

    def __init__(self, place: Published, findings: Findings, folder: str = "") -> None:
        self._place = place
        self._findings = findings
        self._folder = folder
        self._told: set[str] = set()
        self._seen: dict[str, bytes | None] = {}
        """By path from the top: the digest of each file when it was first read; None where it was not there."""

    def read(self, path: str) -> bytes | None:
        """Give the bytes of a file; None where there is none, or none that can be taken."""
        name = f"{self._folder}{path}"
        try:
            raw = self._place.read(path)
        except FileRefused as error:
            self._tell(RecordFaultKind.REFUSED, name, error.what, found=error.found, expected=error.expected)
            return None
        digest = None if raw is None else sha256(raw).digest()
        first = self._seen.setdefault(name, digest)
        if digest == first:
            return raw
        self._tell(
            RecordFaultKind.DIFFERS,
            name,
            "the place gave other bytes the second time",
            found=_hex(digest),
            expected=_hex(first),
        )
        return None

    def _tell(self, kind: RecordFaultKind, name: str, what: str, *, found: str | None, expected: str | None) -> None:
        if name not in self._told:
            self._told.add(name)
            self._findings.fault(kind, name, what, found=found, expected=expected)

    def paths(self) -> Iterator[str] | None:
        """Give the path of every file; None where they cannot be listed."""
        return self._place.paths()

    def prefetch(self, paths: Iterable[str]) -> None:
        """Say which files will be read soon."""
        self._place.prefetch(paths)

    def under(self, folder: str) -> Watched:
        """Give the part below a folder."""
        part = Watched(self._place.under(folder), self._findings, f"{self._folder}{folder}/")
        part._told, part._seen = self._told, self._seen
        return part


def _hex(digest: bytes | None) -> str:
    return "no file" if digest is None else digest.hex()

"""A published place as the verifier reads it: a file that cannot be taken is a fault of that file, told once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

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

    def read(self, path: str) -> bytes | None:
        """Give the bytes of a file; None where there is none, or none that can be taken."""
        try:
            return self._place.read(path)
        except FileRefused as error:
            name = f"{self._folder}{path}"
            if name not in self._told:
                self._told.add(name)
                self._findings.fault(
                    RecordFaultKind.REFUSED, name, error.what, found=error.found, expected=error.expected
                )
            return None

    def paths(self) -> Iterator[str] | None:
        """Give the path of every file; None where they cannot be listed."""
        return self._place.paths()

    def prefetch(self, paths: Iterable[str]) -> None:
        """Say which files will be read soon."""
        self._place.prefetch(paths)

    def under(self, folder: str) -> Watched:
        """Give the part below a folder."""
        return Watched(self._place.under(folder), self._findings, f"{self._folder}{folder}/")

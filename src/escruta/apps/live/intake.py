"""An election's definition and its files, examined again and again: what did not change is not read again."""

from __future__ import annotations

from pathlib import Path

from escruta.apps.examine import Examination, examine
from escruta.base.errors import InputError
from escruta.election.definition import Election
from escruta.election.reading import election_of, read_definition
from escruta.record.contents import Results

ANEW = 256
"""After so many examinations that went on from one another, one is made anew.

Each of them adds its texts to the columns of the one before, and every addition takes some kilobytes until the columns
are made anew, used or not.
"""


class Intake:
    """Where the definition and the files of an election come in.

    Of the last examination only what the next one can go on from is kept, and only in the memory of this process.
    """

    def __init__(self, election: Path, data: Path | None, policy: str | None = None) -> None:
        """Look for files in `data`, then beside the definition; `policy` takes the place of the definition's."""
        self._path = election
        self._where = str(data or election)
        self._policy = policy
        self.folders = folders_of(election, data)
        self._read: tuple[bytes, Election] | None = None
        self._last: Examination | None = None
        self._went_on = 0
        """How many examinations went on since one was made anew."""

    def results(self) -> Results:
        """Do the main job on the sources whose files are all there; raises `InputError` where there are none."""
        definition = self._definition()
        there = [
            each.id for each in definition.sources if all(found_in(self.folders, file.path) for file in each.files)
        ]
        if not there:
            raise InputError(
                "no source of the definition has its files yet",
                where=self._where,
                found="none of them",
                expected=", ".join(file.path for source in definition.sources for file in source.files),
                advice="Put the files there; they are read as they come.",
            )
        since = self._last if self._went_on < ANEW else None
        self._last = examine(definition, self.folders, sources=there, policy=self._policy, since=since)
        self._went_on = 0 if since is None else self._went_on + 1
        return self._last.results

    def _definition(self) -> Election:
        where, raw = read_definition(self._path)
        if self._read is None or self._read[0] != raw:
            self._read = (raw, election_of(raw, where=where))
        return self._read[1]


def folders_of(path: Path, data: Path | None) -> tuple[Path, ...]:
    """Give the folders in which the files of a definition are looked for."""
    home = path if path.is_dir() else path.parent
    return (home,) if data is None else (data, home)


def found_in(folders: tuple[Path, ...], name: str) -> Path | None:
    """Find a file or folder that a definition names in the first folder that has it."""
    return next((folder / name for folder in folders if (folder / name).exists()), None)

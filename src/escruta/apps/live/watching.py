"""Watch the files that an election's definition names, and publish when one comes or changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from escruta.apps.live.intake import Intake, folders_of, found_in
from escruta.apps.live.publishing import LiveFolder, Update
from escruta.base.errors import InputError
from escruta.election.reading import DEFINITION_NAME, read_election

EVERY_S = 0.2
"""How often the files are looked at."""
SETTLED_S = 0.1
"""How long a file must have stayed the same before it is read: one that is still being written is let be."""

State = tuple[int, int, int]
"""The size of a file, the time of its last change, and its number: another file may have the same size and time."""
Seen = Mapping[Path, State]
"""How each file is that is there, and each folder of pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why nothing was published this time; the last version stays, and the next change is tried again."""

    error: InputError


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing came since the last look: a moment in which the caller may stop."""


def watch(
    election: Path,
    data: Path | None,
    live: LiveFolder,
    *,
    policy: str | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Update | Refused | Unchanged]:
    """Publish what is there, and again whenever a file that the definition names comes or changes.

    A source is read when all of its files are there. Files are best put in place whole, by a rename.
    """
    last: Seen | None = None
    files, intake = _Files(election, data), Intake(election, data, policy)
    while True:
        seen = files.settled(sleep)
        if seen == last:
            live.make_ready()
            yield Unchanged()
            sleep(EVERY_S)
            continue
        last = seen
        began = time.perf_counter()
        try:
            results = intake.results()
            took = time.perf_counter() - began
            update = live.publish(results, intake.folders)
        except InputError as error:
            yield Refused(error=error)
        else:
            yield replace(update, seconds={"read": round(took, 4), **update.seconds})


class _Files:
    """The definition and the files that it names, wherever they are found."""

    def __init__(self, election: Path, data: Path | None) -> None:
        self._definition = election / DEFINITION_NAME if election.is_dir() else election
        self._folders = folders_of(election, data)
        self._names: frozenset[str] = frozenset()
        self._read_at: State | None = None

    def settled(self, sleep: Callable[[float], None]) -> Seen:
        """Look at the files until they stay the same for a moment."""
        seen = self.look()
        while time.time_ns() - max((changed for _, changed, _ in seen.values()), default=0) < SETTLED_S * 1e9:
            sleep(SETTLED_S / 2)
            again = self.look()
            if again == seen:
                break
            seen = again
        return seen

    def look(self) -> Seen:
        """Tell which files are there, and how they are."""
        seen = dict(_state(self._definition))
        if seen.get(self._definition) != self._read_at:
            self._read_at = seen.get(self._definition)
            self._names = frozenset(_named(self._definition))
        for name in self._names:
            found = found_in(self._folders, name)
            seen |= {} if found is None else _state(found)
        return seen


def _state(path: Path) -> dict[Path, State]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return {}
    return {path: (status.st_size, status.st_mtime_ns, status.st_ino)}


def _named(definition: Path) -> Iterator[str]:
    """List the files and folders that a definition names; none where it cannot be read now."""
    try:
        election = read_election(definition)
    except InputError:
        return
    for source in election.sources:
        yield from (file.path for file in source.files)
        if source.redacted is not None:
            yield source.redacted
    if election.register_ is not None:
        yield from (file.path for file in election.register_.files)
    if election.map is not None:
        yield election.map.file.path

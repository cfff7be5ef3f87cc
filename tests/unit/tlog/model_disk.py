"""A disk in memory that loses power: whatever was not forced down is there, half there, or gone, as chance has it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path


class PowerLost(Exception):  # noqa: N818 - it reads better where it is raised
    """The power went in the middle of an operation."""


@dataclass(eq=False)
class Content:
    """The bytes of a file."""

    raw: bytes = b""
    is_synced: bool = False

    def after_power_loss(self, chance: random.Random) -> Content:
        kept = self.raw if self.is_synced else self.raw[: chance.randint(0, len(self.raw))]
        return Content(raw=kept, is_synced=True)


@dataclass(eq=False)
class Folder:
    """Names: those that are on the disk for certain, and the changes since."""

    synced: dict[str, Content | Folder] = field(default_factory=dict)
    changes: list[tuple[str, Content | Folder | None]] = field(default_factory=list)

    def names(self) -> dict[str, Content | Folder]:
        return self._applied(self.changes)

    def sync(self) -> None:
        self.synced, self.changes = self.names(), []

    def after_power_loss(self, chance: random.Random) -> Folder:
        """Keep any subset of the changes."""
        kept = self._applied([change for change in self.changes if chance.random() < chance.choice([0, 0.5, 1])])
        return Folder(synced={name: each.after_power_loss(chance) for name, each in kept.items()})

    def _applied(self, changes: list[tuple[str, Content | Folder | None]]) -> dict[str, Content | Folder]:
        names = dict(self.synced)
        for name, target in changes:
            if target is None:
                names.pop(name, None)
            else:
                names[name] = target
        return names


class ModelDisk:
    """What a log asks of a file system, without one; `power` counts the operations that are left."""

    def __init__(self) -> None:
        self.root = Folder()
        self.power: int | None = None
        self.operations = 0
        self.shown: list[bytes] = []
        """Every checkpoint that anybody could have seen."""

    def lose_power(self, chance: random.Random) -> None:
        self.root = self.root.after_power_loss(chance)
        self.power = None
        self._look()

    def read(self, path: Path) -> bytes | None:
        found = self._folder(path.parent, is_needed=False).names().get(path.name)
        return found.raw if isinstance(found, Content) else None

    def write(self, path: Path, raw: bytes) -> None:
        content = self.write_unforced(path, raw)
        self._spend()
        content.is_synced = True

    def open_batch(self, folder: Path) -> ModelBatch:
        self._folder(folder)
        return ModelBatch(self)

    def write_unforced(self, path: Path, raw: bytes) -> Content:
        content = Content()
        self._folder(path.parent).changes.append((path.name, content))
        self._spend()
        content.raw = raw
        return content

    def rename(self, old: Path, new: Path) -> None:
        self._spend()
        content = self._folder(old.parent).names()[old.name]
        self._folder(new.parent).changes.append((new.name, content))
        self._folder(old.parent).changes.append((old.name, None))
        self._look()

    def make_folder(self, path: Path) -> None:
        self._spend()
        above = self._folder(path.parent)
        if path.name not in above.names():
            above.changes.append((path.name, Folder()))

    def sync_folder(self, path: Path) -> None:
        self._spend()
        self._folder(path).sync()

    def clear_folder(self, path: Path) -> None:
        self._folder(path).synced.clear()

    def paths(self, folder: Path) -> list[str]:
        """Give the path of every file below a folder, from there."""
        found = []
        waiting = [("", self._folder(folder))]
        while waiting:
            prefix, here = waiting.pop()
            for name, each in here.names().items():
                if isinstance(each, Folder):
                    waiting.append((f"{prefix}{name}/", each))
                else:
                    found.append(prefix + name)
        return sorted(found)

    def _look(self) -> None:
        seen = self.read(Path("/log/checkpoint"))
        if seen is not None and seen not in self.shown:
            self.shown.append(seen)

    def _spend(self) -> None:
        self.operations += 1
        if self.power is not None:
            self.power -= 1
            if self.power < 0:
                raise PowerLost

    def _folder(self, path: Path, *, is_needed: bool = True) -> Folder:
        here = self.root
        for name in path.parts[1:]:
            below = here.names().get(name)
            if not isinstance(below, Folder):
                if is_needed:
                    raise FileNotFoundError(str(path))
                return Folder()
            here = below
        return here


class ModelBatch:
    """Files whose bytes may all be lost until they are forced, whatever names they have by then."""

    def __init__(self, disk: ModelDisk) -> None:
        self._disk = disk
        self._unforced: list[Content] = []

    def write(self, path: Path, raw: bytes) -> None:
        self._unforced.append(self._disk.write_unforced(path, raw))

    def force(self) -> None:
        for content in self._unforced:
            self._disk._spend()
            content.is_synced = True
        self._unforced = []

    def close(self) -> None:
        pass

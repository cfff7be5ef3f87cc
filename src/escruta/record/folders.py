"""A folder that stands whole or not at all: written beside its place, and put there in one step.

Whoever reads the place while it is written, also over a web server, sees the old folder or the new one, and nothing
between. On Linux and macOS the two change places in one step of the file system; elsewhere, and on file systems that
cannot do that, there is a moment in which the place is empty, and a run that is stopped in it is mended by the next.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from escruta.base.errors import OutputRefused
from escruta.record.alone import alone_at, lock_of

IsOurs = Callable[[Path], bool]
"""Whether a folder is one that we wrote, and in which nothing else stands."""

_AT_FDCWD_LINUX, _EXCHANGE_LINUX = -100, 2
"""From linux/fcntl.h and linux/fs.h: `renameat2` with RENAME_EXCHANGE."""
_SWAP_MACOS = 2
"""From sys/stdio.h of macOS: `renamex_np` with RENAME_SWAP."""
_UNABLE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.EXDEV})


@contextmanager
def whole_folder(out: Path, is_ours: IsOurs, *, holds: str) -> Iterator[Path]:
    """Give a folder to write in, which takes the place of `out` only when everything in it is written.

    A folder that is neither empty nor ours is refused: nothing of somebody else's is ever removed. `holds` is what is
    written, for the refusal. While it is written nobody else may write there.

    Raises:
        OutputRefused: something else stands in its place, or somebody else writes there.
    """
    with alone_at(out):
        out = ready_place(out, is_ours, holds=holds)
        staged = staging_of(out)
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(parents=True)
        try:
            yield staged
            put_in_place(staged, out)
        finally:
            shutil.rmtree(staged, ignore_errors=True)


def ready_place(out: Path, is_ours: IsOurs, *, holds: str) -> Path:
    """Give a place its own name, mend what a stopped run left there, and refuse a folder that holds other things."""
    out = out.resolve()  # a name of its own also for `.`; the folder behind a link is replaced, not the link
    _put_back(out)
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or is_ours(out))):
        raise OutputRefused(
            f"the folder for {holds} holds something else",
            where=str(out),
            found=", ".join(sorted(each.name for each in out.iterdir())[:5]) if out.is_dir() else "a file",
            expected="a folder that is not there yet, an empty one, or an earlier one of ours",
            advice="Name another folder with --out.",
        )
    return out


def staging_of(out: Path) -> Path:
    """Name the folder in which the next version of a folder is written."""
    return out.with_name(f".{out.name}.being-written")


def put_in_place(staged: Path, out: Path) -> None:
    """Let a whole folder take a place; what stood there goes. Whatever fails, one of the two stands there whole."""
    gone = _set_aside(out)
    shutil.rmtree(gone, ignore_errors=True)
    if not out.exists():
        staged.rename(out)
    elif exchange(staged, out):
        staged.rename(gone)
    else:
        _change_places(staged, out, gone)
    shutil.rmtree(gone, ignore_errors=True)


def put_in_turn(staged: Path, out: Path, earlier: Path) -> bool:
    """Let a whole folder take a place, and what stood there take the place `earlier`.

    What stood at `earlier` is then where the new folder was; True where there is something.
    """
    if not out.exists():
        staged.rename(out)
        return False
    if not exchange(staged, out):
        aside = _set_aside(out)
        shutil.rmtree(aside, ignore_errors=True)
        _change_places(staged, out, aside)
        aside.rename(staged)
    if not earlier.exists():
        staged.rename(earlier)
        return False
    if not exchange(staged, earlier):
        aside = earlier.with_name(f"{earlier.name}.replaced")
        shutil.rmtree(aside, ignore_errors=True)
        _change_places(staged, earlier, aside)
        aside.rename(staged)
    return True


def _change_places(staged: Path, out: Path, aside: Path) -> None:
    """Do in two steps what could not be done in one."""
    out.rename(aside)
    try:
        staged.rename(out)
    except BaseException:
        aside.rename(out)
        raise


def exchange(one: Path, other: Path) -> bool:
    """Let two folders of one file system change places in one step; False where that cannot be done here."""
    rename = _rename_of_system()
    if rename is None:
        return False
    if rename(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    code = ctypes.get_errno()
    if code in _UNABLE:
        return False
    raise OSError(code, os.strerror(code), str(one), None, str(other))


@cache
def _rename_of_system() -> Callable[[bytes, bytes], int] | None:
    library: Any = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        call = library.renameat2
        call.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
        return lambda one, other: int(call(_AT_FDCWD_LINUX, one, _AT_FDCWD_LINUX, other, _EXCHANGE_LINUX))
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        swap = library.renamex_np
        swap.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_uint)
        return lambda one, other: int(swap(one, other, _SWAP_MACOS))
    return None


def _put_back(out: Path) -> None:
    """Bring back a folder that an earlier run had set aside when it was stopped between the two steps."""
    if not out.exists() and _set_aside(out).is_dir():
        _set_aside(out).rename(out)


def _set_aside(out: Path) -> Path:
    return out.with_name(f".{out.name}.replaced")


def left_by(name: str) -> tuple[str, ...]:
    """Give the names of what stands beside a folder of this name while it is written, and after a kill."""
    out = Path(name)
    return lock_of(out).name, staging_of(out).name, _set_aside(out).name


def has_files(*names: str) -> IsOurs:
    """Take a folder for ours by files that tell that we wrote it."""
    return lambda folder: all((folder / name).exists() for name in names)


def holds_only(folder: Path, names: Collection[str]) -> bool:
    """Tell whether nothing else stands directly in a folder."""
    return {each.name for each in folder.iterdir()} <= set(names)


def write_once(path: Path, raw: bytes) -> None:
    """Write a file that will never change, where there is none yet: it stands whole, or not at all."""
    if path.exists():
        return
    path.parent.mkdir(exist_ok=True)
    staged = staging_of(path.parent)  # beside its folder, of which every file is published
    try:
        staged.write_bytes(raw)
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)


def copy_new(source: Path, target: Path, *, leave: Collection[str] = ()) -> None:
    """Copy files that are not there yet, of a folder whose files never change; `leave` out what bears such a name."""
    if not source.is_dir():
        return
    there = set(os.listdir(target)) if target.is_dir() else set[str]()  # noqa: PTH208 - a log has many files
    with os.scandir(source) as entries:
        for each in entries:
            if each.name in leave:
                continue
            if each.is_dir():
                copy_new(source / each.name, target / each.name)
            elif each.name not in there:
                target.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(each.path, target / each.name)

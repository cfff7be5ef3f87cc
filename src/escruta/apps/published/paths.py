"""The paths of a published place: plain names below it, and nothing else."""

from __future__ import annotations

from pathlib import PureWindowsPath


def is_inside(path: str) -> bool:
    r"""Tell whether a path names something below a place, written in the one plain way, on every system.

    >>> [is_inside(path) for path in ("tile/0/000", "../secret", "/etc/passwd", "a//b", "C:/x", "a\\b", "")]
    [True, False, False, False, False, False, False]
    """
    return (
        path.isprintable()
        and "\\" not in path
        and not PureWindowsPath(path).drive
        and not {"", ".", ".."}.intersection(path.split("/"))
    )

"""The site's files are written whole, or the writer hears of it."""

from __future__ import annotations

import errno
import os
from hashlib import sha256
from pathlib import Path

import pytest

from escruta.portal.output import Output

TEXT = bytes(range(200))


def test_a_file_that_the_system_takes_in_parts_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, raw: write(handle, raw[:7]))
    site = Output(tmp_path)
    site.write("en/index.html", TEXT)
    assert (tmp_path / "en" / "index.html").read_bytes() == TEXT
    assert site.written.files == {"": {"en/index.html": sha256(TEXT).hexdigest()}}


def test_a_disk_that_gets_full_within_a_file_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, left = os.write, [50]

    def until_full(handle: int, raw: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken = write(handle, raw[: left[0]])
        left[0] -= taken
        return taken

    monkeypatch.setattr(os, "write", until_full)
    with pytest.raises(OSError, match="No space"):
        Output(tmp_path).write("index.html", TEXT)

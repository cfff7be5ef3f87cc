"""A file that is written once stands whole, or not at all, and nothing is left of what failed."""

from __future__ import annotations

from errno import ENOSPC
from pathlib import Path
from unittest.mock import patch

import pytest

from escruta.record.folders import write_once


def test_of_a_file_that_could_not_be_written_nothing_stays(tmp_path: Path) -> None:
    kept = tmp_path / "checkpoints" / "131"

    def half(path: Path, raw: bytes) -> None:
        with path.open("wb") as opened:
            opened.write(raw[:2])
        raise OSError(ENOSPC, "no space left")

    with patch.object(Path, "write_bytes", half), pytest.raises(OSError, match="no space"):
        write_once(kept, b"checkpoint")
    assert list(tmp_path.rglob("*")) == [kept.parent]
    write_once(kept, b"checkpoint")
    write_once(kept, b"another")
    assert [each.read_bytes() for each in kept.parent.iterdir()] == [b"checkpoint"]

"""One writer at a place, among real processes: a second one is refused and told by whom; a dead one holds nobody up."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from click.testing import CliRunner

from escruta.apps.cli.commands import main
from escruta.apps.live import LiveFolder
from escruta.base.errors import OutputRefused
from escruta.portal.output import draft_of
from escruta.record.alone import alone_at
from escruta.record.logbook import SealedBook
from escruta.record.writing import record_folder
from escruta.testing import SmallElection, SmallSource, bytes_of

HOLDER = """
import sys
from pathlib import Path
from escruta.record.alone import alone_at
with alone_at(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that writes at `out`, until its standard input ends."""
    child = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", HOLDER, str(tmp_path / "out")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdin is not None
    with child:
        assert child.stdout.readline() == "held\n"
        yield child
        child.kill()


def test_every_writer_is_refused_while_another_process_writes_and_let_in_when_it_died(
    tmp_path: Path, holder: subprocess.Popen[str]
) -> None:
    out = tmp_path / "out"
    writers: dict[str, Callable[[], AbstractContextManager[object]]] = {
        "a record": lambda: record_folder(out),
        "a watch": lambda: LiveFolder(out, lambda election, _home, _earlier: SealedBook(election)),
        "its pages": lambda: draft_of(out / "site"),
    }
    for name, writer in writers.items():
        with pytest.raises(OutputRefused, match="somebody else writes there already") as caught, writer():
            pytest.fail(f"{name} was opened")
        assert (caught.value.where, caught.value.found) == (str(out), f"process {holder.pid}"), name
    with record_folder(tmp_path / "other"):
        pass
    holder.kill()
    holder.wait()
    assert (tmp_path / ".out.lock").is_file(), "what a dead process leaves"
    for writer in writers.values():
        with writer():
            pass
    assert sorted(each.name for each in tmp_path.iterdir()) == ["other", "out"]


def test_the_command_says_who_writes_there(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    rows = ({"station": "1", "ana": 9, "ben": 3, "null": 0},)
    SmallElection(sources=(SmallSource(id="feed", rows=rows),), figures=("null",)).write(tmp_path / "intake")
    before = bytes_of(tmp_path)
    done = CliRunner().invoke(main, ["run", str(tmp_path / "intake"), "--out", str(tmp_path / "out"), "--no-pages"])
    assert done.exit_code == 2
    assert f"process {holder.pid}" in done.stderr
    assert bytes_of(tmp_path) == before


def test_a_place_is_held_under_every_name_that_it_has(tmp_path: Path) -> None:
    with alone_at(tmp_path / "out"):
        with pytest.raises(OutputRefused), alone_at(tmp_path / "." / "out"):
            pass
        with alone_at(tmp_path / "other"):
            pass
    with alone_at(tmp_path / "out"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_record_is_not_replaced_while_another_process_writes_its_pages_and_is_after_a_kill(tmp_path: Path) -> None:
    rows = ({"station": "1", "ana": 9, "ben": 3, "null": 0},)
    SmallElection(sources=(SmallSource(id="feed", rows=rows),), figures=("null",)).write(tmp_path / "intake")
    asked = ["run", str(tmp_path / "intake"), "--out", str(tmp_path / "rec"), "--no-pages"]
    assert CliRunner().invoke(main, asked).exit_code == 0
    with draft_of(tmp_path / "rec" / "site") as draft:
        refused = CliRunner().invoke(main, asked)
        assert (refused.exit_code, draft.is_dir()) == (2, True)
        assert "somebody else writes there already" in refused.stderr
    (tmp_path / "rec" / ".site.lock").write_text("4194305\n", encoding="ascii")
    (tmp_path / "rec" / ".site.being-written").mkdir()
    assert CliRunner().invoke(main, asked).exit_code == 0
    assert not [each.name for each in (tmp_path / "rec").iterdir() if each.name.startswith(".")]


def test_what_bears_the_name_of_the_lock_and_is_none_is_left_as_it_is(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.write_text("7\n", encoding="ascii")
    (tmp_path / ".one.lock").symlink_to(theirs)
    (tmp_path / ".two.lock").write_text("a diary", encoding="ascii")
    with pytest.raises(OSError, match=r"one\.lock"), alone_at(tmp_path / "one"):
        pass
    with pytest.raises(OutputRefused, match="bears the name of our lock"), alone_at(tmp_path / "two"):
        pass
    assert theirs.read_text(encoding="ascii") == "7\n"
    assert (tmp_path / ".two.lock").read_text(encoding="ascii") == "a diary"

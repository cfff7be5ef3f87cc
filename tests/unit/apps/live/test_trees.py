"""Readers see one whole version at every moment, whatever becomes of who publishes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tests.served_folder import served
from tests.unit.apps.live.publisher import main, pages_of, publish

from escruta.apps.live.trees import Trees
from escruta.base.errors import OutputRefused
from escruta.record import folders

ROOT = Path(__file__).resolve().parents[4]


def version_of(folder: Path) -> int:
    """Tell which version a folder holds, and that it holds it whole and nothing else."""
    version = int((folder / "summary.json").read_text(encoding="utf-8"))
    site = folder / "site"
    found = {path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()}
    assert found == pages_of(version)
    return version


@pytest.mark.parametrize("can_exchange", [True, False], ids=["exchanged", "in-two-steps"])
def test_each_version_is_whole_and_the_one_before_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:  # as on file systems that cannot let two folders change places
        monkeypatch.setattr(folders, "exchange", lambda *_: False)
    out, last = tmp_path / "out", 0
    for versions in (1, 1, 2, 7):  # a new publisher each time, as after a stop
        main(out, versions)
        last = version_of(out)
        if last > 1:
            assert version_of(tmp_path / ".out.earlier") == last - 1
    assert last == 11


def test_a_folder_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputRefused):
        Trees(out)
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_shared_files_are_replaced_and_never_written_into(tmp_path: Path) -> None:
    """Versions share files; a version that is shown or kept must not change while the next one is made."""
    out = tmp_path / "out"
    main(out, 3)
    shared = {path: path.stat().st_ino for path in (out / "site").rglob("*.html")}
    before = {path: path.read_bytes() for path in shared}
    kept = out.with_name("kept")
    shutil.copytree(out, kept, copy_function=os.link)
    main(out, 4)
    assert {path: (kept / path.relative_to(out)).read_bytes() for path in shared} == before


def test_a_version_that_was_given_up_leaves_nothing_to_the_next(tmp_path: Path) -> None:
    out = tmp_path / "out"
    trees = Trees(out)
    pages = publish(trees, 1, {})
    trees.make_ready()
    trees.begin()  # and then its map, or its log, was refused
    publish(trees, 2, pages)
    assert version_of(out) == 2


def read_until(host: str, stop: threading.Event, told: list[str]) -> None:
    """Read pages as fast as they come; note whatever is missing, half-written, or older than what was seen before."""
    connection, seen, choices = HTTPConnection(host, timeout=60), 0, random.Random(4)  # noqa: S311
    while not stop.is_set():
        address = choices.choice(list(pages_of(1)))
        connection.request("GET", f"/out/site/{address}")
        answer = connection.getresponse()
        raw = answer.read()
        if answer.status != 200 or not raw:
            told.append(f"{answer.status} {address} {raw[:60]!r}")
            continue
        version, number = (int(part) for part in raw.split())
        if raw != pages_of(version).get(address, b"") or version < seen // 10 * 10:
            told.append(f"{address} after {seen}: {raw!r}")
        if number % 2:
            seen = max(seen, version)
    connection.close()


def kill_at_random(out: Path, kills: int, longest_s: float) -> None:
    """Let a publisher work and be killed again and again, while somebody reads."""
    main(out, 2)
    stop, told = threading.Event(), list[str]()
    with served(out.parent) as address:
        reader = threading.Thread(target=read_until, args=(address.removeprefix("http://"), stop, told))
        reader.start()
        try:
            for _ in range(kills):
                before = version_of(out)
                command = [sys.executable, "-m", "tests.unit.apps.live.publisher", str(out)]
                child = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 - our own words
                try:
                    until = time.monotonic() + 60
                    while int((out / "summary.json").read_bytes()) < before + 3 and time.monotonic() < until:
                        time.sleep(0.02)
                    time.sleep(random.uniform(0, longest_s))  # noqa: S311 - any moment will do
                finally:
                    child.kill()
                    child.wait()
                assert version_of(out) > before
                assert version_of(out.with_name(f".{out.name}.earlier")) >= before
        finally:
            stop.set()
            reader.join()
    assert told == []


def test_a_publisher_that_is_killed_at_any_moment_leaves_a_whole_version(tmp_path: Path) -> None:
    kill_at_random(tmp_path / "out", kills=2, longest_s=0.2)


@pytest.mark.torture
def test_a_publisher_that_is_killed_many_times_leaves_a_whole_version(tmp_path: Path) -> None:
    kill_at_random(tmp_path / "out", kills=60, longest_s=0.8)

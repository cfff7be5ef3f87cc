"""Publishes small versions in one place until it is killed: `python -m tests.unit.apps.live.publisher OUT`."""

from __future__ import annotations

import shutil
import sys
from hashlib import sha256
from pathlib import Path

from escruta.apps.live.trees import Trees
from escruta.record.digests import write_digests

PAGES = 40


def pages_of(version: int) -> dict[str, bytes]:
    """Give the pages of a version: half of them change with each, the others with every tenth."""
    return {
        f"en/{number % 5}/{number}.html": f"{version if number % 2 else version // 10 * 10} {number}".encode()
        for number in range(PAGES)
    }


def publish(trees: Trees, version: int, before: dict[str, bytes]) -> dict[str, bytes]:
    """Publish a version; gives its pages."""
    folder, pages = trees.begin(), pages_of(version)
    for name in ("summary.json", "election.json"):
        (folder / name).write_text(str(version), encoding="utf-8")
    write_digests(folder)
    made = trees.out.with_name(".made")
    shutil.rmtree(made, ignore_errors=True)
    written = {address: raw for address, raw in pages.items() if before.get(address) != raw}
    for address, raw in written.items():
        (made / address).parent.mkdir(parents=True, exist_ok=True)
        (made / address).write_bytes(raw)
    digests = {address: sha256(raw).hexdigest() for address, raw in pages.items()}
    trees.fill({"": digests}, made, {"": {address: digests[address] for address in written}})
    (folder / "log").mkdir(exist_ok=True)
    trees.show()
    return pages


def main(out: Path, versions: int) -> None:
    trees = Trees(out)
    shown = out / "summary.json"
    first = int(shown.read_text(encoding="utf-8")) + 1 if shown.exists() else 1
    pages: dict[str, bytes] = {}
    for version in range(first, first + versions):
        pages = publish(trees, version, pages)
        if version % 3 == 0:
            trees.make_ready()


if __name__ == "__main__":
    main(Path(sys.argv[1]), 1_000_000)

"""The format that the how-to page writes can be installed beside ours, and does what the page says."""

import importlib
import re
import sys
import tomllib
from pathlib import Path

import polars as pl
import pytest

from escruta.apps import api
from escruta.base.errors import EncodingUnclear, LayoutMismatch, TableBroken
from escruta.sources.formats import ROW, TableOptions, formats, read_table, registry

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to" / "write-a-format.md").read_text(encoding="utf-8")
CARDS, MODULE, PROJECT, LAYOUT = re.findall(r"^```(?:text|python|toml)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
DEFINITION = """
format = "escruta/election/v1"
id = "cards"
name = "An election on cards"
date = 2025-05-04
stations = { key = [{ part = "table", kind = "number" }] }
contests = [{ id = "mayor", name = "Mayor", candidates = [{ id = "ana", name = "Ana" }, { id = "ben", name = "Ben" }] }]
origins = [{ id = "feed", name = "Feed", owner = "authority" }]

[[sources]]
id = "authority"
name = "Authority"
kind = "authority"
origin = "feed"
files = [{ path = "sheets.cards" }]
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The example as pip would install it: a module, and metadata that names its entry point."""
    site = tmp_path / "site"
    metadata = site / "escruta_cards-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "escruta_cards.py").write_text(MODULE, encoding="utf-8")
    [(name, target)] = tomllib.loads(PROJECT)["project"]["entry-points"]["escruta.formats"].items()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: escruta-cards\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text(f"[escruta.formats]\n{name} = {target}\n", encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    forget_installed()
    yield site
    monkeypatch.undo()
    sys.modules.pop("escruta_cards", None)
    forget_installed()


def forget_installed() -> None:
    """Look again at what is installed, as a new process would."""
    importlib.invalidate_caches()
    for name in ("_registered", "_load"):
        cached = getattr(registry, name, None)
        if hasattr(cached, "cache_clear"):
            cached.cache_clear()


@pytest.fixture
def sheets(tmp_path, installed):
    path = tmp_path / "sheets.cards"
    path.write_text(CARDS, encoding="utf-8")
    assert "cards" in formats(), installed
    return path


def test_the_example_reads_its_cards(sheets):
    table = read_table(sheets, TableOptions(format="cards"))
    assert table.frame.columns == [ROW, "Mesa", "Ana", "Ben"]
    assert table.frame.rows() == [(1, "1", "30", "20"), (5, "2", "25", None)]
    assert table.frame.schema[ROW] == pl.UInt32


def test_the_example_gives_the_columns_asked_for_and_the_same_digest(sheets):
    whole = read_table(sheets, TableOptions(format="cards"))
    some = read_table(sheets, TableOptions(format="cards", columns=("Ben",)))
    assert some.frame.columns == [ROW, "Ben"]
    assert some.content_digest == whole.content_digest
    with pytest.raises(LayoutMismatch):
        read_table(sheets, TableOptions(format="cards", columns=("Eva",)))


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"Mesa: 1\nAna 30\n", TableBroken),
        (b"Mesa: 1\nMesa: 2\n", TableBroken),
        (b"Mesa: \xff\n", EncodingUnclear),
    ],
    ids=["no colon", "twice", "encoding"],
)
def test_the_example_names_the_spot_of_what_is_broken(content, error, sheets):
    sheets.write_bytes(content)
    with pytest.raises(error) as caught:
        read_table(sheets, TableOptions(format="cards"))
    assert caught.value.found


def test_a_definition_can_ask_for_the_example(sheets):
    (sheets.parent / "election.toml").write_text(DEFINITION + LAYOUT, encoding="utf-8")
    totals = api.tally(api.examine(sheets.parent))
    assert totals.select("candidate", "votes", "unread_stations").rows() == [("ana", 55, 0), ("ben", 20, 1)]

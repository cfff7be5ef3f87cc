"""The index of places: small, whole, and safe in a script. What the page does with it: tests/e2e/test_finding.py."""

import json
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.portal.contents import Area
from escruta.portal.finding import index_of
from escruta.portal.finding.index import _keys
from escruta.portal.places import Places

COUNTRY = Area("", 0, "country", "", "", "", 3)


def rows_of(raw: bytes) -> list[list[object]]:
    text = raw.decode()
    assert text.startswith("var places=")
    rows: list[list[object]] = json.loads(text.removeprefix("var places=").rstrip(";\n"))["rows"]
    return rows


def keys_of(prefix: str, rest: str) -> list[str]:
    """Read what the script in the page reads."""
    if prefix == "\n":
        return rest.split("\n")
    keys: list[str] = []
    for part in rest.split(","):
        first, dash, last = part.partition("-")
        ends = [str(number) for number in range(int(first), int(last) + 1)] if dash else [part]
        keys += [prefix + end for end in ends]
    return keys


def test_a_row_holds_what_is_not_its_code_and_the_keys_of_its_stations() -> None:
    areas = [COUNTRY, Area("N", 1, "region", "N", "North", "", 3), Area("N/1", 2, "centre", "1", "1", "N", 3)]
    stations = [("N/1", "1.1"), ("N/1", "1.2"), ("N/1", "1.3")]
    assert rows_of(index_of(Places(areas, ""), stations)) == [[0], [1, "N", "North", "n"], [2, "1", 0, 0, "1.", "1-3"]]


def test_two_codes_with_one_address_say_which_is_which() -> None:
    areas = [COUNTRY, Area("A-1", 1, "region", "A-1", "", "", 1), Area("a 1", 1, "region", "a 1", "", "", 1)]
    assert [row[3] for row in rows_of(index_of(Places(areas, ""), []))[1:]] == ["a-1", "a-1-2"]


@pytest.mark.parametrize("name", ["</script><script>alert(1)</script>", "<!--", "\u2028", "\\u003c", 'a"b'])
def test_no_name_ends_the_script(name: str) -> None:
    raw = index_of(Places([COUNTRY, Area("N", 1, "region", "N", name, "", 0)], ""), [])
    assert b"<" not in raw
    assert "\u2028" not in raw.decode()
    assert rows_of(raw)[1][2] == name


@given(st.lists(st.text("0123456789.-,/ab", min_size=1, max_size=6), min_size=1, unique=True))
def test_every_key_of_a_station_comes_back_in_its_place(stations: list[str]) -> None:
    assert keys_of(*_keys(tuple(stations))) == stations


@given(st.integers(0, 200), st.integers(1, 60), st.text("0123456789.", max_size=4))
def test_runs_of_numbers_come_back(start: int, count: int, prefix: str) -> None:
    stations = [f"{prefix}.{number}" for number in range(start, start + count)]
    assert keys_of(*_keys(tuple(stations))) == stations
    assert len("".join(_keys(tuple(stations)))) < 16


def test_the_vendored_search_is_the_one_that_its_list_names() -> None:
    folder = Path(str(files("escruta.portal.finding"))) / "vendor"
    raw, named = (folder / "minisearch.js").read_bytes(), json.loads((folder / "minisearch.json").read_text())
    assert (sha256(raw).hexdigest(), len(raw)) == (named["sha256"], named["bytes"])
    lock = json.loads((folder / "package-lock.json").read_text())["packages"]
    assert {name: lock[f"node_modules/{name}"]["version"] for name in named["versions"]} == named["versions"]
    assert "resolved" not in (folder / "package-lock.json").read_text()

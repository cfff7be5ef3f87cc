"""The canonical form of a reading: known vectors, and the quick way held to the plain one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from escruta.sheets.canonical import MEMBERS, canonical_reading, canonical_texts, reading_digest, reading_ids
from escruta.sheets.figures import Mark

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "readings"
VECTORS: list[dict[str, Any]] = json.loads((FOLDER / "readings.json").read_text(encoding="utf-8"))
FIGURES = ("null", "votes.a", "votes.a-1", "votes.b", "option.x")
NO_MARKS = pl.DataFrame(schema={"at": pl.UInt32, "figure": pl.String, "mark": pl.String})


def test_script_makes_the_vectors_again(tmp_path: Path) -> None:
    (tmp_path / "make.py").write_bytes((FOLDER / "make.py").read_bytes())
    subprocess.run([sys.executable, "make.py"], cwd=tmp_path, check=True)
    assert (tmp_path / "readings.json").read_bytes() == (FOLDER / "readings.json").read_bytes()


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_reading_has_the_known_canonical_form_and_digest(vector: dict[str, Any]) -> None:
    written = canonical_reading(vector["members"], vector["figures"])
    assert written.decode("utf-8") == vector["canonical"]
    assert reading_digest(written) == vector["sha256"]


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_frame_of_readings_gives_the_known_digest(vector: dict[str, Any]) -> None:
    counts = {name: value for name, value in vector["figures"].items() if not isinstance(value, str)}
    told = [(0, name, value) for name, value in vector["figures"].items() if isinstance(value, str)]
    figures = tuple(vector["figures"]) or ("null",)
    row = {name: vector["members"].get(name) for name in MEMBERS} | dict.fromkeys(figures) | counts
    schema = dict.fromkeys(MEMBERS, pl.String) | dict.fromkeys(figures, pl.Int64)
    marks = pl.DataFrame(told, schema=NO_MARKS.schema, orient="row")
    assert reading_ids(pl.DataFrame([row], schema=schema), figures, marks).to_list() == [vector["sha256"]]


TEXTS = st.one_of(
    st.none(),
    st.text(max_size=8).filter(lambda text: not any("\ud800" <= character <= "\udfff" for character in text)),
    st.text(alphabet='"\\/\n\t\r\b\f\x00\x1f\x7f\x80\u2028\u2029\ufeff\U0001f5f3aé', max_size=6),
)
COUNTS = st.one_of(st.none(), st.integers(0, 10_000_000))


@st.composite
def frames(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[tuple[int, str], str]]:
    member = st.fixed_dictionaries(dict.fromkeys(MEMBERS, TEXTS) | {"act": st.sampled_from(["count", "rerun"])})
    rows = draw(st.lists(st.tuples(member, st.fixed_dictionaries(dict.fromkeys(FIGURES, COUNTS))), max_size=6))
    spot = st.tuples(st.integers(0, max(len(rows) - 1, 0)), st.sampled_from(FIGURES))
    marks = draw(st.dictionaries(spot, st.sampled_from([mark.value for mark in Mark]), max_size=6)) if rows else {}
    return [{**members, **figures} for members, figures in rows], marks


SAME = {**dict.fromkeys(MEMBERS), "act": "count", **dict.fromkeys(FIGURES)}


@given(frames())
@example(([], {}))
@example(([SAME, SAME], {}))
def test_quick_way_gives_the_texts_and_digests_of_the_plain_one(
    given_frame: tuple[list[dict[str, Any]], dict[tuple[int, str], str]],
) -> None:
    rows, marks = given_frame
    schema = dict.fromkeys(MEMBERS, pl.String) | dict.fromkeys(FIGURES, pl.Int64)
    told = pl.DataFrame(
        [(at, *rest, mark) for (at, *rest), mark in marks.items()], schema=NO_MARKS.schema, orient="row"
    )
    plain = [
        canonical_reading(
            {name: row[name] for name in MEMBERS},
            {name: marks.get((at, name), row[name]) for name in FIGURES},
        )
        for at, row in enumerate(rows)
    ]
    frame = pl.DataFrame(rows, schema=schema)
    assert canonical_texts(frame, FIGURES, told).to_list() == [text.decode("utf-8") for text in plain]
    assert reading_ids(frame, FIGURES, told).to_list() == [reading_digest(text) for text in plain]


def test_slices_of_a_national_file_are_put_together_in_order() -> None:
    """More rows than are held in memory at once, with marks on both sides of the cut."""
    rows = 40_000
    members = {name: ["x"] * rows for name in MEMBERS} | {"station": [str(at) for at in range(rows)]}
    frame = pl.DataFrame(members | {name: list(range(rows)) for name in FIGURES})
    marks = pl.DataFrame([(at, "null", "empty") for at in (0, 16_384, rows - 1)], schema=NO_MARKS.schema, orient="row")
    ids = reading_ids(frame, FIGURES, marks)
    assert ids.n_unique() == rows
    for at in (0, 1, 16_383, 16_384, 16_385, rows - 1):
        row = frame.row(at, named=True)
        counts = {name: row[name] for name in FIGURES}
        if at in {0, 16_384, rows - 1}:
            counts["null"] = "empty"
        assert ids[at] == reading_digest(canonical_reading({name: row[name] for name in MEMBERS}, counts))


def test_two_readings_that_differ_in_anything_have_two_ids() -> None:
    members = {"station": "1", "source": "a"}
    different = [
        canonical_reading(members, {"null": 1}),
        canonical_reading(members, {"null": 0}),
        canonical_reading(members, {"null": "empty"}),
        canonical_reading(members, {"null": "illegible"}),
        canonical_reading(members, {"null": None}),
        canonical_reading(members, {"blank": 1}),
        canonical_reading({**members, "copy": "1"}, {"null": 1}),
        canonical_reading({**members, "source": "b"}, {"null": 1}),
    ]
    assert len({reading_digest(text) for text in different}) == len(different)

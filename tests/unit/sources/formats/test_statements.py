"""Statements: read and written as the format's own software reads and writes them."""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import Executor, Future
from pathlib import Path

import polars as pl
import pytest
from actasum.statement import FormatError, Statement, read_jsonl, write_jsonl
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.sources.formats.samples import canonical, statement, written

from escruta.base.errors import InputError, LayoutMismatch
from escruta.sources.formats import TableOptions, read_table
from escruta.sources.formats import statements as reading
from escruta.sources.formats.statement_rules import (
    StatementError,
    canonical_line,
    check_statement,
    parse_statement,
    statement_id,
)
from escruta.sources.formats.statements import write_statements

ID = "sha256:" + "ab" * 32
LINKED = TableOptions(format="actasum", columns=("id", "supersedes", "station"))

codes = st.sampled_from(["01", "02", "ñ", "", "A-1"])
counts = st.integers(0, 10**6)


@st.composite
def statements(draw) -> Statement:
    """A statement that its own software accepts."""
    votes = draw(st.dictionaries(codes, counts, max_size=4))
    other = draw(st.dictionaries(st.sampled_from(["unmarked", "spoilt"]), counts))
    items = [name for name in ("blank", "null") if draw(st.booleans())]
    items += [f"candidature:{code}" for code in draw(st.sets(codes)) if code not in votes]
    reasons = {item: draw(st.sampled_from(["illegible", "empty", "no-field"])) for item in items}
    return Statement(
        profile="test",
        election=draw(st.sampled_from(["2026", "2026-\u2028"])),
        station=draw(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=6)),
        constituency="01",
        blank=None if "blank" in items else draw(counts),
        null=None if "null" in items else draw(counts),
        candidatures=votes,
        registered=draw(st.none() | counts),
        candidature_total=draw(st.none() | counts),
        other=other,
        unread={item: reason for item, reason in reasons.items() if reason != "no-field"},
        not_on_sheet={item: reason for item, reason in reasons.items() if reason == "no-field"},
        unit=draw(st.sampled_from(["station", "aggregate"])),
        stage=draw(st.sampled_from(["count", "canvass", "ruling", "rerun"])),
        supersedes=draw(st.none() | st.just(ID)),
        evidence=draw(st.fixed_dictionaries({}, optional={"kind": st.just("feed"), "url": st.text(max_size=5)})),
    )


def lines_of(found: list[Statement]) -> bytes:
    out = io.StringIO()
    write_jsonl(found, out)
    return out.getvalue().encode()


@given(found=st.lists(statements(), min_size=1, max_size=6))
def test_ids_and_rewritten_lines_are_those_of_the_other_software(tmp_path_factory, found):
    path = written(tmp_path_factory.mktemp("t"), lines_of(found), "t.jsonl")
    assert read_table(path, LINKED).frame["id"].to_list() == [one.statement_id() for one in found]
    table = read_table(path, TableOptions(format="actasum"))
    out = io.BytesIO()
    assert write_statements(out, table.frame, table.marks) == len(found)
    assert out.getvalue() == lines_of(found)
    ours = read_jsonl(io.StringIO(out.getvalue().decode(), newline="\n"))
    assert [one.statement_id() for one in ours] == [one.statement_id() for one in found]


@given(found=st.lists(statements(), min_size=1, max_size=6), order=st.randoms(use_true_random=False))
def test_quick_and_thorough_way_give_the_same_table(tmp_path_factory, found, order):
    folder = tmp_path_factory.mktemp("t")
    quick = read_table(written(folder, lines_of(found), "a.jsonl"), TableOptions(format="actasum"))
    documents = [json.loads(line) for line in lines_of(found).decode().split("\n")[:-1]]
    for document in documents:
        document["counts"] = dict(order.sample(list(document["counts"].items()), len(document["counts"])))
    text = "".join(json.dumps(document) + " \n" for document in documents)
    thorough = read_table(written(folder, text.encode(), "b.jsonl"), TableOptions(format="actasum"))
    assert thorough.frame.equals(quick.frame)
    assert thorough.marks.sort("row", "column").equals(quick.marks.sort("row", "column"))


UNIFORM = canonical(*(statement(f"01/{index:04d}", evidence={"kind": "feed", "row": index}) for index in range(4)))
SHARDS = [
    *("0", "+", "-", " ", ".0", "e1", '"', "\\", ",", ":", "{", "}", "[]", "null", "true", "\t", "\x1f", "ñ", "\u2028"),
    *(
        '"01":10,',
        '"09":1,',
        ',"unit":"aggregate"',
        ',"extra":{}',
        '"x":1,',
        "\n",
        "\r\n",
        "\n\n",
        "99999999999999999999",
    ),
]


def read_one_way(path: Path, *, is_thorough: bool) -> tuple[object, ...]:
    with pytest.MonkeyPatch.context() as patch:
        if is_thorough:
            for quick in ("read_uniform_block", "read_canonical_block"):
                patch.setattr(reading, quick, lambda *_, **__: None)
        try:
            table = read_table(path, LINKED)
        except InputError as error:
            return (str(error),)
        whole = read_table(path, TableOptions(format="actasum"))
        return table.frame.rows(), whole.frame.columns, whole.frame.rows(), whole.marks.rows(), table.content_digest


SECOND_LINE = range(UNIFORM.index(b"\n") + 1, UNIFORM.index(b"\n", UNIFORM.index(b"\n") + 1) + 1)
PLACES = [at for at in SECOND_LINE if re.fullmatch(rb"[a-z]{3}", UNIFORM[at - 2 : at + 1]) is None]
"""Before every sign of the second line; of the places between two letters of a word only the first."""


def read_with(folder: Path, shard: str, at: int) -> tuple[object, object]:
    path = written(folder, UNIFORM[:at] + shard.encode() + UNIFORM[at:], "t.jsonl")
    return read_one_way(path, is_thorough=False), read_one_way(path, is_thorough=True)


class InThisThread(Executor):
    """Does its work when it is asked to: for a file of one block, to start a thread takes longer than to read it."""

    def submit(self, work, /, *arguments, **named):
        done: Future[object] = Future()
        try:
            done.set_result(work(*arguments, **named))
        except Exception as error:  # noqa: BLE001 - whoever asks for the result is told
            done.set_exception(error)
        return done


@pytest.mark.parametrize("shard", SHARDS)
def test_no_way_is_more_lenient_than_the_rules_for_a_change_anywhere(tmp_path, monkeypatch, shard):
    monkeypatch.setattr(reading, "ThreadPoolExecutor", lambda _: InThisThread())
    for at in PLACES:
        quick, thorough = read_with(tmp_path, shard, at)
        assert quick == thorough, at


@pytest.mark.torture
@pytest.mark.parametrize("shard", SHARDS)
def test_no_way_is_more_lenient_than_the_rules_for_a_change_inside_a_word(tmp_path, shard):
    for at in set(SECOND_LINE) - set(PLACES):
        quick, thorough = read_with(tmp_path, shard, at)
        assert quick == thorough, at


@given(
    cut=st.tuples(st.integers(0, len(UNIFORM)), st.integers(0, 20)), shard=st.sampled_from(SHARDS) | st.text(max_size=4)
)
def test_no_way_is_more_lenient_than_the_rules_for_a_file_with_a_patch(tmp_path_factory, cut, shard):
    start, length = cut
    content = UNIFORM[:start] + shard.encode() + UNIFORM[start + length :]
    path = written(tmp_path_factory.mktemp("t"), content or b"\n", "t.jsonl")
    assert read_one_way(path, is_thorough=False) == read_one_way(path, is_thorough=True)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"station": "a, b"},
        {"counts": {"candidatures": {}}},
        {"counts": {"candidatures": {"a,b": 1, 'c"d': 2}}},
        {"counts": {"other": {"unmarked": 3}, "candidature_total": 15}},
        {"evidence": {"kind": "scan", "url": "", "sha256": "ab" * 32}},
        {"evidence": {"page": -3}},
        {"extra": {"x": [1, {"y": None}]}},
        {"stage": "rerun", "unit": "aggregate"},
    ],
    ids=str,
)
def test_every_way_gives_the_table_of_the_rules(tmp_path, changes):
    many = [statement(**{"station": f"01/{index:04d}", **changes}) for index in range(30)]
    path = written(tmp_path, canonical(*many), "t.jsonl")
    found = read_one_way(path, is_thorough=False)
    assert len(found) > 1
    assert found == read_one_way(path, is_thorough=True)


WRONG: list[object] = [
    None,
    True,
    -1,
    1.5,
    "",
    "x",
    [],
    {},
    {"x": 1},
    {"blank": "empty"},
    {"candidature:01": "no-field"},
]
KEYS = [
    *("spec", "profile", "election", "station", "constituency", "counts", "unit", "stage", "supersedes", "evidence"),
    *("counts.blank", "counts.null", "counts.candidatures", "counts.candidatures.01", "counts.registered"),
    *("counts.candidature_total", "counts.other", "counts.unread", "counts.not_on_sheet", "extra", "unheard-of"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
@pytest.mark.parametrize("key", KEYS)
def test_same_statements_are_refused_as_by_the_other_software(key, wrong):
    document: dict = json.loads(canonical(statement()))
    target = document
    *path, last = key.split(".")
    for step in path:
        target = target[step]
    target[last] = wrong
    try:
        theirs: str | None = Statement.from_dict(document).statement_id()
    except (FormatError, TypeError):  # it does not expect an object for a unit
        theirs = None
    try:
        check_statement(parse_statement(json.dumps(document)))
        ours: str | None = statement_id(canonical_line(document))
    except StatementError:
        ours = None
    assert ours == theirs


def test_unread_figures_are_marks_and_never_zero(tmp_path):
    unread = statement(counts={"blank": None, "unread": {"blank": "empty", "candidature:03": "illegible"}})
    absent = statement("01/0002", counts={"null": None, "not_on_sheet": {"null": "no-field"}})
    table = read_table(written(tmp_path, canonical(statement("01/0000"), unread, absent)))
    assert table.format == "actasum"
    assert table.marks.rows() == [
        (2, "blank", "empty"),
        (2, "candidature:03", "illegible"),
        (3, "null", "not-on-sheet"),
    ]
    assert table.frame["blank"].to_list() == [3, None, 3]
    assert table.frame["candidature:03"].to_list() == [None, None, None]


def test_links_are_there_as_soon_as_one_statement_supersedes_another(tmp_path):
    first = statement()
    plain = read_table(written(tmp_path, canonical(first)))
    assert not {"id", "supersedes"} & set(plain.frame.columns)
    known = statement_id(canonical(first).strip())
    later = statement(stage="ruling", supersedes=known)
    linked = read_table(written(tmp_path, canonical(first, later)), TableOptions(columns=("blank",)))
    assert linked.frame.columns == ["row", "supersedes", "id", "blank"]
    assert linked.frame["id"][0] == known
    assert linked.frame["supersedes"].to_list() == [None, known]


def test_code_that_shows_up_late_is_never_dropped(tmp_path):
    many = [statement(f"01/{index:06d}") for index in range(20_000)]
    many[15_000]["counts"]["candidatures"]["99"] = 7  # type: ignore[index]
    table = read_table(written(tmp_path, canonical(*many)))
    assert table.frame["candidature:99"].sum() == 7
    assert table.frame.height == 20_000
    (note,) = [note for note in table.notes if note.code == "F142"]
    assert note.details == {"statements": 19_999}


def test_figure_that_breaks_the_rules_late_is_named_by_its_line(tmp_path):
    many = [statement(f"01/{index:06d}") for index in range(20_000)]
    many[15_000]["counts"]["blank"] = -1  # type: ignore[index]
    with pytest.raises(InputError, match=r"row 15001, column counts\.blank"):
        read_table(written(tmp_path, canonical(*many)))


@given(changes=st.lists(st.sampled_from([{}, {"stage": "ruling"}, {"evidence": {"page": 3}}, {"station": 'a"b'}])))
def test_small_blocks_read_at_the_same_time_give_the_table_of_the_rules(tmp_path_factory, changes):
    many = [statement(**{"station": f"{index}", **change}) for index, change in enumerate([*changes, {}])]
    path = written(tmp_path_factory.mktemp("t"), canonical(*many), "t.jsonl")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_BLOCK_BYTES", 300)
        found = read_one_way(path, is_thorough=False)
    assert len(found) > 1
    assert found == read_one_way(path, is_thorough=True)


def test_first_fault_is_named_though_a_later_one_is_met_before(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "_BLOCK_BYTES", 300)
    good, bad = canonical(statement()), canonical(statement(counts={"blank": -1}))
    path = written(tmp_path, good * 3 + bad + good * 2 + b"\x00\n" + good)
    with pytest.raises(InputError, match=r"row 4, column counts\.blank"):
        read_table(path)
    path.write_bytes(good * 3 + b"\x00\n" + bad)
    with pytest.raises(InputError, match=r"(?s)NUL character.*row 4"):
        read_table(path)


def test_keys_that_the_format_does_not_know_are_reported(tmp_path):
    table = read_table(written(tmp_path, canonical(statement(observer="A. Nonymous"))))
    (note,) = [note for note in table.notes if note.code == "F141"]
    assert note.details == {"statements": 1, "key": "observer"}


def test_wanted_columns_are_chosen_and_missing_ones_named(tmp_path):
    path = written(tmp_path, canonical(statement()))
    table = read_table(path, TableOptions(columns=("station", "candidature:01")))
    assert table.frame.rows() == [(1, "01/0001", 10)]
    with pytest.raises(LayoutMismatch, match=r"no candidature:09 \(nearest: candidature:0"):
        read_table(path, TableOptions(columns=("candidature:09",)))


def test_writing_refuses_what_is_no_statement():
    frame = pl.DataFrame({"row": [4], "station": ["1"], "profile": ["p"], "election": ["e"], "constituency": ["c"]})
    with pytest.raises(InputError, match=r"row 4, column counts\.blank"):
        write_statements(io.BytesIO(), frame)

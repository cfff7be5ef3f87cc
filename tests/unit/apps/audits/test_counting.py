"""Counts are taken only when nothing is wrong with them, and every fault is named."""

import csv

import pytest

from escruta.apps.audits import AuditRefused


def boxes(steps):
    with (steps.folder / "count-1-to-fill.csv").open(newline="") as opened:
        return [row["box"] for row in csv.DictReader(opened)]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ([(0, "ana", "")], "ana is empty"),
        ([(0, "ana", "1O1")], "ana is '1O1', and no count"),
        ([(0, "ana", "-4")], "no count"),
        ([(0, "slips", 9999)], "9999 slips were counted"),
        ([(0, "state", "lost")], "neither counted nor missing"),
        ([(0, "state", "missing"), (0, "slips", 3)], "it is missing, and yet slips stands there"),
        ([(0, "box", "99.9")], "box '99.9' was not drawn"),
        ([(0, "box", "99.9")], "is not there: count it, or say that it is missing"),
    ],
    ids=["empty", "letter", "negative", "sum", "state", "missing and counted", "other box", "left out"],
)
def test_a_fault_is_named_and_nothing_is_written(drawn, changes, what):
    with pytest.raises(AuditRefused) as refused:
        drawn.enter(changes)
    assert what in str(refused.value)
    assert not (drawn.folder / "count-1.csv").exists()
    assert drawn.open().last.step == "draw"


def test_all_faults_are_named_at_once(drawn):
    with pytest.raises(AuditRefused) as refused:
        drawn.enter([(0, "ana", "x"), (1, "ben", "y"), (2, "eva", "")])
    assert [word in str(refused.value) for word in ("'x'", "'y'", "eva is empty")] == [True] * 3


def test_a_box_that_stands_there_twice_is_refused(drawn):
    one, other, *_ = boxes(drawn)
    with pytest.raises(AuditRefused, match="is there twice"):
        drawn.enter([(1, "box", one)])
    assert other != one


def test_two_typings_that_differ_are_refused_with_both_figures(drawn):
    first = drawn.fill()
    second = drawn.fill([(0, "ana", 0), (0, "ben", 0), (0, "eva", 0), (0, "other", 0), (0, "slips", 0)], "second.csv")
    with pytest.raises(AuditRefused, match=r"ana is \d+ in the first file and 0 in the second"):
        drawn.enter(second=second)
    assert drawn.enter(second=drawn.fill(name="third.csv"))
    assert first.name == "typed.csv"


def test_other_columns_are_refused(drawn):
    path = drawn.fill()
    path.write_text(path.read_text(encoding="utf-8").replace("ana", "anna"), encoding="utf-8")
    from escruta.apps.audits import enter_counts  # noqa: PLC0415

    with pytest.raises(AuditRefused, match="other columns"):
        enter_counts(drawn.open(), path, None, now=drawn.now())


def test_toml_will_do(drawn):
    from escruta.apps.audits import enter_counts  # noqa: PLC0415

    with drawn.fill().open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    tables = [
        f'[[box]]\nkey = "{row["box"]}"\nslips = {row["slips"]}\nother = {row["other"]}\n'
        f"votes = {{ ana = {row['ana']}, ben = {row['ben']}, eva = {row['eva']} }}\n"
        for row in rows[1:]
    ]
    path = drawn.folder.parent / "typed.toml"
    path.write_text(f'[[box]]\nkey = "{rows[0]["box"]}"\nstate = "missing"\n' + "".join(tables), encoding="utf-8")
    counted, _ = enter_counts(drawn.open(), path, None, now=drawn.now())
    assert [each.state for each in counted] == ["missing", *["counted"] * (len(rows) - 1)]
    assert counted[1].votes == (int(rows[1]["ana"]), int(rows[1]["ben"]), int(rows[1]["eva"]))


def test_no_free_text_is_taken(drawn):
    """Nobody's name can slip in with a count: there is no column for words."""
    with pytest.raises(AuditRefused, match="no count"):
        drawn.enter([(0, "other", "counted by somebody")])

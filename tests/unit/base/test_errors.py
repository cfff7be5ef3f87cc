"""Errors carry their evidence and say it in one order."""

import pickle

import pytest

from escruta.base.errors import EscrutaError, InputError, TableBroken, printable


def test_input_error_says_what_where_found_expected_and_what_to_do():
    error = TableBroken(
        "the row is too short", where="votes.csv", row=7, column="A", found=3, expected="4 cells", advice="Fetch it."
    )
    assert str(error).splitlines() == [
        "the row is too short",
        "  where: votes.csv, row 7, column A",
        "  found: 3",
        "  expected: 4 cells",
        "  what to do: Fetch it.",
    ]


def test_input_error_leaves_out_what_it_does_not_know():
    assert str(InputError("it is blank")) == "it is blank"
    assert str(InputError("it is blank", where="a.csv")) == "it is blank\n  where: a.csv"


def test_input_error_crosses_a_process_with_its_evidence():
    error = TableBroken("ragged", where="votes.csv", row=7, found="3 cells")
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(copy), str(copy), copy.evidence()) == (TableBroken, str(error), error.evidence())


def test_every_error_is_drawn_in_the_tree_of_its_root():
    drawn = EscrutaError.__doc__ or ""
    kinds: list[type] = [InputError, *InputError.__subclasses__()]
    assert [kind.__name__ for kind in kinds if kind.__name__ not in drawn] == []


@pytest.mark.parametrize(
    ("found", "shown"),
    [("ok", "ok"), ("12\x00", "12\\x00"), ("a\nb", "a\\nb"), ("x" * 200, "x" * 79 + "…"), ("\x1b[31m", "\\x1b[31m")],
)
def test_printable_shortens_and_escapes_what_was_found(found, shown):
    assert printable(found) == shown

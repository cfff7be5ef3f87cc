"""Records of polls: dated, sourced, and all faults at once."""

from datetime import date
from fractions import Fraction

import pytest

from escruta.assessment.polls import PollsMalformed, read_polls, read_polls_table

GOOD = """
[[polls]]
id = "one"
pollster = "House"
election = "x"
source = "paper"
method = "exit"
first_day = 2024-07-28
last_day = "2024-07-28"
sample = 1000
undecided = "2.5"
shares = { a = "48.15", b = 49 }
"""


def test_percentages_are_exact():
    (poll,), results = read_polls(GOOD, "polls.toml")
    assert poll.shares == {"a": Fraction(4815, 10000), "b": Fraction(49, 100)}
    assert poll.undecided == Fraction(1, 40)
    assert poll.first_day == poll.last_day == date(2024, 7, 28)
    assert results == ()


def test_a_table_says_the_same():
    table = (
        "id,pollster,election,source,method,first_day,last_day,sample,undecided,share.a,share.b,share.c\n"
        "one,House,x,paper,exit,2024-07-28,2024-07-28,1000,2.5,48.15,49,\n"
    )
    assert read_polls_table(table, "polls.csv") == read_polls(GOOD, "polls.toml")[0]


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ('source = "paper"', 'source = ""', "has no source"),
        ('method = "exit"', 'method = "oracle"', "its method is 'oracle'"),
        ("first_day = 2024-07-28", "first_day = 2024-07-29", "ends before it begins"),
        ("first_day = 2024-07-28", 'first_day = "July"', "no day"),
        ("b = 49", "b = 60", "add up to more than 100"),
        ("b = 49", "b = -1", "b is -1"),
        ("b = 49", 'b = "many"', "b is 'many', no number"),
        (", b = 49", "", "fewer than two candidates"),
        ("sample = 1000", "sample = 0", "no number of interviews"),
        ("sample = 1000", "design_effect = 0.5", "below 1"),
    ],
)
def test_faults_are_told_by_the_record(line, instead, said):
    assert line in GOOD
    with pytest.raises(PollsMalformed) as caught:
        read_polls(GOOD.replace(line, instead), "polls.toml")
    assert "one: " in str(caught.value)
    assert said in str(caught.value)


def test_all_faults_at_once():
    late = GOOD.replace("2024-07-28\nlast", "2024-07-29\nlast")
    large = GOOD.replace('"one"', '"two"').replace("b = 49", "b = 99")
    with pytest.raises(PollsMalformed) as caught:
        read_polls(late + large, "polls.toml")
    assert "one: " in str(caught.value)
    assert "two: " in str(caught.value)


def test_an_id_that_stands_twice_is_refused():
    with pytest.raises(PollsMalformed, match="stands twice"):
        read_polls(GOOD + GOOD, "polls.toml")


def test_a_result_beside_the_polls_needs_its_source():
    result = '[[results]]\nid = "official"\nelection = "x"\nvotes = { a = 1, b = 2 }\n'
    with pytest.raises(PollsMalformed):
        read_polls(result, "polls.toml")
    _, (found,) = read_polls(result + 'source = "gazette"\n', "polls.toml")
    assert found.votes == {"a": 1, "b": 2}

"""The picture of what is possible: its corners are real, and nothing possible lies beyond them in any direction."""

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.laws.test_announced_bounds import questions

from escruta.assessment.bounds import Question, bound_by_sorting
from escruta.assessment.feasible import edge_of_possible


@given(small=questions(), weights=st.tuples(st.integers(-5, 5), st.integers(-5, 5)))
def test_no_corner_lies_beyond_a_bound(small, weights):
    edge: Any = edge_of_possible(small.question, 0)
    full = (weights[0], *[weights[1]] * (len(small.question.groups) - 1))
    bound = bound_by_sorting(small.question, full).bound
    assert all(weights[0] * x + weights[1] * y <= bound for x, y in edge)


@given(small=questions())
def test_corners_reach_the_bounds_along_the_axes(small):
    edge: Any = edge_of_possible(small.question, 0)
    rest = len(small.question.groups) - 1
    assert max(x for x, _ in edge) == bound_by_sorting(small.question, (1, *[0] * rest)).bound
    assert min(x for x, _ in edge) == -bound_by_sorting(small.question, (-1, *[0] * rest)).bound
    assert max(y for _, y in edge) == bound_by_sorting(small.question, (0, *[1] * rest)).bound


@given(small=questions())
def test_edge_turns_one_way(small):
    edge: Any = edge_of_possible(small.question, 0)
    if len(edge) > 2:
        around = np.asarray([*edge, *edge[:2]])
        first, second = around[1:-1] - around[:-2], around[2:] - around[1:-1]
        assert (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0] > 0).all()


def test_picture_without_a_number_of_voters_is_not_drawn():
    asked = Question(
        groups=("a", "b"),
        votes=np.asarray([[1, 2]]),
        announced=((1, 2),),
        sizes=np.ones(1, dtype=np.int64),
        at_least=(0,),
        at_most=(1,),
        capacity=None,
    )
    assert edge_of_possible(asked, 0) is None
    assert edge_of_possible(replace(asked, capacity=3), 0) is not None

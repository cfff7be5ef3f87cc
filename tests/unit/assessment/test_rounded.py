"""Rounded percentages: never less probable than trying every split of a small total says."""

from math import comb

import pytest

from escruta.assessment.rounded import rounded_test


def splits_that_hit(total, groups):
    """Count the splits of which every part is the nearest count to some whole percentage, part by part."""
    near = {(2 * total * step + 100) // 200 for step in range(101)}
    ways = {0: 1}
    for _ in range(groups):
        after: dict[int, int] = {}
        for so_far, number in ways.items():
            for part in near:
                if so_far + part <= total:
                    after[so_far + part] = after.get(so_far + part, 0) + number
        ways = after
    return ways[total]


@pytest.mark.parametrize(
    ("total", "groups"),
    [(99, 2), (100, 2), (101, 2), (257, 2), (140, 3), (150, 3), (151, 3), (160, 3), (120, 4), (230, 4), (130, 6)],
)
def test_small_totals_are_held_to_every_split(total, groups):
    test = rounded_test([str(place) for place in range(groups)], [total, *[0] * (groups - 1)], 0)
    hits, whole = splits_that_hit(total, groups), comb(total + groups - 1, groups - 1)
    assert test.together * whole >= hits
    assert not test.is_exact or test.together * whole == hits


def test_a_total_too_small_for_its_groups_claims_nothing():
    small, large = (rounded_test(list("abcd"), [total - 3, 1, 1, 1], 0) for total in (200, 201))
    assert small.together == 1
    assert large.together < 1

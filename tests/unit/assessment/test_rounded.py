"""Rounded percentages: as probable as trying every split of a small total says, for any number of groups."""

from itertools import product
from math import comb

import pytest

from escruta.assessment.rounded import rounded_test
from escruta.assessment.splits import splits_that_hit as splits_that_hit_counted


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
    assert test.is_exact == (total > 50 * groups)
    assert test.together * whole == hits if test.is_exact else test.together == 1


@pytest.mark.parametrize(("total", "steps", "parts"), [(13, 4, 4), (23, 10, 4), (31, 10, 5), (24, 5, 6), (22, 6, 7)])
def test_splits_are_those_found_one_by_one(total, steps, parts):
    near = {(2 * total * step + steps) // (2 * steps) for step in range(steps + 1)}
    found = sum(1 for split in product(sorted(near), repeat=parts - 1) if total - sum(split) in near)
    assert splits_that_hit_counted(total, steps, parts) == found


def test_five_figures_with_two_decimals_are_counted_only_where_they_are_a_pattern():
    counts = [round(12_335_884 * share / 10_000) for share in (5195, 4318, 254, 158, 75)]
    pattern = rounded_test(list("abcde"), counts, 2, total=12_335_884)
    assert pattern.all_hit
    assert pattern.is_exact
    counts[0] += 7
    plain = rounded_test(list("abcde"), counts, 2, total=12_335_884)
    assert not plain.is_exact
    assert plain.together >= pattern.together


def test_more_figures_than_can_be_counted_in_a_few_seconds_are_bounded():
    assert splits_that_hit_counted(10**9, 10_000, 40) is None
    assert not rounded_test([str(place) for place in range(40)], [10**9, *[0] * 39], 2).is_exact


def test_a_total_too_small_for_its_groups_claims_nothing():
    small, large = (rounded_test(list("abcd"), [total - 3, 1, 1, 1], 0) for total in (200, 201))
    assert small.together == 1
    assert large.together < 1

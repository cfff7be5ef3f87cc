"""The likelihood of a figure is the sum over all ways to lay it along the row."""

import math
from itertools import groupby, product

import numpy as np
import pytest

from escruta.sources.scans.figures.decoding import LONGEST, likely_figures, log_likelihoods
from escruta.sources.scans.figures.digits import BLANK, CLASSES
from escruta.sources.scans.figures.reading import _choices


def _logs(seed, columns):
    raw = np.random.default_rng(seed).normal(0, 2, (1, columns, CLASSES))
    return (raw - np.log(np.exp(raw).sum(axis=2, keepdims=True))).astype(np.float32)


def _by_hand(logs):
    """Add up the chance of every path, by what it says."""
    said: dict[tuple[int, ...], float] = {}
    for path in product(range(CLASSES), repeat=logs.shape[1]):
        figure = tuple(digit for digit, _ in groupby(path) if digit != BLANK)
        chance = math.exp(sum(float(logs[0, at, each]) for at, each in enumerate(path)))
        said[figure] = said.get(figure, 0.0) + chance
    return said


def test_likelihood_is_the_sum_over_all_paths():
    logs = _logs(3, 3)
    said = _by_hand(logs)
    figures = sorted(said)
    found = np.exp(log_likelihoods(logs, np.zeros(len(figures), np.int64), figures))
    assert found == pytest.approx([said[figure] for figure in figures], rel=1e-5)
    assert found.sum() == pytest.approx(1, abs=1e-5)


def test_a_repeated_digit_needs_a_gap():
    logs = np.full((1, 2, CLASSES), -20.0, np.float32)
    logs[0, :, 7] = 0
    zero = np.zeros(2, np.int64)
    one, two = log_likelihoods(logs, zero, [(7,), (7, 7)])
    assert one == pytest.approx(0, abs=1e-6)
    assert two < -1e6


def test_choices_hold_the_best_path_a_changed_digit_a_lost_one_and_one_more():
    logs = np.full((9, CLASSES), -9.0, np.float32)
    for column, digit in enumerate((BLANK, 4, BLANK, BLANK, 0, BLANK, BLANK, BLANK, BLANK)):
        logs[column, digit] = -0.01
    logs[4, 8] = -3.0
    logs[7, 1] = -4.0
    assert {(4, 0), (4, 8), (4,), (0,), (4, 0, 1)} <= likely_figures(logs)


def test_a_row_of_too_many_digits_agrees_with_no_figure():
    logs = np.full((48, CLASSES), -20.0, np.float32)
    digits = tuple(at % 10 for at in range(LONGEST + 4))
    logs[:, BLANK] = -1e-6
    logs[np.arange(len(digits)) * 2, [*digits]] = 0.0
    logs[np.arange(len(digits)) * 2, BLANK] = -20.0
    assert likely_figures(logs) == {digits}
    (choices,) = _choices([logs[None]], {0: (0, 1, 2)})
    assert choices[0].value is None
    assert np.exp(choices[0].log_chance) == pytest.approx(1)


def test_an_empty_cell_is_a_choice():
    logs = np.full((5, CLASSES), -9.0, np.float32)
    logs[:, BLANK] = -0.001
    assert () in likely_figures(logs)
    assert log_likelihoods(logs[None], np.zeros(1, np.int64), [()])[0] == pytest.approx(-0.005, abs=1e-6)

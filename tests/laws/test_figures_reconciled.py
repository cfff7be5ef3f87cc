"""What must hold of sums that correct a reading: few changes, a margin, and never a figure that no cell supports."""

import math
from itertools import product

from hypothesis import example, given
from hypothesis import strategies as st

from escruta.sources.scans.figures import Choice, FigureRead, SheetSum, reconcile
from escruta.sources.scans.figures.reconciling import LEAST_CHANCE, LEAST_MARGIN, MOST_CHANGES

NAMES = ("a", "b", "c", "d", "total")
SUM = (SheetSum(total="total", parts=NAMES[:4]),)


@st.composite
def cells(draw, name):
    values = draw(st.lists(st.integers(0, 30), min_size=1, max_size=4, unique=True))
    weights = [draw(st.floats(0.001, 1.0)) ** 3 for _ in values]
    chances = sorted((weight / sum(weights) for weight in weights), reverse=True)
    choices = tuple(
        Choice(value=value, log_chance=math.log(chance)) for value, chance in zip(values, chances, strict=True)
    )
    return FigureRead(figure=name, value=None, confidence=chances[0], choices=choices)


def _cell(name, **chances):
    """A cell by the chance of each figure, the likeliest first."""
    choices = tuple(Choice(value=int(value[1:]), log_chance=math.log(chance)) for value, chance in chances.items())
    return FigureRead(figure=name, value=None, confidence=max(chances.values()), choices=choices)


THREE_AT_ONCE = (
    _cell("a", _1=0.5, _4=0.25, _7=0.2),
    _cell("b", _1=0.5, _3=0.25, _2=0.2),
    _cell("c", _1=0.6, _3=0.35),
    _cell("d", _0=0.999),
    _cell("total", _10=0.999),
)
"""Two figures changed make the sum hold; so do three, and nearly as likely."""

sheets = st.tuples(*(cells(name) for name in NAMES))


def _values(figures):
    return {each.figure: each.value for each in figures}


@given(sheets)
def test_an_accepted_sheet_adds_up_changes_little_and_keeps_to_its_cells(figures):
    found = reconcile(figures, SUM)
    values, likeliest = _values(found.figures), {each.figure: each.likeliest for each in figures}
    changed = {name for name, value in values.items() if value is not None and value != likeliest[name]}
    assert changed == set(found.changed)
    assert len(changed) <= MOST_CHANGES
    for each in figures:
        chances = {choice.value: choice.log_chance for choice in each.choices}
        value = values[each.figure]
        assert value is None or value == each.likeliest or chances[value] >= math.log(LEAST_CHANCE)
    if found.is_accepted:
        assert found.margin >= LEAST_MARGIN
        assert sum(values[name] for name in NAMES[:4]) == values["total"]


@given(sheets)
@example(THREE_AT_ONCE)
def test_an_accepted_sheet_is_likelier_than_every_other_that_adds_up(figures):
    found = reconcile(figures, SUM)
    if not found.is_accepted:
        return
    own = tuple(each.value for each in found.figures)
    chances = {}
    for chosen in product(*(each.choices for each in figures)):
        values = tuple(choice.value for choice in chosen)
        if sum(values[:4]) == values[4]:
            chances[values] = sum(choice.log_chance for choice in chosen)
    rival = max((chance for values, chance in chances.items() if values != own), default=-math.inf)
    assert chances[own] - rival >= LEAST_MARGIN - 1e-9


@given(sheets)
def test_an_unaccepted_sheet_gives_only_what_is_certain_and_changes_nothing(figures):
    found = reconcile(figures, SUM, certain=0.9)
    if not found.is_accepted:
        assert found.changed == ()
        for before, after in zip(figures, found.figures, strict=True):
            assert after.value == (before.likeliest if before.confidence >= 0.9 else None)


@given(sheets, st.integers(0, 2))
def test_the_limit_of_changes_is_kept(figures, most):
    assert len(reconcile(figures, SUM, most_changes=most).changed) <= most


def _sure(name, value, *others):
    rest = [Choice(value=other, log_chance=math.log(chance)) for other, chance in others]
    left = 1 - sum(chance for _, chance in others)
    return FigureRead(
        figure=name, value=None, confidence=left, choices=(Choice(value=value, log_chance=math.log(left)), *rest)
    )


def test_one_doubtful_digit_is_put_right_by_the_sum():
    figures = [_sure("a", 11), _sure("b", 7, (1, 0.3)), _sure("c", 5), _sure("d", 0), _sure("total", 17)]
    found = reconcile(figures, SUM)
    assert found.is_accepted
    assert found.changed == ("b",)
    assert _values(found.figures)["b"] == 1


def test_two_ways_to_add_up_are_none():
    figures = [_sure("a", 11, (12, 0.3)), _sure("b", 7, (8, 0.3)), _sure("c", 5), _sure("d", 0), _sure("total", 24)]
    found = reconcile(figures, SUM)
    assert not found.is_accepted
    assert _values(found.figures) == {"a": None, "b": None, "c": 5, "d": 0, "total": 24}


def test_a_sum_that_holds_is_no_margin_where_another_holds_nearly_as_well():
    figures = [_sure("a", 11, (12, 0.45)), _sure("b", 7, (6, 0.45)), _sure("c", 5), _sure("d", 0), _sure("total", 23)]
    assert not reconcile(figures, SUM).is_accepted


def test_an_empty_cell_or_a_missing_cell_is_never_a_zero():
    empty = FigureRead(figure="d", value=None, confidence=1.0, choices=(Choice(value=None, log_chance=0.0),))
    figures = [_sure("a", 1), _sure("b", 2), _sure("c", 3), empty, _sure("total", 6)]
    found = reconcile(figures, SUM)
    assert not found.is_accepted
    assert _values(found.figures)["d"] is None
    without = reconcile([each for each in figures if each.figure != "d"], SUM)
    assert not without.is_accepted

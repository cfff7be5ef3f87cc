"""Printing: whatever the definition, every figure stands on the sheet exactly once, whole, and nothing else does."""

from __future__ import annotations

from collections import Counter

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.unit.sheets.printing.print_samples import definition, printer, sheet_to_print, text_in

from escruta.election import Election
from escruta.sheets.figures import Mark
from escruta.sheets.printing import SheetForm, SheetUnprintable, ZoneKind, sheet_words
from escruta.sheets.seal import Figure, form_of

_NAMES = st.text(st.sampled_from('Aañ ЖΩ-’(#$*_@<[{\\"/1अनعب'), min_size=1, max_size=60).filter(str.strip)
_FIGURES = ("registered_voters", "ballots", "valid", "null", "blank", "candidate_votes")


@st.composite
def definitions(draw: st.DrawFn) -> Election:
    """Draw a contest: candidates, options that carry them in any order, or none, and totals."""
    candidates = draw(st.lists(_NAMES, min_size=1, max_size=12))
    owners = draw(st.lists(st.integers(0, len(candidates) - 1), max_size=40))
    everyone = [*owners, *sorted(set(range(len(candidates))) - set(owners))] if owners else []
    return definition(
        candidates,
        options=[(draw(_NAMES), owner) for owner in everyone],
        figures=draw(st.lists(st.sampled_from(_FIGURES), unique=True)),
        further=draw(st.sampled_from([(), ("unused",), ("unused", "challenged")])),
    )


_COUNTS = st.one_of(st.integers(0, 400), st.just(10_000_000_000), st.sampled_from([Mark.ILLEGIBLE, Mark.EMPTY]))


@settings(max_examples=8, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # a sheet takes too long to shrink
@given(election=definitions(), paper=st.sampled_from(SheetForm), drawn=st.data())
def test_every_figure_is_printed_exactly_once(election: Election, paper: SheetForm, drawn: st.DataObject) -> None:
    """Sums of options stand beside them, and are no more than the sums."""
    form = form_of(election)
    figures: dict[str, Figure] = {column: drawn.draw(_COUNTS, label=column) for column in form.figures}
    sheet = sheet_to_print(election, figures)
    try:
        printed = printer(paper).print([sheet])
    except SheetUnprintable:  # the code is wider than this paper: then a page holds it
        assert paper is not SheetForm.A4
        printed = printer(SheetForm.A4).print([sheet])
    cells = printed.layouts[0].of_kind(ZoneKind.FIGURE)
    assert Counter(zone.id for zone in cells if zone.id in figures) == Counter(form.figures)
    for zone in cells:
        if zone.id in figures:
            assert text_in(printed.pdf, zone) == _written(figures[zone.id])
    owners = Counter(option.candidate for option in election.contests[0].options)
    sums = {f"votes.{candidate}" for candidate, count in owners.items() if count > 1}
    assert {zone.id for zone in cells} - set(figures) == sums


def _written(figure: Figure) -> str:
    return sheet_words("en")(figure.value) if isinstance(figure, Mark) else str(figure)

"""The figure columns of a contest: which there are, in which order, and what two readings must agree on."""

from __future__ import annotations

from pathlib import Path

from escruta.sheets.figures import ContestFigures, figures_of
from escruta.testing import Row, SmallElection, SmallSource


def figures(folder: Path, row: Row, **more: object) -> ContestFigures:
    night = SmallElection(sources=(SmallSource(id="feed", rows=({"station": "1", **row},)),), **more)  # type: ignore[arg-type]
    election = night.write(folder)
    return figures_of(election.contests[0], election.sources)


def test_columns_stand_in_the_order_of_the_definition(tmp_path: Path) -> None:
    options = {"red": "zoe", "rose": "zoe", "blue": "ana"}
    of = figures(
        tmp_path,
        {"red": 1, "rose": 1, "blue": 1},
        candidates=("zoe", "ana"),
        options=options,
        further_figures=("spoilt",),
    )
    assert of.votes == ("votes.zoe", "votes.ana")
    assert of.options == ("option.red", "option.rose", "option.blue")
    assert of.options_of("zoe") == ("option.red", "option.rose")
    assert of.others == ("other.spoilt",)
    assert of.all[-len(of.votes) - len(of.options) :] == (*of.votes, *of.options)


def test_options_have_columns_only_where_some_source_gives_them(tmp_path: Path) -> None:
    options = {"red": "ana", "rose": "ana", "ben": "ben"}
    of = figures(tmp_path, {"ana": 1, "ben": 1}, options=options)
    assert (of.has_options, of.options, of.options_of("ana")) == (False, (), ())


def test_option_called_as_its_candidate_needs_no_column(tmp_path: Path) -> None:
    assert not figures(tmp_path, {"ana": 1, "ben": 1}, options={"ana": "ana", "ben": "ben"}).has_options


def test_readings_are_compared_on_all_but_the_registers_voters(tmp_path: Path) -> None:
    of = figures(tmp_path, {"ana": 1, "ben": 1})
    assert set(of.all) - set(of.compared) == {"registered_voters"}

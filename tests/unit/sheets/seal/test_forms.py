"""The form of a sheet, as an election's definition makes it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.unit.sheets.printing.print_samples import definition
from tests.unit.sheets.seal.seal_vectors import plain_sheet, signer

from escruta.base.errors import InputError
from escruta.sheets.figures import Mark
from escruta.sheets.seal import (
    SealingFailed,
    SealSigner,
    SheetRefused,
    form_of,
    names_of,
    seal_sheet,
    sheet_of,
    witness_of,
)
from escruta.testing.elections import SmallElection, SmallSource

ROWS = ({"station": "1", "ana": 1, "ben": 2, "null": 0, "ballots": 3},)
FEED = SmallSource(id="feed", rows=ROWS)


def test_votes_stand_by_candidate_where_there_are_no_options(tmp_path):
    election = SmallElection(sources=(FEED,), figures=("null", "ballots"), further_figures=("unused",)).write(tmp_path)
    form = form_of(election)
    assert form.figures == ("ballots", "null", "other.unused", "votes.ana", "votes.ben")
    assert names_of(election, form) == {"other.unused": "unused", "votes.ana": "ana", "votes.ben": "ben"}


def test_votes_stand_by_option_where_there_are_some(tmp_path):
    options = {"x": "ben", "y": "ana", "z": "ana"}
    by_option = SmallSource(id="feed", rows=({"station": "1", "x": 1, "y": 2, "z": 3},))
    election = SmallElection(sources=(by_option,), figures=("null",), options=options).write(tmp_path)
    form = form_of(election)
    assert form.figures == ("null", "option.x", "option.y", "option.z")
    assert names_of(election, form)["option.z"] == "z · ana"


def test_names_that_are_the_same_are_told_apart_and_stand_on_one_line():
    election = definition(["Ana  Díaz", "Ana\u00a0Di\u0301az", "क्\u200dष"])
    names = names_of(election, form_of(election))
    assert list(names.values()) == ["Ana Díaz (c0)", "Ana Díaz (c1)", "क्\u200dष"]


def test_a_contest_of_more_figures_than_a_seal_holds_has_no_form():
    assert len(form_of(definition(["x"] * 507)).figures) == 512
    with pytest.raises(InputError, match="more figures than a seal holds"):
        form_of(definition(["x"] * 508))


def test_one_of_several_contests_is_named(tmp_path):
    contests = ("president", "mayor")
    feeds = tuple(SmallSource(id=f"feed-{each}", rows=ROWS, contest=each) for each in contests)
    election = SmallElection(sources=feeds, figures=("null", "ballots"), contests=contests).write(tmp_path)
    assert form_of(election, "mayor").id != form_of(election, "president").id
    for contest in (None, "king"):
        with pytest.raises(InputError, match="contest"):
            form_of(election, contest)


def test_a_sheet_has_every_figure_of_its_form_and_no_other(tmp_path):
    feed = SmallSource(id="feed", rows=({"station": "1", "ana": 1, "ben": 2},))
    form = form_of(SmallElection(sources=(feed,), figures=("null",)).write(tmp_path))
    moment = datetime(2031, 3, 2, 18, tzinfo=timezone(timedelta(hours=-4)))
    sheet = sheet_of(form, "1", {"votes.ben": 2, "null": Mark.EMPTY, "votes.ana": 1}, printed_at=moment)
    assert sheet.named(form) == {"null": Mark.EMPTY, "votes.ana": 1, "votes.ben": 2}
    assert sheet.printed_at == datetime(2031, 3, 2, 22, tzinfo=UTC)
    with pytest.raises(SheetRefused, match=r"found: no null, votes\.ben"):
        sheet_of(form, "1", {"votes.ana": 1}, printed_at=moment)
    with pytest.raises(SheetRefused):
        sheet_of(form, "1", {"null": 0, "votes.ana": 1, "votes.ben": 2, "votes.eva": 0}, printed_at=moment)


@pytest.mark.parametrize(
    "change",
    [
        {"printed_at": datetime(2024, 7, 28)},  # noqa: DTZ001 - the case
        {"printed_at": datetime(2024, 7, 28, 1, 1, 1, 1, tzinfo=UTC)},
        {"printed_at": datetime(1969, 12, 31, tzinfo=UTC)},
        {"copy": 0},
        {"recipient": 0},
        {"recipient": witness_of(65_530)},
    ],
    ids=["no zone", "fraction", "1969", "copy", "recipient", "witness"],
)
def test_what_no_seal_can_hold_is_refused_before_it_is_sealed(change):
    with pytest.raises(SheetRefused):
        plain_sheet(**change)


@pytest.mark.parametrize("figure", [-1, 1.0, True, None, "3", 10_000_000_001])
def test_a_figure_is_a_count_or_a_mark(figure):

    with pytest.raises(SheetRefused):
        replace(plain_sheet(), figures=(figure,))


@pytest.mark.parametrize(
    "broken", [lambda _: b"", lambda _: bytes(64), signer("second").sign], ids=["no", "0", "other"]
)
def test_what_is_no_signature_of_the_key_never_leaves(broken):
    with pytest.raises(SealingFailed, match="no signature of the station's key"):
        seal_sheet(plain_sheet(), SealSigner(public_key=signer().public_key, sign=broken))

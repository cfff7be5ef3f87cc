from __future__ import annotations

import polars as pl
import pytest

from escruta.apps.demo.chance import Chance
from escruta.apps.demo.mistakes import make_mistakes, victim_and_gainer
from escruta.apps.demo.night import hold_night
from escruta.apps.demo.places import lay_out
from escruta.apps.demo.readings import sheets_held, with_repeats
from escruta.apps.demo.republic import CANDIDATE_IDS, SLOTS, SOURCE_IDS, SourceId

VOTES = [f"votes.{candidate}" for candidate in CANDIDATE_IDS]


def night(seed: int, sources: tuple[SourceId, ...] = SOURCE_IDS) -> pl.DataFrame:
    chance = Chance(seed)
    return make_mistakes(hold_night(lay_out(3000, chance)[0], chance, sources), chance, sources)


def votes_of_options(prefix: str) -> list[pl.Expr]:
    return [
        pl.sum_horizontal(f"option.{slot}" for slot in slots).alias(f"{prefix}.{who}") for who, slots in SLOTS.items()
    ]


def with_true_votes(held: pl.DataFrame, happened: pl.DataFrame) -> pl.DataFrame:
    return held.join(happened.select("index", *votes_of_options("true")), on="index", how="left")


def differing() -> pl.Expr:
    pairs = [(pl.col(f"votes.{who}"), pl.col(f"true.{who}")) for who in CANDIDATE_IDS]
    return pl.any_horizontal([written.ne_missing(true) for written, true in pairs])


@pytest.mark.parametrize("source", ["party-a", "party-b", "observers"])
def test_figures_differ_from_the_sheet_only_where_planted(source: SourceId) -> None:
    happened = night(11)
    held = with_true_votes(sheets_held(happened, source), happened)
    changing = {"made-up", "digits-swapped", "neighbours-swapped", "row-skipped", "illegible"}
    assert set(held.filter(differing())["planted"]) == set(held["planted"].drop_nulls()) & changing
    assert held.filter(differing()).height == held.filter(pl.col("planted").is_in(changing)).height


@pytest.mark.parametrize("source", ["authority", "party-a", "party-b"])
def test_made_up_figures_move_votes_and_leave_every_sum(source: SourceId) -> None:
    happened = night(5, (source,))
    held = sheets_held(happened, source).filter(pl.col("planted") == "made-up")
    victim, gainer = victim_and_gainer(source)
    assert held.height > 0
    written = held if source != "authority" else held.with_columns(votes_of_options("votes"))
    beside = with_true_votes(written.select("index", *VOTES), happened)
    assert (beside[f"votes.{victim}"] < beside[f"true.{victim}"]).all()
    assert (beside[f"votes.{gainer}"] > beside[f"true.{gainer}"]).all()
    assert beside.select(pl.sum_horizontal(VOTES) == pl.sum_horizontal("^true.*$")).to_series().all()


def test_neighbours_are_typed_under_each_other() -> None:
    happened = night(11)
    held = with_true_votes(sheets_held(happened, "party-b"), happened).filter(pl.col("planted") == "neighbours-swapped")
    written = held.select(VOTES).rows()
    true = held.select(f"true.{who}" for who in CANDIDATE_IDS).rows()
    assert held.height == 2 * 6
    assert written[0::2] == true[1::2]
    assert written[1::2] == true[0::2]


def test_repeats_add_the_rows_that_should_not_be_there() -> None:
    happened = night(11)
    held = sheets_held(happened, "party-a")
    added = with_repeats(held).tail(-held.height)
    assert added["planted"].unique().to_list() == ["typed-twice"]
    first = held.join(added.select("index"), on="index", how="semi")
    assert (added["votes.sal"] != first["votes.sal"]).all()
    assert added.drop("votes.sal").equals(first.drop("votes.sal"))


def test_observers_write_no_zero_for_what_they_cannot_read() -> None:
    held = sheets_held(night(11), "observers")
    unread = held.filter(pl.any_horizontal(pl.col(VOTES).is_null()))
    assert unread["planted"].unique().to_list() == ["illegible"]
    assert unread.height == 3000 // 150

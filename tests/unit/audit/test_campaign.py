"""The published witness copies of Venezuela 2024: the sizes of the notes, to the last box."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

from escruta.audit import bravo, practised
from escruta.audit.assertions import assert_first
from escruta.audit.batches import Batches
from escruta.audit.exact import exact_shares
from escruta.audit.macro import error_bounds, sample_size

pytestmark = pytest.mark.data
CANDIDATES = ("EG", "NM", "LM", "JABE", "JOBR", "AE", "CF", "DC", "EM", "BERA")
REGISTERED_OUTSIDE = 21_392_464 - 17_745_239
FILE = Path(__file__).resolve().parents[2] / "vectors" / "audit" / "rla_vectors.json"


class Campaign(NamedTuple):
    cast: Batches
    registered: Batches


@pytest.fixture(scope="module")
def campaign(shared_data):
    table = pl.read_csv(shared_data / "ve-2024" / "campaign_v1.csv")
    names = tuple(f"{centre}.{mesa}" for centre, mesa in table.select("CENTRO", "MESA").iter_rows())
    votes = table.select(CANDIDATES).to_numpy().astype(np.int64)
    cast = (table["VOTOS_VALIDOS"] + table["VOTOS_NULOS"]).to_numpy().astype(np.int64)
    registered = table["RE"].to_numpy().astype(np.int64)
    bounds = (cast, registered)
    return Campaign(*(Batches(names=names, options=CANDIDATES, votes=votes, bound=bound) for bound in bounds))


def bounds_of(batches, pending=0):
    return error_bounds(batches, assert_first(batches.options, batches.totals), pending=pending)


@pytest.mark.parametrize(
    ("column", "total", "sizes"),
    [("cast", 3.7331, (9, 11, 16)), ("registered", 5.5350, (13, 17, 25))],
    ids=["ballots cast", "registered voters"],
)
def test_the_sizes_of_the_notes_have_one_draw_to_spare(campaign, column, total, sizes):
    bounds = bounds_of(getattr(campaign, column))
    assert bounds.total == pytest.approx(total, abs=5e-5)
    assert tuple(sample_size(bounds.total, limit) + 1 for limit in (0.10, 0.05, 0.01)) == sizes


@pytest.mark.parametrize("name", ["ve24_macro_cast_1", "ve24_macro_cast_5", "ve24_macro_cast_10"])
def test_the_vectors_of_the_file(campaign, name):
    vector = next(each for each in json.loads(FILE.read_text())["vectors"] if each["id"] == name)
    bounds = bounds_of(campaign.cast)
    assert bounds.total == pytest.approx(vector["expected"]["U"], abs=1e-9)
    size = sample_size(bounds.total, vector["inputs"]["risk_limit_pct"] / 100) + 1
    assert size == vector["expected"]["sample_size"]


def test_with_everybody_outside_against_the_leader(campaign):
    bounds = bounds_of(campaign.cast, REGISTERED_OUTSIDE)
    assert min(bounds.margins) == 267_776
    assert bounds.total == pytest.approx(54.43, abs=5e-3)
    assert sample_size(bounds.total, 0.05) == 162


def test_the_bounds_are_exact(campaign):
    some = np.arange(0, len(campaign.cast), 12)
    batches = Batches(
        names=tuple(campaign.cast.names[at] for at in some),
        options=CANDIDATES,
        votes=campaign.cast.votes[some],
        bound=campaign.cast.bound[some],
    )
    bounds = bounds_of(batches)
    shares = exact_shares(batches, bounds.assertions)
    assert bounds.exact_total == sum(shares)
    assert bounds.units.tolist() == [math.ceil(share * 10**9) for share in shares]


def test_polling(campaign):
    totals, ballots = campaign.cast.totals, campaign.cast.ballots
    assert bravo.expected_size(totals, ballots, 0.05) == 45
    assert bravo.size_for(totals, ballots, 0.05, 0.9) == 112


def test_polling_on_what_was_announced():
    second = (6_408_844, 5_326_104, 600_936)
    assert bravo.expected_size(second, 12_386_669, 0.05) == 753
    assert bravo.size_for(second, 12_386_669, 0.05, 0.9) == 2_022


def test_equal_chances(campaign):
    shares = bounds_of(campaign.registered).shares
    worst = campaign.registered.votes[:, 0] - campaign.registered.votes[:, 1] + campaign.registered.bound
    against_second = worst / bounds_of(campaign.registered).margins[0]
    number = practised.breaking_number(against_second)
    assert number == 3_066
    assert practised.breaking_number(shares) <= number
    assert practised.chance_of_missing(len(shares), number, 23) == pytest.approx(0.046, abs=5e-4)
    assert practised.chance_of_missing(len(shares), number, 245) == pytest.approx(5e-15, rel=0.2)
    assert practised.size_of_equal_draw(len(shares), number, 0.05) == 23


def test_half_of_the_boxes_of_each_centre_says_more_than_enough(campaign):
    names = campaign.registered.names
    centres = np.unique([name.rpartition(".")[0] for name in names], return_inverse=True)[1]
    shares = bounds_of(campaign.registered).shares
    numbers, sizes = np.unique(centres, return_counts=True)
    half = {int(number): -(-int(size) // 2) for number, size in zip(numbers, sizes, strict=True)}
    assert practised.chance_per_centre(centres, shares, half) < 1e-200
    none_in_some = half | {int(number): 0 for number in numbers[: len(numbers) // 2]}
    assert practised.chance_per_centre(centres, shares, none_in_some) == 1.0

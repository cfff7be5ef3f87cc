"""From a record's stations to a complete frame: what is listed, what is supposed, and the real country."""

import math
from typing import Any

import numpy as np
import polars as pl
import pytest

from escruta.assessment.projection import baseline_of, framed, project
from escruta.base.errors import InputError, LayoutMismatch

STATIONS = pl.DataFrame(
    {
        "station": ["0101.1", "0101.2", "0102.1", "0201.1"],
        "area": ["01/0101", "01/0101", "01/0102", "02/0201"],
        "registered_voters": [100, 200, 300, None],
        "counted": [True, False, True, False],
        "votes.a": [30, None, 90, None],
        "votes.b": [20, None, 60, None],
    }
)
NAMES = pl.DataFrame({"area": ["", "01", "02"], "name": [None, "West", None]})
EARLIER = pl.DataFrame(
    {
        "centre": ["0101", "0102", "0203", "0204"],
        "registered_voters": [250, 300, 100, 300],
        "ballots": [200, 210, 80, 0],
        "x": [120, 100, 30, 0],
        "y": [80, 110, 50, 0],
    }
)


def frame_of(**changes):
    values: dict[str, Any] = {"candidates": ("a", "b"), "levels": ("state", "centre"), "area_names": NAMES} | changes
    return framed(STATIONS, **values)


def test_stations_are_gathered_into_centres_and_a_part_stays_a_part():
    found = frame_of()
    centres = found.centres
    assert found.names == ("01/0101", "01/0102", "02/0201")
    assert centres.registered.tolist() == [300, 300, 200]
    assert centres.counted.tolist() == [100, 300, 0]
    assert centres.votes.tolist() == [[30, 20], [90, 60], [0, 0]]
    assert centres.area_names[0] == ("West", "02")
    assert found.voters_filled == 1
    assert centres.is_register


def test_the_missing_voters_go_to_the_centres_of_the_earlier_list_and_a_part_to_new_ones():
    found = frame_of(baseline=baseline_of(EARLIER), registered_in_all=1200, prefixes=(2, 4), new_share=0.25)
    centres = found.centres
    assert centres.registered.sum() == pytest.approx(1200)
    assert (found.listed, found.supposed, found.new) == (800, 300, 100)
    assert found.growth == pytest.approx(300 / 400)
    assert "02/0203" in found.names
    assert centres.areas[0][found.names.index("02/0203")] == centres.areas[0][found.names.index("02/0201")]
    new = [place for place, name in enumerate(found.names) if name.startswith("?")]
    assert all(centres.areas[0][place] == -1 for place in new)
    assert not centres.is_register


def test_a_baseline_gives_shares_turnout_and_size_and_nothing_where_nobody_voted():
    found = baseline_of(EARLIER)
    assert found.covariates == ("share of x", "turnout", "log of earlier registered voters")
    row = found.frame.row(0, named=True)
    assert row["share of x"] == pytest.approx(0.6)
    assert row["turnout"] == pytest.approx(0.8)
    assert found.frame.row(3, named=True)["share of x"] is None


@pytest.mark.parametrize(
    "table",
    [
        EARLIER.drop("registered_voters"),
        EARLIER.drop("x"),
        pl.concat([EARLIER, EARLIER]),
    ],
)
def test_a_baseline_without_its_columns_or_with_doubles_is_refused(table):
    with pytest.raises(LayoutMismatch):
        baseline_of(table)


def test_stations_outside_all_areas_make_no_frame():
    with pytest.raises(InputError, match="no station lies in an area"):
        frame_of(levels=("state", "town", "centre"))


def test_the_arrival_of_a_centre_is_that_of_its_last_counted_station():
    arrived = {"0101.1": 5.0, "0101.2": 9.0, "0102.1": 7.0}
    arrival = frame_of(arrived=arrived).centres.arrival
    assert arrival is not None
    assert arrival[:2].tolist() == [5.0, 7.0]
    assert np.isnan(arrival[2])
    assert frame_of(arrived={"0101.1": 5.0}).centres.arrival is None


@pytest.mark.data
def test_venezuela_2024_from_the_campaigns_copies_and_the_result_of_2012(shared_data):
    """The headline of the regression of our notes was 66.4 % and 31.1 %, missing 6.5 points more for Chávez in 2012."""
    sheets = pl.read_csv(shared_data / "ve-2024" / "campaign_v1.csv")
    centre = pl.col("CENTRO").cast(pl.String).str.zfill(9)
    path = pl.concat_str([centre.str.slice(0, length) for length in (2, 4, 6, 9)], separator="/")
    stations = sheets.select(
        station=pl.concat_str([centre, pl.col("MESA").cast(pl.String)], separator="."),
        area=path,
        registered_voters="RE",
        counted=pl.lit(value=True),
        **{
            "votes.gonzalez": pl.col("EG"),
            "votes.maduro": pl.col("NM"),
            "votes.others": pl.sum_horizontal("LM", "JABE", "JOBR", "AE", "CF", "DC", "EM", "BERA"),
        },
    )
    earlier = pl.read_csv(shared_data / "ve-2012" / "centres.csv", schema_overrides={"centre": pl.String})
    frame = framed(
        stations,
        candidates=("gonzalez", "maduro", "others"),
        levels=("state", "municipality", "parish", "centre"),
        area_names=pl.DataFrame({"area": [""], "name": [""]}),
        baseline=baseline_of(earlier),
        registered_in_all=21392464,
        prefixes=(2, 4, 6, 9),
    )
    found = project(frame.centres)
    country = found.country
    assert country is not None
    whole = math.fsum(each.middle for each in country.votes)
    assert country.votes[0].middle / whole == pytest.approx(0.664, abs=0.002)
    assert country.votes[1].middle / whole == pytest.approx(0.311, abs=0.002)
    assert country.margin.counted == 3915001
    assert country.margin.least == 267776
    assert country.leads.is_certain
    assert country.margin.low < 4570023 < country.margin.high
    shares = {round(each.low, 1): each.share_in for each in found.missing.classes}
    for low, share in ((0.1, 0.820), (0.3, 0.857), (0.5, 0.843), (0.7, 0.757), (0.8, 0.732)):
        assert shares[low] == pytest.approx(share, abs=0.003)
    slopes = {each.name: each.value for each in found.missing.logit}
    assert slopes["share of chavez"] == pytest.approx(-1.18, abs=0.06)

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from escruta.apps.demo.chance import Chance
from escruta.apps.demo.places import code_widths, lay_out


@settings(deadline=None)
@given(stations=st.integers(1, 3000), seed=st.integers())
def test_every_station_lies_in_one_area_of_each_level(stations: int, seed: int) -> None:
    tables, centres = lay_out(stations, Chance(seed))
    assert tables.height == stations
    assert tables["centre"].max() == centres.height - 1
    assert centres["centre_code"].is_unique().all()
    widths = code_widths(len(centres.item(0, "centre_code")))
    for level in ("region", "municipality", "ward"):
        codes = centres.select(centres["centre_code"].str.slice(0, widths[level]).alias("code"), level).unique()
        assert codes["code"].is_unique().all()
        assert codes[level].is_unique().all()


def test_neighbours_have_different_names() -> None:
    _, centres = lay_out(20_000, Chance(3))
    wards = centres.unique(["municipality", "ward"])
    assert not wards.select("municipality", "ward_name").is_duplicated().any()
    assert centres["region_name"].n_unique() == centres["region"].n_unique()

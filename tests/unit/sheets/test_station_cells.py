"""A station's key in cells: what is put in can be put together again, and nothing else looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.election.definition import KeyPart, StationKey
from escruta.sheets.station_cells import cells_of_station, expected_in_cells, group_lengths, station_in_cells

WIDTHS = st.integers(1, 40)


@given(WIDTHS)
def test_the_groups_of_a_width_are_short_and_fill_it(width):
    lengths = group_lengths(KeyPart(part="p", width=width))
    assert sum(lengths) == width
    assert 1 <= min(lengths) <= max(lengths) <= 4
    assert max(lengths) - min(lengths) <= 1


@given(WIDTHS, st.data())
def test_a_key_is_put_together_as_it_was_taken_apart(width, data):
    key = StationKey(key=(KeyPart(part="centre", width=width), KeyPart(part="table", kind="number")))
    centre = data.draw(st.text("0123456789", min_size=width, max_size=width))
    table = str(data.draw(st.integers(0, 9999)))
    cells = [cell for part in cells_of_station(key, f"{centre}.{table}") for cell in part]
    values = {cell.name: int(cell.digits) for cell in cells}
    assert station_in_cells(key.key, values) == {"centre": centre, "table": table}
    expected = [expected_in_cells(part, text, values) for part, text in zip(key.key, (centre, table), strict=True)]
    assert expected[0] | expected[1] == values
    missing = data.draw(st.sampled_from(sorted(values)))
    assert station_in_cells(key.key, values | {missing: None}) is None


@pytest.mark.parametrize("station", ["1B", "", "1234567", "12.3", "\N{SUPERSCRIPT TWO}", "-1", "1 2"])
def test_what_is_not_digits_or_has_no_room_has_no_cells(station):
    assert cells_of_station(StationKey(key=(KeyPart(part="station", kind="number"),)), station) == ()


def test_a_part_longer_than_its_width_has_no_cells():
    key = StationKey(key=(KeyPart(part="station", width=3),))
    assert [cell.digits for cell in cells_of_station(key, "7")[0]] == ["007"]
    assert cells_of_station(key, "1007") == ()
    assert expected_in_cells(key.key[0], "1007", {"station.station"}) == {}


def test_a_text_without_a_width_is_not_known_by_its_number():
    key = (KeyPart(part="station"),)
    assert expected_in_cells(key[0], "007", {"station.station"}) == {"station.station": 7}
    assert station_in_cells(key, {"station.station": 7}) is None

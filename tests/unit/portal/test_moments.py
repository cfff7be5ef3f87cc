"""A moment is shown in the election's zone and in UTC, whatever offset the definition wrote it in."""

from __future__ import annotations

import pytest

from escruta.base.errors import InputError
from escruta.portal.moments import moment_of, shown, zone_of
from escruta.portal.words import load_words

CARACAS = {"time_zone": "America/Caracas"}
NIGHT = "28 July 2024, 22:00 America/Caracas <small>(29 July 2024, 02:00 UTC)</small>"


@pytest.mark.parametrize(
    "text", ["2024-07-29T02:00:00Z", "2024-07-28T22:00:00-04:00", "2024-07-28T22:00:00", "2024-07-29 04:00:00+02:00"]
)
def test_the_day_is_that_of_the_election(text: str) -> None:
    assert shown(load_words("en"), CARACAS, text) == NIGHT


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "29 de julio de 2024, 10:30 America/Caracas <small>(14:30 UTC)</small>"),
        ("nl", "29 juli 2024, 10:30 America/Caracas <small>(14:30 UTC)</small>"),
        ("pt", "29 de julho de 2024, 10:30 America/Caracas <small>(14:30 UTC)</small>"),
        ("fr", "29 juillet 2024, 10:30 America/Caracas <small>(14:30 UTC)</small>"),
    ],
)
def test_each_language_writes_it_in_its_way_and_a_day_once(language: str, said: str) -> None:
    assert shown(load_words(language), CARACAS, "2024-07-29T14:30:00Z") == said


@pytest.mark.parametrize("zone", [{}, {"time_zone": "UTC"}, {"time_zone": "Nowhere/Else"}, {"time_zone": "../x"}])
def test_without_a_zone_that_is_known_there_is_utc_alone(zone: dict[str, str]) -> None:
    assert shown(load_words("en"), zone, "2024-07-28T22:00:00-04:00") == "29 July 2024, 02:00 UTC"
    assert str(zone_of(zone)) == "UTC"


def test_a_day_stays_the_day() -> None:
    assert shown(load_words("en"), CARACAS, "2024-07-29") == "29 July 2024"


@pytest.mark.parametrize("text", ["noon", "2024-07-32", "2024-07-28T25:00", "0001-01-01T00:30:00Z", "29 July, at noon"])
def test_what_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(InputError) as caught:
        moment_of(CARACAS, text)
    assert (caught.value.where, caught.value.found) == ("election.json", text)


@pytest.mark.parametrize("text", ["noon", "2024-07-29T02:00:00Z"])
def test_a_day_in_words_is_made_of_nothing_but_a_day(text: str) -> None:
    with pytest.raises(InputError):
        load_words("en").day(text)

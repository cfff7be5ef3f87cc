"""A code beside its print: what could not be compared is said, and never taken for agreement."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from escruta.apps.scan import printed
from escruta.apps.scan.saying import Said
from escruta.sources.scans.figures import Match, PrintCheck

SAID = Said(kind="seal", station={"centre": "000000007", "table": "1"}, figures={"votes.a": 3, "null": 2})


@pytest.fixture
def compared(monkeypatch):
    """Compare a code with a print of which is known what it shows: what is not named is not on the sheet."""

    def compare(shown: dict[str, Match]) -> list[str]:
        def check(_picture: object, _registration: object, _layout: object, expected: dict[str, int]) -> Any:
            return [
                PrintCheck(
                    figure=name, expected=value, match=shown.get(name, Match.NOT_ON_SHEET), chance=0.5, printed=9
                )
                for name, value in expected.items()
            ]

        monkeypatch.setattr(printed, "check_print", check)
        monkeypatch.setattr(printed, "_read", lambda *_: {})
        laid: Any = printed.Printed(
            layout=SimpleNamespace(name="strip"),  # type: ignore[arg-type]
            registration=SimpleNamespace(found=0.9),  # type: ignore[arg-type]
        )
        facts = printed.print_facts(SimpleNamespace(), laid, [SAID])  # type: ignore[arg-type]
        assert facts is not None
        return [each["code"] for each in facts["findings"]]

    return compare


AGREES, DIFFERS, NOT_LEGIBLE = Match.AGREES, Match.DIFFERS, Match.NOT_LEGIBLE
FIGURES = {"votes.a": AGREES, "null": AGREES}


@pytest.mark.parametrize(
    ("shown", "codes"),
    [
        (FIGURES | {"station.centre": AGREES, "station.table": AGREES}, ["P501", "P201"]),
        (FIGURES, ["P501", "P201", "P206"]),
        (FIGURES | {"station.centre": AGREES}, ["P501", "P201", "P206"]),
        (FIGURES | {"station.centre": AGREES, "station.table": NOT_LEGIBLE}, ["P501", "P201", "P206"]),
        (FIGURES | {"station.centre": AGREES, "station.table": DIFFERS}, ["P501", "P204"]),
        ({"votes.a": DIFFERS, "null": AGREES}, ["P501", "P202", "P206"]),
        ({"votes.a": NOT_LEGIBLE}, ["P501", "P203"]),
    ],
    ids=["all", "no-cells", "one-cell", "illegible", "other-station", "other-figures", "nothing"],
)
def test_a_station_that_was_not_compared_is_told(compared, shown, codes):
    assert compared(shown) == codes


def test_a_station_of_letters_was_not_compared(compared, monkeypatch):
    monkeypatch.setitem(SAID.station, "table", "1B")
    assert compared(FIGURES | {"station.centre": AGREES}) == ["P501", "P201", "P206"]

"""A code beside its print: what could not be compared is said, and never taken for agreement."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from escruta.apps.scan import printed
from escruta.apps.scan.saying import Said
from escruta.election.definition import KeyPart
from escruta.sources.scans.figures import Match, NoFit, NoFitReason, PrintCheck

SAID = Said(kind="seal", station={"centre": "000000007", "table": "1"}, figures={"votes.a": 3, "null": 2})
KEY = (KeyPart(part="centre", kind="number", width=9), KeyPart(part="table", kind="number"))
CENTRE = ("station.centre.1", "station.centre.2", "station.centre.3")


@pytest.fixture
def findings(monkeypatch):
    """Compare a code with a print of which is known what it shows: what is not named is not on the sheet."""

    def compare(shown: dict[str, Match], said: Said = SAID, *, misplaced: bool = False) -> Any:
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
            layout=SimpleNamespace(name="strip", figures=tuple(shown)),  # type: ignore[arg-type]
            registration=SimpleNamespace(found=0.9, rows=SimpleNamespace(any_misplaced=misplaced)),  # type: ignore[arg-type]
        )
        facts = printed.print_facts(SimpleNamespace(), laid, [said], KEY)  # type: ignore[arg-type]
        assert facts is not None
        return facts["findings"]

    return compare


AGREES, DIFFERS, NOT_LEGIBLE = Match.AGREES, Match.DIFFERS, Match.NOT_LEGIBLE
FIGURES = {"votes.a": AGREES, "null": AGREES}


TABLE = {"station.table": AGREES}


@pytest.mark.parametrize(
    ("shown", "codes", "why"),
    [
        (FIGURES | {"station.centre": AGREES} | TABLE, ["P501", "P201"], None),
        (FIGURES | dict.fromkeys(CENTRE, AGREES) | TABLE, ["P501", "P201"], None),
        (FIGURES, ["P501", "P201", "P206"], "no-cells"),
        (FIGURES | {"station.centre": AGREES}, ["P501", "P201", "P206"], "no-cells"),
        (FIGURES | dict.fromkeys(CENTRE[:2], AGREES) | TABLE, ["P501", "P201", "P206"], "no-cells"),
        (FIGURES | {"station.centre": AGREES, "station.table": NOT_LEGIBLE}, ["P501", "P201", "P206"], "not-legible"),
        (FIGURES | {"station.centre": AGREES, "station.table": DIFFERS}, ["P501", "P204"], None),
        (FIGURES | dict.fromkeys(CENTRE, NOT_LEGIBLE) | {CENTRE[1]: DIFFERS} | TABLE, ["P501", "P204"], None),
        ({"votes.a": DIFFERS, "null": AGREES}, ["P501", "P202", "P206"], "no-cells"),
        ({"votes.a": NOT_LEGIBLE}, ["P501", "P203"], None),
    ],
    ids=[*"all groups no-cells one-part a-group-short illegible other-station other-group other-figures none".split()],
)
def test_a_station_that_was_not_compared_is_told(findings, shown, codes, why):
    found = findings(shown)
    assert [each["code"] for each in found] == codes
    assert why is None or found[-1]["details"] == {"why": why}


@pytest.mark.parametrize("table", ["1B", "\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT TWO}", ""])
def test_a_station_of_other_signs_than_digits_was_not_compared(findings, table):
    said = replace(SAID, station={**SAID.station, "table": table})
    found = findings(FIGURES | {"station.centre": AGREES} | TABLE, said)
    assert [each["code"] for each in found] == ["P501", "P201", "P206"]
    assert found[-1]["details"] == {"why": "not-digits"}


def test_another_station_is_shown_as_it_stands_in_the_code_and_in_print(findings):
    shown = FIGURES | dict.fromkeys(CENTRE, AGREES) | {CENTRE[1]: DIFFERS} | TABLE
    assert findings(shown)[-1]["details"] == {"figures": "centre: 000000007 / 000 009 007"}


def test_rows_that_lie_where_others_belong_are_told(findings):
    told = {each["code"]: each["details"] for each in findings(dict.fromkeys(FIGURES, Match.AGREES), misplaced=True)}
    assert told["P502"] == {"reason": "misplaced"}
    assert "P501" not in told


def _facts(**values: int | None) -> dict[str, Any]:
    named = {name.replace("__", "-").replace("_", ".").replace("-", "_"): value for name, value in values.items()}
    return {"read": {name: {"value": value} for name, value in named.items()}}


READ = {"station_centre_1": 0, "station_centre_2": 0, "station_centre_3": 8, "station_table": 2, "votes_a": 3}


@pytest.mark.parametrize(
    ("values", "told", "station"),
    [
        (READ, [], {"centre": "000000008", "table": "2"}),
        (READ, [SAID], {"centre": "000000008", "table": "2"}),
        (READ | {"station_table": None}, [], None),
        (READ | {"station_table": None}, [SAID], None),  # of which station the print is, nobody knows
        ({"votes_a": 3}, [SAID], SAID.station),
        ({"votes_a": 3}, [SAID, replace(SAID, station={"centre": "1", "table": "1"})], None),
        ({"votes_a": 3}, [], None),
        (READ | {"votes_a": None}, [SAID], None),
        (READ | {"votes_a": 0, "registered__voters": 600}, [], None),  # it may be a zero sheet
        (READ | {"votes_a": 0}, [SAID], {"centre": "000000008", "table": "2"}),
        (READ, [Said(kind="refused", refusal="it is a zero sheet", is_other_sheet=True)], None),
    ],
)
def test_print_is_a_reading_only_where_it_is_known_of_which_station_and_sheet(values, told, station):
    found = printed.printed_sheet(_facts(**values), KEY, told)
    assert (None if found is None else found[0]) == station


def test_however_many_layouts_there_are_each_is_read_once_and_none_is_kept_without_need(monkeypatch, tmp_path):
    parsed = []

    def parse(text: str, where: str) -> Any:
        parsed.append(where)
        return SimpleNamespace(name=text)

    monkeypatch.setattr(printed, "parse_layout", parse)
    monkeypatch.setattr(printed, "_KEPT", {})
    wanted = [(str(tmp_path / f"{at}.layout"), 1) for at in range(40)]
    for path, _ in wanted:
        Path(path).write_text(Path(path).stem, encoding="utf-8")
    for _ in range(3):
        assert [each.name for each in printed.layouts_at(wanted)] == [str(at) for at in range(40)]
    assert parsed == [path for path, _ in wanted]
    assert printed.layout_at(*wanted[7]).name == "7"
    later = [(path, 2) for path, _ in wanted[:2]]
    printed.layouts_at(later)
    assert len(parsed) == 42
    assert set(printed._KEPT) == set(later)


@pytest.mark.parametrize(("printed_codes", "looks"), [(0, [None]), (2, [0, 1, 2])])
def test_a_picture_full_of_codes_asks_for_no_more_looks_than_a_sheet(monkeypatch, printed_codes, looks):
    tried: list[Any] = []
    refusal = NoFit(reason=NoFitReason.NO_PLANE)

    def register(_picture: object, _layout: object, corners: object) -> NoFit:
        tried.append(corners)
        return refusal

    monkeypatch.setattr(printed, "register", register)
    codes: Any = [SimpleNamespace(corners=at) for at in range(16)]
    layouts: Any = [SimpleNamespace(codes=(None,) * printed_codes)]
    assert printed.lay_over(SimpleNamespace(), layouts, codes) is refusal  # type: ignore[arg-type]
    assert tried == looks

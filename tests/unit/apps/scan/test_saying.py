"""What a code says of an election's figures."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.apps.scan import tiny

from escruta.apps.scan import open_home
from escruta.apps.scan.orders import orders_of
from escruta.apps.scan.saying import said_by


@pytest.mark.parametrize(
    ("figures", "further", "said"),
    [
        (["null"], [], {"null": 5}),
        (["null"], [{"id": "invalid", "name": "Invalid"}], {"null": 3, "other.invalid": 2}),
        ([], [{"id": "invalid", "name": "Invalid"}], {"other.invalid": 2}),
        ([], [], {}),
    ],
)
def test_null_and_invalid_are_one_figure_or_two_as_the_definition_has_them(
    tmp_path: Path, figures: list[str], further: list[dict[str, str]], said: dict[str, int]
) -> None:
    candidates = [{"id": name, "name": name} for name in tiny.CANDIDATES]
    contest = {"id": "mayor", "name": "Mayor", "figures": figures, "candidates": candidates}
    home = open_home(tiny.write_election(tmp_path, contests=[{**contest, "further_figures": further}]))
    text = tiny.text_of(1, null=3).rpartition("!")[0] + "!2"
    found = said_by(text, orders_of(home)).figures
    assert {name: count for name, count in found.items() if not name.startswith("votes.")} == said

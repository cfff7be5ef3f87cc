"""A policy is one of four; anything else is refused."""

from __future__ import annotations

import pytest

from escruta.base.errors import InputError
from escruta.tally.policy import policy_named


@pytest.mark.parametrize("name", ["single", "corroborated", "confirmed", "source:x"])
def test_policy_is_known_by_its_name(name: str) -> None:
    assert policy_named(name).name == name


@pytest.mark.parametrize("name", ["", "all", "source", "source:", "Single", "sources:x"])
def test_policy_that_is_none_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(InputError) as caught:
        policy_named(name)
    assert caught.value.expected is not None
    assert "corroborated" in caught.value.expected

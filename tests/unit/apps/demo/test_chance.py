from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from escruta.apps.demo.chance import Chance

WORD = 2**64


def split_mix(state: int) -> int:
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) % WORD
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) % WORD
    return state ^ (state >> 31)


@given(seed=st.integers(), rows=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20))
def test_bits_are_those_of_split_mix(seed: int, rows: list[int]) -> None:
    chance = Chance(seed)
    key = chance._key("x")
    drawn = pl.DataFrame({"index": rows}).select(chance.bits("x"))["x"].to_list()
    assert drawn == [split_mix((row * 0x9E3779B97F4A7C15 + key) % WORD) for row in rows]


def test_split_mix_gives_its_published_first_numbers() -> None:
    # The reference implementation's first outputs from the state 1234567.
    first = [split_mix((1234567 + step * 0x9E3779B97F4A7C15) % WORD) for step in (1, 2, 3)]
    assert first == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(seed=st.integers(), limit=st.integers(1, 10_000))
def test_numbers_stay_below_their_limit(seed: int, limit: int) -> None:
    rows = pl.DataFrame({"index": range(50)})
    drawn = rows.select(Chance(seed).below("x", limit))["x"]
    assert drawn.is_between(0, limit - 1).all()
    assert rows.select(Chance(seed).around("x", limit))["x"].is_between(-limit, limit).all()


def test_shares_come_out_as_asked_for() -> None:
    rows = pl.DataFrame({"index": range(100_000)})
    assert abs(rows.select(Chance(1).happens("x", 250).mean())["x"].item() - 0.25) < 0.01

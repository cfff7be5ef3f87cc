"""However many pictures look alike, no page is left out in silence, and neither memory nor time runs away."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.apps.scan import tiny

from escruta.apps.executing import workplace_named
from escruta.apps.scan import files_of, finish, open_home, scan_files
from escruta.apps.scan.gathering import CODES_SCHEMA, PAGES_SCHEMA, Gathered
from escruta.apps.scan.keeping import original_of
from escruta.apps.scan.nearness import Near, Regions
from escruta.apps.scan.pasted import CodePairs
from escruta.sources.scans.codes import Effort
from escruta.sources.scans.evidence import from_text
from escruta.sources.scans.evidence.hashes import BITS

PAIRS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)).filter(lambda pair: pair[0] < pair[1]), unique=True)


def as_pairs(pairs):
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


@given(st.lists(PAIRS, max_size=4), st.integers(1, 4))
def test_every_page_of_a_near_pair_is_named(tiles, most):
    near = Near(21, most)
    for tile in tiles:
        near.add(as_pairs(tile))
    kept = near.pairs()
    everything = {pair for tile in tiles for pair in tile}
    assert set(map(tuple, kept.tolist())) <= everything
    for page in range(21):
        own = sum(page in pair for pair in kept.tolist())
        assert own >= min(most, len({pair for tile in tiles for pair in tile if page in pair}))


def test_a_flood_of_one_picture_is_named_in_proportion_to_the_pictures():
    near = Near(400, 10)
    for tile in np.array_split(np.stack(np.triu_indices(400, 1), axis=1), 20):
        near.add(tile)
    assert len(near.pairs()) <= 400 * 2 * 10
    assert len(np.unique(near.pairs())) == 400


@given(st.lists(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(25, 44))), max_size=4))
def test_the_most_alike_are_looked_at_and_all_others_are_told(tiles):
    regions = Regions(21, 3)
    for tile in tiles:
        regions.add(as_pairs([pair[:2] for pair in tile]), np.array([pair[2] for pair in tile], dtype=np.int64))
    everything = sorted((pair for tile in tiles for pair in tile), key=lambda pair: pair[2])
    assert [tuple(pair) for pair in regions.pairs().tolist()] == [pair[:2] for pair in everything[:3]]
    assert set(np.flatnonzero(regions.left_out)) == {page for pair in everything[3:] for page in pair[:2]}


def gathered(codes: dict[bytes, list[int]], pages: int) -> Gathered:
    rows = [(code, f"{row:03d}") for code, own in codes.items() for row in own]
    listed = {"copy": [f"{row:03d}" for row in range(pages)], "station": ["1"] * pages, "look": [b""] * pages}
    return Gathered(
        pages=pl.DataFrame(listed, schema=PAGES_SCHEMA),
        codes=pl.DataFrame(rows, schema=CODES_SCHEMA, orient="row"),
        readings=pages,
        stations=1,
        withheld=Counter(),
        failures=Counter(),
        other_layouts=0,
    )


def looks_of(pages: int, *, alike: bool = False) -> np.ndarray:
    bits = np.random.default_rng(1).integers(0, 2, (1 if alike else pages, BITS), dtype=np.uint8)
    return np.repeat(np.packbits(bits, axis=1).view(np.uint64), pages if alike else 1, axis=0)


def test_each_code_has_its_turn_and_what_is_left_out_is_told():
    pairs = CodePairs(gathered({b"a" * 16: [0, 1, 2, 3], b"b" * 16: [4, 5], b"c" * 16: [6]}, 7), looks_of(7), 3)
    given_pairs = [(code[:1], tuple(pair.tolist())) for code, pair in pairs.pairs()]
    assert given_pairs == [(b"a", (0, 1)), (b"b", (4, 5)), (b"a", (0, 2))]
    assert np.flatnonzero(pairs.left_out).tolist() == [0, 1, 2, 3]


def test_nothing_is_left_out_where_all_pairs_were_given_or_look_alike():
    some = CodePairs(gathered({b"a" * 16: [0, 1, 2]}, 3), looks_of(3), 3)
    assert len([*some.pairs()]) == 3
    alike = CodePairs(gathered({b"a" * 16: [0, 1, 2]}, 3), looks_of(3, alike=True), 1)
    assert [*alike.pairs()] == []
    assert not some.left_out.any()
    assert not alike.left_out.any()


@pytest.fixture
def two_of_one_code(tmp_path):
    """One code, on two pictures that do not look alike."""
    for seed in (1, 2):
        raw = tiny.picture_of_text(tiny.text_of(1), seed=seed)
        (tmp_path / f"{seed}.png").write_bytes(raw if seed == 1 else tiny.on_a_desk(raw))
    home = open_home(tiny.write_election(tmp_path / "e"))
    files = files_of([str(tmp_path / "1.png"), str(tmp_path / "2.png")])
    scan_files(home, files, place=workplace_named("threads", 1), effort=Effort.QUICK)
    return home


def test_a_code_that_could_not_be_compared_is_told(two_of_one_code, monkeypatch):
    assert "P406" not in finish(two_of_one_code).findings
    monkeypatch.setattr("escruta.apps.scan.pasted.MOST_CODES", 0)
    state = finish(two_of_one_code)
    assert state.findings["P406"] == 2
    assert "P401" not in state.findings


def test_an_original_that_is_not_what_it_was_is_not_compared_with(two_of_one_code):
    kept = sorted(two_of_one_code.originals.rglob("??*/*"))
    first, second = (path for path in kept if len(path.name) == 64)
    first.chmod(0o600)
    first.write_bytes(second.read_bytes())
    assert first == original_of(two_of_one_code.originals, first.name)
    assert finish(two_of_one_code).findings["P406"] == 2


def test_looks_are_read_back_as_they_were_written():
    text = "0123456789abcdef" * 4
    assert np.frombuffer(bytes.fromhex(text), dtype=np.uint64).tolist() == from_text(text).tolist()

"""The grammar makes bytes likelier, never certain, and finds the text where the bits alone do not."""

import numpy as np
import pytest
import segno

pytest.importorskip("cv2", reason="needs the extra scan")

from tests.unit.sources.scans.codes.photographs import seal_text, text_2024

from escruta.sources.scans.codes.grammar import codeword_chances, seal_chances, text_chances
from escruta.sources.scans.codes.symbols import blocks_of, mask_of, symbol_of


def data_of(text, level):
    code = segno.make(text, error=level, micro=False, boost_error=False, mask=2)
    modules = np.array([list(row) for row in code.matrix], np.int8) * 2 - 1
    version = int(code.version)
    blocks, symbol = blocks_of(version, level), symbol_of(version)
    bits = modules[tuple(symbol.data_places.T)] * mask_of(version, 2) > 0
    stream = np.packbits(bits[: 8 * blocks.codewords])
    return np.concatenate([stream[p[:n]] for p, n in zip(blocks.places, blocks.data, strict=True)]), version


def seen(data, noise, seed=0):
    bits = np.unpackbits(data).astype(float) * 2 - 1
    odds = 2 * (bits + np.random.default_rng(seed).normal(0, noise, bits.shape)) / noise**2
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_a_text_that_is_seen_well_stays_as_it_is(seed, small):
    data, version = data_of(text_2024(seed, small), "M")
    chances = text_chances(seen(data, 0.1), version)
    assert np.allclose(chances.sum(1), 1)
    assert (chances.argmax(1) == data).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_grammar_finds_more_than_the_bits_alone(seed):
    data, version = data_of(text_2024(seed), "M")
    likely = seen(data, 1.0, seed)
    with_grammar = (text_chances(likely, version).argmax(1) == data).mean()
    alone = (codeword_chances(likely).argmax(1) == data).mean()
    assert with_grammar > alone + 0.25


def test_a_text_in_another_form_is_not_forced_into_the_grammar():
    data, version = data_of("x" * 104, "M")
    chances = text_chances(seen(data, 0.3), version)
    assert (chances.argmax(1) == data).mean() < 0.5


def test_a_seals_first_bits_are_known():
    data, version = data_of(seal_text(1), "Q")
    blind = seal_chances(np.full(8 * len(data), 0.5), version)
    assert blind[0].argmax() >> 4 == 0b0010
    sure = blind[:6, :].max(1)
    assert sure[2] > 0.9
    assert blind[2].argmax() == data[2]

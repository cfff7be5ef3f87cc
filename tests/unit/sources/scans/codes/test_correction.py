"""Reed–Solomon: what can be corrected is, as another implementation writes it; what is by chance is rarely accepted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

reedsolo = pytest.importorskip("reedsolo", reason="needs the extra scan")

from escruta.sources.scans.codes.correction import decode, evidence_bits  # noqa: E402


def word_of(rng, length, parity):
    codec = reedsolo.RSCodec(parity, fcr=0, prim=0x11D)
    return np.frombuffer(bytes(codec.encode(rng.bytes(length - parity))), np.uint8).copy()


@given(
    seed=st.integers(0, 2**32),
    shape=st.sampled_from([(26, 7), (43, 16), (44, 22), (100, 30)]),
    share=st.floats(0, 1),
    full=st.booleans(),
)
def test_errors_and_erasures_within_the_bound_are_corrected(seed, shape, share, full):
    length, parity = shape
    rng = np.random.default_rng(seed)
    erasures = int(share * parity)
    errors = (parity - erasures) // 2 if full else (parity - erasures) // 3
    true = word_of(rng, length, parity)
    seen, places = true.copy(), rng.permutation(length)
    seen[places[:erasures]] = rng.integers(0, 256, erasures)
    seen[places[erasures : erasures + errors]] ^= rng.integers(1, 256, errors, dtype=np.uint8)
    erased = np.zeros(length, bool)
    erased[places[:erasures]] = True
    decoded = decode(seen[None], erased[None], parity)
    assert decoded.is_word[0]
    assert (decoded.words[0] == true).all()
    assert decoded.errors[0] == errors


def test_words_of_one_batch_do_not_meet():
    rng = np.random.default_rng(3)
    true = np.stack([word_of(rng, 43, 16) for _ in range(40)])
    seen, erased = true.copy(), np.zeros(true.shape, bool)
    for row in range(40):
        places = rng.permutation(43)[: row % 20]
        seen[row, places] ^= 0x55
        erased[row, places[: row % 16]] = True
    together = decode(seen, erased, 16)
    for row in range(40):
        alone = decode(seen[row : row + 1], erased[row : row + 1], 16)
        assert alone.is_word[0] == together.is_word[row]
        assert (alone.words[0] == together.words[row]).all()


@pytest.mark.parametrize(("erasures", "parity"), [(4, 6), (5, 7), (2, 4), (3, 6)])
def test_random_words_are_accepted_no_more_often_than_the_bound_says(erasures, parity):
    rng = np.random.default_rng(erasures)
    trials, length = 20_000, 30
    words = rng.integers(0, 256, (trials, length), dtype=np.uint8)
    erased = np.zeros((trials, length), bool)
    erased[:, :erasures] = True
    decoded = decode(words, erased, parity)
    for errors in range((parity - erasures) // 2 + 1):
        share = float((decoded.is_word & (decoded.errors == errors)).mean())
        bound = 2 ** -evidence_bits(length, parity, erasures, errors, 0.0)
        assert share <= bound + 4 * (bound / trials) ** 0.5 + 1 / trials


def test_agreement_with_random_bits_passes_no_more_often_than_the_bound_says():
    rng = np.random.default_rng(7)
    given_up, trials = 4, 20_000
    trust = rng.dirichlet(np.full(256, 0.05), given_up)  # very sure of a few values
    mixed = 0.8 * trust + 0.2 / 256
    drawn = rng.integers(0, 256, (trials, given_up))
    agreement = np.log2(256 * mixed[np.arange(given_up), drawn]).sum(1)
    for bits in (2, 4, 6, 8):
        assert (agreement >= bits).mean() <= 2.0**-bits + 0.005

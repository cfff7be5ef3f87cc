"""The parts of a symbol stand where an independent writer of QR codes puts them."""

import numpy as np
import pytest
import segno

pytest.importorskip("cv2", reason="needs the extra scan")

from escruta.sources.scans.codes.correction import decode
from escruta.sources.scans.codes.segments import text_of
from escruta.sources.scans.codes.symbols import FORMATS, LEVEL_NAMES, blocks_of, mask_of, symbol_of


def drawn(text, **options):
    code = segno.make(text, micro=False, boost_error=False, **options)
    return np.array([list(row) for row in code.matrix], np.int8) * 2 - 1


def stream_of(modules, version, level, mask):
    symbol, blocks = symbol_of(version), blocks_of(version, level)
    bits = modules[tuple(symbol.data_places.T)] * mask_of(version, mask) > 0
    return np.packbits(bits[: 8 * blocks.codewords]), blocks


@pytest.mark.parametrize("version", [1, 2, 6, 7, 11, 14, 20, 25, 40])
@pytest.mark.parametrize("level", list("LMQH"))
def test_every_part_of_a_symbol_stands_where_the_standard_says(version, level):
    mask = (version + ord(level)) % 8
    modules = drawn("A1B2", version=version, error=level, mask=mask)
    symbol = symbol_of(version)
    known = symbol.known != 0
    assert (modules[known] == symbol.known[known]).all()
    first, second = (modules[tuple(copy.T)] for copy in symbol.format_places)
    number = int((FORMATS @ first).argmax())
    assert (first == second).all()
    assert (FORMATS[number] == first).all()
    assert (LEVEL_NAMES[number >> 3], number & 7) == (level, mask)
    stream, blocks = stream_of(modules, version, level, mask)
    for places in blocks.places:
        word = stream[places][None]
        decoded = decode(word, np.zeros_like(word, bool), blocks.parity)
        assert decoded.is_word[0]
        assert decoded.errors[0] == 0


@pytest.mark.parametrize("text", ["0123456789012", "12", "HELLO WORLD $%*+-./:", "ODD", "bytes, too!", "A" * 99])
@pytest.mark.parametrize("version", [6, 11])
def test_a_text_is_read_from_its_codewords(text, version):
    stream, blocks = stream_of(drawn(text, version=version, error="M", mask=3), version, "M", 3)
    data = b"".join(stream[places][:size].tobytes() for places, size in zip(blocks.places, blocks.data, strict=True))
    assert text_of(data, version) == text


@pytest.mark.parametrize("data", [b"\x70\x00", b"\x80\x10\x00", b"\x4f\xf1", b"\x40\x1e\x90\x00", b"\x20\xff"])
def test_what_is_no_text_is_not_read(data):
    assert not text_of(data, 6)

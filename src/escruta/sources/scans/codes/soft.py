"""Our own reader: every module a probability, every codeword a probability, and parity that decides.

It begins where zxing-cpp gives up, with the corners of the symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from escruta.sources.scans.codes.correction import decode, evidence_bits
from escruta.sources.scans.codes.grammar import Chances, codeword_chances, seal_chances, text_chances
from escruta.sources.scans.codes.grids import (
    PIXELS_PER_MODULE,
    Field,
    Straightened,
    sample,
)
from escruta.sources.scans.codes.segments import text_of
from escruta.sources.scans.codes.symbols import FORMATS, LEVEL_NAMES, Blocks, Modules, Symbol, blocks_of, mask_of
from escruta.sources.scans.payloads import payload_of

Solver = Callable[[Chances, int], Chances]
"""From the chances of the bits of the data, and the version, to those of its codewords."""

UNUSED_PARITY = 2
"""Parity codewords of each block that are never used up: they only check."""
EVIDENCE_BITS = 40.0
"""A block is accepted when chance would have come to it with a probability of at most 2 to minus this."""
_ERASURES = (0, 0.12, 0.25, 0.37, 0.5, 0.62, 0.75, 0.87, 1.0)
_DOUBT = 0.2
"""How much of our trust in a codeword is spread evenly over all: being sure and wrong must not cost everything."""
_LEAST_SUPPORT_BITS = -8.0
"""What a copy may hold against a block that was decoded with another's help: what is covered says nothing, not no."""
_STEEP = 2.2
_SURE = 12.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A symbol that was read."""

    text: str
    level: str
    corrected: float
    evidence: float
    """Bits of evidence of the weakest block."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """How far the decoding of a symbol came."""

    reading: Reading | None
    modules: npt.NDArray[np.int8] | None
    """Modules of the blocks that were decoded: 1 dark, -1 light, 0 not known; None where none was."""


def odds_of(flat: Straightened, centres: Field, known: Modules) -> Field:
    """Weigh every module: its tone through an equaliser that is learnt on the modules that are known.

    `known` holds the function patterns, and whatever has been decoded already.
    """
    features = _features(flat.tone, centres)
    target = known.astype(np.float32)
    confident = np.abs(features[..., 12]) > 0.5  # noqa: PLR2004 - the middle of five times five
    weights = np.where(known != 0, 1.0, np.where(confident, 0.25, 0.0)).astype(np.float32)
    target = np.where(known != 0, target, np.sign(features[..., 12]))
    value = _equalised(features, target, weights)
    return _weighed(value, flat, centres, known)


def _features(tone: Field, centres: Field) -> Field:
    """Read the tone at five times five points around each centre, half a module apart."""
    import cv2  # noqa: PLC0415 - heavy

    smooth = cv2.GaussianBlur(tone, (0, 0), 0.16 * PIXELS_PER_MODULE)
    steps = np.arange(-2, 3) * (PIXELS_PER_MODULE / 2)
    around = [sample(np.asarray(smooth), centres + np.array([x, y], np.float32)) for y in steps for x in steps]
    return np.stack(around, axis=-1)


def _equalised(features: Field, target: Field, weights: Field) -> Field:
    """Fit the modules that are known by least squares, held to the plain tone where there is little to learn from."""
    plain = np.zeros(25)
    plain[[7, 11, 13, 17]], plain[12] = 0.1, 0.6
    rows = features.reshape(-1, 25).astype(np.float64)
    weight = weights.reshape(-1)
    chosen = weight > 0
    use, aim, by = rows[chosen], target.reshape(-1)[chosen], weight[chosen]
    ridge = 0.05 * by.sum() * np.eye(25)
    left = use.T @ (use * by[:, None]) + ridge
    right = use.T @ (aim * by) + ridge @ plain
    return np.asarray((rows @ np.linalg.solve(left, right)).reshape(target.shape), np.float32)


def _weighed(value: Field, flat: Straightened, centres: Field, known: Modules) -> Field:
    """Turn values into odds: less where contrast is low, and where the modules around are neither dark nor light."""
    import cv2  # noqa: PLC0415 - heavy

    size = np.clip(np.abs(value), 0, 1.2)
    around = cv2.blur(size, (5, 5), borderType=cv2.BORDER_REFLECT)
    clear = np.clip(around / max(1e-6, float(np.median(around))), 0.2, 1.3)
    contrast = sample(flat.contrast, centres)
    visible = np.clip(contrast / max(1e-6, float(np.median(contrast))), 0.1, 1.0)
    wrong = (value * known < 0).astype(np.float32)
    there = cv2.blur((known != 0).astype(np.float32), (7, 7), borderType=cv2.BORDER_REFLECT)
    faulty = cv2.blur(wrong, (7, 7), borderType=cv2.BORDER_REFLECT) / np.maximum(there, 0.1)
    trust = clear**2 * visible * (1 - np.clip(2.5 * faulty, 0, 0.9))
    noise = np.clip(np.abs(value) - 1, None, 0)  # half-tones are what noise makes
    spread = max(0.15, float(np.sqrt(np.mean(noise**2))))
    return np.asarray(np.clip(_STEEP * value * trust / spread, -_SURE, _SURE), np.float32)


def read_soft(symbol: Symbol, odds: Field, formats: int = 2) -> Progress:
    """Decode the odds of a symbol, under the likeliest formats."""
    best = Progress(reading=None, modules=None)
    places = symbol.format_places
    seen = np.tanh(odds[places[..., 0], places[..., 1]] / 2).sum(0)
    agreement = FORMATS @ seen
    for number in np.argsort(-agreement)[:formats]:
        level, mask = LEVEL_NAMES[number >> 3], int(number & 7)
        progress = _decode(symbol, odds, level, mask, FORMATS[number])
        if progress.reading or best.modules is None:
            best = progress
        if progress.modules is not None:
            break
    return best


def read_together(symbol: Symbol, one: Field, other: Field) -> Reading | None:
    """Decode what two printed copies of a code show together; None where one of them speaks against what comes out.

    Two codes on a picture may be of two sheets. Blocks of one and blocks of the other would then make a payload that
    is on neither, with every parity right; but the parity of each block is seen in both places.
    """
    progress = read_soft(symbol, one + other)
    if progress.reading is None or progress.modules is None:
        return None
    blocks = blocks_of(symbol.version, progress.reading.level)
    for odds in (one, other):
        if _least_support(symbol, blocks, progress.modules, odds) < _LEAST_SUPPORT_BITS:
            return None
    return progress.reading


def _least_support(symbol: Symbol, blocks: Blocks, modules: Modules, odds: Field) -> float:
    """Say how much the parity of each block is supported by the odds, in bits; the least of the blocks."""
    rows, columns = symbol.data_places[: 8 * blocks.codewords].T
    agreeing = np.clip(modules[rows, columns] * odds[rows, columns], -_SURE / 3, _SURE / 3)
    bits = (1 - np.log2(1 + np.exp(-agreeing))).reshape(-1, 8).sum(1)
    return min(float(bits[places[size:]].sum()) for places, size in zip(blocks.places, blocks.data, strict=True))


def _decode(symbol: Symbol, odds: Field, level: str, mask: int, form: npt.NDArray[np.int8]) -> Progress:
    blocks = blocks_of(symbol.version, level)
    rows, columns = symbol.data_places.T
    stream = (odds[rows, columns] * mask_of(symbol.version, mask))[: 8 * blocks.codewords]
    for solve in (text_chances, seal_chances):
        if not fits(solve, symbol.version, level, blocks):
            continue
        solved = _Blocks(stream, blocks, symbol.version, solve)
        solved.run()
        if any(word is not None for word in solved.words):
            break
    else:
        return Progress(reading=None, modules=None)
    return Progress(reading=solved.reading(level), modules=_modules(symbol, blocks, mask, form, solved))


def fits(solve: Solver, version: int, level: str, blocks: Blocks) -> bool:
    """Tell whether a symbol of this size may hold such a payload."""
    capacity = sum(blocks.data)
    if solve is text_chances:
        return version < 10 and 100 <= capacity <= 260  # noqa: PLR2004 - 99 to 219 characters
    return capacity >= 100 and level in "LMQH"  # noqa: PLR2004 - the shortest seal


class _Blocks:
    """The blocks of one symbol, decoded one after the other; each that is decoded helps the grammar with the others."""

    def __init__(self, stream: Field, blocks: Blocks, version: int, solve: Solver) -> None:
        self.blocks, self.version = blocks, version
        self.solve = solve
        likely = 1 / (1 + np.exp(-stream.astype(np.float64)))
        self.likely = np.clip(likely, 1e-6, 1 - 1e-6)
        self.words: list[npt.NDArray[np.uint8] | None] = [None] * len(blocks.places)
        self.evidence: list[float] = [0.0] * len(blocks.places)
        self.used: list[int] = [0] * len(blocks.places)

    def run(self) -> None:
        """Decode until nothing more comes."""
        while (before := self.missing) > 0:
            chances = self._chances()
            for number, word in enumerate(self.words):
                if word is None:
                    self._try(number, chances)
            if self.missing == before:
                return

    @property
    def missing(self) -> int:
        """How many blocks are not decoded."""
        return sum(word is None for word in self.words)

    def _chances(self) -> Chances:
        """Give the chances of each codeword of the stream."""
        likely = self.likely.copy().reshape(-1, 8)
        for places, word in zip(self.blocks.places, self.words, strict=True):
            if word is not None:
                likely[places] = np.clip(np.unpackbits(word).reshape(-1, 8), 1e-9, 1 - 1e-9)
        chances = codeword_chances(likely.reshape(-1))
        data = np.concatenate(
            [places[:size] for places, size in zip(self.blocks.places, self.blocks.data, strict=True)]
        )
        chances[data] = self.solve(likely[data].reshape(-1), self.version)
        return chances

    def _try(self, number: int, chances: Chances) -> None:
        """Give up more and more codewords, by what the grammar says and by what the bits alone say."""
        places = self.blocks.places[number]
        alone = codeword_chances(self.likely.reshape(-1, 8)[places].reshape(-1))
        best = EVIDENCE_BITS
        for own in (chances[places], alone):
            for word, evidence, used in _candidates(own, self.blocks.parity):
                if evidence >= best:
                    best = evidence
                    self.words[number], self.evidence[number], self.used[number] = word, evidence, used
            if self.words[number] is not None:
                return

    def reading(self, level: str) -> Reading | None:
        """Give the text when every block is decoded and the text is a payload."""
        words = [word for word in self.words if word is not None]
        if len(words) < len(self.words):
            return None
        data = b"".join(word[:size].tobytes() for word, size in zip(words, self.blocks.data, strict=True))
        text = text_of(data, self.version)
        if text is None or payload_of(text).is_refused:
            return None
        share = max(self.used) / self.blocks.parity
        return Reading(text=text, level=level, corrected=share, evidence=min(self.evidence))


def _candidates(own: Chances, parity: int) -> Iterator[tuple[npt.NDArray[np.uint8], float, int]]:
    """Decode a block with growing erasures; yield each word with its evidence and the parity that it used up."""
    word, sure = own.argmax(1).astype(np.uint8), own.max(1)
    order, most = np.argsort(sure), parity - UNUSED_PARITY
    counts = sorted({round(most * share) for share in _ERASURES})
    erased = np.zeros((len(counts), len(own)), bool)
    for row, count in enumerate(counts):
        erased[row, order[:count]] = True
    decoded = decode(np.tile(word, (len(counts), 1)), erased, parity)
    for row, count in enumerate(counts):
        errors = int(decoded.errors[row])
        if not decoded.is_word[row] or count + 2 * errors > most:
            continue
        found = decoded.words[row]
        given_up = erased[row] | (found != word)
        given = (1 - _DOUBT) * own[given_up, found[given_up]] + _DOUBT / 256
        agreement = float(np.log2(256 * given).sum())
        yield found, evidence_bits(len(own), parity, count, errors, agreement), count + 2 * errors


def _modules(
    symbol: Symbol, blocks: Blocks, mask: int, form: npt.NDArray[np.int8], solved: _Blocks
) -> npt.NDArray[np.int8] | None:
    """Give the modules of what was decoded, and of the format."""
    if all(word is None for word in solved.words):
        return None
    stream = np.zeros((blocks.codewords, 8), np.int8)
    for places, word in zip(blocks.places, solved.words, strict=True):
        if word is not None:
            stream[places] = np.where(np.unpackbits(word).reshape(-1, 8), 1, -1)
    modules = symbol.known.copy()
    rows, columns = symbol.data_places[: stream.size].T
    modules[rows, columns] = stream.reshape(-1) * mask_of(symbol.version, mask)[: stream.size]
    for copy in symbol.format_places:
        modules[copy[:, 0], copy[:, 1]] = form
    return modules

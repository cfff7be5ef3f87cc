"""Make the vectors that were worked out by hand: run it in this folder, and the diff is empty.

Everything here is written from the papers with whole numbers and fractions of the standard library alone, one draw or
box after the other, so that the vectors are not our own words come back. Where another program says something else, the
vector keeps what it says under `peer`.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from itertools import combinations, product
from pathlib import Path

HALF = Fraction(1, 2)


def wald(x: list[int], eta: Fraction) -> Fraction:
    """1 / T of Wald's test for x in {0, 1}: each 1 multiplies T by eta/t, each 0 by (1-eta)/(1-t); t = 1/2."""
    capital = Fraction(1)
    for value in x:
        capital *= eta / HALF if value else (1 - eta) / HALF
    return 1 / capital


def wald_doubled(x: list[int], eta: Fraction) -> Fraction:
    """The same with the running products multiplied up once more, which is what SHANGRLA's `wald_sprt` does."""
    running, doubled = Fraction(1), Fraction(1)
    best = Fraction(1)
    for value in x:
        running *= eta / HALF if value else (1 - eta) / HALF
        doubled *= running
        best = max(best, doubled)
    return 1 / best


def kaplan_markov(total: Fraction, tainted: list[Fraction]) -> Fraction:
    """P of Stark 2009, with understatements as they are."""
    found = Fraction(1)
    for taint in tainted:
        found *= (1 - 1 / total) / (1 - taint)
    return found


def fewest_draws(total: Fraction, limit: Fraction) -> int:
    """The first n with (1 - 1/U)^n at most the limit."""
    draws = 1
    while (1 - 1 / total) ** draws > limit:
        draws += 1
    return draws


def missed(boxes: int, different: int, drawn: int) -> Fraction:
    """C(N-K, n) / C(N, n)."""
    return Fraction(math.comb(boxes - different, drawn), math.comb(boxes, drawn))


def largest_product(centres: list[list[Fraction]], drawn: list[int]) -> Fraction:
    """Try every set of boxes that can change the outcome: the largest chance that none of them is drawn."""
    best = Fraction(0)
    ways = [[subset for size in range(len(boxes) + 1) for subset in combinations(boxes, size)] for boxes in centres]
    for placed in product(*ways):
        if sum(sum(subset) for subset in placed) >= 1:
            chances = [
                missed(len(boxes), len(subset), out) for boxes, subset, out in zip(centres, placed, drawn, strict=True)
            ]
            best = max(best, math.prod(chances, start=Fraction(1)))
    return best


def alpha_shrink(x: list[Fraction], eta: Fraction, d: int) -> list[Fraction]:
    """1 / T of ALPHA, d eta + S over d + j - 1, with c = 0 and u = 1, t = 1/2, with replacement."""
    capital, before, history = Fraction(1), Fraction(0), []
    for at, value in enumerate(x):
        guess = max((d * eta + before) / (d + at), HALF)
        capital *= value * guess / HALF + (1 - value) * (1 - guess) / HALF
        before += value
        history.append(1 / capital)
    return history


def one_or_more(text: list[Fraction]) -> list[str]:
    """Write fractions as texts."""
    return [str(each) for each in text]


def vectors() -> list[dict[str, object]]:
    """Give all vectors."""
    x = [1, 1, 0, 1, 1]
    fractions = [Fraction(each) for each in (1, 1, 0, 1, 1)]
    total = Fraction(23, 3)
    third = [Fraction(1, 3), Fraction(1, 4), Fraction(1, 4), Fraction(1, 5)]
    halves = [Fraction(1, 2), Fraction(2, 5), Fraction(1, 10)]
    return [
        {
            "id": "wald_once",
            "note": "SHANGRLA 9d5db92e wald_sprt applies cumprod twice; P is too small, and the risk limit is broken.",
            "x": x,
            "eta": "7/10",
            "expected": str(wald(x, Fraction(7, 10))),
            "peer": str(wald_doubled(x, Fraction(7, 10))),
        },
        {
            "id": "understatement",
            "note": "U = 23/3, taints 0, 0, -1/4: Arlo takes the last for 0.",
            "total": str(total),
            "taints": ["0", "0", "-1/4"],
            "expected": str(kaplan_markov(total, [Fraction(0), Fraction(0), Fraction(-1, 4)])),
            "peer": str(kaplan_markov(total, [Fraction(0)] * 3)),
        },
        {
            "id": "one_more_than_needed",
            "note": "U = 23/3 at 5 %: the fewest draws; Arlo asks for one more.",
            "total": str(total),
            "limit": "1/20",
            "expected": fewest_draws(total, Fraction(1, 20)),
            "peer": fewest_draws(total, Fraction(1, 20)) + 1,
        },
        {
            "id": "at_least_those_found",
            "note": "Stark 2010: n is at least o1+o2+u1+u2; rlacalc 0.4.0 has o1+o2+u1+u1. Margin 1, limit 9/10.",
            "margin": 1,
            "limit": 0.9,
            "misstatements": {"o1": 0, "o2": 0, "u1": 0, "u2": 9},
            "expected": 9,
            "peer": 0,
        },
        {"id": "hypergeometric", "boxes": 40, "different": 5, "drawn": 20, "expected": str(missed(40, 5, 20))},
        {
            "id": "per_centre",
            "centres": [one_or_more(third), one_or_more(halves), one_or_more(third[:2])],
            "drawn": [2, 1, 1],
            "expected": str(largest_product([third, halves, third[:2]], [2, 1, 1])),
        },
        {
            "id": "alpha_shrink",
            "x": x,
            "eta": "7/10",
            "d": 10,
            "expected": one_or_more(alpha_shrink(fractions, Fraction(7, 10), 10)),
        },
        {
            "id": "supermajority",
            "note": "Two thirds needed; 70, 20, 5 votes in one box, 75, 10, 10 in the other; 100 ballots each.",
            "share": "2/3",
            "votes": [[70, 20, 5], [75, 10, 10]],
            "bound": [100, 100],
            "expected": {
                "margin": 3 * 145 - 2 * 190,
                "shares": [str(Fraction(3 * 70 - 2 * 95 + 200, 55)), str(Fraction(3 * 75 - 2 * 95 + 200, 55))],
            },
        },
    ]


def main() -> None:
    """Write the file."""
    text = json.dumps({"vectors": vectors()}, indent=1, ensure_ascii=False)
    Path(__file__).with_name("by_hand.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

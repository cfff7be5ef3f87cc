"""A proof as a table for any spreadsheet: every sheet with its score, the best ones first, and the sums above them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import floor
from pathlib import Path

import numpy as np

from escruta.assessment.announced import Answer
from escruta.assessment.bounds import Certificate, Question
from escruta.assessment.known import Counts
from escruta.base.words import code_words

Row = tuple[object, ...]


def write_certificate(path: Path, answer: Answer) -> bool:
    """Write the proof that needs least: whatever the announcement covers, or else at the coverage that it claims.

    Says whether there was one. `docs/how-to/test-an-announcement.md` tells how to check the file by hand.
    """
    anywhere = answer.certificate_at_any_coverage
    if anywhere is not None:
        rows = _rows(answer, answer.question.at_any_coverage(), anywhere)
    elif answer.certificate is not None:
        rows = _rows(answer, answer.question, answer.certificate)
    else:
        return False
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)
    return True


def _rows(answer: Answer, question: Question, proof: Certificate) -> Iterator[Row]:
    weights, price = proof.weights[0], proof.coverage_prices[0]
    votes = question.votes
    scores = votes @ np.asarray(weights, dtype=np.int64) + price * question.sizes
    order = np.argsort(-scores, kind="stable")
    taken = _taken(question, scores, by_sorting=proof.by_sorting)
    required = 0 if proof.by_sorting else price * question.at_least[0]
    yield from _head(answer, question, proof)
    yield ("sheets whose scores are added up, the first below", taken)
    yield ("the sum of their scores", int(scores[order[:taken]].sum()))
    yield from _outside(question, weights)
    yield ("what the required coverage takes away", required)
    yield ("the best that any stations can score", proof.bound)
    yield ("too much by", proof.gap)
    yield ()
    names = (group.id for group in answer.groups)
    yield ("place", "station", *names, *(("registered_voters",) if price else ()), "score", "added")
    for place, row in enumerate(order, start=1):
        size = (int(question.sizes[row]),) if price else ()
        yield (
            place,
            plain_cell(str(answer.stations[int(row)])),
            *map(int, votes[row]),
            *size,
            int(scores[row]),
            int(place <= taken),
        )


def _outside(question: Question, weights: Sequence[int]) -> Iterator[Row]:
    """Write what the votes outside add; within limits, as the best mixture, with all that it is worked out from."""
    best = question.best_outside(weights)
    capacity = (question.capacity or 0) if best else 0
    limits = question.limits
    if limits is None:
        yield ("largest weight, and 0 if none is more", floor(best))
        yield ("voters outside at most", capacity)
        return
    mixture = limits.mixture(weights)
    yield (f"of {limits.unit} votes outside at most", *(int(share * limits.unit) for share in limits.shares))
    yield (f"so {limits.unit} of them score most", *mixture)
    yield ("what these score, and 0 if that is less", int(best * limits.unit))
    yield ("voters outside at most", capacity)
    yield (f"what all of them score at most: divided by {limits.unit}, rounded down", floor(best * capacity))


def _head(answer: Answer, question: Question, proof: Certificate) -> Iterator[Row]:
    yield ("announcement", answer.announcement)
    for code in answer.assumptions:
        yield (f"assumption: {code}", code_words(f"assumption.{code}", "en").title)
    if answer.outside.turnout < 1:
        yield ("turnout outside at most", _percent(answer.outside.turnout))
    for name, share in answer.outside.shares.items():
        yield (f"share outside at most: {name}", _percent(share))
    yield ("counted sheets", len(question.votes))
    yield ("at least so much of them is in the announcement", question.at_least[0])
    yield (
        "",
        *(group.id for group in answer.groups),
        *(("each registered voter",) if proof.coverage_prices[0] else ()),
    )
    price = (proof.coverage_prices[0],) if proof.coverage_prices[0] else ()
    yield ("weights", *proof.weights[0], *price)
    yield ("announced", *question.announced[0])
    yield ("what was announced scores", proof.announced_score)


def _taken(question: Question, scores: Counts, *, by_sorting: bool) -> int:
    positive = int((scores > 0).sum())
    if not by_sorting:
        return positive
    most = len(scores) if question.at_most[0] is None else min(len(scores), question.at_most[0])
    return min(max(positive, question.at_least[0]), most)


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g}%"


def plain_cell(text: str) -> str:
    """Write a text so that no spreadsheet takes it for a formula: behind an apostrophe where it looks like one."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text

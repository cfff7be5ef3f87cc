"""The night: the margin against what was still out, after each sheet that arrived, and since when it was settled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from escruta.assessment.known import Counts, KnownSheets, Universe


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """The state after each moment at which sheets arrived."""

    moments: pl.Series
    """Each moment once, in order."""
    stations: Counts
    """Stations in, after the moment."""
    votes: Counts
    """Shape `(moments, candidates)`."""
    outside: Counts
    """Registered voters of all stations that were not in."""
    leaders: Counts
    """The place of the leader among the candidates."""
    margins: Counts
    """The leader's votes less the next one's."""
    settled: int | None
    """The first moment from which on the same candidate led by more than was outside, to the end; None if never."""

    @property
    def settled_at(self) -> object:
        """When it was settled."""
        return None if self.settled is None else self.moments[self.settled]


def night_of(known: KnownSheets, arrivals: pl.Series, universe: Universe) -> Night | None:
    """Add the sheets up in the order in which they arrived.

    Args:
        known: the sheets that count.
        arrivals: when each of them arrived; where that is null, it is taken to have come after all others.
        universe: what there is in all.

    None where nobody says how many registered voters there are, or when nothing arrived.
    """
    if universe.voters_outside(known) is None or arrivals.is_null().all() or universe.registered_voters is None:
        return None
    order = arrivals.arg_sort(nulls_last=True).to_numpy()
    in_order = arrivals.gather(order).drop_nulls()
    dated = order[: len(in_order)]
    last = np.flatnonzero(np.append((in_order[1:] != in_order[:-1]).to_numpy(), True))
    votes = np.cumsum(known.votes[dated], axis=0)[last]
    voters = np.where(known.registered_voters >= 0, known.registered_voters, known.ballots)
    taken = np.maximum(np.cumsum(voters[dated]), np.cumsum(known.ballots[dated]))[last]
    outside = universe.registered_voters - taken
    leaders = votes.argmax(axis=1)
    margins = _margins(votes)
    return Night(
        moments=in_order.gather(last),
        stations=(last + 1).astype(np.int64),
        votes=votes,
        outside=outside,
        leaders=leaders,
        margins=margins,
        settled=_settled(leaders, margins > outside),
    )


def _margins(votes: Counts) -> Counts:
    if votes.shape[1] < 2:  # noqa: PLR2004 - nobody to lead
        return votes[:, 0]
    two = np.partition(votes, votes.shape[1] - 2, axis=1)[:, -2:]
    margin: Counts = two[:, 1] - two[:, 0]
    return margin


def _settled(leaders: Counts, ahead: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int | None:
    holds = ahead & (leaders == leaders[-1])
    if not holds[-1]:
        return None
    open_ = np.flatnonzero(~holds)
    return int(open_[-1]) + 1 if len(open_) else 0

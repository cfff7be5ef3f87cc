"""What was drawn and counted of whole boxes, put together with what was published of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from escruta.apps.audits.counting import MISSING, Counted, counts_of
from escruta.apps.audits.draws import Draw, draws_of
from escruta.apps.audits.folders import AuditFolder
from escruta.apps.audits.planning import BOXES, bounds_of
from escruta.apps.audits.tables import Table, read_boxes
from escruta.audit.batches import Counts, Flags, Floats
from escruta.audit.macro import UNIT, ErrorBounds, overstatements, taints


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was drawn and counted, a row a draw."""

    table: Table
    bounds: ErrorBounds
    draws: tuple[Draw, ...]
    drawn: Counts
    paper: Counts
    """Votes on the paper, `(draws, options)`."""
    slips: Counts
    """All slips on the paper, `(draws,)`."""
    missing_slips: Counts
    """Slips that the published sheet says were cast and that are not there."""
    box_missing: Flags

    @property
    def errors(self) -> Floats:
        """How wrong each box is, in margins; a box that is not there is as wrong as it can be."""
        found = overstatements(
            self.table.batches, self.bounds, self.drawn, self.paper, missing_slips=self.missing_slips
        )
        return np.where(self.box_missing, self.bounds.units[self.drawn] / UNIT, found)

    @property
    def tainted(self) -> Floats:
        """The same as a part of the most that it could be."""
        return taints(self.bounds, self.drawn, self.errors, box_missing=self.box_missing)

    @property
    def is_above(self) -> Flags:
        """At which draws the box holds more slips than the plan allowed for, or differs by more than it could."""
        found: Flags = (self.slips > self.table.batches.bound[self.drawn]) | (self.tainted > 1)
        return found


def sample_of(audit: AuditFolder, plan: Mapping[str, Any]) -> Sample:
    """Put the draws of whole boxes and their counts together."""
    table = read_boxes(audit.read(BOXES))
    counts = counts_of(audit, table.batches.options)
    draws = tuple(each for each in draws_of(audit) if each.slip is None and each.name in counts)
    drawn = np.array([each.box for each in draws], dtype=np.int64)
    found: list[Counted] = [counts[each.name] for each in draws]
    slips = np.array([each.slips for each in found], dtype=np.int64)
    is_missing = np.array([each.state == MISSING for each in found], dtype=np.bool_)
    return Sample(
        table=table,
        bounds=bounds_of(plan, table.units, table.units / UNIT),
        draws=draws,
        drawn=drawn,
        paper=np.array([each.votes for each in found], dtype=np.int64).reshape(len(found), len(table.batches.options)),
        slips=slips,
        missing_slips=np.where(is_missing, 0, np.maximum(table.ballots[drawn] - slips, 0)),
        box_missing=is_missing,
    )


def differs(sample: Sample) -> Flags:
    """Say at which draws the paper says something else than was published, or is not there."""
    other = (sample.paper != sample.table.batches.votes[sample.drawn]).any(axis=1)
    found: Flags = other | sample.box_missing
    return found


def counted_in_full(sample: Sample) -> bool:
    """Say whether every box of the table was counted."""
    return int(np.unique(sample.drawn).size) == len(sample.table.batches)


def missing_of(sample: Sample) -> Counts:
    """Give the slips that are not there; of a box that is not there, all that it could hold."""
    return np.where(sample.box_missing, sample.table.batches.bound[sample.drawn], sample.missing_slips)

"""Results for a command that asks something of them: from a record that is there, or from an election's files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from escruta.apps import api
from escruta.apps.examine import Progress
from escruta.base.errors import InputError
from escruta.record.contents import Results

_SUMMARY, _DEFINITION = "summary.json", "election.json"


def open_results(
    place: Path,
    *,
    data: Path | None = None,
    sources: Sequence[str] = (),
    policy: str | None = None,
    progress: Progress | None = None,
) -> Results:
    """Take a record's readings, or examine an election's files; either way everything is worked out anew.

    A record is trusted here: `escruta verify` is what checks one.

    Raises:
        InputError: the place is neither, or cannot be used.
    """
    if (place / _SUMMARY).is_file():
        return _of_record(place, sources, policy)
    return api.examine(place, data=data, sources=sources or None, policy=policy, progress=progress)


def _of_record(folder: Path, sources: Sequence[str], policy: str | None) -> Results:
    from escruta.apps.verify.recomputing import recompute  # noqa: PLC0415 - only records need it
    from escruta.election.structure import parse_structure  # noqa: PLC0415 - likewise

    try:
        summary = json.loads((folder / _SUMMARY).read_bytes())
        document = json.loads((folder / _DEFINITION).read_bytes())
    except (OSError, ValueError) as error:
        raise InputError("the record cannot be read", where=str(folder), found=str(error)) from error
    election, faults = parse_structure(document, _DEFINITION)
    if election is None:
        raise InputError(
            "the record's definition cannot be used", where=str(folder / _DEFINITION), found=str(faults[0])
        )
    if sources:
        known = [each.id for each in election.sources]
        unknown = [each for each in sources if each not in known]
        if unknown:
            raise InputError("there is no such source", found=", ".join(unknown), expected=", ".join(known))
        kept = tuple(each for each in election.sources if each.id in sources)
        election = election.model_copy(update={"sources": kept})
    if policy is not None:
        summary = {**summary, "contests": [{**each, "policy": policy} for each in summary["contests"]]}
    try:
        return recompute(election, summary, lambda name: pl.read_parquet(folder / f"{name}.parquet"))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(
            "the record's tables cannot be used",
            where=str(folder),
            found=str(error).splitlines()[0][:200],
            expected="a whole record, as this version of escruta writes it",
            advice="Verify it (escruta verify), or make it again with `escruta run`.",
        ) from error

"""`escruta init`: from sample files to a definition that can be run at once and corrected at leisure."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from escruta.apps.init.guesses import Guess, guess
from escruta.apps.init.heading import heading_of
from escruta.apps.init.plan import Plan, make_plan, stamp_of
from escruta.apps.init.samples import Sample, read_samples, shared_folder
from escruta.apps.init.writing import write_definition
from escruta.base.errors import InputError, LayoutMismatch
from escruta.election.reading import parse_election


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A proposed definition."""

    toml: str
    """The text of an `election.toml`; it is a valid definition, and its guesses are marked `CHECK:`."""
    notes: tuple[str, ...]
    """What was found and what was left out, a sentence each."""
    data_folder: Path
    """The folder that the paths in the definition start from: what `--data` must name."""


def propose_definition(
    files: Sequence[Path],
    *,
    election_id: str = "election",
    name: str | None = None,
    date: dt.date | None = None,
    country: str | None = None,
    data_folder: Path | None = None,
) -> Proposal:
    """Guess an election's definition from sample files: their headers, and what stands under them.

    Several files of one shape become snapshots of one count; files of other shapes become further sources where the
    same polling stations are found in them. Raises `InputError` where a file cannot be read, or where no file has a row
    for each polling station.
    """
    samples = read_samples(files, data_folder)
    guesses, failures = _guesses(samples)
    if not guesses:
        raise failures[0][1]
    plan = make_plan(guesses)
    stamps = [stamp_of(each) for each in guesses]
    heading = heading_of(election_id, name=name, date=date, country=country, stamps=stamps)
    toml = write_definition(plan, heading)
    parse_election(toml, where="the proposed definition")
    folder = (data_folder or shared_folder(files)).resolve()
    return Proposal(toml=toml, notes=_notes(plan, failures, toml), data_folder=folder)


def _guesses(samples: Sequence[Sample]) -> tuple[list[Guess], list[tuple[Sample, InputError]]]:
    guesses: list[Guess] = []
    failures: list[tuple[Sample, InputError]] = []
    for sample in samples:
        try:
            guesses.append(guess(sample))
        except LayoutMismatch as error:
            failures.append((sample, error))
    return guesses, failures


def _notes(plan: Plan, failures: Sequence[tuple[Sample, InputError]], toml: str) -> tuple[str, ...]:
    notes = [f"{plan.stations:,} polling stations, told apart by {', '.join(part.id for part in plan.parts)}."]
    if plan.units:
        notes.append(f"{len(plan.units)} levels of areas: {' > '.join(unit.id for unit in plan.units)}.")
    for contest in plan.contests:
        candidates = len(contest.guess.figures.candidates)
        notes.append(
            f"Contest `{contest.id}`: {candidates} candidates; figures: {', '.join(contest.figures) or 'none'}."
        )
    for source in plan.sources:
        later = f", replaces {', '.join(source.supersedes)}" if source.supersedes else ""
        notes.append(f"Source `{source.id}`: {source.rows.rows:,} rows{later}.")
    notes += [f"{sample.title} was left out: {error.what}." for sample, error in failures]
    notes += plan.notes
    return (*notes, f"{toml.count('CHECK')} guesses are marked CHECK.")

"""Write the whole demo: the definition, the register, the sources' files, and the truth."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from escruta.apps.demo.bulletins import announce
from escruta.apps.demo.chance import Chance
from escruta.apps.demo.definition import Country, define, definition_head
from escruta.apps.demo.files import REGISTER, STYLES, Form, register_rows, source_rows, write_rows
from escruta.apps.demo.mistakes import MADE_UP, MISTAKES, make_mistakes
from escruta.apps.demo.night import clock, hold_night, when_nothing_arrived
from escruta.apps.demo.places import lay_out
from escruta.apps.demo.readings import UNLISTED_TABLE, sheets_held, with_repeats
from escruta.apps.demo.republic import SLOTS, SOURCE_IDS, SourceId
from escruta.apps.demo.toml import to_toml
from escruta.apps.demo.truth import TRUTH_NAME, Planted, Truth, write_truth

_NEXT_DAY = 600  # minutes after the close of the polls


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoElection:
    """The demo as it was written: a folder with a definition and the files that it names."""

    folder: Path
    definition: Path
    truth_file: Path
    truth: Truth


def write_demo(
    out: Path,
    *,
    stations: int = 2000,
    seed: int = 2024,
    form: Literal["csv", "parquet"] = "csv",
    sources: Sequence[str] | None = None,
) -> DemoElection:
    """Write the election night of a fictional republic into a folder.

    The same arguments give the same bytes. `sources` leaves out every source that it does not name, of `authority`,
    `party-a`, `party-b` and `observers`. Raises `ValueError` for a country without stations or an unknown source.
    """
    kept = _kept(sources)
    if stations < 1:
        message = f"a country of {stations} polling stations: expected at least 1"
        raise ValueError(message)
    chance = Chance(seed)
    places, centres = lay_out(stations, chance)
    night = hold_night(places, chance, kept)
    kept = tuple(source for source in kept if _sum(night, f"has.{source}"))  # who holds nothing publishes nothing
    night = make_mistakes(night, chance, kept)
    out.mkdir(parents=True, exist_ok=True)
    digests = _write_files(night, centres, out, form, kept)
    definition = out / "election.toml"
    text = to_toml(define(_country(night), digests, kept, form, _bulletins(night, chance, kept)))
    definition.write_text(f"{definition_head()}{text}", encoding="utf-8", newline="\n")
    truth = _truth(night, chance, kept)
    write_truth(truth, out / TRUTH_NAME)
    return DemoElection(folder=out, definition=definition, truth_file=out / TRUTH_NAME, truth=truth)


def _kept(sources: Sequence[str] | None) -> tuple[SourceId, ...]:
    if sources is None:
        return SOURCE_IDS
    unknown = sorted(set(sources) - set(SOURCE_IDS))
    if unknown or not sources:
        message = f"sources {', '.join(unknown) or 'none'}: expected some of {', '.join(SOURCE_IDS)}"
        raise ValueError(message)
    return tuple(source for source in SOURCE_IDS if source in sources)


def _country(night: pl.DataFrame) -> Country:
    return Country(
        stations=night.height,
        registered_voters=_sum(night, "registered_voters"),
        centre_code_width=len(night.item(0, "centre_code")),
    )


def _write_files(
    night: pl.DataFrame, centres: pl.DataFrame, out: Path, form: Form, sources: Sequence[SourceId]
) -> dict[str, str]:
    """Write the register and each source's file; give the SHA-256 of each, by its path."""
    written = [write_rows(register_rows(night, centres), REGISTER, out, form)]
    for source in sources:
        rows = source_rows(source, with_repeats(sheets_held(night, source)), centres)
        written.append(write_rows(rows, STYLES[source], out, form))
    return {path.relative_to(out).as_posix(): _sha256(path) for path in written}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _bulletins(night: pl.DataFrame, chance: Chance, sources: Sequence[SourceId]) -> list[dict[str, object]]:
    if "authority" not in sources:
        return []
    return announce(sheets_held(night, "authority"), night.height, when_nothing_arrived(chance))


def _truth(night: pl.DataFrame, chance: Chance, sources: Sequence[SourceId]) -> Truth:
    outage = when_nothing_arrived(chance)
    return Truth(
        seed=chance.seed,
        stations=night.height,
        registered_voters=_sum(night, "registered_voters"),
        votes={who: sum(_sum(night, f"option.{slot}") for slot in slots) for who, slots in SLOTS.items()},
        null=_sum(night, "null"),
        blank=_sum(night, "blank"),
        outage={"begins": clock(outage.begins).isoformat(), "ends": clock(outage.ends).isoformat()},
        holdings={source: _sum(night, f"has.{source}") for source in sources},
        planted=tuple(planted for planted in _planted(night, sources) if planted.stations),
    )


def _planted(night: pl.DataFrame, sources: Sequence[SourceId]) -> list[Planted]:
    """List what happened: what befell the transmission, then the one batch, then the mistakes."""
    never = pl.col("arrives").is_null()
    kinds = [_happened(night, "nobody-has", None, pl.col("nobody"))]
    if "authority" in sources:
        kinds += [
            _happened(night, "lost-in-the-outage", "authority", pl.col("awaited") & never),
            _happened(night, "after-the-outage", "authority", pl.col("awaited") & ~never),
            _happened(night, "next-day", "authority", pl.col("arrives") > _NEXT_DAY),
        ]
    givers = dict(night.drop_nulls("planted").select("planted", "planted_in").unique().iter_rows())
    catalogue = (MADE_UP, *(mistake.kind for mistake in MISTAKES))
    return kinds + [_happened(night, kind, givers.get(kind), pl.col("planted") == kind) for kind in catalogue]


def _happened(night: pl.DataFrame, kind: str, source: str | None, where: pl.Expr) -> Planted:
    table = pl.lit(UNLISTED_TABLE) if kind == "not-on-register" else pl.col("table")
    station = pl.concat_str("centre_code", pl.lit("."), table.cast(pl.String))
    return Planted(kind=kind, source=source, stations=tuple(night.filter(where).select(station).to_series()))


def _sum(night: pl.DataFrame, column: str) -> int:
    return int(night.get_column(column).sum())

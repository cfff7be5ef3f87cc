"""What the register and the sources say of stations and areas, and how it is drawn together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from escruta.base.distinct import all_distinct, in_order_of
from escruta.base.splicing import spliced, with_only, with_own_texts
from escruta.election.definition import Election, StationKey

VOTERS = "registered_voters"

NOT_GIVEN = "—"
"""Stands for an area that is not said of a station where wider or narrower ones are: abroad there are no districts."""


def with_codes_filled(frame: pl.DataFrame, election: Election) -> pl.DataFrame:
    """Let what is said of a station name an area of each level, or of none."""
    codes = [f"code.{level.id}" for level in election.levels]
    if not any(frame[code].null_count() for code in codes):
        return frame
    some = pl.any_horizontal(pl.col(codes).is_not_null())
    return frame.with_columns(pl.when(some).then(pl.col(code).fill_null(NOT_GIVEN)).alias(code) for code in codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the register and the sources say of stations and areas; what is said first of a station's area stands."""

    frames: tuple[pl.DataFrame, ...]
    """`station`, `code.<level>`, `name.<level>`, `registered_voters`, each station once; the register is the first."""
    has_register: bool
    is_both: bool
    """Whether the register is a source too: it counts twice, when it comes to what an area is called."""

    def is_like(self, other: Told) -> bool:
        """Whether another is of as many frames, with the register in the same place."""
        kinds = (self.has_register, self.is_both, len(self.frames))
        return kinds == (other.has_register, other.is_both, len(other.frames))

    def stations(self, election: Election) -> pl.DataFrame:
        """List the stations."""
        return _stations(self.frames, election, has_register=self.has_register)

    def areas(self, election: Election, stations: pl.DataFrame) -> pl.DataFrame:
        """List the areas in which stations lie."""
        weights = [1 + (self.is_both and at == 0) for at in range(len(self.frames))]
        return _with_stations(_areas(self.frames, weights, election), stations, len(election.levels))

    def only(self, column: str, values: pl.Series) -> Told:
        """Keep what is said where a column has one of some values."""
        return replace(self, frames=tuple(with_only(frame, column, values) for frame in self.frames))

    def again(
        self, election: Election, touched: pl.Series, before: Told, stations: pl.DataFrame, areas: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """List stations and areas where only what is said of some stations differs from what was said before.

        What an area is called follows from what is said of the stations in it, so that those of the same widest areas
        are gone through again; but for what calls no area otherwise.
        """
        was, now = before.only("station", touched), self.only("station", touched)
        lay, lie = with_only(stations, "station", touched), now.stations(election)
        found = stations if lie.equals(lay) else spliced(stations, "station", touched, lie)
        lie_in = lie["area"].drop_nulls()
        stay = lay["area"].drop_nulls().is_in(lie_in.implode()).all()  # then no area lost its last station
        stay = stay and lie_in.is_in(areas["area"].implode()).all()  # and none got its first one
        if not election.levels or (stay and now.calls_areas_as(areas, was, election)):
            return found, areas
        widest = f"code.{election.levels[0].id}"
        codes = pl.concat([frame[widest] for each in (was, now) for frame in each.frames]).drop_nulls().unique()
        lies_in = pl.col("area").str.extract("^([^/]*)")
        within = lies_in.is_in(codes.implode()) & (pl.col("level") > 0)
        part = self.only(widest, codes).areas(election, found.filter(lies_in.is_in(codes.implode())))
        again = pl.concat([areas.filter(~within), with_own_texts(part.filter(within))])
        return found, again.sort("level", "area")

    def calls_areas_as(self, areas: pl.DataFrame, before: Told, election: Election) -> bool:
        """Whether it is sure that areas are called the same when this is said in place of what was said before.

        It is where no name is taken back, and whoever names an area calls it as it is called already.
        """
        differing = [each for each in zip(before.frames, self.frames, strict=True) if not each[0].equals(each[1])]
        names = [f"name.{level.id}" for level in election.levels]
        if any(was[name].count() for was, _ in differing for name in names):
            return False
        said = [now.select(*_called(depth, election)) for _, now in differing for depth in range(1, len(names) + 1)]
        if not said:
            return True
        called = pl.concat(said).drop_nulls("area").join(areas.select("area", known="name"), on="area", how="left")
        as_known = pl.coalesce("name", "known") == pl.col("known")
        return called.filter(~as_known.fill_null(value=False)).is_empty()


def _called(depth: int, election: Election) -> tuple[pl.Expr, pl.Expr]:
    """Give the area of some depth that a row speaks of, and its name there."""
    codes = [f"code.{each.id}" for each in election.levels[:depth]]
    name = f"name.{election.levels[depth - 1].id}"
    return pl.concat_str(codes, separator="/").alias("area"), pl.col(name).alias("name")


def _stations(told: Sequence[pl.DataFrame], election: Election, *, has_register: bool) -> pl.DataFrame:
    """List the stations; each frame has each of its own once, and the first one is the register where there is one."""
    codes = [f"code.{level.id}" for level in election.levels]
    path = pl.concat_str(codes, separator="/") if codes else pl.lit("")
    spoken_of = [
        frame.select(
            "station",
            on_register=pl.lit(at == 0 and has_register),
            area=path,
            voters=pl.col(VOTERS) if at == 0 and has_register else pl.lit(None, dtype=pl.Int64),
        )
        for at, frame in enumerate(told)
    ]
    stations = spoken_of[0] if len(spoken_of) == 1 else _first_said(pl.concat(spoken_of))
    return in_order_of(
        "station",
        stations.select("station", "area", "on_register", name=_name(election.stations), registered_voters="voters"),
    )


def _first_said(spoken_of: pl.DataFrame) -> pl.DataFrame:
    """Draw what is said of each station into one row: what is said first stands."""
    if all_distinct(spoken_of["station"]):
        return spoken_of
    return (
        spoken_of.lazy()
        .group_by("station")
        .agg(
            pl.col("on_register").any(),
            area=pl.col("area").drop_nulls().first(),
            voters=pl.col("voters").drop_nulls().first(),
        )
        .collect()
    )


def _name(stations: StationKey) -> pl.Expr:
    """Call a station by the last part of its key, where there are parts that can be told apart."""
    if len(stations.key) == 1 or not stations.separator:
        return pl.col("station")
    return pl.col("station").str.split(stations.separator).list.last()


def _with_stations(areas: pl.DataFrame, stations: pl.DataFrame, levels: int) -> pl.DataFrame:
    """Keep the areas in which a station lies; an area that only a later source names for it is none of them."""
    paths = stations.select(pl.col("area").unique().drop_nulls().str.split("/"))
    wider = [paths.select(pl.col("area").list.head(depth).list.join("/")) for depth in range(1, levels + 1)]
    lie_in = pl.concat([pl.DataFrame({"area": [""]}), *wider]).unique()
    return areas.join(lie_in, on="area", how="semi", maintain_order="left")


def _areas(told: Sequence[pl.DataFrame], weights: Sequence[int], election: Election) -> pl.DataFrame:
    """List every area; where one has several names, the commonest stands, and the first of those in the alphabet."""
    country = pl.DataFrame({"area": [""], "level": [0], "code": [""]}, schema_overrides={"level": pl.Int64})
    frames = [country.with_columns(level_id=pl.lit(None, dtype=pl.String), name=pl.lit(None, dtype=pl.String))]
    if election.levels:
        words = [f"{what}.{level.id}" for level in election.levels for what in ("code", "name")]
        said = pl.concat(
            frame.group_by(words).agg(times=pl.len().cast(pl.Int64) * weight)
            for frame, weight in zip(told, weights, strict=True)
        )
        frames += [_areas_at(depth, said, election) for depth in range(1, len(election.levels) + 1)]
    parent = pl.col("area").str.replace(r"/?[^/]*$", "")
    return (
        pl.concat(frames, how="diagonal")
        .with_columns(parent=pl.when(pl.col("level") > 0).then(parent))
        .select("area", "level", "level_id", "code", "name", "parent")
        .sort("level", "area")
    )


def _areas_at(depth: int, said: pl.DataFrame, election: Election) -> pl.DataFrame:
    level = election.levels[depth - 1]
    return (
        said.lazy()
        .select("times", *_called(depth, election), code=f"code.{level.id}")
        .filter(pl.col("area").is_not_null())
        .group_by("area", "code", "name")
        .agg(pl.col("times").sum())
        .sort(pl.col("name").is_null(), -pl.col("times"), "name")
        .group_by("area", maintain_order=True)
        .agg(pl.col("code", "name").first())
        .select(
            "area",
            level=pl.lit(depth, dtype=pl.Int64),
            code="code",
            level_id=pl.lit(level.id),
            name=pl.coalesce("name", "code"),
        )
        .collect()
    )

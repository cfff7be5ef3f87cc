"""Where people vote: regions, municipalities, wards, centres and polling stations with invented names.

Built from the narrowest up: so many stations to a centre, centres to a ward, wards to a municipality; the regions then
share the municipalities unevenly. A centre's code holds the codes of the areas that it lies in.
"""

from __future__ import annotations

from itertools import accumulate, pairwise

import polars as pl

from escruta.apps.demo.chance import Chance

_STARTS = tuple("Al Bar Cor Dun El Fal Gar Hol Is Jar Kel Lor Mar Nor Ol Par Quil Ros Tar Ul Ver Xan Yol Zar".split())
_MIDDLES = tuple("a ande avi e edo elé enta i ibra imé o ola onda ordi ósa una uri aña".split())
_ENDS = tuple("bela cosa dra feria gal lanca mera nova pena queda ría sol tara ven vera zón dana lio mir ños".split())
_SURNAMES = ("", " Alta", " Mayor", " Vieja", " Clara", " Norte", " Sur", " Baja")
_BUILDINGS = tuple("Scola Liceo Casa Sala Teatro Torre Molino Gimnasio".split())
_STRIDE = 7919  # a prime that divides no count of syllables, so that neighbours never share a name
_MOST_REGIONS = 16


def lay_out(stations: int, chance: Chance) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lay out a country: its stations, and its centres with codes and names.

    The first frame has a row a station: `index`, `centre` (the row of the second frame), `table` (from 1), and the
    indexes of its `ward` and `region`, which lend a neighbourhood its habits.
    """
    tables = _families(stations, 1, 6, chance, "stations-of-centre")
    centres = _with_areas(_last(tables) + 1, chance)
    frame = tables.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("index"),
        pl.col("parent").alias("centre"),
        (pl.col("position") + 1).alias("table"),
    )
    habits = centres.select(pl.col("index").alias("centre"), "centre_code", "ward", "region")
    return frame.join(habits, on="centre", how="left", maintain_order="left"), centres


def _with_areas(centres: int, chance: Chance) -> pl.DataFrame:
    """Put each centre into its ward, municipality and region."""
    of_ward = _families(centres, 2, 8, chance, "centres-of-ward")
    of_municipality = _families(_last(of_ward) + 1, 2, 9, chance, "wards-of-municipality")
    of_region = _regions(_last(of_municipality) + 1, chance)
    areas = (
        of_ward.select(
            pl.int_range(pl.len(), dtype=pl.UInt32).alias("index"),
            pl.col("parent").alias("ward"),
            pl.col("position").alias("centre_no"),
        )
        .join(_numbered(of_municipality, "ward", "municipality"), on="ward", how="left", maintain_order="left")
        .join(_numbered(of_region, "municipality", "region"), on="municipality", how="left", maintain_order="left")
    )
    width = len(str(_largest(of_region, "position") + 1))
    return areas.with_columns(_code(width).alias("centre_code"), *_names(chance))


def code_widths(centre_code_width: int) -> dict[str, int]:
    """Tell how many digits of a centre's code are the code of the area of each level.

    >>> code_widths(7)
    {'region': 2, 'municipality': 3, 'ward': 5, 'centre': 7}
    """
    whole = centre_code_width
    return {"region": 2, "municipality": whole - 4, "ward": whole - 2, "centre": whole}


def _families(children: int, least: int, most: int, chance: Chance, purpose: str) -> pl.DataFrame:
    """Give `children` a parent each, every parent having `least` to `most`: columns `parent` and `position` from 0."""
    parents = pl.select(parent=pl.int_range(children // least + 1, dtype=pl.UInt32)).with_columns(
        size=least + chance.below(purpose, most - least + 1, of="parent")
    )
    needed = parents.filter(pl.col("size").cum_sum() - pl.col("size") < children)
    return _spread(needed).head(children)


def _regions(municipalities: int, chance: Chance) -> pl.DataFrame:
    """Share the municipalities among regions of uneven size, at least one to each."""
    count = max(1, min(_MOST_REGIONS, municipalities // 3))
    weights = [2 + chance.number(f"size-of-region-{region}", 5) for region in range(count)]
    bounds = [municipalities * reached // sum(weights) for reached in (0, *accumulate(weights))]
    sizes = [after - before for before, after in pairwise(bounds)]
    schema = {"parent": pl.UInt32, "size": pl.Int64}
    return _spread(pl.DataFrame({"parent": range(count), "size": sizes}, schema=schema))


def _spread(parents: pl.DataFrame) -> pl.DataFrame:
    """Make a row a child of parents that have a `size` each."""
    return parents.select(
        pl.col("parent").repeat_by("size").explode(),
        pl.int_ranges(0, "size").explode().alias("position"),
    )


def _numbered(families: pl.DataFrame, child: str, parent: str) -> pl.DataFrame:
    return families.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias(child),
        pl.col("parent").alias(parent),
        pl.col("position").alias(f"{child}_no"),
    )


def _code(municipality_width: int) -> pl.Expr:
    """Write a centre's code: region, municipality, ward and centre, each numbered from 1."""
    parts = {"region": 2, "municipality_no": municipality_width, "ward_no": 2, "centre_no": 2}
    return pl.concat_str([(pl.col(part) + 1).cast(pl.String).str.zfill(width) for part, width in parts.items()])


def _names(chance: Chance) -> list[pl.Expr]:
    """Name the areas of each level; neighbours have different names."""
    building = _from_list(_BUILDINGS, chance.below("building", len(_BUILDINGS)))
    areas = ("region", "municipality", "ward")
    named = [_place(pl.col(area), chance.number(f"{area}-names", 1 << 30)).alias(f"{area}_name") for area in areas]
    centre = _place(pl.col("index"), chance.number("centre-names", 1 << 30))
    return [*named, pl.concat_str(building, centre, separator=" ").alias("centre_name")]


def _place(index: pl.Expr, offset: int) -> pl.Expr:
    """Invent a name for each index."""
    number = index.cast(pl.Int64) * _STRIDE + offset
    whole = len(_STARTS) * len(_MIDDLES) * len(_ENDS)
    syllables = (
        _from_list(_STARTS, number % len(_STARTS)),
        _from_list(_MIDDLES, number // len(_STARTS) % len(_MIDDLES)),
        _from_list(_ENDS, number // (len(_STARTS) * len(_MIDDLES)) % len(_ENDS)),
        _from_list(_SURNAMES, index.cast(pl.Int64) // whole % len(_SURNAMES)),
    )
    return pl.concat_str(syllables)


def _from_list(words: tuple[str, ...], index: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(words)).gather(index)


def _last(families: pl.DataFrame) -> int:
    return _largest(families, "parent")


def _largest(frame: pl.DataFrame, column: str) -> int:
    return int(frame.get_column(column).max() or 0)  # type: ignore[arg-type] # the column holds whole numbers

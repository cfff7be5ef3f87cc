"""A fictional Andean country in the shape of real files: seven levels, accents, two contests in one file, snapshots.

Names repeat under different parents, countries abroad stand at the top level beside the country itself, and blank votes
are not valid.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl

PARTIES = ("CC", "FPV", "MTS", "UCS", "MAS - IPSP", "21F", "PDC", "MNR", "PAN-BOL")
CONTESTS = ("Presidente y Vicepresidente", "Diputados Uninominales")
DEPARTMENTS = ("Chuquisaca", "La Paz", "Cochabamba", "Oruro", "Tarija")
ABROAD = ("Argentina", "España")
PROVINCES = ("Cercado", "Yungas", "Murillo")
MUNICIPALITIES = ("San Pedro", "Santa Rosa")


STATIONS = 224
"""Polling stations, at home and abroad."""


def tables() -> Iterator[dict[str, object]]:
    """One row a polling station, with where it lies."""
    code = 10_000
    for country, departments in (("Bolivia", DEPARTMENTS), *((name, (f"{name} Norte", "Capital")) for name in ABROAD)):
        for number, department in enumerate(departments, 1):
            for province in PROVINCES[: 2 if country == "Bolivia" else 1]:
                for town, municipality in enumerate(MUNICIPALITIES, 1):
                    for place in ("Pueblo Nuevo", "Villa Fátima"):
                        for school in ("Colegio Nacional", "Escuela Simón Bolívar"):
                            for table in range(1, 3):
                                code += 1
                                yield {
                                    "País": country,
                                    "Número departamento": number,
                                    "Departamento": department,
                                    "Provincia": province,
                                    "Número municipio": town,
                                    "Municipio": municipality,
                                    "Circunscripción": number * 2 + (place == "Pueblo Nuevo"),
                                    "Localidad": place,
                                    "Recinto": school,
                                    "Número Mesa": table,
                                    "Código Mesa": code,
                                }


def rows(seed: int = 1) -> list[dict[str, object]]:
    """Every row of the final file: a station and a contest."""
    chance = random.Random(seed)  # noqa: S311  a fictional count needs no secret
    made = []
    for station in tables():
        registered = chance.randint(150, 240)
        for contest in CONTESTS:
            votes = {party: chance.randint(0, 15) for party in PARTIES}
            figures = {
                "Votos Válidos": sum(votes.values()),
                "Blancos": chance.randint(0, 9),
                "Nulos": chance.randint(0, 5),
            }
            contest_columns = {"Elección": contest, "Inscritos": registered}
            made.append({**station, **contest_columns, **votes, **figures, "Estado acta": "Computada"})
    return made


NAMES = ("acta.2019.10.20.19.40.csv", "acta.2019.10.21.18.00.xlsx", "acta.2019.10.25.21.00.xlsx")


def write_files(folder: Path, names: tuple[str, str, str] = NAMES) -> list[Path]:
    """Write two earlier snapshots of the count, one of them as CSV, and the final one as XLSX."""
    everything = pl.DataFrame(rows())
    stations = everything["Código Mesa"].unique(maintain_order=True)
    early = everything.filter(pl.col("Código Mesa").is_in(stations.head(len(stations) // 2).implode()))
    late = everything.filter(pl.col("Código Mesa").is_in(stations.head(len(stations) - 7).implode()))
    paths = [folder / name for name in names]
    early.write_csv(paths[0], separator=";", include_bom=True)
    late.write_excel(paths[1], worksheet="ACTAS")
    everything.write_excel(paths[2], worksheet="ACTAS")
    return paths

"""Small files of every shape that `init` should understand, with one and the same invented count in each."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

PROVINCES = ("Norte", "Sur", "Este", "Oeste")
TOWNS = ("Alto", "Bajo", "Medio", "San Juan", "Villa")


@dataclass(frozen=True)
class Row:
    province_code: str
    province: str
    town_code: str
    town: str
    centre: str
    table: int
    registered: int
    votes: tuple[int, int, int]
    blank: int
    null: int

    @property
    def valid(self) -> int:
        return sum(self.votes)


def _row(index: int, chance: random.Random) -> Row:
    return Row(
        province_code=f"{index // 60 + 1:02d}",
        province=PROVINCES[index // 60],
        town_code=f"{index // 12 % 5 + 1:02d}",
        town=TOWNS[index // 12 % 5],
        centre=f"{100000 + index // 3}",
        table=index % 3 + 1,
        registered=300 + index % 7,
        votes=(chance.randint(20, 90), chance.randint(20, 90), chance.randint(0, 9)),
        blank=chance.randint(0, 6),
        null=chance.randint(0, 6),
    )


_CHANCE = random.Random(3)  # noqa: S311  an invented count needs no secret
ROWS = tuple(_row(index, _CHANCE) for index in range(240))


def french() -> str:
    """Blank votes are valid here."""
    places = "Code province;Province;Code commune;Commune;Bureau de vote"
    head = f"{places};Inscrits;DUPONT;MARTIN;PETIT;Blancs;Nuls;Exprimés;Votants"
    lines = [
        f"{r.province_code};{r.province};{r.town_code};{r.town};{r.centre}-{r.table};{r.registered};"
        f"{r.votes[0]};{r.votes[1]};{r.votes[2]};{r.blank};{r.null};{r.valid + r.blank};{r.valid + r.blank + r.null}"
        for r in ROWS
    ]
    return "\n".join([head, *lines]) + "\n"


def titled() -> str:
    """The same under a title, and with a printed row of totals."""
    return "Résultats provisoires" + ";" * 12 + "\n" + french() + "TOTAL" + ";0" * 12 + "\n"


def portuguese_long() -> str:
    items = ("ANA PAZ", "BENÍCIO", "CARLA", "Branco", "Nulo")
    lines = [
        f"{r.province},{r.town} {r.province},{r.centre}{r.table},{item},{count}"
        for r in ROWS
        for item, count in zip(items, (*r.votes, r.blank, r.null), strict=True)
    ]
    return "\n".join(["uf,municipio,secao,nm_votavel,qt_votos", *lines]) + "\n"


def payloads() -> str:
    lines = [
        f'http://x.example/{index}.jpg,"{r.centre}.{r.table:02d}.1.0001!{r.votes[0]},{r.votes[1]},{r.votes[2]}!{r.null}!0"'
        for index, r in enumerate(ROWS)
    ]
    return "\n".join(["imagen,codigo_qr", *lines]) + "\n"


def register() -> str:
    lines = [f"{r.table},{r.centre},{r.province},{r.town},{r.registered}" for r in ROWS]
    return "\n".join(["mesa,centro,provincia,municipio,electores", *lines]) + "\n"


def padded_votes() -> str:
    """The keys of the register, padded otherwise."""
    lines = [f"0{r.centre},{r.table:03d},{r.votes[0]},{r.votes[1]},{r.votes[2]},{r.null}" for r in ROWS]
    return "\n".join(["CENTRO,MESA,A,B,C,NULOS", *lines]) + "\n"


def one_key() -> str:
    """The same count again: one key column, other candidates' names."""
    lines = [f"0{r.centre}.{r.table:02d}.1.0001,{r.votes[2]},{r.votes[0]},{r.votes[1]}" for r in ROWS[10:]]
    return "\n".join(["Acta,Carmen,Ana,Bruno", *lines]) + "\n"


def english_lines() -> str:
    rows = (
        {
            "station": f"{r.centre}-{r.table}",
            "county": r.province,
            "Ann": r.votes[0],
            "Bob": r.votes[1],
            "Registered voters": r.registered,
        }
        for r in ROWS
    )
    return "".join(json.dumps(row) + "\n" for row in rows)


def dutch() -> str:
    lines = [
        f"{r.province},{r.town},{number},{r.registered},{r.votes[0]},{r.votes[1]},{r.votes[2]},{r.blank},{r.null},"
        f"{r.valid + r.blank + r.null}"
        for number, r in enumerate(ROWS)
    ]
    return (
        "\n".join(["Provincie,Gemeente,Stembureau,Kiesgerechtigden,VVD,PvdA,D66,Blanco,Ongeldig,Totaal", *lines]) + "\n"
    )


def narrow_first() -> str:
    """The narrowest level stands first, and thousands are separated."""
    lines = [
        f'R{r.centre},{r.town} {r.province},{r.province},{r.table},"{r.votes[0] + 1000:,}","{r.votes[1] + 2000:,}",'
        f'"{r.votes[0] + r.votes[1] + 3000:,}"'
        for r in ROWS
    ]
    return "\n".join(["Recinto,Municipio,Departamento,Mesa,X,Y,Total", *lines]) + "\n"


def first_half() -> str:
    return "".join(f"{line}\n" for line in padded_votes().splitlines()[:121])


def second_half() -> str:
    lines = padded_votes().splitlines()
    return "".join(f"{line}\n" for line in [lines[0], *lines[121:]])


KINDS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "french": {"bureaux.csv": french},
    "titled": {"bureaux.csv": titled},
    "long": {"secoes.csv": portuguese_long},
    "qr": {"codigos.csv": payloads},
    "register": {"padron.csv": register, "votos.csv": padded_votes},
    "two-sources": {"votos.csv": padded_votes, "voluntarios.csv": one_key},
    "lines": {"stations.jsonl": english_lines},
    "dutch": {"stembureaus.csv": dutch},
    "narrow-first": {"mesas.csv": narrow_first},
    "halves": {"a.csv": first_half, "b.csv": second_half},
}
"""Name → files and what makes them."""

"""The Republic of Quelaria, which is nowhere: who stands there, who watches, and what things are called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Literal

SourceId = Literal["authority", "party-a", "party-b", "observers"]
SOURCE_IDS: tuple[SourceId, ...] = ("authority", "party-a", "party-b", "observers")

CONTEST = "president"
ELECTION_DAY = date(2025, 3, 9)
POLLS_CLOSE = datetime(2025, 3, 9, 18, 0)  # noqa: DTZ001 - a wall clock's time, as the feed writes it
LEVELS = ("region", "municipality", "ward", "centre")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who stands, with the usual share of the vote in thousandths."""

    id: str
    name: str
    party: str
    colour: str
    strength: int


@dataclass(frozen=True, slots=True)
class Option:
    """A slot on the ballot, with its usual share of its candidate's votes in thousandths."""

    id: str
    name: str
    candidate: str
    share: int


# Colours that people with the common colour blindnesses tell apart: Okabe and Ito, “Color universal design”, 2008.
CANDIDATES = (
    Candidate("vela", "Aurora Vela", "Alba", "#0072B2", 470),
    Candidate("sal", "Bruno Sal", "Robla", "#E69F00", 425),
    Candidate("marende", "Clío Marende", "Marea", "#009E73", 55),
    Candidate("ostel", "Dario Ostel", "Camino", "#CC79A7", 30),
    Candidate("nunar", "Edda Núñar", "Faro", "#56B4E9", 20),
)
OPTIONS = (
    Option("alba", "ALBA", "vela", 780),
    Option("velero", "VELERO", "vela", 220),
    Option("robla", "ROBLA", "sal", 700),
    Option("molino", "MOLINO", "sal", 300),
    Option("marea", "MAREA", "marende", 1000),
    Option("camino", "CAMINO", "ostel", 1000),
    Option("faro", "FARO", "nunar", 1000),
)
OPTION_IDS = tuple(option.id for option in OPTIONS)
CANDIDATE_IDS = tuple(candidate.id for candidate in CANDIDATES)
SLOTS = MappingProxyType(
    {who: tuple(option.id for option in OPTIONS if option.candidate == who) for who in CANDIDATE_IDS}
)
"""Candidate → the ballot options that carry their votes."""

OWN_CANDIDATE: dict[SourceId, str] = {"authority": "sal", "party-a": "vela", "party-b": "sal"}
"""Whose votes the giver of a source would gladly see grow. Observers gain from nothing."""

WORDS = MappingProxyType(
    {
        "election": {
            "en": "Republic of Quelaria (fictional), presidential election",
            "es": "República de Quelaria (ficticia), elección presidencial",
            "fr": "République de Quelaria (fictive), élection présidentielle",
            "nl": "Republiek Quelaria (verzonnen), presidentsverkiezing",
            "pt": "República de Quelaria (fictícia), eleição presidencial",
        },
        "president": {"en": "President", "es": "Presidente", "fr": "Présidence", "nl": "President", "pt": "Presidente"},
        "region": {"en": "Region", "es": "Región", "fr": "Région", "nl": "Regio", "pt": "Região"},
        "municipality": {"en": "Municipality", "es": "Municipio", "fr": "Commune", "nl": "Gemeente", "pt": "Município"},
        "ward": {"en": "Ward", "es": "Barrio", "fr": "Quartier", "nl": "Wijk", "pt": "Bairro"},
        "centre": {
            "en": "Voting centre",
            "es": "Centro de votación",
            "fr": "Centre de vote",
            "nl": "Stembureaulocatie",
            "pt": "Local de votação",
        },
        "authority": {
            "en": "Transmission to the electoral board",
            "es": "Transmisión a la junta electoral",
            "fr": "Transmission à l’autorité électorale",
            "nl": "Doorgifte aan de kiesraad",
            "pt": "Transmissão à comissão eleitoral",
        },
        "party-a": {
            "en": "Witness copies of Alba",
            "es": "Copias de los testigos de Alba",
            "fr": "Copies des délégués d’Alba",
            "nl": "Kopieën van de waarnemers van Alba",
            "pt": "Cópias dos delegados da Alba",
        },
        "party-b": {
            "en": "Witness copies of Robla",
            "es": "Copias de los testigos de Robla",
            "fr": "Copies des délégués de Robla",
            "nl": "Kopieën van de waarnemers van Robla",
            "pt": "Cópias dos delegados da Robla",
        },
        "observers": {
            "en": "Photographs by observers, a sample",
            "es": "Fotografías de observadores, una muestra",
            "fr": "Photographies d’observateurs, un échantillon",
            "nl": "Foto's van waarnemers, een steekproef",
            "pt": "Fotografias de observadores, uma amostra",
        },
        "bulletin-1": {
            "en": "First bulletin",
            "es": "Primer boletín",
            "fr": "Premier communiqué",
            "nl": "Eerste bulletin",
            "pt": "Primeiro boletim",
        },
        "bulletin-2": {
            "en": "Second bulletin",
            "es": "Segundo boletín",
            "fr": "Deuxième communiqué",
            "nl": "Tweede bulletin",
            "pt": "Segundo boletim",
        },
    }
)
"""Names, in the five languages that pages can be written in."""

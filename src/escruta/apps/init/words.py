"""The words that election authorities put above their columns, in English, Spanish, Portuguese, French and Dutch.

Accents, capitals, punctuation and filler words are ignored. A word here is only a first guess: what stands in the
column decides, and what was guessed is written into the definition as a comment.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

CODE_WORDS = frozenset("numero num nro nr no n nummer number codigo cod code id cd clave key".split())
NAME_WORDS = frozenset("nombre nom nm name naam nome desc descripcion descricao denominacion libelle label ds".split())
FILLERS = frozenset(
    "de del la las los el en a of the for da do das dos du des les le van voor en "
    "cantidad cant qt qtd qtde tot total totales votos voto votes vote voix stemmen aantal nb sum suma".split()
)

FIGURES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "registered_voters": frozenset(
            "inscritos|inscriptos|inscritos habilitados|habilitados|electores|electores habilitados|roll|re|prog|"
            "electores inscritos|empadronados|ciudadanos habilitados|votantes habilitados|registrados|"
            "votantes registrados|padron|padron electoral|censo|censo electoral|lista nominal|nomina|"
            "votantes inscritos|programados|registered electors|registered|registered voters|voters registered|"
            "electors|electorate|eligible|eligible voters|voters on roll|aptos|eleitores|eleitores aptos|eleitorado|"
            "inscrits|electeurs|electeurs inscrits|kiesgerechtigden|opgeroepenen|stemgerechtigden|registro electoral|"
            "ve|population electorale".split("|")
        ),
        "ballots": frozenset(
            "votantes|votaron|emitidos|sufragios|sufragantes|cast|ballots|ballots cast|turnout|polled|concurrencia|"
            "papeletas anfora|papeletas urna|boletas urna|comparecimento|votants|opgekomen|opkomst|uitgebrachte|"
            "uitgebracht|toegelaten kiezers|participantes|voters|voters who voted|asistentes|vt".split("|")
        ),
        "valid": frozenset("validos|valido|valid|vv|exprimes|suffrages exprimes|geldig|geldige|valides".split("|")),
        "null": frozenset(
            "nulos|nulo|null|nulls|nul|nuls|vn|invalid|invalidos|rejected|spoiled|spoilt|anulados|viciados|ongeldig|"
            "ongeldige|rejected ballots|bulletins nuls|no validos|nulas".split("|")
        ),
        "blank": frozenset(
            "blancos|blanco|vb|blank|blanks|brancos|branco|em branco|blanc|blancs|bulletins blancs|blank ballots".split(
                "|"
            )
        ),
        "candidate_votes": frozenset(
            "candidatos|candidaturas|candidature|candidatures|candidate|candidates|"
            "partidos|op kandidaten|candidats|por candidatos|nominais|"
            "partidos politicos|validos candidatos".split("|")
        ),
    }
)
"""A figure → the headers that mean it, without accents and fillers."""

FURTHER_FIGURES = frozenset(
    "no computados|nocomputados|computar|impugnados|recurridos|observados|challenged|unused|papeletas no utilizadas|"
    "no utilizadas|sobrantes|boletas sobrantes|inutilizadas|papeletas inutilizadas|missing|ausentes|ausentismo|"
    "abstenciones|abstencion|abstencoes|abstencao|abstentions|absent|unused ballots|disputed|contested|recurrido|"
    "impugnado|identidad impugnada|comando|no registrados|candidatos no registrados|abstenties".split("|")
)
"""Figures that a sheet may have and that have no name of their own in a definition."""

TOTALS = frozenset(
    "total|totales|totals|totaal|suma|somme|total general|total nacional|gran total|grand total|soma".split("|")
)
"""What stands in the place of a name in a printed row of totals; as a header, a total whose parts are to be found."""

LEVELS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "country": frozenset("pais|country|pays|land|nacion".split("|")),
        "region": frozenset("region|macroregion|regio|macro region|regiao".split("|")),
        "state": frozenset("estado|edo|state|uf|entidad|entidad federativa|deelstaat".split("|")),
        "department": frozenset("departamento|dep|dpto|depto|department|departement|depart".split("|")),
        "province": frozenset("provincia|prov|province|provincie".split("|")),
        "county": frozenset("county|condado|comte".split("|")),
        "municipality": frozenset(
            "municipio|mun|municipality|commune|gemeente|comuna|ayuntamiento|mpio|municipalite|concelho|alcaldia".split(
                "|"
            )
        ),
        "canton": frozenset("canton|kanton|cantao".split("|")),
        "district": frozenset("distrito|dist|district|arrondissement".split("|")),
        "constituency": frozenset(
            "circunscripcion|circ|constituency|circonscription|kieskring|circuito|circuit|circunscricao".split("|")
        ),
        "parish": frozenset("parroquia|par|parish|paroisse|freguesia|parochie|corregimiento".split("|")),
        "zone": frozenset("zona|zone|zona electoral|zon".split("|")),
        "section": frozenset("seccion|section electoral|secc|seccion electoral".split("|")),
        "ward": frozenset("ward|barrio|wijk|sector|quartier|bairro".split("|")),
        "locality": frozenset(
            "localidad|locality|asiento|asiento electoral|localite|localidade|plaats|village|town".split("|")
        ),
        "centre": frozenset(
            "centro|centro votacion|recinto|recinto electoral|local|local votacion|colegio|colegio electoral|escuela|"
            "establecimiento|polling place|voting centre|voting center|centre|center|puesto|puesto votacion|lieu vote|"
            "centre vote|stemlokaal|site|ctro|institucion|polling location|ubicacion|school|local votacao".split("|")
        ),
    }
)
"""A level of areas → the headers that mean it, from the widest to the narrowest."""

LEVEL_NAMES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "country": ("Country", "País", "Land"),
        "region": ("Region", "Región", "Regio"),
        "state": ("State", "Estado", "Deelstaat"),
        "department": ("Department", "Departamento", "Departement"),
        "province": ("Province", "Provincia", "Provincie"),
        "county": ("County", "Condado", "County"),
        "municipality": ("Municipality", "Municipio", "Gemeente"),
        "canton": ("Canton", "Cantón", "Kanton"),
        "district": ("District", "Distrito", "District"),
        "constituency": ("Constituency", "Circunscripción", "Kieskring"),
        "parish": ("Parish", "Parroquia", "Parochie"),
        "zone": ("Zone", "Zona", "Zone"),
        "section": ("Section", "Sección", "Sectie"),
        "ward": ("Ward", "Barrio", "Wijk"),
        "locality": ("Locality", "Localidad", "Plaats"),
        "centre": ("Voting centre", "Centro de votación", "Stembureaulocatie"),
    }
)
"""A level → its name in English, Spanish and Dutch."""

STATIONS = frozenset(
    "mesa|mesa electoral|mesa votacion|mesa sufragio|table|station|polling station|secao|secao eleitoral|bureau|"
    "bureau vote|stembureau|casilla|jrv|junta|junta receptora|acta|acta escrutinio|booth|ballot box|urna|urne|precinct|"
    "sheet|tally sheet|ps|polling district|electoral board|mesas|polling stn".split("|")
)
"""Headers that tell one polling station, or its tally sheet, from another."""

CONTESTS = frozenset(
    "eleccion|elecciones|election|contest|cargo|tipo eleccion|tipo|race|office|scrutin|election type|verkiezing|"
    "dignidad|papeleta|eleicao|candidatura tipo|tipo candidatura|consulta".split("|")
)
"""Headers that say which contest a row speaks of."""

ITEMS = frozenset(
    "candidato|candidate|partido|party|opcion|option|organizacion politica|agrupacion|lista|list|votable|votavel|"
    "candidat|kandidaat|partij|parti|item|choice|sigla|candidatura|nuance|figure|figura|concepto".split("|")
)
"""Headers that name, in a file with one row for each station and item, what the count is of."""

STATUS = frozenset(
    "estado acta|status|estatus|situacion|estado mesa|state acta|sheet status|acta estado|observaciones|observacion|"
    "remarks|comentario|comentarios|opmerking|opmerkingen|notas|notes".split("|")
)
"""Headers that say what became of a sheet."""

NEVER_VOTES = frozenset(
    "fecha hora date time datetime timestamp hash sha256 version usuario user lat lon lng latitud longitud latitude "
    "longitude porcentaje percent percentage pct direccion address telefono postcode zip url imagen image foto photo "
    "archivo file ip uuid row fila orden index created updated publicado escaneado".split()
)
"""Words that never stand above votes."""

TOKEN = re.compile(r"[a-z0-9]+")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def plain(text: str) -> str:
    """Take the accents, the capitals and the punctuation off a text.

    >>> plain("Número  municipio"), plain("MAS - IPSP"), plain("totProg")
    ('numero municipio', 'mas ipsp', 'tot prog')
    """
    decomposed = unicodedata.normalize("NFKD", CAMEL.sub(" ", text.replace("#", " no ")))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(TOKEN.findall(bare.casefold()))


def stem(header: str) -> str:
    """Take from a header the words that say no more than number, name, votes, of.

    >>> stem("Número departamento"), stem("COD_EDO"), stem("Votos Válidos"), stem("Total votos")
    ('departamento', 'edo', 'validos', '')
    """
    skipped = CODE_WORDS | NAME_WORDS | FILLERS
    return " ".join(word for word in plain(header).split() if word not in skipped)


def level_of(header: str) -> str | None:
    """Recognise the level of areas that a header speaks of.

    >>> level_of("Número departamento"), level_of("PAR"), level_of("Estado acta")
    ('department', 'parish', None)
    """
    return next((level for level, words in LEVELS.items() if stem(header) in words or plain(header) in words), None)


def figure_of(header: str) -> str | None:
    """Recognise the figure that a header speaks of.

    >>> figure_of("Votos Válidos"), figure_of("Inscritos"), figure_of("MAS - IPSP")
    ('valid', 'registered_voters', None)
    """
    if any(word in CODE_WORDS for word in plain(header).split()[1:]):
        return None
    return next((name for name, words in FIGURES.items() if stem(header) in words or plain(header) in words), None)


def is_word(header: str, words: frozenset[str]) -> bool:
    """Say whether a header is one of the words, with or without its fillers."""
    return stem(header) in words or plain(header) in words


def is_code(header: str) -> bool:
    """Say whether a header speaks of a number or code."""
    return bool(CODE_WORDS.intersection(plain(header).split()))


def is_name(header: str) -> bool:
    """Say whether a header speaks of a name."""
    return bool(NAME_WORDS.intersection(plain(header).split()))


def slug(text: str, *, fallback: str = "item") -> str:
    """Make an id of a name.

    >>> slug("MAS - IPSP"), slug("ANR(1)"), slug("Alianza del Lápiz"), slug("…")
    ('mas-ipsp', 'anr-1', 'alianza-del-lapiz', 'item')
    """
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    return "-".join(TOKEN.findall(bare))[:60].strip("-") or fallback

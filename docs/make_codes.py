"""Write the pages of `docs/reference/codes` from the words of the codes and the catalogue of checks.

    python docs/make_codes.py

The words stand in `src/escruta/base/codes/LANGUAGE.toml`; a test holds the pages to them.
"""  # noqa: INP001 - a script beside the pages that it writes

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from escruta.base.words import CodeWords, code_words, codes, languages
from escruta.sheets.catalogue import CATALOGUE, Check
from escruta.sources.scans.evidence import GRADES

FOLDER = Path(__file__).resolve().parent / "reference" / "codes"

GROUPS: Mapping[str, Mapping[str, str]] = {
    "F100": {
        "en": "What a reader noticed in a file",
        "es": "Lo que un lector notó en un archivo",
        "fr": "Ce qu’un lecteur a remarqué dans un fichier",
        "nl": "Wat een lezer aan een bestand opmerkte",
        "pt": "O que um leitor notou num ficheiro",
    },
    "S100": {
        "en": "Arithmetic on one sheet",
        "es": "La aritmética de un acta",
        "fr": "L’arithmétique d’un procès-verbal",
        "nl": "Het rekenwerk op één proces-verbaal",
        "pt": "A aritmética de uma ata",
    },
    "S200": {
        "en": "The sheet and the register",
        "es": "El acta y el registro",
        "fr": "Le procès-verbal et le registre",
        "nl": "Het proces-verbaal en het register",
        "pt": "A ata e os cadernos eleitorais",
    },
    "S300": {
        "en": "One sheet and the others",
        "es": "Un acta y las demás",
        "fr": "Un procès-verbal et les autres",
        "nl": "Een proces-verbaal en de andere",
        "pt": "Uma ata e as outras",
    },
    "S400": {
        "en": "Unusual figures",
        "es": "Cifras inusuales",
        "fr": "Des chiffres inhabituels",
        "nl": "Ongewone cijfers",
        "pt": "Números invulgares",
    },
    "S500": {
        "en": "What stands in a cell",
        "es": "Lo que hay en una celda",
        "fr": "Ce que contient une cellule",
        "nl": "Wat er in een cel staat",
        "pt": "O que está numa célula",
    },
    "C100": {
        "en": "Readings within one origin",
        "es": "Lecturas dentro de un origen",
        "fr": "Lectures d’une même origine",
        "nl": "Lezingen binnen één herkomst",
        "pt": "Leituras dentro de uma origem",
    },
    "C200": {
        "en": "Readings of several origins",
        "es": "Lecturas de varios orígenes",
        "fr": "Lectures de plusieurs origines",
        "nl": "Lezingen van verschillende herkomsten",
        "pt": "Leituras de várias origens",
    },
    "C300": {
        "en": "Readings of several stages",
        "es": "Lecturas de varias etapas",
        "fr": "Lectures de plusieurs étapes",
        "nl": "Lezingen van verschillende fasen",
        "pt": "Leituras de várias fases",
    },
    "C400": {
        "en": "Readings that failed a check",
        "es": "Lecturas que no pasaron una comprobación",
        "fr": "Lectures qui ont échoué à un contrôle",
        "nl": "Lezingen die een controle niet doorstonden",
        "pt": "Leituras que não passaram numa verificação",
    },
    "P100": {
        "en": "The seal of a scanned sheet",
        "es": "El sello de un acta escaneada",
        "fr": "Le sceau d’un procès-verbal numérisé",
        "nl": "Het zegel van een gescand blad",
        "pt": "O selo de uma ata digitalizada",
    },
    "P200": {
        "en": "The code and the print",
        "es": "El código y lo impreso",
        "fr": "Le code et l’imprimé",
        "nl": "De code en de druk",
        "pt": "O código e o impresso",
    },
    "P300": {
        "en": "A picture, the register and other sources",
        "es": "Una imagen, el registro y otras fuentes",
        "fr": "Une image, le registre et d’autres sources",
        "nl": "Een foto, het register en andere bronnen",
        "pt": "Uma imagem, os cadernos eleitorais e outras fontes",
    },
    "P400": {
        "en": "A picture and the others",
        "es": "Una imagen y las demás",
        "fr": "Une image et les autres",
        "nl": "Een foto en de andere",
        "pt": "Uma imagem e as outras",
    },
    "P500": {
        "en": "A picture and the blank form",
        "es": "Una imagen y el formulario en blanco",
        "fr": "Une image et le formulaire vierge",
        "nl": "Een foto en het lege formulier",
        "pt": "Uma imagem e o formulário em branco",
    },
    "P600": {
        "en": "What a file says of itself",
        "es": "Lo que un archivo dice de sí mismo",
        "fr": "Ce qu’un fichier dit de lui-même",
        "nl": "Wat een bestand over zichzelf zegt",
        "pt": "O que um ficheiro diz de si mesmo",
    },
    "results": {
        "en": "Verdicts, steps and assumptions",
        "es": "Veredictos, pasos y supuestos",
        "fr": "Verdicts, étapes et hypothèses",
        "nl": "Oordelen, stappen en aannamen",
        "pt": "Veredictos, passos e suposições",
    },
}
"""The pages, and what each is called in every language."""

RESULT_GROUPS: Mapping[str, Mapping[str, str]] = {
    "verdict": {"en": "Verdicts", "es": "Veredictos", "fr": "Verdicts", "nl": "Oordelen", "pt": "Veredictos"},
    "step": {
        "en": "Steps of coverage",
        "es": "Pasos de la cobertura",
        "fr": "Étapes de la couverture",
        "nl": "Stappen van de dekking",
        "pt": "Passos da cobertura",
    },
    "assumption": {"en": "Assumptions", "es": "Supuestos", "fr": "Hypothèses", "nl": "Aannamen", "pt": "Suposições"},
    "to_compare": {
        "en": "What is missing to compare",
        "es": "Lo que falta para comparar",
        "fr": "Ce qui manque pour comparer",
        "nl": "Wat er ontbreekt om te vergelijken",
        "pt": "O que falta para comparar",
    },
}

LANGUAGE_NAMES = {"en": "English", "es": "Español", "fr": "Français", "nl": "Nederlands", "pt": "Português"}

LABELS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "what_to_do": "What to do",
        "says": "It says",
        "needs": "Needs",
        "severity": "Severity",
        "limit": "Limit",
        "grade": "Grade",
        "minimum": "Not looked at below",
        "change": "To change it",
    },
    "es": {
        "what_to_do": "Qué hacer",
        "says": "Dice",
        "needs": "Necesita",
        "severity": "Severidad",
        "limit": "Límite",
        "grade": "Grado",
        "minimum": "No se mira por debajo de",
        "change": "Para cambiarlo",
    },
    "fr": {
        "what_to_do": "Que faire\N{NO-BREAK SPACE}",
        "says": "Message\N{NO-BREAK SPACE}",
        "needs": "Nécessite\N{NO-BREAK SPACE}",
        "severity": "Gravité\N{NO-BREAK SPACE}",
        "limit": "Limite\N{NO-BREAK SPACE}",
        "grade": "Appréciation\N{NO-BREAK SPACE}",
        "minimum": "Non examiné au-dessous de\N{NO-BREAK SPACE}",
        "change": "Pour le changer\N{NO-BREAK SPACE}",
    },
    "nl": {
        "what_to_do": "Wat te doen",
        "says": "Er staat",
        "needs": "Nodig",
        "severity": "Ernst",
        "limit": "Grens",
        "grade": "Waardering",
        "minimum": "Niet bekeken onder",
        "change": "Zo verandert u het",
    },
    "pt": {
        "what_to_do": "O que fazer",
        "says": "Diz",
        "needs": "Precisa de",
        "severity": "Gravidade",
        "limit": "Limite",
        "grade": "Grau",
        "minimum": "Não se olha abaixo de",
        "change": "Para a mudar",
    },
}

HOW_TO_CHANGE: Mapping[str, Mapping[str, str]] = {
    "F": {
        "en": "These are notes. They stop nothing and have no severity; they stand in `files.json` of the record.",
        "es": "Son notas. No detienen nada y no tienen severidad; están en `files.json`, en el expediente.",
        "fr": "Ce sont des notes. Elles n’arrêtent rien et n’ont pas de gravité. Voir `files.json`, dans le dossier.",
        "nl": "Opmerkingen. Ze houden niets tegen en hebben geen ernst; ze staan in `files.json`, in het dossier.",
        "pt": "São notas. Nada impedem e não têm gravidade; estão em `files.json`, no dossiê.",
    },
    "S": {
        "en": (
            "Each check has a usual severity and, some of them, a limit. An election sets its own in "
            "`election.toml`, and they are recorded with every finding. `error` quarantines the station: it is in "
            "no total until somebody decides. `warning` is shown and changes no total. `off` means that the check "
            "is not made. A check that lacks a figure *could not be checked*; it never passes by default."
        ),
        "es": (
            "Cada comprobación tiene una severidad usual y, algunas, un límite. Una elección fija los suyos en "
            "`election.toml`, y quedan escritos en cada hallazgo. `error` pone la mesa en cuarentena: no entra en "
            "ningún total hasta que alguien decida. `warning` se muestra y no cambia ningún total. `off` "
            "significa que la comprobación no se hace. Si le falta una cifra, *no se pudo comprobar*; nunca pasa "
            "por omisión."
        ),
        "fr": (
            "Chaque contrôle a une gravité habituelle et, pour certains, une limite. Une élection fixe les siennes "
            "dans `election.toml`, et elles sont inscrites avec chaque constat. `error` (bloquant) met le bureau en "
            "quarantaine, et il ne figure dans aucun total tant que nul n’a tranché. `warning` (avertissement) est "
            "affiché et ne change aucun total. `off` signifie que le contrôle n’est pas fait. Un contrôle auquel il "
            "manque un chiffre *n’a pas pu être fait*, et n’est jamais réussi par défaut."
        ),
        "nl": (
            "Elke controle heeft een gewone ernst en soms een grens. Een verkiezing stelt de hare in "
            "`election.toml`, en ze staan bij elke bevinding. `error` zet het stembureau in quarantaine: het zit "
            "in geen enkel totaal totdat iemand beslist. `warning` wordt getoond en verandert geen totaal. `off` "
            "betekent dat de controle niet wordt gedaan. Ontbreekt er een cijfer, dan *kon niet gecontroleerd "
            "worden*; een controle slaagt nooit vanzelf."
        ),
        "pt": (
            "Cada verificação tem uma gravidade habitual e, algumas, um limite. Uma eleição fixa os seus em "
            "`election.toml`, e ficam escritos em cada constatação. `error` (grave) põe a mesa de voto em quarentena: "
            "não entra em nenhum total até que alguém decida. `warning` (aviso) é mostrado e não muda nenhum total. "
            "`off` quer dizer que a verificação não se faz. Uma verificação a que falta um número *não se pôde "
            "fazer*; nunca passa por omissão."
        ),
    },
    "C": {
        "en": (
            "These are the reasons of a verdict. They follow from the readings, so no setting switches them off. "
            "What the definition says of origins, of copies and of what replaces what decides which of them can "
            "occur: [the verdicts](../../why/verdicts.md)."
        ),
        "es": (
            "Son las razones de un veredicto. Se siguen de las lecturas, así que ningún ajuste las apaga. Lo que "
            "la definición dice de los orígenes, de las copias y de qué sustituye a qué decide cuáles pueden "
            "darse: [los veredictos](../../why/verdicts.md) (en inglés)."
        ),
        "fr": (
            "Ce sont les raisons d’un verdict. Elles découlent des lectures, et aucun réglage ne les supprime. Ce que"
            " la définition dit des origines, des copies et de ce qui remplace quoi décide de celles qui peuvent se "
            "présenter, comme l’expliquent [les verdicts](../../why/verdicts.md) (en anglais)."
        ),
        "nl": (
            "Dit zijn de redenen van een oordeel. Ze volgen uit de lezingen, dus geen instelling zet ze uit. Wat "
            "de definitie zegt over herkomsten, kopieën en wat wat vervangt, bepaalt welke kunnen voorkomen: [de "
            "oordelen](../../why/verdicts.md) (in het Engels)."
        ),
        "pt": (
            "São as razões de um veredicto. Resultam das leituras, de modo que nenhum ajuste as desliga. O que a "
            "definição da eleição diz das origens, das cópias e do que substitui o quê decide quais delas podem "
            "ocorrer: [os veredictos](../../why/verdicts.md) (em inglês)."
        ),
    },
    "P": {
        "en": (
            "What a scanned picture shows, each with its grade: `supports`, `neutral`, `unchecked`, `questions` or "
            "`contradicts`. No setting changes a grade, and no finding is the verdict on a picture: "
            "[the files of scans](../scans.md)."
        ),
        "es": (
            "Lo que muestra una imagen escaneada, con su grado: `supports` (respalda), `neutral`, `unchecked` "
            "(sin comprobar), `questions` (plantea una pregunta) o `contradicts` (contradice). Ningún ajuste cambia un "
            "grado, y ningún hallazgo es el veredicto sobre una imagen: [los archivos](../scans.md) (en inglés)."
        ),
        "fr": (
            "Ce que montre une image numérisée, avec son appréciation, `supports` (appuie), `neutral` (neutre), "
            "`unchecked` (non vérifié), `questions` (soulève une question) ou `contradicts` (contredit). Aucun "
            "réglage ne change une appréciation, et aucun constat n’est le verdict sur une image. Voir [les "
            "fichiers](../scans.md) (en anglais)."
        ),
        "nl": (
            "Wat een gescande foto toont, elk met zijn waardering: `supports` (steunt), `neutral`, `unchecked` (niet "
            "gecontroleerd), `questions` (roept een vraag op) of `contradicts` (spreekt tegen). Geen instelling "
            "verandert een waardering, en geen bevinding is het oordeel over een foto: [de bestanden](../scans.md) "
            "(in het Engels)."
        ),
        "pt": (
            "O que mostra uma imagem digitalizada, cada coisa com o seu grau: `supports` (sustenta), `neutral`, "
            "`unchecked` (por verificar), `questions` (levanta uma questão) ou `contradicts` (contradiz). Nada muda "
            "um grau, e nenhuma constatação é o veredicto sobre uma imagem: [os ficheiros](../scans.md) (em inglês)."
        ),
    },
}


def pages() -> dict[Path, str]:
    """Give every page of the folder: where it stands, and its text."""
    made = {FOLDER / f"{group}.md": _page(group) for group in GROUPS if group != "results"}
    return {FOLDER / "index.md": _index(), **made, FOLDER / "results.md": _results_page()}


def group_of(code: str) -> str:
    """Name the page on which a code stands.

    >>> group_of("S202"), group_of("verdict.single")
    ('S200', 'results')
    """
    return "results" if "." in code else f"{code[:2]}00"


def _codes_of(group: str) -> list[str]:
    return [code for code in codes() if group_of(code) == group]


def _written(lines: Iterator[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _index() -> str:
    return _written(_index_lines())


def _index_lines() -> Iterator[str]:
    yield "# Codes"
    yield ""
    yield "<!-- Written by docs/make_codes.py from src/escruta/base/codes: change the words there. -->"
    yield ""
    yield "Everything that the software finds has a code. The letter names the floor that found it, the first digit"
    yield "the group. A code's meaning never changes; what a failure *means for an election* is a severity that the"
    yield "election's definition sets."
    yield ""
    yield "Each page has the words in English, Spanish, French, Dutch and Portuguese."
    for group, names in GROUPS.items():
        yield ""
        yield f"## [{_title(group, names['en'])}]({group}.md)"
        yield ""
        for code in _codes_of(group):
            yield f"- [{code}](#{_target(code)}): {code_words(code).title}"
    yield ""
    yield from _toctree()


def _toctree() -> Iterator[str]:
    yield "```{toctree}"
    yield ":hidden:"
    yield ""
    yield from GROUPS
    yield "```"


def _title(group: str, name: str) -> str:
    return name if group == "results" else f"{group}: {name[0].lower()}{name[1:]}"


def _page(group: str) -> str:
    return _written(_page_lines(group))


def _page_lines(group: str) -> Iterator[str]:
    yield f"# {_title(group, GROUPS[group]['en'])}"
    yield ""
    yield "<!-- Written by docs/make_codes.py from src/escruta/base/codes: change the words there. -->"
    yield ""
    for language in languages():
        yield f"## {LANGUAGE_NAMES[language]}"
        yield ""
        if language != "en":
            yield f"*{GROUPS[group][language]}.*"
            yield ""
        yield HOW_TO_CHANGE[group[0]][language]
        yield ""
        for code in _codes_of(group):
            yield from _entry(code_words(code, language))


def _entry(words: CodeWords) -> Iterator[str]:
    labels = LABELS[words.language]
    yield f"({_target(words.code, words.language)})="
    yield f"### {words.code}: {words.title}"
    yield ""
    yield words.meaning
    yield ""
    yield f"- **{labels['what_to_do']}:** {words.what_to_do}"
    if words.says is not None and words.says != f"{words.title}.":
        yield f"- **{labels['says']}:** `{words.says.replace('`', '')}`"
    if words.needs is not None:
        yield f"- **{labels['needs']}:** {words.needs}"
    if words.code in GRADES:
        yield f"- **{labels['grade']}:** `{GRADES[words.code].value}`"
    if words.code in CATALOGUE:
        yield from _rule(CATALOGUE[words.code], words)
    yield ""


def _rule(check: Check, words: CodeWords) -> Iterator[str]:
    labels = LABELS[words.language]
    yield f"- **{labels['severity']}:** `{check.severity.value}`"
    if check.limit is not None:
        yield f"- **{labels['limit']}:** {check.limit:g}. {words.limit}"
    if check.minimum is not None:
        yield f"- **{labels['minimum']}:** {check.minimum}. {words.minimum}"
    yield f"- **{labels['change']}:**"
    yield ""
    yield "  ```toml"
    yield f"  [checks.{check.code}]"
    yield f'  severity = "{"error" if check.severity.value == "warning" else "warning"}"'
    if check.limit is not None:
        yield f"  limit = {check.limit:g}"
    if check.minimum is not None:
        yield f"  minimum = {check.minimum}"
    yield "  ```"


def _results_page() -> str:
    return _written(_results_lines())


def _results_lines() -> Iterator[str]:
    yield f"# {GROUPS['results']['en']}"
    yield ""
    yield "<!-- Written by docs/make_codes.py from src/escruta/base/codes: change the words there. -->"
    yield ""
    yield "The names that stand in `summary.json` and on the pages. [The verdicts](../../why/verdicts.md) says"
    yield "what each of them proves."
    yield ""
    for language in languages():
        yield f"## {LANGUAGE_NAMES[language]}"
        yield ""
        for group, names in RESULT_GROUPS.items():
            yield f"### {names[language]}"
            yield ""
            for code in _codes_of("results"):
                if code.startswith(f"{group}."):
                    yield from _result(code_words(code, language))


def _result(words: CodeWords) -> Iterator[str]:
    yield f"({_target(words.code, words.language)})="
    yield f"#### `{words.code.partition('.')[2]}`: {words.title}"
    yield ""
    yield words.meaning
    yield ""
    yield f"**{LABELS[words.language]['what_to_do']}:** {words.what_to_do}"
    yield ""


def _target(code: str, language: str = "en") -> str:
    """Name the spot of a code: `s201` in English, `s201-es` in Spanish; pages link to it and it never changes."""
    spot = code.casefold().replace(".", "-").replace("_", "-")
    return spot if language == "en" else f"{spot}-{language}"


def main() -> None:
    """Write every page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

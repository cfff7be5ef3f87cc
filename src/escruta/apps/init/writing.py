"""The text of a proposed definition: TOML that is easy to read and to correct, with a comment at every guess."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from escruta.apps.init.areas import Unit
from escruta.apps.init.columns import Ref
from escruta.apps.init.figures import Candidacy
from escruta.apps.init.guesses import Guess
from escruta.apps.init.heading import Heading
from escruta.apps.init.matching import units_like
from escruta.apps.init.plan import ContestPlan, Plan, SourcePlan
from escruta.apps.init.words import LEVEL_NAMES

BARE = re.compile(r"[A-Za-z0-9_-]+")
WIDTH = 118
ORIGIN = "published"
KINDS = "authority, party, observer, press, citizen"


def write_definition(plan: Plan, heading: Heading) -> str:
    """Write a plan as the text of an `election.toml`."""
    sections = [
        _head(heading),
        _stations(plan),
        *(_level(unit) for unit in plan.units),
        _register(plan),
        *(_contest(contest, plan) for contest in plan.contests),
        _origin(),
        *(_source(source) for source in plan.sources),
        _announcement(plan),
    ]
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def text(value: str) -> str:
    r"""Write a TOML string: literal where that spares backslashes, or else basic.

    >>> text("Código Mesa"), text(r"^\d+")
    ('"Código Mesa"', "'^\\d+'")
    """
    if "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """Write a TOML key, in quotes where it needs them.

    >>> key("mas-ipsp"), key("Elección")
    ('mas-ipsp', '"Elección"')
    """
    return name if BARE.fullmatch(name) else text(name)


def comment(words: str) -> list[str]:
    """Write a comment, folded to the width of the page."""
    lines, line = [], "#"
    for word in words.split():
        if len(line) + 1 + len(word) > WIDTH and line != "#":
            lines.append(line)
            line = "#  "
        line += " " + word
    return [*lines, line]


def table(entries: Mapping[str, str]) -> str:
    """Write an inline table of values that are TOML already."""
    return "{ " + ", ".join(f"{key(name)} = {value}" for name, value in entries.items()) + " }"


def array(values: Iterable[str]) -> str:
    """Write an array of texts."""
    return "[" + ", ".join(text(value) for value in values) + "]"


def _head(heading: Heading) -> list[str]:
    lines = [
        *comment("Proposed by `escruta init` from the files named below. Every line marked CHECK is a guess: read it."),
        *comment("Every key is explained in docs/reference/election-definition.md."),
        'format = "escruta/election/v1"',
        f"id = {text(heading.id)}",
        f'name = {text(heading.name)}  # CHECK: what it is called; by language: {{ en = "…", es = "…" }}',
        f"date = {heading.date}  # CHECK: {heading.date_from}",
    ]
    country = heading.country
    lines.append(f"country = {text(country)}" if country else '# country = "XX"  # CHECK: two letters of ISO 3166-1')
    lines.append('time_zone = "UTC"  # CHECK: for example "America/La_Paz"')
    return [*lines, 'languages = ["en", "es", "nl"]']


def _stations(plan: Plan) -> list[str]:
    lines = ["[stations]", *comment("The columns that tell one polling station from another.")]
    repeated = max(source.guess.key.repeated for source in plan.sources)
    if repeated:
        lines += comment(
            f"CHECK: up to {repeated:,} rows of one file stand for a station that another row stands for too."
        )
    parts = []
    for part in plan.parts:
        entries = {"part": text(part.id)}
        if part.is_number:
            entries["kind"] = text("number")
        if part.width is not None:
            entries["width"] = str(part.width)
        parts.append(table(entries))
    return [
        *lines,
        f"key = [{', '.join(parts)}]",
        *comment("CHECK: how many there are in the country, when somebody says so; what no source says stays unknown."),
        f"# expected = {plan.stations}  # the files speak of {plan.stations:,} stations",
        "# expected_registered_voters = 0",
        '# expected_source = "who says so"',
    ]


def _level(unit: Unit) -> list[str]:
    names = LEVEL_NAMES.get(unit.level or "")
    if names is None or unit.id != unit.level:
        name = text(unit.header)
    else:
        name = table(dict(zip(("en", "es", "nl"), (text(each) for each in names), strict=True)))
    return [*_remarks(unit.remarks), "[[levels]]", f"id = {text(unit.id)}", f"name = {name}"]


def _remarks(remarks: Iterable[str]) -> list[str]:
    return [line for remark in remarks for line in comment(remark)]


def _register(plan: Plan) -> list[str]:
    false = "complete = false  # CHECK: true only if it lists every polling station of the election"
    if plan.register is None:
        newest = [source.id for source in plan.sources if source.contest.id == plan.contests[0].id][-1]
        words = "No file is only a list of stations, so the stations are those of this source."
        return [*comment(words), "[register]", f"source = {text(newest)}", false]
    guess, match = plan.register
    lines = [*_remarks(guess.remarks), "[register]", false, f"files = [{_file(guess.sample.path, _sha256(guess))}]", ""]
    figures = {name: column.name for name, column in guess.contests[0].figures.named.items()}
    voters = {name: column for name, column in figures.items() if name == "registered_voters"}
    return [*lines, *_layout("register", guess, match.parts, units_like(guess, plan.units), voters)]


def _sha256(guess: Guess) -> str:
    return guess.sample.table.file.sha256


def _file(path: str, sha256: str) -> str:
    return table({"path": text(path), "sha256": text(sha256)})


def _contest(contest: ContestPlan, plan: Plan) -> list[str]:
    figures = contest.guess.figures
    lines = ["[[contests]]", f"id = {text(contest.id)}", f"name = {text(contest.name)}  # CHECK: what was voted on"]
    lines += _remarks(figures.evidence)
    unsure = not any("blank" in line and "CHECK" not in line for line in figures.evidence)
    mark = (
        "  # CHECK: whether blank votes are a part of the valid votes" if unsure and "blank" in contest.figures else ""
    )
    lines += [f"blank_is_valid = {str(figures.blank_is_valid).lower()}{mark}", f"figures = {array(contest.figures)}"]
    if contest.further:
        lines += comment(
            "CHECK: figures without a name of their own; `in_ballots = true` for a part of the ballots cast."
        )
        entries = [table({"id": text(one.id), "name": text(one.name)}) for one in contest.further]
        lines += ["further_figures = [", *(f"  {entry}," for entry in entries), "]"]
    if figures.unused:
        lines += comment(f"CHECK: columns of numbers that were not taken for votes: {', '.join(figures.unused)}.")
    return [*lines, *_candidates(contest, plan)]


def _candidates(contest: ContestPlan, plan: Plan) -> list[str]:
    options = next((source.guess.options for source in plan.sources if source.guess.payload is not None), 0)
    candidates = contest.guess.figures.candidates
    if candidates or not options:
        words = (
            "CHECK: all other columns of counts were taken for candidates. `name` is what the file says; you may add"
        )
        rows = [table({"id": text(one.id), "name": text(one.name)}) for one in candidates]
        return [*comment(words + " `party` and `colour`."), "candidates = [", *(f"  {row}," for row in rows), "]"]
    slots = [Candidacy(id=f"option-{number}", name=f"Option {number}", column="") for number in range(1, options + 1)]
    rows = [table({"id": text(one.id), "name": text(one.name)}) for one in slots]
    carried = [table({"id": text(one.id), "name": text(one.name), "candidate": text(one.id)}) for one in slots]
    words = "CHECK: the payload does not name its options. Write them in ballot order, and who stands for each."
    return [
        *comment(words),
        *("candidates = [", *(f"  {row}," for row in rows), "]"),
        *("options = [", *(f"  {row}," for row in carried), "]"),
    ]


def _origin() -> list[str]:
    words = (
        "CHECK: the chain by which the copies left the polling stations. All sources stand under one origin here, so"
        " that none seems to confirm another; give those that are independent an origin of their own, and say with"
        " `adverse_to` whose owners would gain from opposite errors."
    )
    return [
        *comment(words),
        "[[origins]]",
        f"id = {text(ORIGIN)}",
        'name = "As published"  # CHECK',
        f'owner = "citizen"  # CHECK: whose chain it is: {KINDS}',
    ]


def _source(source: SourcePlan) -> list[str]:
    lines = [
        *_remarks(source.remarks),
        "[[sources]]",
        f"id = {text(source.id)}",
        f"name = {text(source.guess.sample.title)}  # CHECK: what it is called on the pages",
        f'kind = "citizen"  # CHECK: who published it: {KINDS}',
        f"origin = {text(ORIGIN)}",
        f"contest = {text(source.contest.id)}",
        f'method = "{"qr" if source.guess.payload else "feed"}"  # CHECK: feed, qr, ocr or typed',
    ]
    if source.stamp:
        lines.append(f"# as_of = {source.stamp}  # CHECK: read in the file's name")
    if source.supersedes:
        words = (
            "CHECK: the same columns as an earlier file, so it was taken for a later state of the same count: where it"
            " has a station, the earlier file's figures stand back. Remove the line if these are different counts."
        )
        lines += [*comment(words), f"supersedes = {array(source.supersedes)}"]
    files = [_file(path, sha256) for path, sha256 in source.paths]
    lines += ["files = [", *(f"  {file}," for file in files), "]", ""]
    figures = {name: column.name for name, column in source.rows.figures.named.items()}
    further = {one.id: one.column for one in source.rows.figures.further}
    return [*lines, *_layout("sources", source.guess, source.parts, source.units, figures | further, source)]


def _layout(
    owner: str,
    guess: Guess,
    parts: Mapping[str, Ref],
    units: Sequence[Unit],
    figures: Mapping[str, str],
    source: SourcePlan | None = None,
) -> list[str]:
    name = f"{owner}.layout"
    lines = [f"[{name}]", *_table_options(guess)]
    if source is not None:
        lines += _row_options(source)
    lines += ["", f"[{name}.station]", *(f"{key(part)} = {_cell(ref)}" for part, ref in parts.items())]
    if units:
        lines += ["", f"[{name}.areas]", *(f"{key(unit.id)} = {_area(unit)}" for unit in units)]
    if figures:
        lines += ["", f"[{name}.figures]", *(f"{key(figure)} = {text(column)}" for figure, column in figures.items())]
    return [*lines, *(_votes(name, source) if source is not None else [])]


def _table_options(guess: Guess) -> Iterator[str]:
    sample = guess.sample
    yield f"format = {text(sample.table.format)}"
    if sample.table.encoding is not None:
        yield f"encoding = {text(sample.table.encoding)}"
    if sample.table.delimiter not in {None, ","}:
        yield f"delimiter = {text(str(sample.table.delimiter))}"
    if sample.table.sheet is not None:
        yield f"sheet = {text(sample.table.sheet)}"
    if sample.header_row != 1:
        yield f"header_row = {sample.header_row}"
    if any(note.code == "F111" for note in sample.table.notes):
        yield "repair_encoding = true  # CHECK: names look as if they were encoded twice"
    separators = {column.separator for column in sample.columns if column.separator is not None}
    if separators:
        yield f"thousands = {text(min(separators))}"
    if sample.skip_where:
        entries = {name: array(words) for name, words in sample.skip_where.items()}
        yield f"skip_where = {table(entries)}  # CHECK: rows of totals"


def _row_options(source: SourcePlan) -> Iterator[str]:
    guess = source.guess
    if guess.contest_column is not None and source.rows.value is not None:
        yield f"where = {table({guess.contest_column: text(source.rows.value)})}"
    if guess.picture is not None:
        yield f"picture = {text(guess.picture)}"
    if guess.payload is not None:
        yield f"qr = {text(guess.payload)}"
    yield '# empty = "unread"  # CHECK: what an empty cell means: unread (as it stands), zero, or not-on-sheet'


def _cell(ref: Ref) -> str:
    if ref.pattern is None:
        return text(ref.column)
    return table({"column": text(ref.column), "pattern": text(ref.pattern)})


def _area(unit: Unit) -> str:
    if unit.code is None and unit.name is not None:
        return _cell(unit.name)
    cells = {name: _cell(ref) for name, ref in (("code", unit.code), ("name", unit.name)) if ref is not None}
    return table(cells)


def _votes(name: str, source: SourcePlan) -> list[str]:
    if source.guess.payload is not None:
        return []
    if source.guess.long is None:
        return ["", f"[{name}.votes]", *(f"{key(one)} = {text(column)}" for one, column in source.votes.items())]
    item, votes = source.guess.long
    items = {column: one for one, column in source.votes.items()} | {item.column: item.id for item in source.rows.items}
    head = ["", f"[{name}.long]", f"item = {text(item)}", f"votes = {text(votes)}", "", f"[{name}.long.items]"]
    return [*head, *(f"{key(words)} = {text(one)}" for words, one in items.items())]


def _announcement(plan: Plan) -> list[str]:
    candidates = plan.contests[0].guess.figures.candidates
    first = candidates[0].id if candidates else "option-1"
    return [
        *comment("Totals that were announced without polling stations behind them are compared with the count:"),
        "# [[announcements]]",
        '# id = "bulletin-1"',
        '# name = "First bulletin"',
        '# by = "authority"',
        f"# contest = {text(plan.contests[0].id)}",
        f"# votes = {table({first: '0'})}",
        "# valid = 0",
        '# published_at = "where it can be read"',
    ]

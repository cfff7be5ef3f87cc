"""What a reader is told to add up with a spreadsheet, and what the pages that check are made of."""

from __future__ import annotations

import csv
import re
from html import unescape
from pathlib import Path

import polars as pl
import pytest
from tests.unit.portal.make_log import make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal import render_site
from escruta.portal.checking.spreadsheets import column_letter, formulas
from escruta.portal.reading import Record
from escruta.portal.words import known_languages, load_words

FUNCTIONS = {"en": "SUMIFS", "es": "SUMAR.SI.CONJUNTO", "nl": "SOMMEN.ALS", "pt": "SOMA.SE.S", "fr": "SOMME.SI.ENS"}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = make_record(tmp_path_factory.mktemp("sheet") / "record", Shape(areas=(2, 3), stations=30))
    make_log(made)
    pl.read_parquet(made / "verdicts-head.parquet").write_csv(made / "verdicts-head.csv")
    return made


def sum_ifs(table: Path, formula: str) -> int:
    """Do what a spreadsheet does with `=SUMIFS(SUMMED; TESTED; "WANTED")` over whole columns of a table."""
    found = re.fullmatch(r'=[A-Z.]+\(([A-Z]+):\1[,;] ([A-Z]+):\2[,;] "(\w+)"\)', formula)
    assert found is not None, formula
    summed, tested, wanted = found.groups()
    with table.open(encoding="utf-8", newline="") as opened:
        header, *rows = csv.reader(opened)
    letters = [column_letter(place) for place in range(len(header))]
    at, where = letters.index(summed), letters.index(tested)
    return sum(int(row[at] or 0) for row in rows if row[where].casefold() == wanted.casefold())


@pytest.mark.parametrize("language", known_languages())
def test_the_formulas_on_the_page_give_the_result(record: Path, language: str) -> None:
    """And the table has polling stations with votes that do not count, so that a plain sum would not."""
    opened = Record(record)
    contest = opened.contests[0]
    national = opened.results(contest, [""])[""]
    table = record / "verdicts-head.csv"
    lines = formulas(load_words(language), contest, national, pl.read_csv(table, n_rows=0).columns)
    assert [line.name for line in lines] == [candidate.name for candidate in contest.candidates]
    for line, votes in zip(lines, national.votes, strict=True):
        assert line.formula.startswith(f"={FUNCTIONS[language]}(")
        assert sum_ifs(table, line.formula) == line.votes == votes.votes


def test_the_pages_lead_to_their_check_and_say_how_to_add_up(record: Path, tmp_path: Path) -> None:
    site = render_site(record, tmp_path / "site", languages=["en", "fr"]).out
    about = unescape((site / "fr" / "about.html").read_text(encoding="utf-8"))
    assert "=SOMME.SI.ENS(" in about
    assert "verdicts-head.csv" in about
    assert '<a href="verify.html#about.html">Vérifier les chiffres de cette page</a>' in about
    text = (site / "en" / "verify.html").read_text(encoding="utf-8")
    assert "connect-src &#39;self&#39;" in text
    assert "trusted-types escruta-looked-at" in text
    assert (site / "en" / "verify.html").stat().st_size < 150_000


def test_a_record_without_a_log_leads_nowhere(tmp_path: Path) -> None:
    record = make_record(tmp_path / "record", Shape(areas=(2,), stations=6))
    site = render_site(record, tmp_path / "site", languages=["en"]).out
    assert not (site / "en" / "verify.html").exists()
    assert not any("verify.html" in page.read_text(encoding="utf-8") for page in site.rglob("*.html"))


def test_every_page_with_figures_has_its_table_for_a_spreadsheet(record: Path, tmp_path: Path) -> None:
    """The tables of the areas add up to the country, and those of the readings hold each reading of the record once."""
    site = render_site(record, tmp_path / "site", languages=["en"]).out
    tables = {path: pl.read_csv(path, infer_schema=False) for path in sorted((site / "data").rglob("*.csv"))}
    assert {path.with_suffix(".json") for path in tables} == set((site / "data").rglob("*.json"))
    opened = Record(record)
    national = opened.results(opened.contests[0], [""])[""]
    country = tables[site / "data" / "index.csv"]
    for candidate, votes in zip(opened.contests[0].candidates, national.votes, strict=True):
        assert country[f"votes.{candidate.candidate}"].cast(pl.Int64).sum() == votes.votes
    readings = [row for table in tables.values() if "reading" in table.columns for row in table.to_dicts()]
    held = {row["reading"]: row for row in pl.read_parquet(record / "readings-head.parquet").to_dicts()}
    written = {row["reading"]: row for row in readings if row["reading"]}
    assert written.keys() == held.keys()
    for reading, row in written.items():
        for figure in ("votes.alba", "votes.brun", "valid", "null"):
            assert row[figure] == (None if held[reading][figure] is None else str(held[reading][figure]))
    foot = (site / "en" / "index.html").read_text(encoding="utf-8").partition("<footer")[2]
    assert "href='../data/index.csv'" in foot

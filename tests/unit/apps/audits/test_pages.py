"""The report and the forms: what they say in each language, and what they keep to themselves."""

import csv
import re

import pytest

from escruta.apps.audits import write_forms, write_report
from escruta.base.words import languages

HEADS = {
    "en": "The paper bears out the published outcome, at a risk limit of 5.0%",
    "es": "El papel respalda el resultado publicado, con un límite de riesgo de 5,0",
    "fr": "Les bulletins confirment l’issue publiée, avec une limite de risque de 5,0",
    "nl": "Het papier ondersteunt de gepubliceerde uitslag, bij een risicogrens van 5,0",
    "pt": "O papel sustenta o resultado publicado, com um limite de risco de 5,0%",
}


def text_of(path):
    return path.read_text(encoding="utf-8")


def test_the_report_says_what_the_paper_says_in_every_language(drawn, tmp_path):
    drawn.enter()
    drawn.judge()
    pages = write_report(drawn.open(), tmp_path / "report", languages())
    for page, language in zip(pages, languages(), strict=True):
        said = text_of(page)
        assert HEADS[language] in said
        assert "id=chart-risk" in said
        assert "id=chart-drawn" in said
        assert "printf &#39;" not in said
        assert "27182818284590452353,mayor,1" in said
        assert "<script" not in said
        assert "http" not in re.sub(r"http-equiv", "", said)


def test_the_report_of_every_stage_can_be_written(steps, tmp_path):
    def head():
        (page,) = write_report(steps.open(), tmp_path / "report", ["en"])
        return re.search(r"<h1>(.*?)</h1>", text_of(page)).group(1)

    steps.plan()
    assert "boxes will be drawn" in head()
    steps.seed()
    drawn = steps.draw()
    assert head() == f"{len({each.box for each in drawn})} boxes are drawn and wait for their counts"
    steps.enter([(0, "state", "missing")])
    steps.judge()
    assert head() == "No larger sample will do: all the paper has to be counted"
    steps.draw(everything=True)
    assert "wait for their counts" in head()
    steps.enter(name="typed-2.csv")
    steps.judge()
    assert head() == "All the paper was counted, and it bears out the published outcome"


def test_a_difference_is_shown_with_both_figures(drawn, tmp_path):
    clean = drawn.fill()
    with clean.open(newline="") as opened:
        first = next(csv.DictReader(opened))
    drawn.enter([(0, "ana", int(first["ana"]) - 3), (0, "ben", int(first["ben"]) + 3)])
    drawn.judge()
    (page,) = write_report(drawn.open(), tmp_path / "report", ["en"])
    cells = [first["ana"], str(int(first["ana"]) - 3), "−3"]
    row = f"<th scope=row>{first['box']}<td>Ana" + "".join(f"<td class=n>{each}" for each in cells)
    assert row in text_of(page)


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Hand count of a drawn box"), ("nl", "Handtelling van een gelote bus")]
)
def test_a_form_for_each_box_without_its_published_result(drawn, language, title):
    (page,) = write_forms(drawn.open(), language)
    forms = text_of(page)
    with (drawn.folder / "draw-1.csv").open(newline="") as opened:
        drawn_boxes = {row["box"] for row in csv.DictReader(opened)}
    assert forms.count(f"<h1>{title}</h1>") == len(drawn_boxes)
    with (drawn.folder / "boxes.csv").open(newline="") as opened:
        published = {row["votes.ana"] for row in csv.DictReader(opened) if row["box"] in drawn_boxes}
    body = re.sub(r"<style>.*?</style>|<footer>.*?</footer>", "", forms, flags=re.DOTALL)
    assert published.isdisjoint(re.findall(r"(?<![.\d])\d{2,3}(?![.\d])", body))


def test_many_forms_are_several_pages_and_each_box_is_on_one(drawn):
    (whole,) = write_forms(drawn.open(), "en")
    parts = write_forms(drawn.open(), "en", most=4)
    found = [box for part in parts for box in re.findall(r"<b>([\d.]+)</b>", text_of(part))]
    assert found == re.findall(r"<b>([\d.]+)</b>", text_of(whole))
    assert len(parts) == -(-len(found) // 4) > 1


def test_left_out_stations_are_said_on_the_page(record_with_outside, tmp_path):
    from tests.unit.apps.audits.conftest import Steps  # noqa: PLC0415

    steps = Steps(tmp_path / "audit", record_with_outside)
    steps.plan(outside="left-out")
    (page,) = write_report(steps.open(), tmp_path / "report", ["en"])
    assert "not of who won" in text_of(page)


def test_slips_stand_in_the_report_and_on_lists_in_every_language(steps, tmp_path):
    steps.plan(method="polling", draws=200)
    steps.seed()
    drawn = steps.draw()
    for language in languages():
        (page,) = write_forms(steps.open(), language)
        lists = text_of(page)
        slips = re.findall(r"<tr><td>(\d+)", lists)
        assert len(slips) == len(drawn) == 200
        assert lists.count("<section") == len({each.box for each in drawn})
    steps.show(changes=[(0, "shows", "not-found")])
    steps.judge()
    for page in write_report(steps.open(), tmp_path / "report", languages()):
        said = text_of(page)
        assert "id=chart-slips" in said
        assert "id=chart-risk" in said
        assert "27182818284590452353,mayor,1" in said
        assert "audit.slips." not in said


def test_a_slip_that_differs_from_its_record_is_shown_with_both(steps, tmp_path):
    from tests.unit.apps.audits.conftest import as_published  # noqa: PLC0415
    from tests.unit.apps.audits.test_slips import records_as_published  # noqa: PLC0415

    steps.plan(method="comparison", records=records_as_published(steps), draws=20)
    steps.seed()
    steps.draw()
    shows = as_published(steps.folder)
    with (steps.folder / "count-1-to-fill.csv").open(newline="") as opened:
        first = next(csv.DictReader(opened))
    was = shows(first["box"], first["slip"].removeprefix("id-"))
    other = "ben" if was == "ana" else "ana"
    steps.show(lambda box, slip: shows(box, slip.removeprefix("id-")), [(0, "shows", other)])
    steps.judge()
    (page,) = write_report(steps.open(), tmp_path / "report", ["en"])
    row = f"<th scope=row>{first['box']}<td>{first['slip']}<td>{was.title()}<td>{other.title()}"
    assert row in text_of(page)
    assert "Slips that differ" in text_of(page)

"""The first page: its links lead somewhere, and its figures are those of the real case."""

import re

import pytest

from escruta.apps import api
from escruta.collation.verdicts import Verdict
from escruta.election.reading import read_election

NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+\.\d+ %")
PAGES = ("README.md", "docs/start/ten-minutes.md")


@pytest.fixture(scope="module")
def readme(repository):
    return (repository / "README.md").read_text(encoding="utf-8")


def test_every_link_leads_to_a_file(readme, repository):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)|^\[\d\]: ([^# ]+)", readme, re.MULTILINE)
    targets = {one or other for one, other in links}
    assert len(targets) > 8
    for target in targets:
        if not target.startswith("docs/images/"):  # `python3 dev.py shots` takes the pictures
            assert (repository / target).exists(), target


def test_the_page_is_two_screens_long(readme):
    assert len(readme.splitlines()) < 80


@pytest.fixture(scope="module")
def found(repository, shared_data):
    """Every figure that the software finds in the real case, as the pages write it."""
    folder = repository / "examples" / "venezuela-2024"
    results = api.examine(folder, data=shared_data)
    summary = api.summary(results)["contests"][0]
    options = summary["totals"]["options"].values()
    announced = [votes for each in read_election(folder).announcements for votes in each.votes.values()]
    numbers = {
        *summary["coverage"]["stations"].values(),
        *(source["stations"] for source in summary["sources"]),
        *(pair["shared"] for pair in summary["agreement"]),
        *(option["votes"] for option in options),
        *summary["outcome"]["outside"].values(),
        *(summary["verdicts"][each.value] for each in Verdict),
        summary["outcome"]["margin_votes"],
        results.election.stations.expected_registered_voters,
        *announced,
    }
    assert summary["outcome"]["can_be_overturned"] is False
    shares = {f"{100 * option['share']:.2f} %" for option in options}
    return {f"{number:,}" for number in numbers if number is not None} | shares


@pytest.mark.data
@pytest.mark.parametrize("page", PAGES)
def test_every_figure_of_the_real_case_is_what_the_software_finds(page, repository, found):
    parts = re.split(r"^## (?:\d\. )?", (repository / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    case = next(part for part in parts if part.casefold().startswith(("a real case", "the real case")))
    said = set(NUMBER.findall(case))
    assert len(said) > 5
    assert said <= found

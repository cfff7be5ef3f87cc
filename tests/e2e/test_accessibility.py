"""No page keeps anybody out, as far as a program can tell: axe-core finds no violation of WCAG 2.2 at level AA."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from click.testing import CliRunner
from playwright.sync_api import Browser, ViewportSize
from tests.unit.portal.make_log import make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.apps import api
from escruta.apps.cli import main
from escruta.portal import render_site
from escruta.testing import SmallElection, SmallSource

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
KINDS = (
    "index.html",
    "areas/01.html",
    "areas/01/01/01.html",
    "differing.html",
    "findings.html",
    "about.html",
    "find.html#q=town",
    "check.html",
    "verify.html#areas/01.html",
)
DARK = ("index.html", "areas/01/01/01.html", "check.html")
"""Pages that show every colour between them."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = make_record(tmp_path_factory.mktemp("open") / "record", Shape())
    make_log(record)
    return render_site(record, record / "site", languages=["en", "es"]).out


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the pages of a night with a bulletin that cannot be right, and beside them that of its outcome."""
    folder = tmp_path_factory.mktemp("night")
    rows = tuple({"station": str(number), "ana": 60, "ben": 20} for number in range(1, 5))
    bulletin = {
        "id": "first",
        "name": "First",
        "by": "authority",
        "at": "2024-07-29T02:00:00Z",
        "coverage_text": "50 %",
    }
    SmallElection(
        sources=(SmallSource(id="copies", rows=rows),),
        expected=5,
        expected_registered_voters=500,
        announcements=({**bulletin, "votes": {"ana": 90, "ben": 200}},),
    ).write(folder / "election")
    api.run(folder / "election", folder / "record", languages=["en"])
    site = folder / "record" / "site"
    made = CliRunner().invoke(main, ["outcome", str(folder / "record"), "--page", str(site / "en" / "outcome.html")])
    assert made.exit_code in {0, 1}, made.output
    return site


@pytest.mark.parametrize("kind", ["announced.html", "outcome.html"])
def test_axe_finds_nothing_on_what_is_proved(browser: Browser, night: Path, kind: str) -> None:
    test_axe_finds_nothing(browser, night, kind, "light")


@pytest.mark.parametrize(("kind", "scheme"), [*((kind, "light") for kind in KINDS), *((kind, "dark") for kind in DARK)])
def test_axe_finds_nothing(browser: Browser, site: Path, kind: str, scheme: str) -> None:
    context = browser.new_context(viewport=PHONE, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    name, _, place = kind.partition("#")
    page.goto((site / "en" / name).as_uri() + (f"#{place}" if place else ""))
    page.wait_for_load_state("load")
    found = Axe().run(page, options=RULES).response["violations"]
    context.close()
    assert {each["id"]: [node["html"][:200] for node in each["nodes"]] for each in found} == {}

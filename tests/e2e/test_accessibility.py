"""No page keeps anybody out, as far as a program can tell: axe-core finds no violation of WCAG 2.2 at level AA."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ViewportSize
from tests.unit.portal.make_log import make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal import render_site

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

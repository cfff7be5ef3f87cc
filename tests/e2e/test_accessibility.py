"""No page keeps anybody out, as far as a program can tell: axe-core finds no violation of WCAG 2.2 at level AA."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from tests.e2e.axe import thin_out, violations, violations_in_the_dark
from tests.e2e.written_pages import escruta, written_pages
from tests.unit.portal.make_log import make_log
from tests.unit.portal.make_record import Shape, make_record

from escruta.apps import api
from escruta.apps.demo import write_demo
from escruta.apps.signing import KeyCard
from escruta.apps.signing.printing import sheet_html
from escruta.apps.witness.page import page_of
from escruta.portal import render_site
from escruta.testing import SmallElection, SmallSource
from escruta.tlog.hashing import leaf_hash
from escruta.tlog.keys import KeyKind, SeedSigner
from escruta.tlog.trees import TreeHead
from escruta.tlog.witnessing import Cosigned

pytestmark = pytest.mark.browser

PHONE: ViewportSize = {"width": 360, "height": 740}
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
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, color_scheme="light")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = make_record(tmp_path_factory.mktemp("open") / "record", Shape())
    make_log(record)
    return render_site(record, record / "site", languages=["en"]).out


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
    escruta("outcome", folder / "record", "--page", site / "en" / "outcome.html")
    return site


def look(page: Page, address: str, *, is_dark_too: bool) -> dict[str, list[str]]:
    """Open a page on a phone; gives what is wrong with it by day, and by night."""
    page.goto(address)
    page.wait_for_load_state("load")
    return violations(page) | (violations_in_the_dark(page) if is_dark_too else {})


@pytest.mark.parametrize("kind", ["announced.html", "outcome.html"])
def test_axe_finds_nothing_on_what_is_proved(page: Page, night: Path, kind: str) -> None:
    assert look(page, (night / "en" / kind).as_uri(), is_dark_too=True) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(page: Page, site: Path, kind: str) -> None:
    name, _, place = kind.partition("#")
    address = (site / "en" / name).as_uri() + (f"#{place}" if place else "")
    assert look(page, address, is_dark_too=kind in DARK) == {}


def pages_of_commands(folder: Path) -> Iterator[tuple[str, Path]]:
    """Write each page that a command writes as one file, with all its parts; gives its kind, and where it is."""
    write_demo(folder / "election", stations=400, seed=3)
    escruta("run", folder / "election", "--out", folder / "record", "--no-pages")
    seen_elsewhere = ("outcome", "announced-page")
    for kind, name in written_pages(folder / "election", folder / "record", folder, ["en"], but=seen_elsewhere):
        yield kind, folder / name
    keys = [SeedSigner("w.example/w", kind, b"w" * 32).key for kind in KeyKind]
    (folder / "keys.html").write_text(sheet_html([KeyCard(key=key) for key in keys]), encoding="utf-8")
    yield "key-print", folder / "keys.html"
    logs = [
        Cosigned(origin="log.example/a", head=None, time_s=None, has_forked=False),
        Cosigned(origin="log.example/b", head=TreeHead(size=1, root=leaf_hash(b"")), time_s=9, has_forked=True),
    ]
    (folder / "witness.html").write_text(page_of(keys, logs, "Kept by a newspaper."), encoding="utf-8")
    yield "witness", folder / "witness.html"


FORM = "<section class=sheet>"


def with_few_forms(page: Path) -> str:
    """Leave four of the many forms of an audit, which are alike."""
    head, *forms = page.read_text(encoding="utf-8").split(FORM)
    return FORM.join([head, *forms[:4]])


def test_axe_finds_nothing_on_the_pages_that_commands_write(page: Page, tmp_path: Path) -> None:
    found = {}
    for kind, path in pages_of_commands(tmp_path):
        path.write_text(with_few_forms(path), encoding="utf-8")
        page.goto(path.as_uri())
        thin_out(page)
        found[kind] = violations(page) | violations_in_the_dark(page)
    assert {kind: wrong for kind, wrong in found.items() if wrong} == {}
    assert len(found) == 12

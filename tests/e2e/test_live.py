"""An open page notices that its figures have changed, in a real browser; and stays what it was without scripts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.served_folder import served
from tests.unit.portal.make_record import Shape, make_record

from escruta.portal import render_site

pytestmark = pytest.mark.browser

HALF_A_MINUTE = 31_000


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two versions of a site: in the second one a station's votes are others."""
    folder = tmp_path_factory.mktemp("live")
    sites = []
    for seed in (1, 2):
        record = make_record(folder / f"record-{seed}", Shape(areas=(2, 3), stations=20, seed=seed))
        sites.append(render_site(record, folder / f"site-{seed}", languages=["es"]).out)
    return sites[0], sites[1]


@pytest.fixture
def address(versions: tuple[Path, Path], tmp_path: Path) -> Iterator[str]:
    publish(tmp_path / "site", versions[0])
    with served(tmp_path) as root:
        yield f"{root}/site/es/index.html"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose clock the test moves on, and that fails the test on any complaint."""
    context = browser.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    complaints: list[str] = []
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.clock.install()
    yield page
    context.close()
    assert complaints == []


def publish(site: Path, version: Path) -> None:
    """Put a whole version in place at once, as the program does: a page that asks finds the old one or the new."""
    folder = Path(mkdtemp(prefix="version-", dir=site.parent))
    shutil.copytree(version, folder, dirs_exist_ok=True)
    link = folder.with_suffix(".link")
    link.symlink_to(folder.name)
    link.replace(site)


def test_newer_figures_are_offered_and_shown(page: Page, address: str, versions: tuple[Path, Path], tmp_path: Path):
    page.goto(address)
    before = page.locator("main").inner_text()
    with page.expect_response("**/index.html"):
        page.clock.run_for(HALF_A_MINUTE)  # the first look: nothing is newer
    expect(page.locator("#live")).to_have_count(0)
    publish(tmp_path / "site", versions[1])
    page.locator("details").first.evaluate("each => each.open = true")
    page.clock.run_for(HALF_A_MINUTE)
    expect(page.locator("#live")).to_contain_text("Hay cifras más recientes.")
    page.locator("#live button").click()
    expect(page.locator("#live")).to_contain_text("UTC")
    assert page.locator("main").inner_text() != before
    assert page.locator("details").first.evaluate("each => each.open")
    shown = page.locator("main").inner_html()
    page.reload()
    page.locator("details").first.evaluate("each => each.open = true")
    assert page.locator("main").inner_html() == shown


def test_a_version_that_does_not_touch_a_page_leaves_it_alone(page: Page, address: str, tmp_path: Path):
    page.goto(address)
    (tmp_path / "site" / "version.json").write_text("{}", encoding="utf-8")
    with page.expect_response("**/index.html"):
        page.clock.run_for(HALF_A_MINUTE)
    page.clock.run_for(HALF_A_MINUTE)
    expect(page.locator("#live")).to_have_count(0)


def test_figures_that_were_taken_back_are_offered_no_more(
    page: Page, address: str, versions: tuple[Path, Path], tmp_path: Path
):
    page.goto(address)
    publish(tmp_path / "site", versions[1])
    page.clock.run_for(HALF_A_MINUTE)
    expect(page.locator("#live button")).to_be_visible()
    publish(tmp_path / "site", versions[0])
    page.clock.run_for(HALF_A_MINUTE)
    expect(page.locator("#live button")).to_have_count(0)


def test_a_frame_of_another_site_shows_the_newer_figures_by_itself(
    page: Page, address: str, versions: tuple[Path, Path], tmp_path: Path
):
    page.goto(f"{address}#embed")
    before = page.locator("#embed").inner_text()
    publish(tmp_path / "site", versions[1])
    page.clock.run_for(HALF_A_MINUTE)
    expect(page.locator("#embed")).not_to_have_text(before)
    expect(page.locator("#live")).not_to_be_visible()
    expect(page.locator("h1")).not_to_be_visible()


def test_without_scripts_and_from_a_folder_it_is_a_page_like_any_other(
    browser: Browser, page: Page, address: str, versions: tuple[Path, Path]
):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((versions[0] / "es" / "index.html").as_uri())
    page.clock.run_for(3 * HALF_A_MINUTE)
    assert not [each for each in asked if "version.json" in each]
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(address)
    expect(plain.locator("h1")).to_be_visible()
    expect(plain.locator("#live")).to_have_count(0)
    context.close()

"""Takes pictures of every kind of page: three widths, light and dark, every language.

    python dev.py shots [SITE] [--out FOLDER] [--language CODE ...]

SITE is the folder of a site, such as `out/venezuela-2024/site`; without one, the night of `escruta demo` is made small.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = (360, 768, 1440)
SCHEMES = ("light", "dark")
TALLEST = 12_000


def kinds_of(site: Path, language: str) -> Iterator[tuple[str, str]]:
    """Choose one page of each kind; for areas the first one of each level, for a station one that differs.

    The search is shown with what it finds, and the pages that check with what they checked: each at a place of its own.
    """
    folder = site / language
    for name in ("index", "differing", "findings", "about", "announced"):
        if (folder / f"{name}.html").is_file():
            yield name, (folder / f"{name}.html").as_uri()
    page = folder / "areas"
    level = 0
    while page.is_dir():
        level += 1
        first = min(page.glob("*.html"))
        yield f"area-{level}", first.as_uri()
        page = first.with_suffix("")
    differing = (folder / "differing.html").read_text(encoding="utf-8").partition("<tbody>")[2]
    if "href='" in differing:
        station, _, place = differing.partition("href='")[2].partition("'")[0].partition("#")
        yield "station", f"{(folder / station).as_uri()}#{place}"
        yield "find", f"{(folder / 'find.html').as_uri()}#q={Path(station).parent.name}"
        yield from _checks(folder, station)


def _checks(folder: Path, station: str) -> Iterator[tuple[str, str]]:
    """Choose the page that checks a page, and the one that checks a sheet, where the record has a log."""
    if (folder / "verify.html").is_file():
        yield "verify", f"{(folder / 'verify.html').as_uri()}#{station}"
    sheet = (folder / station).read_text(encoding="utf-8").partition("check.html#")[2].partition("'")[0]
    if sheet:
        yield "check", f"{(folder / 'check.html').as_uri()}#{sheet}"


def take(browser: Browser, page: str, picture: Path, width: int, scheme: str) -> int:
    """Take one picture of a whole page, and return by how many pixels it is too wide."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(page)
    tab.wait_for_load_state("networkidle")
    height = min(int(tab.evaluate("document.documentElement.scrollHeight")), TALLEST)
    over = int(tab.evaluate("document.documentElement.scrollWidth")) - width
    tab.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    context.close()
    return over


def demo_site(folder: Path) -> Path:
    """Make a small night of the demo, with everything that a page can show, and its site."""
    sys.path[:0] = [str(ROOT / "src")]
    from escruta.apps import api  # noqa: PLC0415 - only when no site is given
    from escruta.apps.demo import write_demo  # noqa: PLC0415 - likewise

    demo = write_demo(folder / "election", stations=400, seed=2024)
    api.run(demo.definition, folder / "record", languages=["en", "es", "fr"])
    return folder / "record" / "site"


def shoot(site: Path, out: Path, chromium: str, only: list[str] | None = None) -> None:
    """Take every picture and say where it is."""
    out.mkdir(parents=True, exist_ok=True)
    languages = only or sorted(each.name for each in site.iterdir() if (each / "index.html").is_file())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        for language, width, scheme in product(languages, WIDTHS, SCHEMES):
            for kind, page in kinds_of(site, language):
                picture = out / f"{kind}-{language}-{width}-{scheme}.png"
                over = take(browser, page, picture, width, scheme)
                print(f"{picture}{f'  {over} pixels too wide' if over > 0 else ''}")
        browser.close()


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path, nargs="?")
    parser.add_argument("--out", type=Path, default=ROOT / "tests" / "e2e" / "shots")
    parser.add_argument("--language", action="append")
    chosen = parser.parse_args()
    chromium = os.environ.get("ESCRUTA_CHROMIUM", "chromium")
    with tempfile.TemporaryDirectory() as folder:
        site = chosen.site.resolve() if chosen.site else demo_site(Path(folder))
        shoot(site, chosen.out, chromium, chosen.language)


if __name__ == "__main__":
    main()

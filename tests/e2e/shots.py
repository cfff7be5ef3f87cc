"""Takes pictures of every kind of page: three widths, light and dark, every language.

    python dev.py shots [SITE] [--out FOLDER]

SITE is the folder of a site, such as `out/venezuela-2024/site`; without one, an invented republic is made.
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


def kinds_of(site: Path, language: str) -> Iterator[tuple[str, Path]]:
    """Choose one page of each kind; for areas the first one of each level, for a station one that differs."""
    folder = site / language
    for name in ("index", "differing", "findings", "about"):
        yield name, folder / f"{name}.html"
    page = folder / "areas"
    level = 0
    while page.is_dir():
        level += 1
        first = min(page.glob("*.html"))
        yield f"area-{level}", first
        page = first.with_suffix("")
    differing = (folder / "differing.html").read_text(encoding="utf-8").partition("<tbody>")[2]
    if "href='" in differing:
        yield "station", folder / differing.partition("href='")[2].partition("#")[0]


def take(browser: Browser, page: Path, picture: Path, width: int, scheme: str) -> int:
    """Take one picture of a whole page, and return by how many pixels it is too wide."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(page.as_uri())
    height = min(int(tab.evaluate("document.documentElement.scrollHeight")), TALLEST)
    over = int(tab.evaluate("document.documentElement.scrollWidth")) - width
    tab.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": width, "height": height})
    context.close()
    return over


def demo_site(folder: Path) -> Path:
    """Make a small record and its site."""
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    from tests.unit.portal.make_record import Shape, make_record  # noqa: PLC0415

    from escruta.portal import render_site  # noqa: PLC0415 - only when no site is given

    record = make_record(folder / "record", Shape())
    return render_site(record, record / "site").out


def shoot(site: Path, out: Path, chromium: str) -> None:
    """Take every picture and say where it is."""
    out.mkdir(parents=True, exist_ok=True)
    languages = sorted(each.name for each in site.iterdir() if (each / "index.html").is_file())
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
    chosen = parser.parse_args()
    chromium = os.environ.get("ESCRUTA_CHROMIUM", "chromium")
    with tempfile.TemporaryDirectory() as folder:
        site = chosen.site.resolve() if chosen.site else demo_site(Path(folder))
        shoot(site, chosen.out, chromium)


if __name__ == "__main__":
    main()

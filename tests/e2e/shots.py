"""Takes pictures of every kind of page: three widths, light and dark, every language, and how it prints.

    python dev.py shots [SITE] [--out FOLDER] [--language CODE ...] [--kind NAME ...]

SITE is the folder of a site, such as `out/venezuela-2024/site`; without one, the night of `escruta demo` is made small,
with every page that a command writes as one file (`written_pages.py`), the pages of scanned sheets, and their review.
The pages are seen as a reader sees them: from a server, so that the pages that check find what they look for.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
WIDTHS = (360, 768, 1440)
SCHEMES = ("light", "dark")
TALLEST = 12_000
PRINTED = ("index", "station")


def kinds_of(site: Path, language: str) -> Iterator[tuple[str, str]]:
    """Choose one page of each kind, by its address: of areas the first of each level, a station that differs.

    The search is shown with what it finds and with nothing found, and the pages that check with what they checked.
    """
    folder = site / language
    for name in ("index", "differing", "findings", "about", "announced"):
        if (folder / f"{name}.html").is_file():
            yield name, f"{language}/{name}.html"
    yield from _areas(folder, language)
    differing = (folder / "differing.html").read_text(encoding="utf-8").partition("<tbody>")[2]
    if "href='" in differing:
        station, _, place = differing.partition("href='")[2].partition("'")[0].partition("#")
        yield "station", f"{language}/{station}#{place}"
        yield "embed", f"{language}/index.html#embed"
        yield "find", f"{language}/find.html#q={Path(station).parent.name}"
        yield "find-none", f"{language}/find.html#q=zzzzzz"
        yield from _checks(folder, language, station)


def _areas(folder: Path, language: str) -> Iterator[tuple[str, str]]:
    page, level = folder / "areas", 0
    while page.is_dir():
        level += 1
        first = min(page.glob("*.html"))
        yield f"area-{level}", f"{language}/{first.relative_to(folder).as_posix()}"
        page = first.with_suffix("")


def _checks(folder: Path, language: str, station: str) -> Iterator[tuple[str, str]]:
    """Choose the page that checks a page, and the one that checks a sheet, where the record has a log."""
    if (folder / "verify.html").is_file():
        yield "verify", f"{language}/verify.html#{station}"
        yield "verify-index", f"{language}/verify.html#index.html"
    sheet = (folder / station).read_text(encoding="utf-8").partition("check.html#")[2].partition("'")[0]
    if sheet:
        yield "check", f"{language}/check.html#{sheet}"


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


def print_out(browser: Browser, page: str, paper: Path) -> None:
    """Print a page on A4, as a reader's browser does."""
    tab = browser.new_page()
    tab.goto(page)
    tab.wait_for_load_state("networkidle")
    tab.pdf(path=paper, format="A4", margin={"top": "15mm", "right": "15mm", "bottom": "15mm", "left": "15mm"})
    tab.close()


def demo_site(folder: Path) -> Path:
    """Make a small night of the demo, with everything that a page can show, its site, and the page of its outcome."""
    sys.path[:0] = [str(ROOT / "src")]
    from escruta.apps import api  # noqa: PLC0415 - only when no site is given
    from escruta.apps.demo import write_demo  # noqa: PLC0415 - likewise

    demo = write_demo(folder / "election", stations=400, seed=2024)
    api.run(demo.definition, folder / "record", languages=["en", "es", "fr", "nl", "pt"])
    return folder / "record" / "site"


def write_outcome(record: Path, page: Path, language: str) -> None:
    """Write the page of `escruta outcome` of a record: one file, which needs no server."""
    command = [
        sys.executable,
        "-m",
        "escruta.apps.cli",
        "outcome",
        str(record),
        "--page",
        str(page),
        "--language",
        language,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=environment)
    if not page.is_file():
        sys.exit(f"escruta outcome left no page for {record}: exit code {done.returncode}")


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that has gone before everything was sent."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine alone, and give its address."""
    server = _Server(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def shoot(site: Path, out: Path, chromium: str, languages: Collection[str], only: Collection[str] = ()) -> None:
    """Take every picture and say where it is."""
    out.mkdir(parents=True, exist_ok=True)
    is_in_record = (site.parent / "summary.json").is_file()  # then the pages look for the log beside the site
    root, base = (site.parent, f"/{site.name}") if is_in_record else (site, "")
    with served(root) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        for language in languages:
            pages = {kind: f"{address}{base}/{page}" for kind, page in kinds_of(site, language)}
            if (not only or "outcome" in only) and is_in_record:
                write_outcome(site.parent, out / f"outcome-{language}.html", language)
                pages["outcome"] = (out / f"outcome-{language}.html").as_uri()
            pages = {kind: page for kind, page in pages.items() if not only or kind in only}
            for (kind, page), width, scheme in product(pages.items(), WIDTHS, SCHEMES):
                picture = out / f"{kind}-{language}-{width}-{scheme}.png"
                over = take(browser, page, picture, width, scheme)
                print(f"{picture}{f'  {over} pixels too wide' if over > 0 else ''}")
            for kind in PRINTED:
                if kind in pages:
                    print_out(browser, pages[kind], out / f"{kind}-{language}.pdf")
        browser.close()


def shoot_written(site: Path, out: Path, chromium: str, languages: Collection[str], only: Collection[str]) -> None:
    """Take pictures of the pages that commands write, of scanned sheets, and of the review; for a site of the demo."""
    sys.path[:0] = [str(ROOT)]
    from tests.e2e import written_pages as written  # noqa: PLC0415 - needs the extras of printing and scanning

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        place = Path(folder)
        election = site.parent.parent / "election"
        pages = dict(written.written_pages(election, site.parent, place, languages))
        chain = written.scanned(place / "chain", languages)
        pages |= dict(written.seal_pages(chain, place, languages))
        scans = chain.relative_to(place) / "record" / "site"
        pages |= {f"station-picture-{each}": f"{scans}/{each}/stations/1.html" for each in languages}
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for (name, page), width, scheme in product(pages.items(), WIDTHS, SCHEMES):
            kind = name.rpartition("-")[0]
            if only and kind not in only:
                continue
            picture = out / f"{name}-{width}-{scheme}.png"
            over = take(browser, (place / page).as_uri(), picture, width, scheme)
            print(f"{picture}{f'  {over} pixels too wide' if over > 0 else ''}")
        if not only or "seal" in only:
            for name, text in written.seals_of(chain).items():
                _read_seal(browser, place, languages, text, out / f"seal-{name}")
        if not only or "review" in only:
            with written.reviewed(chain) as address:
                _review(browser, address, languages, out)
        browser.close()


def _read_seal(browser: Browser, place: Path, languages: Collection[str], text: str, picture: Path) -> None:
    """Let the page of seals read the text of one."""
    for language, width, scheme in product(languages, WIDTHS, SCHEMES):
        tab = _tab(browser, (place / f"seal-{language}.html").as_uri(), width, scheme)
        tab.locator("summary").click()
        tab.locator("#text").fill(text)
        tab.locator("#check").click()
        tab.locator("body[data-status]").wait_for()
        tab.screenshot(path=f"{picture}-{language}-{width}-{scheme}.png", full_page=True)
        tab.context.close()


def _review(browser: Browser, address: str, languages: Collection[str], out: Path) -> None:
    """Begin a review, as its first reader."""
    for language, width, scheme in product(languages, WIDTHS, SCHEMES):
        tab = _tab(browser, f"{address}/?lang={language}", width, scheme)
        tab.keyboard.type("Ana")
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#station input:focus")
        tab.wait_for_load_state("networkidle")
        tab.screenshot(path=out / f"review-{language}-{width}-{scheme}.png", full_page=True)
        tab.context.close()


def _tab(browser: Browser, address: str, width: int, scheme: str) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    tab = context.new_page()
    tab.goto(address)
    tab.wait_for_load_state("networkidle")
    return tab


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path, nargs="?")
    parser.add_argument("--out", type=Path, default=ROOT / "tests" / "e2e" / "shots")
    parser.add_argument("--language", action="append")
    parser.add_argument("--kind", action="append", default=[])
    chosen = parser.parse_args()
    chromium = os.environ.get("ESCRUTA_CHROMIUM", "chromium")
    with tempfile.TemporaryDirectory() as folder:
        site = chosen.site.resolve() if chosen.site else demo_site(Path(folder))
        every = sorted(each.name for each in site.iterdir() if (each / "index.html").is_file())
        shoot(site, chosen.out.resolve(), chromium, chosen.language or every, chosen.kind)
        if not chosen.site and not set(chosen.kind) & {kind for kind, _ in kinds_of(site, every[0])}:
            shoot_written(site, chosen.out.resolve(), chromium, chosen.language or every, chosen.kind)


if __name__ == "__main__":
    main()

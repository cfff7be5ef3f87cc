"""What axe-core finds on a page: no more is carried out of the browser than what is wrong."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""WCAG 2.2 at level AA, and what axe-core calls good practice."""
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that look at colours: those that may find something else on the same page in the dark."""
THIN_OUT = """
() => {
  const shape = each => [each.tagName, each.getAttributeNames().join(), each.className, each.id !== '',
    [...each.childNodes].map(child => child.nodeType === 1 ? shape(child) : child.textContent.trim() !== '').join()];
  const seen = new Map();
  for (const each of [...document.querySelectorAll('tr, li, section, article')].reverse()) {
    const key = `${shape(each)}`, alike = seen.get(each.parentElement) ?? {};
    seen.set(each.parentElement, alike);
    alike[key] = (alike[key] ?? 0) + 1;
    if (alike[key] > 2) each.remove();
  }
}
"""
RUN = """
([place, options]) => axe.run(place, options).then(found => Object.fromEntries(
  found.violations.map(each => [each.id, each.nodes.map(node => node.html.slice(0, 200))])))
"""


def violations(page: Page, place: str = "html") -> dict[str, list[str]]:
    """Look at a page, or a part of it; gives the rules that do not hold, and where."""
    return _run(page, place, {"type": "tag", "values": WCAG})


def violations_in_the_dark(page: Page) -> dict[str, list[str]]:
    """Look at a page again, in its dark colours; gives the rules of colours that do not hold, and where."""
    page.emulate_media(color_scheme="dark")
    found = _run(page, "html", {"type": "rule", "values": COLOURS})
    page.emulate_media(color_scheme="light")
    return found


def thin_out(page: Page) -> None:
    """Leave two of each kind of row, item and section: of elements, attributes and classes alike, with text or without.

    Axe-core takes milliseconds for each element, and finds on the hundredth row what it finds on the second.
    """
    page.evaluate(THIN_OUT)


def _run(page: Page, place: str, rules: dict[str, object]) -> dict[str, list[str]]:
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(Axe().axe_script)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found: dict[str, list[str]] = page.evaluate(RUN, [place, options])
    return found

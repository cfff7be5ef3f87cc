"""The code that stands in the pages runs, and prints what the pages say."""

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NEEDS_DATA = re.compile(r"\bdata\b")


def examples_of(page: Path) -> str:
    """Keep the blocks of a page that show a session, each on its own line, so that a failure names the line."""
    text = page.read_text(encoding="utf-8")
    kept = [""] * (text.count("\n") + 1)
    for block in FENCE.finditer(text):
        if ">>> " in block.group(1):
            first = text.count("\n", 0, block.start(1))
            for at, line in enumerate(block.group(1).splitlines()):
                kept[first + at] = line
    return "\n".join(kept)


PAGES = sorted(page for page in DOCS.rglob("*.md") if "_build" not in page.parts and ">>> " in examples_of(page))


def test_there_are_pages_with_code():
    assert DOCS / "life-of-a-sheet.md" in PAGES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_code_of_a_page_prints_what_the_page_says(page, request, repository, monkeypatch):
    examples = examples_of(page)
    names = {"data": request.getfixturevalue("shared_data")} if NEEDS_DATA.search(examples) else {}
    monkeypatch.chdir(repository)
    parsed = doctest.DocTestParser().get_doctest(examples, names, page.stem, str(page), 0)
    said: list[str] = []
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    doctest.DocTestRunner(optionflags=flags).run(parsed, out=said.append)
    assert not said, "".join(said)

"""Tables that a reader can put in another order: a script makes their heads into buttons.

Without the script such a table is a table in the order of the codes. A cell that is sorted by its value, and not by its
text, has the value in `data-v`; one without a value, where others have one, comes last either way.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

SORT = "assets/sort.js"
"""The script's address inside the site's folder."""
SORTS = "sorts"
"""The class of such a table."""
_MARK = f" {SORTS}'><thead>"


def sort_tag(body: str, up: str) -> str:
    """Write the element that loads the script, for a page that has such a table; `up` leads to the site's folder.

    It has to stand behind that of `live.js`, which remembers the page as it came.
    """
    return f'<script src="{up}{SORT}" defer></script>' if _MARK in body else ""


@cache
def sort_script() -> bytes:
    """Give the script."""
    return (files("escruta.portal") / "assets" / "sort.js").read_bytes()

"""Texts of a record inside XML: nothing in them is ever taken for markup, and what XML cannot hold is marked.

Source: Extensible Markup Language (XML) 1.0, fifth edition, productions 2 (Char) and 7 (Nmtoken); XML Schema part 2,
section 3.3.2 (token).
"""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

_NO_CHARACTERS = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACES = re.compile("[\t\n\r ]+")
_KEPT = re.compile(r"[^A-Za-z0-9.\-]")


def token(text: Any) -> str:  # noqa: ANN401 - whatever stands in the record, as text
    """Write a text as the content of an element or attribute of type `xs:token`.

    A character that XML 1.0 does not know becomes U+FFFD.

    >>> token('Ana & <b>"Ben"</b>')
    'Ana &amp; &lt;b&gt;&quot;Ben&quot;&lt;/b&gt;'
    """
    kept = _NO_CHARACTERS.sub("\ufffd", str(text))
    return escape(_SPACES.sub(" ", kept).strip(" "), {'"': "&quot;"})


def nmtoken(text: Any) -> str:  # noqa: ANN401 - the same
    """Write a code as a part of an `xs:NMTOKEN`; two codes never become the same.

    What is neither a letter or digit of ASCII nor `.` or `-` is written `_HEX_`.

    >>> nmtoken("010101001.1"), nmtoken("north/2 b")
    ('010101001.1', 'north_2F_2_20_b')
    """
    return _KEPT.sub(lambda found: f"_{ord(found[0]):X}_", str(text))


def path_nmtoken(area: str | None, *more: str) -> str:
    """Write an area's path, and what lies in it, as the Dutch EML_NL writes hierarchies: parts between `::`.

    >>> path_nmtoken("01/0101", "7")
    '01::0101::7'
    """
    return "::".join(nmtoken(part) for part in [*(area.split("/") if area else ()), *more])

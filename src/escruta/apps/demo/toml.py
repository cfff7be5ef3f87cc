"""Write a definition as TOML that people like to read: a section a part, short tables on one line.

Source: TOML v1.0.0 (basic strings, inline tables, arrays of tables).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def to_toml(document: Mapping[str, object]) -> str:
    """Write a document whose tables, and lists of tables, become sections; a `layout` in a section becomes its own.

    >>> print(to_toml({"id": "x", "stations": {"key": [{"part": "table"}]}}), end="")
    id = "x"
    <BLANKLINE>
    [stations]
    key = [
      { part = "table" },
    ]
    """
    plain = {key: value for key, value in document.items() if not _is_section(value)}
    blocks = [_lines(plain)]
    for key, value in document.items():
        if isinstance(value, Mapping) and key not in plain:
            blocks += _section(key, value, f"[{key}]")
        elif key not in plain:
            blocks += [block for table in _tables(value) for block in _section(key, table, f"[[{key}]]")]
    return "\n".join(blocks)


def _is_section(value: object) -> bool:
    return (isinstance(value, Mapping) and "en" not in value) or bool(_tables(value))


def _tables(value: object) -> list[Mapping[str, object]]:
    if isinstance(value, list | tuple) and value and all(isinstance(one, Mapping) for one in value):
        return list(value)
    return []


def _section(key: str, table: Mapping[str, object], title: str) -> list[str]:
    layout = table.get("layout")
    blocks = [f"{title}\n{_lines({name: value for name, value in table.items() if name != 'layout'})}"]
    if isinstance(layout, Mapping):
        blocks.append(f"[{key}.layout]\n{_lines(layout)}")
    return blocks


def _lines(table: Mapping[str, object]) -> str:
    return "".join(f"{_key(key)} = {_spread(value)}\n" for key, value in table.items())


def _spread(value: object) -> str:
    """Write a list of tables one table a line, anything else on one line."""
    tables = _tables(value)
    if not tables:
        return _value(value)
    return "[\n" + "".join(f"  {_value(table)},\n" for table in tables) + "]"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)

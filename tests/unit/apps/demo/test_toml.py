from __future__ import annotations

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from escruta.apps.demo.toml import to_toml

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x7f"), max_size=12)
PLAIN = st.recursive(
    TEXT | st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
SECTION = st.dictionaries(st.text("abc-_", min_size=1, max_size=6).filter(lambda key: key != "layout"), PLAIN)


@settings(max_examples=40, deadline=None)
@given(
    top=st.dictionaries(st.text("xyz", min_size=1, max_size=3), SECTION | st.lists(SECTION, min_size=1) | st.integers())
)
def test_what_is_written_is_read_again(top: dict[str, object]) -> None:
    assert tomllib.loads(to_toml(top)) == top


def test_a_layout_stands_in_a_section_of_its_own() -> None:
    document = {"id": "x", "sources": [{"id": "a", "layout": {"votes": {"Nº 1": "ñ"}}}]}
    text = to_toml(document)
    assert '[[sources]]\nid = "a"\n\n[sources.layout]\nvotes = { "Nº 1" = "ñ" }\n' in text
    assert tomllib.loads(text) == document

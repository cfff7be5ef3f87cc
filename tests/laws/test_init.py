"""Laws of `escruta init`: what a file means does not depend on the order of its rows, nor on its packing."""

import gzip
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.apps.init.kinds import KINDS

from escruta.apps.init import propose_definition

ONE_ROW_EACH = ("french", "register", "dutch", "lines", "narrow-first")
"""Files with one contest and a row for each station."""


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    """What is proposed for each kind as it stands."""
    return {kind: proposed(tmp_path_factory.mktemp(kind), written(kind)) for kind in ONE_ROW_EACH}


def written(kind):
    return {name: make().encode() for name, make in KINDS[kind].items()}


def proposed(folder, files):
    """What is proposed for some files, without their digests and their packing."""
    paths = []
    for name, content in files.items():
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    toml = propose_definition(paths).toml
    return re.sub(r'sha256 = "[0-9a-f]{64}"', "", toml).replace(".gz", "")


def shuffled(text, seed, *, has_header):
    head, *rows = text.splitlines(keepends=True)
    rows = rows if has_header else [head, *rows]
    random.Random(seed).shuffle(rows)  # noqa: S311  any order will do
    return "".join([head, *rows] if has_header else rows)


@given(kind=st.sampled_from(ONE_ROW_EACH), seed=st.integers(0, 2**16))
def test_order_of_rows_changes_nothing(usual, tmp_path_factory, kind, seed):
    texts = {name: make() for name, make in KINDS[kind].items()}
    mixed = {name: shuffled(text, seed, has_header=name.endswith(".csv")) for name, text in texts.items()}
    files = {name: text.encode() for name, text in mixed.items()}
    assert proposed(tmp_path_factory.mktemp("rows"), files) == usual[kind]


@pytest.mark.parametrize("kind", ONE_ROW_EACH)
def test_packing_and_line_ends_change_nothing(usual, tmp_path, kind):
    packed = {f"{name}.gz": gzip.compress(text.replace(b"\n", b"\r\n")) for name, text in written(kind).items()}
    assert proposed(tmp_path, packed) == usual[kind]

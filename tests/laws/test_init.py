"""Laws of `escruta init`: what a file means does not depend on the order of its rows, nor on its packing."""

import gzip
import random
import re

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.apps.init.kinds import KINDS

from escruta.apps.init import propose_definition

KIND = st.sampled_from(["french", "register", "dutch", "lines", "narrow-first"])
"""Files with one contest and a row for each station."""


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


@given(kind=KIND, seed=st.integers(0, 2**16))
def test_order_of_rows_changes_nothing(tmp_path_factory, kind, seed):
    folder = tmp_path_factory.mktemp("rows")
    texts = {name: make() for name, make in KINDS[kind].items()}
    mixed = {name: shuffled(text, seed, has_header=name.endswith(".csv")) for name, text in texts.items()}
    plain, other = ({name: text.encode() for name, text in side.items()} for side in (texts, mixed))
    assert proposed(folder, plain) == proposed(folder, other)


@given(kind=KIND)
def test_packing_and_line_ends_change_nothing(tmp_path_factory, kind):
    folder = tmp_path_factory.mktemp("packing")
    texts = {name: make() for name, make in KINDS[kind].items()}
    packed = {f"{name}.gz": gzip.compress(text.replace("\n", "\r\n").encode()) for name, text in texts.items()}
    assert proposed(folder, {name: text.encode() for name, text in texts.items()}) == proposed(folder, packed)

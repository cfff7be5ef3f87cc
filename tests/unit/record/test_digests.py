"""A list of digests in parts: the same lines, each in the part that follows from its path."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escruta.record import digests
from escruta.record.digests import lines_after, parts_after, parts_of

PATHS = st.text(st.sampled_from("ab/é.0"), min_size=1, max_size=6)
LISTS = st.dictionaries(PATHS, st.sampled_from(["0" * 64, "f" * 64]), max_size=40)


def lines_of(listed: dict[str, str]) -> list[str]:
    return [f"{digest}  {path}\n" for path, digest in listed.items()]


@given(listed=LISTS, digits=st.integers(1, 3))
def test_every_line_stands_in_the_part_of_its_path_and_nowhere_else(listed: dict[str, str], digits: int) -> None:
    parts = parts_of(lines_of(listed), digits=digits)
    assert sorted(line for own in parts.lines.values() for line in own) == sorted(lines_of(listed))
    for name, own in parts.lines.items():
        paths = [line[66:-1] for line in own]
        assert paths == sorted(paths)
        assert all(sha256(path.encode()).hexdigest().startswith(name) for path in paths)
        assert len(name) == digits
    index = "".join(f"{sha256(parts.raw(name)).hexdigest()}  {name}\n" for name in sorted(parts.lines))
    assert parts.index() == index.encode()


@given(before=LISTS, after=LISTS, more=LISTS)
def test_parts_that_were_brought_up_to_date_are_those_of_the_new_list(
    before: dict[str, str], after: dict[str, str], more: dict[str, str]
) -> None:
    """Whoever tells what went and what came may also tell lines that stayed as both."""
    old, new, both = (set(lines_of(each)) for each in (before, {**more, **after}, more))
    since = parts_of(old, digits=1)
    told = both & old & new
    assert parts_after(since, (old - new) | told, (new - old) | told) == parts_of(new, digits=1)


def test_a_part_has_no_more_lines_on_average_than_a_phone_can_read() -> None:
    for lines in (0, 1, 16_000, 16_001, 140_000, 256_000, 256_001, 4_096_000):
        digits = digests.digits_for(lines)
        assert lines / 16**digits <= 1000
        assert digits == 1 or lines / 16 ** (digits - 1) > 1000


@pytest.mark.parametrize("lines", [10, 1000])
@pytest.mark.parametrize("path", ["p0005", "p0005x", "z"])
def test_a_line_that_is_not_there_takes_no_other_one_with_it(lines: int, path: str) -> None:
    own = [f"{'0' * 64}  p{number:04d}\n" for number in range(lines)]
    with pytest.raises(KeyError, match=path):
        lines_after(own, [f"{'f' * 64}  {path}\n"], [])

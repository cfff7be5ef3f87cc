"""Whatever is done to a published record, verifying tells it: random changes of any file."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest
from tests.unit.apps.verify.memory import Verify

QUICK, LONG = 40, 1_000


def flip_a_bit(files: dict[str, bytes], chance: Random) -> str:
    path = chance.choice([path for path in sorted(files) if files[path]])
    at, bit = chance.randrange(len(files[path])), 1 << chance.randrange(8)
    raw = bytearray(files[path])
    raw[at] ^= bit
    files[path] = bytes(raw)
    return f"flip {path} byte {at} by {bit}"


def delete(files: dict[str, bytes], chance: Random) -> str:
    path = chance.choice(sorted(files))
    del files[path]
    return f"delete {path}"


def swap(files: dict[str, bytes], chance: Random) -> str:
    one, other = chance.sample(sorted(files), 2)
    if files[one] == files[other]:
        return flip_a_bit(files, chance)
    files[one], files[other] = files[other], files[one]
    return f"swap {one} and {other}"


def add(files: dict[str, bytes], chance: Random) -> str:
    near = chance.choice(sorted(files))
    path = f"{near}.{chance.randrange(1000)}"
    files[path] = chance.randbytes(chance.randrange(300))
    return f"add {path}"


def cut(files: dict[str, bytes], chance: Random) -> str:
    path = chance.choice([path for path in sorted(files) if files[path]])
    files[path] = files[path][: chance.randrange(len(files[path]))]
    return f"cut {path} to {len(files[path])} bytes"


def lengthen(files: dict[str, bytes], chance: Random) -> str:
    path = chance.choice(sorted(files))
    files[path] += chance.randbytes(1 + chance.randrange(40))
    return f"lengthen {path}"


def roll_back(files: dict[str, bytes], chance: Random) -> str:
    path = chance.choice([path for path in sorted(files) if path.startswith("log/checkpoints/")])
    files["log/checkpoint"] = files[path]
    return f"show {path} again"


CHANGES = (flip_a_bit, delete, swap, add, cut, lengthen, roll_back)


def not_found(record: Mapping[str, bytes], verify: Verify, count: int, chance: Random) -> list[str]:
    missed = []
    for number in range(count):
        files = dict(record)
        done = CHANGES[number % len(CHANGES)](files, chance)
        if verify(files).is_sound:
            missed.append(done)
    return missed


def test_the_record_as_it_was_published_is_sound(record: Mapping[str, bytes], verify: Verify) -> None:
    assert verify(record).faults == ()


def test_random_changes_are_all_found(record: Mapping[str, bytes], verify: Verify) -> None:
    chance = Random(1)  # noqa: S311 - the same changes each time
    assert not_found(record, verify, QUICK, chance) == []


@pytest.mark.torture
def test_a_thousand_random_changes_are_all_found(record: Mapping[str, bytes], verify: Verify) -> None:
    assert not_found(record, verify, LONG, Random()) == []  # noqa: S311 - no secret


def test_every_kind_of_file_flipped_is_found(record: Mapping[str, bytes], verify: Verify) -> None:
    """One file of each sort, each flipped in its last byte."""
    sorts = {path.rpartition("/")[0] + path.rpartition(".")[2]: path for path in sorted(record) if record[path]}
    missed = []
    for path in list(sorts.values())[:60]:
        changed = {**record, path: record[path][:-1] + bytes([record[path][-1] ^ 1])}
        if verify(changed).is_sound:
            missed.append(path)
    assert missed == []

"""Pairs of pictures laid upon each other: the same here and in other processes, and nothing lost in silence."""

from __future__ import annotations

import dataclasses
import hashlib
from itertools import combinations

import pytest
from tests.unit.apps.scan import tiny

from escruta.apps.executing import Done, Lost, workplace_named
from escruta.apps.scan import laying, open_home
from escruta.apps.scan.keeping import keep_original
from escruta.apps.scan.laying import FEW, PLACES, Pair, lay_pairs

CORNERS = ((20.0, 20.0), (260.0, 20.0), (260.0, 260.0), (20.0, 260.0))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Five originals: one picture, that picture saved again, and three others."""
    home = open_home(tiny.write_election(tmp_path_factory.mktemp("laid")))
    home.make()
    first = tiny.picture_of_text(tiny.text_of(1), seed=1)
    raws = [first, tiny.as_jpeg(first, quality=90)]
    raws += [tiny.picture_of_text(tiny.text_of(at), seed=at, ending=".jpg") for at in (2, 3, 4)]
    for raw in raws:
        keep_original(home.originals, hashlib.sha256(raw).hexdigest(), raw)
    return home, [hashlib.sha256(raw).hexdigest() for raw in raws]


@pytest.fixture(scope="module")
def pairs(home):
    """All pairs of the five, whole and by a code that is said to be at one place on each."""
    both = list(combinations(home[1], 2))
    whole = [Pair(one=one, other=other) for one, other in both]
    return whole + [Pair(one=one, other=other, codes=((CORNERS,), (CORNERS,))) for one, other in both]


@pytest.fixture(scope="module")
def seen_here(home, pairs):
    return dict(lay_pairs(home[0], pairs))


def test_a_picture_saved_again_shares_a_region_and_other_sheets_do_not(home, seen_here):
    same = Pair(one=home[1][0], other=home[1][1])
    others = [pair for pair in seen_here if pair.codes is None and not {pair.one, pair.other} & {same.one, same.other}]
    assert seen_here[same] is True
    assert others
    assert not any(seen_here[pair] for pair in others)


def test_other_processes_see_what_is_seen_here(home, pairs, seen_here):
    assert len(pairs) > FEW
    assert dict(lay_pairs(home[0], pairs, workplace_named("processes", 2))) == seen_here


def test_pairs_whose_worker_died_are_not_seen(home, pairs, seen_here, monkeypatch):
    def spread(_place, work, jobs, *, batch):
        assert batch == 1
        first, *others = jobs
        yield Lost(item=first, reason="it killed its worker 2 times")
        for job in others:
            yield Done(item=job, result=work(job))

    monkeypatch.setattr(laying, "spread", spread)
    found = dict(lay_pairs(home[0], pairs, workplace_named("processes", 2)))
    unseen = [pair for pair in found if found[pair] is None and seen_here[pair] is not None]
    assert len(found) == len(pairs)
    assert 0 < len(unseen) <= laying.TOGETHER


def test_a_pair_whose_original_is_gone_is_not_seen(home, pairs):
    elsewhere = dataclasses.replace(home[0], originals=home[0].originals / "nothing")
    assert {seen for _, seen in lay_pairs(elsewhere, pairs)} == {None}


def test_a_code_that_is_on_a_page_again_and_again_is_not_settled(home):
    one, other = home[1][2:4]
    few, many = (Pair(one=one, other=other, codes=((CORNERS,) * often, (CORNERS,))) for often in (PLACES, PLACES + 1))
    assert dict(lay_pairs(home[0], [few, many])) == {few: False, many: None}

"""What was worked out by hand in fractions; and where another program says something else, what it says and why not."""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from escruta.audit import martingales, practised, supersimple
from escruta.audit.assertions import assert_share
from escruta.audit.batches import Batches
from escruta.audit.exact import exact_alpha, exact_risk, exact_sample_size, exact_shares
from escruta.audit.macro import error_bounds, risk, sample_size

FOLDER = Path(__file__).resolve().parents[2] / "vectors" / "audit"
VECTORS = {each["id"]: each for each in json.loads((FOLDER / "by_hand.json").read_text())["vectors"]}


def test_making_the_vectors_again_changes_nothing(tmp_path):
    script = tmp_path / "make.py"
    script.write_text((FOLDER / "make.py").read_text(encoding="utf-8"), encoding="utf-8")
    subprocess.run([sys.executable, str(script)], check=True)  # noqa: S603 - our own script
    assert (tmp_path / "by_hand.json").read_bytes() == (FOLDER / "by_hand.json").read_bytes()


def test_walds_test_multiplies_once_where_shangrla_multiplies_twice():
    vector = VECTORS["wald_once"]
    capital = martingales.alpha(np.array(vector["x"], dtype=float), eta=float(Fraction(vector["eta"])))
    assert np.exp(-capital[-1]) == pytest.approx(float(Fraction(vector["expected"])), abs=1e-12)
    assert float(Fraction(vector["expected"])) == pytest.approx(0.4338, abs=1e-4)
    assert float(Fraction(vector["peer"])) == pytest.approx(0.0817, abs=1e-4)


def test_an_understatement_lowers_the_risk_unless_it_is_to_be_ignored():
    vector = VECTORS["understatement"]
    tainted = np.array([float(Fraction(each)) for each in vector["taints"]])
    total = Fraction(vector["total"])
    assert risk(total, tainted) == pytest.approx(float(Fraction(vector["expected"])), abs=1e-12)
    assert risk(total, tainted, understatements=False) == pytest.approx(float(Fraction(vector["peer"])), abs=1e-12)
    assert exact_risk(total, [Fraction(each) for each in vector["taints"]]) == Fraction(vector["expected"])


def test_the_fewest_draws_are_one_less_than_arlo_says():
    vector = VECTORS["one_more_than_needed"]
    total, limit = Fraction(vector["total"]), Fraction(vector["limit"])
    assert sample_size(total, float(limit)) == exact_sample_size(total, limit) == vector["expected"]
    assert vector["expected"] + 1 == vector["peer"]


def test_a_sample_has_at_least_the_ballots_that_were_found_wrong():
    vector = VECTORS["at_least_those_found"]
    found = supersimple.Misstatements(**vector["misstatements"])
    assert supersimple.enough(vector["margin"], vector["limit"], found) == vector["expected"] != vector["peer"]


def test_the_chance_that_a_sample_misses_every_box_that_differs():
    vector = VECTORS["hypergeometric"]
    found = practised.chance_of_missing(vector["boxes"], vector["different"], vector["drawn"])
    assert found == pytest.approx(float(Fraction(vector["expected"])), rel=1e-12)


def test_the_best_hiding_place_centre_by_centre():
    vector = VECTORS["per_centre"]
    centres = [
        ([Fraction(each) for each in one], out) for one, out in zip(vector["centres"], vector["drawn"], strict=True)
    ]
    exact = practised.chance_per_centre_exactly(centres)
    assert exact == Fraction(vector["expected"])
    places = np.repeat(np.arange(3), [len(shares) for shares, _ in centres])
    shares = np.array([float(share) for one, _ in centres for share in one])
    bound = practised.chance_per_centre(places, shares, dict(enumerate(vector["drawn"])))
    assert bound >= exact
    assert bound < 2 * exact


def test_alpha_with_shrinkage():
    vector = VECTORS["alpha_shrink"]
    x = np.array(vector["x"], dtype=float)
    eta = martingales.shrink_trunc(x, eta=0.7, d=vector["d"], c=0)
    found = np.exp(-martingales.alpha(x, eta=eta))
    assert found == pytest.approx([float(Fraction(each)) for each in vector["expected"]], abs=1e-12)
    exact = exact_alpha(
        [Fraction(each) for each in vector["x"]],
        [Fraction(each).limit_denominator(10**6) for each in eta],
        t=Fraction(1, 2),
        upper=Fraction(1),
    )
    assert [str(1 / each) for each in exact] == vector["expected"]


def test_a_threshold_bounds_the_boxes_in_its_own_way():
    vector = VECTORS["supermajority"]
    batches = Batches(
        names=("1", "2"), options=("a", "b", "c"), votes=np.array(vector["votes"]), bound=np.array(vector["bound"])
    )
    one = assert_share(batches.options, "a", Fraction(vector["share"]))
    bounds = error_bounds(batches, [one])
    assert bounds.margins == (vector["expected"]["margin"],)
    assert [str(each) for each in exact_shares(batches, [one])] == vector["expected"]["shares"]
    assert bounds.exact_total == sum(Fraction(each) for each in vector["expected"]["shares"])

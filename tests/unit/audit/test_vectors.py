"""The figures that other programs give for the same inputs: Arlo, SHANGRLA and rlacalc, where they are right."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from escruta.audit import bravo, martingales, shangrla, supersimple
from escruta.audit.assertions import Assertion, assert_first, assert_share
from escruta.audit.batches import Batches
from escruta.audit.macro import error_bounds, overstatements, risk, sample_size, taints
from escruta.audit.stratified import ComparisonStratum, PollingStratum, stratified_risk
from escruta.audit.supersimple import Misstatements

FILE = Path(__file__).resolve().parents[2] / "vectors" / "audit" / "rla_vectors.json"
VECTORS = {each["id"]: each for each in json.loads(FILE.read_text(encoding="utf-8"))["vectors"]}


def totals_of(inputs: dict[str, Any]) -> tuple[list[str], list[int]]:
    return list(inputs["candidates"]), list(inputs["candidates"].values())


def bravo_sample_sizes(inputs: dict[str, Any]) -> dict[str, float]:
    _, totals = totals_of(inputs)
    limit, ballots = inputs["risk_limit_pct"] / 100, inputs["ballots"]
    sizes = {str(chance): bravo.size_for(totals, ballots, limit, chance) for chance in bravo.COMPLETION}
    return {"asn": bravo.expected_size(totals, ballots, limit), **sizes}


def bravo_pvalue(inputs: dict[str, Any]) -> dict[str, float]:
    names, totals = totals_of(inputs)
    sample = [inputs["sample"].get(name, 0) for name in names]
    found = bravo.risks(totals, sample, winners=inputs["num_winners"])
    return {f"{names[winner]}|{names[loser]}": value for (winner, loser), value in found.items()}


def bravo_asn_two_way(inputs: dict[str, Any]) -> float:
    winner = round(500_000 * (1 + inputs["margin"]))
    return bravo.expected_size((winner, 1_000_000 - winner), 1_000_000, inputs["alpha"])


def bravo_quantile(inputs: dict[str, Any]) -> float:
    return bravo.size_for_pair((inputs["p_w"], inputs["p_r"]), inputs["alpha"], inputs["p_completion"])


def batch_comparison_macro(inputs: dict[str, Any]) -> dict[str, Any]:
    names, totals = totals_of(inputs)
    rows = [one for count, one in inputs["batches"] for _ in range(count)]
    batches = Batches(
        names=tuple(map(str, range(len(rows)))),
        options=tuple(names),
        votes=np.array([[row[name] for name in names] for row in rows]),
        bound=np.array([row["ballots"] for row in rows]),
    )
    bounds = error_bounds(batches, assert_first(names, totals))
    limit = inputs["risk_limit_pct"] / 100
    found = {"U": bounds.total, "sample_size": sample_size(bounds.total, limit) + 1}  # Arlo draws one more
    if inputs["sampled"]:
        drawn = np.array([index for index, _ in inputs["sampled"]])
        paper = np.array([[count[name] for name in names] for _, count in inputs["sampled"]])
        tainted = taints(bounds, drawn, overstatements(batches, bounds, drawn, paper))
        found["p_value"] = risk(bounds.total, tainted, understatements=False)
        found["confirmed"] = found["p_value"] <= limit
    return found


def ballot_comparison_supersimple_size(inputs: dict[str, Any]) -> float:
    _, (winner, loser) = totals_of(inputs)
    return supersimple.sample_size((winner - loser) / inputs["ballots"], inputs["risk_limit_pct"] / 100)


def misstatements(inputs: dict[str, Any]) -> Misstatements:
    return Misstatements(**{name: inputs.get(name, 0) for name in ("o1", "o2", "u1", "u2")})


def ballot_comparison_km_pvalue(inputs: dict[str, Any]) -> float:
    found = misstatements(inputs)
    return math.exp(supersimple.log_risk(inputs["n"], inputs["diluted_margin"], found, gamma=inputs["gamma"]))


def ballot_comparison_nmin(inputs: dict[str, Any]) -> float:
    return supersimple.enough(inputs["margin"], inputs["alpha"], misstatements(inputs), gamma=inputs["gamma"])


def suite_ballot_polling_stratum_p(inputs: dict[str, Any]) -> float:
    votes = (inputs["votes"]["winner"], inputs["votes"]["loser"])
    sample = (inputs["sample"]["winner"], inputs["sample"]["loser"])
    stratum = PollingStratum(ballots=inputs["num_ballots"], votes=votes, drawn=inputs["sample_size"], sample=sample)
    return math.exp(stratum.log_risk(inputs["null_lambda"], inputs["reported_margin"]))


def suite_comparison_stratum_p(inputs: dict[str, Any]) -> float:
    stratum = ComparisonStratum(
        ballots=inputs["num_ballots"], votes=(0, 0), drawn=inputs["sample_size"], found=misstatements(inputs)
    )
    return math.exp(stratum.log_risk(inputs["null_lambda"], inputs["reported_margin"]))


def suite_combined_p(inputs: dict[str, Any]) -> float:
    machine, paper = inputs["cvr"], inputs["bp"]
    one = ComparisonStratum(
        ballots=machine["num_ballots"], votes=tuple(machine["votes"].values()), drawn=machine["sample_size"]
    )
    two = PollingStratum(
        ballots=paper["num_ballots"],
        votes=tuple(paper["votes"].values()),
        drawn=paper["sample_size"],
        sample=tuple(paper["sample"].values()),
    )
    margin = one.votes[0] - one.votes[1] + two.votes[0] - two.votes[1]
    return stratified_risk((one, two), margin)


def population(inputs: dict[str, Any]) -> float:
    return float(inputs["N"])


def alpha_martingale(inputs: dict[str, Any]) -> dict[str, Any]:
    x, t, upper, size = np.array(inputs["x"], dtype=float), inputs["t"], inputs["u"], population(inputs)
    if inputs["estim"] == "fixed":
        eta: Any = martingales.fixed_alternative(x, inputs["eta"], upper=upper, population=size)
    else:
        eta = martingales.shrink_trunc(
            x, eta=inputs["eta"], d=inputs["d"], c=inputs["c"], t=t, upper=upper, population=size
        )
    capital = martingales.alpha(x, eta=eta, t=t, upper=upper, population=size)
    return {"p_value": float(martingales.p_value(capital)), "p_history": list(np.exp(-capital))}


def betting_martingale(inputs: dict[str, Any]) -> dict[str, Any]:
    x = np.array(inputs["x"], dtype=float)
    lam = inputs["lam"] / inputs["t"] if inputs["bet"] != "fixed_bet" else inputs["lam"]
    capital = martingales.betting(x, lam, t=inputs["t"], upper=inputs["u"], population=population(inputs))
    return {"p_value": float(martingales.p_value(capital)), "p_history": list(np.exp(-capital))}


def kaplan_markov(inputs: dict[str, Any]) -> float:
    capital = martingales.kaplan_markov(np.array(inputs["x"], dtype=float), t=inputs["t"], padding=inputs["g"])
    return float(martingales.p_value(capital))


def kaplan_wald(inputs: dict[str, Any]) -> float:
    capital = martingales.kaplan_wald(np.array(inputs["x"], dtype=float), t=inputs["t"], padding=inputs["g"])
    return float(martingales.p_value(capital))


def alpha_sample_size(inputs: dict[str, Any]) -> float:
    x = np.full(inputs["N"] // 2, inputs["x_value"])
    eta = martingales.fixed_alternative(x, inputs["eta"], upper=inputs["u"], population=inputs["N"])
    capital = martingales.alpha(x, eta=eta, t=inputs["t"], upper=inputs["u"], population=inputs["N"])
    return martingales.draws_needed(capital, inputs["alpha"])


def assorter(inputs: dict[str, Any]) -> list[float]:
    options = tuple(dict.fromkeys([name for name in inputs["votes"] if name]))
    if inputs["kind"] == "plurality":
        places = {name: place for place, name in enumerate(options)}
        weights = [0] * len(options)
        weights[places[inputs["winner"]]], weights[places[inputs["loser"]]] = 1, -1
        one = Assertion(kind="ahead", winner=inputs["winner"], loser=inputs["loser"], weights=tuple(weights))
    else:
        share = Fraction(inputs["share"]).limit_denominator(100)
        one = assert_share(options, inputs["winner"], share)
    return [float(one.value(None if name is None else options.index(name))) for name in inputs["votes"]]


def overstatement_assorter(inputs: dict[str, Any]) -> float:
    return shangrla.overstatement_value(inputs["omega"], margin=inputs["v"], upper=inputs["u"])


@pytest.mark.parametrize("name", [name for name in VECTORS if not VECTORS[name]["method"].endswith("_file")])
def test_the_figures_of_other_programs(name):
    vector = VECTORS[name]
    found = globals()[vector["method"]](vector["inputs"])
    expected = vector["expected"]
    tolerance = max(vector["tol"], 1e-9 if isinstance(found, float) else 0)
    if not isinstance(expected, dict):
        assert found == pytest.approx(expected, abs=tolerance)
        return
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, abs=max(vector["tol"], 1e-9)), key


def test_every_vector_is_looked_at():
    assert {vector["method"] for vector in VECTORS.values()} - set(globals()) == {"batch_comparison_macro_file"}
    assert len(VECTORS) == 60

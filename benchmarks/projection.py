"""The projection beside elex-model, on one real night that arrives in three ways.

Frame: the 10,631 Venezuelan centres of 2024 of which the result of 2012 is known. Arrival: by lot; biased (a race in
which a centre's speed follows twice the logit with which the campaign's copies really came in); state after state. 5,
20, 50 and 80 % of the centres are in. Every run is a new order; both programs see the same centres.

elex-model's `nonparametric` method gives an estimate for each candidate; the margin is their difference. It gets the
same covariates as features. It has no country: its states are added up. Arguments: the number of orders (50), then the
number of those that elex-model runs too (all).
"""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from reporting import Section

    from escruta.assessment.projection import Centres

ORDERS = 50
_ARRIVALS = ("random", "biased", "states")
_SHARES = (0.05, 0.20, 0.50, 0.80)
_ORDERS_WITH_CENTRES = 5
_LEVEL = 0.90
_ASKED = {"random": 0.85, "states": 0.85, "biased": 0.75}
_SECONDS = 3.0
_FIRST_ASKED = {"random": 0.20, "states": 0.20, "biased": 0.50}
"""From this share in, coverage is asked for: below 20 % the projection refuses, and is forced here to speak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """Everything that is known in the end."""

    votes: np.ndarray[Any, Any]
    registered: np.ndarray[Any, Any]
    earlier: np.ndarray[Any, Any]
    """Votes of 2012: Chávez, Capriles, all."""
    states: np.ndarray[Any, Any]
    municipalities: np.ndarray[Any, Any]
    covariates: np.ndarray[Any, Any]
    """Lean, turnout, logarithm of the registered voters of 2012."""

    @property
    def margins(self) -> np.ndarray[Any, Any]:
        """González minus Maduro, by centre."""
        return self.votes[:, 0] - self.votes[:, 1]


@dataclass(slots=True)
class Cell:
    """What happened in the runs of one cell."""

    errors: list[float]
    widths: list[float]
    covered: list[bool]
    states: list[float]
    seconds: list[float]
    peer_errors: list[float]
    own_errors_beside: list[float]
    centres: list[float] = field(default_factory=list)
    """The share of the centres' intervals, one a candidate, that held; of the first orders alone."""
    refused: int = 0
    """Orders of which the projection does not speak: one state alone is in."""


def report(work: Path, arguments: list[str]) -> Section:
    """Run every cell, ours and theirs."""
    from reporting import Section  # noqa: PLC0415 - the threads are set before numpy is loaded

    del work
    orders = int(arguments[0]) if arguments else ORDERS
    peers = int(arguments[1]) if len(arguments) > 1 else orders
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    night = load_night(Path(os.environ.get("ESCRUTA_SHARED_DATA", _SHARED)))
    elex = _elex(night) if peers else None
    rows, met = [], True
    for arrival in _ARRIVALS:
        for share in _SHARES:
            cell = run_cell(night, arrival, share, orders, peers, elex)
            row, is_met = _row(arrival, share, cell)
            sys.stderr.write(f"  {' | '.join(row)}\n")
            rows.append(row)
            met &= is_met
    return Section(
        name="projection",
        title=f"Projection: {len(night.registered):,} centres, {orders} orders of arrival",
        text=f"The true margin is {int(night.margins.sum()):,}. Intervals of {_LEVEL:.0%}. Asked: coverage of the "
        "country and of the states at least 85 % (random, states; from 20 % in) or 75 % (biased; from 50 % in), a "
        f"smaller error than elex-model's from 20 % in, {_SECONDS:.0f} s of computing a run on one thread; a cell "
        f"that misses one has its name in bold. elex-model 2.2.5 ran {peers} of the orders, and our error beside it "
        f"is of the same ones; `centres` is of our first {_ORDERS_WITH_CENTRES} orders. Where one "
        "state alone is in, the projection refuses, and the order is left out.\n",
        columns=(
            "arrival, in",
            "error (rms)",
            "width",
            "country",
            "states",
            "centres",
            "seconds",
            "elex error",
            "ours beside",
        ),
        rows=tuple(rows),
        is_met=met,
    )


def _row(arrival: str, share: float, cell: Cell) -> tuple[tuple[str, ...], bool]:
    import numpy as np  # noqa: PLC0415

    def rms(values: list[float]) -> float:
        return float(np.sqrt(np.mean(np.square(values)))) if values else float("nan")

    country, states = float(np.mean(cell.covered)), float(np.mean(cell.states))
    seconds = float(np.median(cell.seconds))
    asked = _ASKED[arrival] if share >= _FIRST_ASKED[arrival] else 0.0
    below = share < _SHARES[1] or not cell.peer_errors or rms(cell.own_errors_beside) < rms(cell.peer_errors)
    met = min(country, states) >= asked and below and seconds < _SECONDS
    name = f"{arrival} {share:.0%}" + (f" ({cell.refused} refused)" if cell.refused else "")
    return (
        name if met else f"**{name}**",
        f"{rms(cell.errors):,.0f}",
        f"{np.mean(cell.widths):,.0f}",
        f"{country:.2f}",
        f"{states:.2f}",
        f"{np.mean(cell.centres):.2f}" if cell.centres else "",
        f"{seconds:.2f}",
        f"{rms(cell.peer_errors):,.0f}" if cell.peer_errors else "",
        f"{rms(cell.own_errors_beside):,.0f}" if cell.peer_errors else "",
    ), met


def run_cell(
    night: Night,
    arrival: str,
    share: float,
    orders: int,
    peers: int,
    elex: Any,  # noqa: ANN401
) -> Cell:
    """Run one cell of the design."""
    cell = Cell([], [], [], [], [], [], [])
    for seed in range(orders):
        first = order_of(night, arrival, seed)[: int(share * len(night.registered))]
        error = _run_ours(night, first, cell)
        if error is not None and seed < peers:
            cell.peer_errors.append(elex(first) - float(night.margins.sum()))
            cell.own_errors_beside.append(error)
    return cell


def _run_ours(night: Night, first: np.ndarray[Any, Any], cell: Cell) -> float | None:
    import numpy as np  # noqa: PLC0415

    from escruta.assessment.projection import project  # noqa: PLC0415

    began = time.process_time()
    found = project(centres_of(night, first), level=_LEVEL, least_coverage=0.0)
    cell.seconds.append(time.process_time() - began)
    if found.country is None:
        cell.refused += 1
        return None
    truth = float(night.margins.sum())
    sign = 1 if found.country.leader == 0 else -1
    margin = found.country.margin
    cell.errors.append(sign * margin.middle - truth)
    cell.widths.append(margin.high - margin.low)
    cell.covered.append(margin.low <= sign * truth <= margin.high)
    out = np.ones(len(night.registered), dtype=bool)
    out[first] = False
    hits = []
    for area in found.areas[0]:
        inside = night.states == int(area.area)
        if area.out == 0:
            continue
        votes = night.votes[inside].sum(axis=0)
        true = votes[area.leader] - votes[area.runner_up]
        hits.append(area.margin.low <= true <= area.margin.high)
    cell.states.append(float(np.mean(hits)) if hits else 1.0)
    if len(cell.errors) <= _ORDERS_WITH_CENTRES:
        cell.centres.append(_centres_covered(night, first))
    return cell.errors[-1]


def _centres_covered(night: Night, first: np.ndarray[Any, Any]) -> float:
    """Give the share of the intervals of centres that are out, one a candidate, that hold."""
    from escruta.assessment.projection import each_centre, fit  # noqa: PLC0415

    found = each_centre(fit(centres_of(night, first)), _LEVEL)
    truth = night.votes[found.rows]
    return float(((found.low <= truth) & (truth <= found.high)).mean())


def centres_of(night: Night, first: np.ndarray[Any, Any]) -> Centres:
    """Make the frame as it stands when some centres are in, in this order."""
    import numpy as np  # noqa: PLC0415

    from escruta.assessment.projection import Centres  # noqa: PLC0415

    arrival = np.full(len(night.registered), np.nan)
    arrival[first] = np.arange(len(first))
    inside = ~np.isnan(arrival)
    return Centres(
        candidates=("gonzalez", "maduro", "others"),
        votes=np.where(inside[:, None], night.votes, 0),
        registered=night.registered,
        counted=np.where(inside, night.registered, 0.0),
        areas=(night.states, night.municipalities),
        area_names=(tuple(str(code) for code in range(int(night.states.max()) + 1)), ()),
        covariates=night.covariates,
        covariate_names=("lean", "turnout", "log_registered_2012"),
        arrival=arrival,
    )


def order_of(night: Night, arrival: str, seed: int) -> np.ndarray[Any, Any]:
    """Draw the order in which the centres come in."""
    import numpy as np  # noqa: PLC0415

    chance = np.random.default_rng(seed)
    race = chance.gumbel(size=len(night.registered))
    if arrival == "biased":
        race += 2 * (-1.18 * night.covariates[:, 0] + 0.31 * night.covariates[:, 2])
    if arrival == "states":
        places = chance.permutation(int(night.states.max()) + 1)
        race = chance.normal(0, 0.3, len(race)) - places[night.states]
    return np.argsort(-race)


def load_night(folder: Path) -> Night:
    """Read the two elections and keep the centres that both have."""
    import numpy as np  # noqa: PLC0415
    import polars as pl  # noqa: PLC0415

    sheets = pl.read_csv(folder / "ve-2024" / "campaign_v1.csv")
    others = ("LM", "JABE", "JOBR", "AE", "CF", "DC", "EM", "BERA")
    now = (
        sheets.with_columns(centre=pl.col("CENTRO").cast(pl.String).str.zfill(9), rest=pl.sum_horizontal(others))
        .group_by("centre")
        .agg(pl.col("RE", "EG", "NM", "rest").sum())
    )
    before = pl.read_csv(folder / "ve-2012" / "centres.csv", schema_overrides={"centre": pl.String})
    both = (
        now.join(before, on="centre")
        .filter(pl.col("chavez").is_not_null(), pl.col("valid") > 0, pl.col("ballots") > 0)
        .sort("centre")
    )
    earlier = both.select("chavez", "capriles", "valid").to_numpy().astype(float)
    codes = both["centre"]
    return Night(
        votes=both.select("EG", "NM", "rest").to_numpy(),
        registered=both["RE"].to_numpy().astype(float),
        earlier=earlier,
        states=codes.str.slice(0, 2).rank("dense").to_numpy().astype(np.int64) - 1,
        municipalities=codes.str.slice(0, 4).rank("dense").to_numpy().astype(np.int64) - 1,
        covariates=np.column_stack(
            [
                earlier[:, 0] / earlier[:, 2],
                both["ballots"].to_numpy() / both["registered_voters"].to_numpy(),
                np.log(both["registered_voters"].to_numpy()),
            ]
        ),
    )


def _elex(night: Night) -> Any:  # noqa: ANN401 - a function
    """Open elex-model, which says much while it runs; nothing of it is fetched or written."""
    import numpy as np  # noqa: PLC0415

    sys.path.append(os.environ.get("ESCRUTA_BENCH", str(Path(sys.prefix) / "bench")))
    os.environ.update(APP_ENV="local", MODEL_S3_BUCKET="none", MODEL_S3_PATH_ROOT="none")
    import pandas as pd  # noqa: PLC0415
    from elexmodel.client import ModelClient  # noqa: PLC0415

    logging.disable(logging.INFO)

    units = [f"{state:02d}_{place:05d}" for place, state in enumerate(night.states)]
    states = [f"S{state:02d}" for state in night.states]
    features = ["lean", "turnout_2012", "log_registered"]
    table = pd.DataFrame(
        {
            "postal_code": states,
            "geographic_unit_fips": units,
            "county_fips": units,
            "county_classification": "all",
            "baseline_dem": night.earlier[:, 1],
            "baseline_gop": night.earlier[:, 0],
            "baseline_turnout": night.earlier[:, 2],
            **dict(zip(features, night.covariates.T, strict=True)),
        }
    )
    name = "2024-07-28_VE_G"
    config = {
        name: [
            {
                "office": "P",
                "states": sorted(set(states)),
                "geographic_unit_types": ["precinct"],
                "historical_election": [],
                "features": list(features),
                "aggregates": ["postal_code", "unit"],
                "fixed_effects": [],
                "baseline_pointer": {"dem": "dem", "gop": "gop", "turnout": "turnout"},
            }
        ]
    }

    # elex-model appends a feature to the configuration's list each time that it looks at it
    def run(first: np.ndarray[Any, Any]) -> float:
        inside = np.zeros(len(units), dtype=bool)
        inside[first] = True
        live = pd.DataFrame(
            {
                "postal_code": states,
                "geographic_unit_fips": units,
                "results_dem": np.where(inside, night.votes[:, 0], 0),
                "results_gop": np.where(inside, night.votes[:, 1], 0),
                "results_turnout": np.where(inside, night.votes.sum(axis=1), 0),
                "percent_expected_vote": np.where(inside, 100, 0),
            }
        )
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            found = ModelClient().get_estimates(
                live,
                name,
                "P",
                ["dem", "gop"],
                prediction_intervals=[_LEVEL],
                percent_reporting_threshold=100,
                geographic_unit_type="precinct",
                raw_config=config,
                preprocessed_data=table.copy(),
                features=list(features),
                aggregates=["postal_code", "unit"],
                fixed_effects={},
                pi_method="nonparametric",
                save_output=[],
                model_parameters={"fit_margin_outlier_model": False, "fit_turnout_outlier_model": False},
            )
        state = found["state_data"]
        return float(state["pred_dem"].sum() - state["pred_gop"].sum())

    return run


_SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"

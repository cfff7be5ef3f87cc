"""A made-up country of centres: its votes follow the model, so that what the model says can be checked."""

import numpy as np

from escruta.assessment.projection.centres import Centres


def made_up(seed: int, *, share: float = 0.5, centres: int = 800, states: int = 8, slope: float = 0.0) -> tuple:
    """Draw a country, let a share of its centres come in; give the frame and the votes of all."""
    chance = np.random.default_rng(seed)
    state = chance.integers(0, states, centres)
    town = state * 5 + chance.integers(0, 5, centres)
    lean = np.clip(0.55 + chance.normal(0, 0.06, states)[state] + chance.normal(0, 0.1, centres), 0.05, 0.95)
    registered = np.exp(chance.normal(6.5, 0.8, centres)).round() + 50
    turnout = 0.6 + chance.normal(0, 0.03, states)[state]
    own = chance.normal(0, 0.04, states)[state] + chance.normal(0, 0.02, states * 5)[town]
    first = np.clip(0.9 - 0.8 * lean + own + chance.normal(0, 0.04, centres), 0.02, 0.98)
    rates = np.stack([turnout * first * 0.97, turnout * (1 - first) * 0.97, turnout * 0.03], axis=1)
    votes = chance.poisson(rates * registered[:, None])
    votes = np.minimum(votes, (registered[:, None] / 3).astype(np.int64) * 2)
    race = chance.gumbel(size=centres) + slope * lean
    order = np.argsort(-race)
    inside = np.zeros(centres, dtype=bool)
    inside[order[: int(share * centres)]] = True
    arrival = np.full(centres, np.nan)
    arrival[order[: int(share * centres)]] = np.arange(int(share * centres))
    frame = Centres(
        candidates=("north", "south", "others"),
        votes=np.where(inside[:, None], votes, 0).astype(np.int64),
        registered=registered,
        counted=np.where(inside, registered, 0.0),
        areas=(state, town),
        area_names=(tuple(f"S{each}" for each in range(states)), tuple(f"T{each}" for each in range(states * 5))),
        covariates=lean[:, None],
        covariate_names=("lean",),
        arrival=arrival,
    )
    return frame, votes

"""A study so small that brute force over the prior gives every answer: three cases, a rating of x and of y in each, x -> y."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from causal.theory import Edge
from models.blueprint import Blueprint, draw_blueprint
from models.compile import machine_code, pymc_model
from models.evidence.scales import scaled
from models.evidence.without import swapped
from models.sampling import Sampler
from models.simulation.rebuild import log_likelihood, prior_theta, rebuild
from tests.models import small
from tests.models.worlds import row

type Floats = NDArray[np.float64]

NAMES = ("x", "y")
LEVELS = {"x": (0, 1, 2), "y": (0, 2, 2)}
CASES = "abc"
SAMPLER = Sampler(draws=400, tune=300, chains=2, target_accept=0.9)
UNITS = small.periods(CASES)


@cache
def blueprint() -> Blueprint:
    rows = tuple(row(f"{c}.{n}", f"{c}1", f"{n}_rating", [LEVELS[n][i]]) for i, c in enumerate(CASES) for n in NAMES)
    return draw_blueprint(small.theory(Edge("x", "y", "+")), small.rated(*NAMES), UNITS, rows)


@cache
def code() -> Any:
    return machine_code(pymc_model(blueprint()))


@cache
def from_the_prior(factor: float = 1.0, draws: int = 200_000) -> tuple[Floats, Floats]:
    """Slopes drawn from the prior, shape (draws,), and the log likelihood of every cell, shape (draws, cells)."""
    wide = swapped(blueprint(), scaled(blueprint(), factor))
    rng, slopes, cells = np.random.default_rng(1), [], []
    for _ in range(draws // 10_000):
        theta = prior_theta(wide, 10_000, rng)
        slopes.append(theta["slope"][:, 0])
        cells.append(log_likelihood(wide, theta, rebuild(wide, theta).cells)["ordinal"])
    return np.concatenate(slopes), np.concatenate(cells)

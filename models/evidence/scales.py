"""The marginal likelihood under other prior scales: how far a comparison of theories hangs on how wide their priors are.

Only the prior of the coefficients changes, so that one posterior is a short step from the next: with factors m and m' on
every scale, log Z(m') - log Z(m) is bridged from draws under both by f = log p_m'(coefficients) - log p_m(coefficients).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.blueprint import Blueprint
from models.evidence.marginal import Climb, bridge, climb
from models.sampling import Sampler, swap
from models.sides import sample_sides
from models.simulation.rebuild import Theta, prior_log_density, theta_of

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]
type Array = NDArray[np.generic]

SCALES = (0.5, 0.7, 1.0, 1.4, 2.0)
"""Factors from half the declared prior scale to twice it."""

SLOPES = ("slope", "signed_slope")


def scaled(blueprint: Blueprint, factor: float) -> dict[str, Array]:
    """Arrays with which every coefficient's prior is ``factor`` times as wide; a sign-informed location moves with it.

    Spare coefficients, which no arc uses, keep theirs.
    """
    free = (
        len(blueprint.data["slope_scale"]) - blueprint.structure.spare_slopes if "slope_scale" in blueprint.data else 0
    )
    found: dict[str, Array] = {}
    for name in ("slope_scale", "slope_location", "signed_slope_scale"):
        if name in blueprint.data:
            array = np.array(blueprint.data[name], dtype=float)
            array[: None if name == "signed_slope_scale" else free] *= factor
            found[name] = array
    return found


def climb_scales(
    blueprint: Blueprint, code: CompiledPyMCModel, factors: Sequence[float], sampler: Sampler, seed: int
) -> dict[float, Climb]:
    """Log ratio of the marginal likelihood at each factor to that at 1. Raises ValueError when 1 is not a factor."""
    ordered = sorted(factors)
    if 1.0 not in ordered:
        raise ValueError(f"the factors {ordered} have to hold 1, the declared scale")
    draws = [_draws(blueprint, code, m, sampler, seed * 1000 + 500 + i) for i, m in enumerate(ordered)]
    shape = (sampler.chains, sampler.draws)
    rungs = [
        bridge(*(_log_ratio(blueprint, theta, low, high).reshape(shape) for theta in (draws[i], draws[i + 1])))
        for i, (low, high) in enumerate(pairwise(ordered))
    ]
    middle = ordered.index(1.0)
    found = {1.0: Climb(0.0, 0.0)}
    for i in range(middle + 1, len(ordered)):
        found[ordered[i]] = climb(rungs[middle:i])
    for i in range(middle):
        down = climb(rungs[i:middle])
        found[ordered[i]] = Climb(-down.value, down.variance)
    return found


def _draws(
    blueprint: Blueprint, code: CompiledPyMCModel, factor: float, sampler: Sampler, seed: int
) -> dict[str, Floats]:
    data = dict(blueprint.data) | scaled(blueprint, factor)
    trace = sample_sides(blueprint, swap(code, data), replace(sampler, seed=seed, cores=1)).trace
    return theta_of(blueprint, trace["posterior"].to_dataset())


def _log_ratio(blueprint: Blueprint, theta: Theta, low: float, high: float) -> Floats:
    """log p(coefficients | factor high) - log p(coefficients | factor low), shape (samples,)."""
    return _log_prior(blueprint, theta, high) - _log_prior(blueprint, theta, low)


def _log_prior(blueprint: Blueprint, theta: Theta, factor: float) -> Floats:
    wide = replace(blueprint, data=dict(blueprint.data) | scaled(blueprint, factor))
    slopes: Mapping[str, Floats] = {name: theta[name] for name in SLOPES if name in theta}
    known = replace(wide, parameters=tuple(p for p in wide.parameters if p.name in slopes))
    density = prior_log_density(known, slopes)
    return np.asarray(sum(values.sum(axis=1) for values in density.values()))

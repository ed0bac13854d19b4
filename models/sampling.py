"""The only place that samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

    from models.metric import Metric


_STARTING = Lock()
POINTS = "unconstrained_draw"
TUNED = 100
"""Tuning steps of a chain that begins in the units of an earlier fit, at most."""


@dataclass(frozen=True, slots=True)
class Sampler:
    """How to sample: draws and tuning steps per chain, chains, seed, NUTS target acceptance, processes (None: all cores)."""

    draws: int = 2000
    tune: int = 1000
    chains: int = 4
    seed: int = 20261124
    target_accept: float = 0.9
    cores: int | None = None

    def harder(self, diverged: bool) -> Sampler:
        """The one retry after a fit that did not converge, with another seed.

        Chains that diverged get smaller steps (target acceptance .99); chains that only mixed slowly get three times the draws.
        """
        if diverged:
            return replace(self, tune=2 * self.tune, seed=self.seed + 1, target_accept=0.99)
        return replace(self, draws=3 * self.draws, tune=2 * self.tune, seed=self.seed + 1)


def swap(code: CompiledPyMCModel, data: Mapping[str, NDArray[np.generic]]) -> CompiledPyMCModel:
    """Compiled code on other data. Arrays that the compiled graph does not read are left aside."""
    read = {variable.name for variable in code.shared_var_keys}
    return code.with_data(**{name: value for name, value in data.items() if name in read})


def sample(
    code: CompiledPyMCModel,
    sampler: Sampler,
    progress: bool = False,
    points: bool = False,
    metric: Metric | None = None,
) -> xr.DataTree:
    """Posterior draws and sampler statistics of compiled code; groups ``posterior`` and ``sample_stats``.

    points : whether to keep the draws as the sampler sees them, without constraints, in a variable of ``sample_stats``
    metric : of a fit of nearly the same density, in whose units to begin, with less tuning
    """
    import nutpie

    target = replace(code, initial_point_func=_in_turn(code.initial_point_func))
    if metric:
        from models.density.rescaled import in_units

        target = in_units(code, metric)
    trace: xr.DataTree = nutpie.sample(
        target,
        draws=sampler.draws,
        tune=min(sampler.tune, TUNED) if metric else sampler.tune,
        chains=sampler.chains,
        cores=sampler.cores,
        seed=sampler.seed,
        target_accept=sampler.target_accept,
        save_warmup=False,
        progress_bar=progress,
        store_unconstrained=points,
    )
    if not _whole(trace, sampler):
        raise KeyboardInterrupt  # nutpie answers Ctrl-C by returning the draws it has
    if metric and points:
        drawn = trace["sample_stats"][POINTS]
        trace["sample_stats"][POINTS] = drawn * metric.scale + metric.centre
    return trace


def without_points(trace: xr.DataTree, posterior: xr.Dataset | None = None) -> xr.DataTree:
    """The posterior (or another in its place) and the statistics of a trace whose unconstrained draws have been used."""
    statistics = trace["sample_stats"].to_dataset().drop_vars(POINTS)
    found = trace["posterior"].to_dataset() if posterior is None else posterior
    return xr.DataTree.from_dict({"posterior": found, "sample_stats": statistics})


def _in_turn(start: Callable[..., Any]) -> Callable[..., Any]:
    """A starting point's function for chains that start at once.

    nutpie calls it from the thread of every chain, and it is a function of PyTensor, which keeps what it computes in storage
    of its own: chains in it together read one another's seeds, or what one of them has just freed (decision 0017).
    """

    @wraps(start)
    def alone(seed: int | None = None) -> Any:
        with _STARTING:
            return start(seed)

    return alone


def _whole(trace: xr.DataTree, sampler: Sampler) -> bool:
    """Whether a trace has every draw that was asked for."""
    energy = trace["sample_stats"].to_dataset()["energy"].to_numpy()
    return energy.shape == (sampler.chains, sampler.draws) and bool(np.isfinite(energy[:, -1]).all())

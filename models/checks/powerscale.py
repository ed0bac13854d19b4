"""Power-scaling: how far an answer moves when a part of the prior, or the likelihood, counts for more or for less.

A component's density is raised to the power alpha on the draws that are there, by Pareto-smoothed importance weights (Kallioinen,
Paananen, Bürkner and Vehtari 2024); the diagnostic per quantity is ArviZ's ``psense``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from causal.ledger import Reweighted, reweigh
from models.evidence.psis import psis

type Floats = NDArray[np.float64]

COMPONENTS = {
    "coefficients of the theory": ("slope", "signed_slope"),
    "loadings and shifts": ("loading", "shift"),
    "spacing of verbal scales": ("category_",),
    "differences between cases and groups": ("case_sd", "kind_sd", "noise_sd", "residual_sd"),
}
"""Parts of the prior by the names of their parameters. Standardised errors are the model, not its prior, and are in none."""


@dataclass(frozen=True)
class Scaled:
    """A quantity under a component raised to a power.

    sensitivity : ArviZ's diagnostic of the component for this quantity; above 0.05 it matters
    draws : the draws, weighted as those at ``alpha``
    """

    component: str
    quantity: str
    sensitivity: float
    alpha: float
    draws: Reweighted


def power_scaled(
    tree: xr.DataTree, quantities: Mapping[str, Floats], alphas: Sequence[float] = (0.5, 2.0)
) -> Iterator[Scaled]:
    """Every component of prior and likelihood at every power.

    quantities : draws of derived quantities by name, shape (chains, draws)
    """
    prior, likelihood = tree["log_prior"].to_dataset(), tree["log_likelihood"].to_dataset()
    parts = {"likelihood": ("likelihood", [str(name) for name in likelihood.data_vars])}
    for component, starts in COMPONENTS.items():
        names = [str(name) for name in prior.data_vars if str(name).startswith(starts)]
        if names:
            parts[component] = ("prior", names)
    for component, (group, names) in parts.items():
        found = _sensitivity(tree, quantities, group, names)
        total = _total(prior if group == "prior" else likelihood, names)
        for alpha in alphas:
            draws = reweigh((alpha - 1.0) * total, psis)
            for name in quantities:
                yield Scaled(component, name, found[name], alpha, draws)


def _sensitivity(
    tree: xr.DataTree, quantities: Mapping[str, Floats], group: str, names: Sequence[str]
) -> dict[str, float]:
    import arviz as az

    variables = {name: (("chain", "draw"), values) for name, values in quantities.items()}
    index = {dim: tree["posterior"][dim].to_numpy() for dim in ("chain", "draw")}
    small = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(variables, coords=index),
            "log_prior": tree["log_prior"].to_dataset(),
            "log_likelihood": tree["log_likelihood"].to_dataset(),
        }
    )
    values = az.psense(small, group=group, group_var_names=list(names))
    return {name: float(values[name]) for name in quantities}


def _total(densities: xr.Dataset, names: Sequence[str]) -> Floats:
    """Summed log density of a component at every draw, shape (chains, draws)."""
    arrays = (densities[name] for name in names)
    sums = (a.sum([dim for dim in a.dims if dim not in ("chain", "draw")]) for a in arrays)
    return np.asarray(sum(s.transpose("chain", "draw").to_numpy() for s in sums), dtype=float)

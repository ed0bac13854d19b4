"""PyMC as most write it: a random variable for every parameter, and every score and pointwise log likelihood kept.

    python -m benchmarks.one_fit STUDY usual DRAWS TUNE

The script that ``casewise show --as pymc`` prints runs on this module in place of PyMC. It has vectors of coefficients,
shifts, loadings and standard deviations; here each of these is as many random variables. What belongs to single units, cells,
groups and cases stays a vector. All else is PyMC's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pymc
import pytensor.tensor as pt

OF_EACH = ("e:", "noise ", "group_error", "case_deviation")
"""Beginnings of the names of what belongs to single units, cells, groups and cases."""


def __getattr__(name: str) -> Any:
    return getattr(pymc, name)


def _apart(law: Any, name: str, size: int, parameters: Mapping[str, Any]) -> Any:
    """As many random variables as a vector has elements, stacked."""
    of = {what: np.broadcast_to(values, size) for what, values in parameters.items()}
    return pt.stack([law(f"{name}[{i}]", **{what: of[what][i] for what in of}) for i in range(size)])


def StudentT(name: str, nu: float, mu: Any, sigma: Any, dims: str) -> Any:
    return _apart(pymc.StudentT, name, len(mu), {"nu": nu, "mu": mu, "sigma": sigma})


def HalfNormal(name: str, sigma: float, shape: int) -> Any:
    return _apart(pymc.HalfNormal, name, shape, {"sigma": sigma})


def LogNormal(name: str, mu: Any, sigma: float, shape: int) -> Any:
    return _apart(pymc.LogNormal, name, shape, {"mu": mu, "sigma": sigma})


class _Normal:
    """Stands for ``pm.Normal``, which is called and asked for ``dist``."""

    dist = staticmethod(pymc.Normal.dist)

    def __call__(self, name: str, mu: float, sigma: Any, shape: Any) -> Any:
        if name.startswith(OF_EACH):
            return pymc.Normal(name, mu, sigma, shape=shape)
        return _apart(pymc.Normal, name, shape, {"mu": mu, "sigma": sigma})


Normal = _Normal()


def Potential(name: str, total: Any) -> Any:
    """A block's likelihood, with that of each cell kept."""
    pymc.Deterministic(f"{name}: log likelihood", total.owner.inputs[0])
    return pymc.Potential(name, total)


def keep_scores(model: pymc.Model, scores: dict[str, Any]) -> None:
    """The scores of every construct are kept with the draws."""
    with model:
        for name, score in scores.items():
            pymc.Deterministic(f"z:{name}", score)

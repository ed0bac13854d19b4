"""Measurement families: the log probability of a value given a linear predictor, and values drawn from it.

Each formula is written once and evaluated by PyTensor (inside the model) and by numpy (on draws): ``Algebra`` carries the few
functions that differ in name. Predictors have shape (..., cells); candidate values have shape (cells, candidates).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]
type Tensor = Any  # a numpy array or a PyTensor variable

PAD = 1e6
"""Distance between the cutpoints that stand for levels a scale does not have: out of reach on the logit scale."""


@dataclass(frozen=True, slots=True)
class Algebra:
    """The functions that numpy and PyTensor name differently."""

    exp: Callable[[Tensor], Tensor]
    log: Callable[[Tensor], Tensor]
    softplus: Callable[[Tensor], Tensor]
    maximum_of: Callable[..., Tensor]
    level_log_likelihood: Callable[[Tensor, Tensor, Tensor], Tensor]
    reading_log_likelihood: Callable[[Tensor, Tensor, Tensor], Tensor]


def category_probability(eta: Floats, cuts: Floats) -> Floats:
    """P(y = t) under P(y <= t) = logistic(cut[t] - eta), without differences of nearly equal numbers.

    eta : (..., cells); cuts : (..., cells, levels - 1), or of what broadcasts to it; returns (..., cells, levels)
    Uses logistic(b) - logistic(a) = logistic(b) logistic(-a) (1 - exp(a - b)), whose digits are right however small it is.
    """
    cuts = cuts[(np.newaxis,) * (eta.ndim + 1 - cuts.ndim)]
    first = np.ascontiguousarray(np.moveaxis(cuts, -1, 0))  # levels, so that arithmetic runs along draws and cells
    u = first - eta
    one, sure = np.ones_like(u[:1]), np.ones_like(first[:1])
    with np.errstate(over="ignore"):  # an infinite exponential is that of a cutpoint out of reach, whose chance is 0
        below = np.concatenate([1.0 / (1.0 + np.exp(-u)), one])
        above = np.concatenate([one, 1.0 / (1.0 + np.exp(u))])
    gap = 1.0 - np.exp(first[:-1] - first[1:])
    return np.moveaxis(below * above * np.concatenate([sure, gap, sure]), 0, -1)


def level_log_likelihood(reading: Floats, eta: Floats, cuts: Floats) -> Floats:
    """log p(rows of ordinal (and binary) cells | z) = log sum over levels t of P(t | z) p(rows | t), shape (..., cells).

    reading : p(rows | t), (..., cells, levels); ``models.density.levels`` is the same with its derivative, for PyTensor
    """
    return np.asarray(np.log((category_probability(eta, cuts) * reading).sum(axis=-1)))


def binomial_log_probability(ops: Algebra, eta: Tensor, value: Tensor, trials: Tensor, constant: Tensor) -> Tensor:
    """log Binomial(value | trials, logistic(eta)), shape (..., cells, candidates); ``constant`` is log(trials choose value)."""
    x = eta[..., None]
    return constant + value * x - trials * ops.softplus(x)


def count_log_probability(ops: Algebra, eta: Tensor, value: Tensor, constant: Tensor) -> Tensor:
    """log Poisson(value | exp(eta)); ``constant`` is -log(value!)."""
    x = eta[..., None]
    return constant + value * x - ops.exp(x)


def continuous_log_probability(ops: Algebra, eta: Tensor, value: Tensor, sd: Tensor) -> Tensor:
    """log Normal(value | eta, sd); ``sd`` has shape (..., cells)."""
    scaled = (value - eta[..., None]) / sd[..., None]
    return -0.5 * scaled * scaled - ops.log(sd[..., None]) - 0.5 * float(np.log(2 * np.pi))


def reading_log_likelihood(log_probability: Floats, log_reading: Floats, log_null: Floats) -> Floats:
    """log p(rows of a cell | z) = log [ sum over candidates t of p(t | z) p(rows | t), plus p(rows) if none is right ].

    log_probability : (..., cells, candidates); log_reading : (cells, candidates); log_null : (cells,)
    For families whose candidates are the values read; ordinal ones have all possible values (``level_log_likelihood``).
    ``models.density.candidates`` is the same with its derivative, for PyTensor.
    """
    right = np.logaddexp.reduce(log_probability + log_reading, axis=-1)
    return np.asarray(np.logaddexp(right, log_null))


NUMPY = Algebra(np.exp, np.log, lambda x: np.logaddexp(0.0, x), np.max, level_log_likelihood, reading_log_likelihood)


def logistic(x: Floats) -> Floats:
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def draw_category(rng: np.random.Generator, eta: Floats, cuts: Floats) -> Floats:
    """One level per cell: the number of cutpoints that a logistic draw around ``eta`` exceeds."""
    latent = eta + rng.logistic(size=eta.shape)
    return np.asarray((latent[..., None] > cuts).sum(axis=-1), dtype=float)


def draw_binomial(rng: np.random.Generator, eta: Floats, trials: Floats) -> Floats:
    return rng.binomial(trials.astype(np.int64), logistic(eta)).astype(float)


def draw_count(rng: np.random.Generator, eta: Floats) -> Floats:
    # exp(30) events is beyond any count coded by hand; the cap keeps prior draws inside numpy's Poisson
    return rng.poisson(np.exp(np.minimum(eta, 30.0))).astype(float)


def draw_continuous(rng: np.random.Generator, eta: Floats, sd: Floats) -> Floats:
    return eta + sd * rng.standard_normal(eta.shape)

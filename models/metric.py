"""Sampling in the units of an earlier fit, so that a refit need not find out again where its parameters lie and how widely.

Most of the tuning of a chain is spent on travelling to the posterior and on learning a scale for every parameter. A refit of
nearly the same data has both from the fit before it: x = centre + scale z, and the chain moves in z, from within one scale of the
centre. Where the target has moved, what is left of tuning adapts as always; the density is the same, up to a constant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from models.blueprint import Blueprint
from models.draft import Parameter
from models.priors import Dirichlet, HalfNormal, HalfStudentT, LogNormal
from models.simulation.rebuild import Theta, prior_theta

type Floats = NDArray[np.float64]

PRIOR_DRAWS = 1000


@dataclass(frozen=True)
class Metric:
    """Where the draws of a fit lie and how widely, for each element of a point without constraints."""

    centre: Floats
    scale: Floats


def metric_of(points: Floats) -> Metric:
    """The metric of draws, shape (draws, elements). An element that never moved keeps the scale 1."""
    spread = points.std(axis=0)
    return Metric(points.mean(axis=0), np.where(spread > 0, spread, 1.0))


def points_of(blueprint: Blueprint, theta: Theta) -> Floats:
    """Parameter draws as the sampler sees them, without constraints, shape (draws, elements)."""
    return np.concatenate([_without_constraint(p, theta[p.name]) for p in blueprint.parameters], axis=1)


def metric_for(blueprint: Blueprint, own: Blueprint, known: Metric, seed: int) -> Metric:
    """Where a fit of ``blueprint`` begins, ``own`` being fitted: there for what the two share, in the prior for the rest."""
    prior = points_of(blueprint, prior_theta(blueprint, PRIOR_DRAWS, np.random.default_rng(seed)))
    return carried_over(known, labels_of(own), metric_of(prior), labels_of(blueprint))


def carried_over(known: Metric, labels: Sequence[str], start: Metric, onto: Sequence[str]) -> Metric:
    """A metric of elements that have ``labels``, for points whose elements have the labels ``onto``.

    start : the metric of elements that it does not have
    """
    where = {label: i for i, label in enumerate(labels)}
    index = np.array([where.get(label, -1) for label in onto])
    found = index >= 0
    return Metric(np.where(found, known.centre[index], start.centre), np.where(found, known.scale[index], start.scale))


def labels_of(blueprint: Blueprint) -> list[str]:
    """What each element of a point stands for."""
    return [label for p in blueprint.parameters for label in _labels(p, blueprint.coords)]


def _labels(parameter: Parameter, coords: Mapping[str, Sequence[str]]) -> Iterator[str]:
    values = [list(coords[dim]) for dim in parameter.dims]
    if isinstance(parameter.prior, Dirichlet):
        values[-1] = values[-1][:-1]
    return (f"{parameter.name}[{', '.join(at)}]" for at in product(*values))


def _without_constraint(parameter: Parameter, draws: Floats) -> Floats:
    match parameter.prior:
        case HalfStudentT() | HalfNormal() | LogNormal():
            found = np.log(draws)
        case Dirichlet():
            logs = np.log(draws)
            found = (logs - logs.mean(axis=-1, keepdims=True))[..., :-1]
        case _:
            found = draws
    return found.reshape(len(draws), -1)

"""Sampling in the units of an earlier fit, so that a refit need not find out again where its parameters lie and how widely.

Most of the tuning of a chain is spent on travelling to the posterior and on learning a scale for every parameter. A refit of
nearly the same data has both from the fit before it: x = centre + scale z, and the chain moves in z, from within one scale of the
centre. Where the target has moved, what is left of tuning adapts as always; the density is the same, up to a constant.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import carray, cfunc
from numpy.typing import NDArray

from models.blueprint import Blueprint
from models.density.callbacks import DENSITY, EXPANSION
from models.density.native import Function
from models.draft import Parameter
from models.priors import Dirichlet, HalfNormal, HalfStudentT, LogNormal
from models.simulation.rebuild import Theta, prior_theta

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

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


def in_units(code: CompiledPyMCModel, metric: Metric) -> CompiledPyMCModel:
    """Compiled code whose points are z; what it expands them to is what it was."""
    size = len(metric.centre)
    if size != code.n_dim:
        raise ValueError(f"a metric of {size} elements for a density of {code.n_dim}")
    content = metric.centre.tobytes(), metric.scale.tobytes()
    return replace(
        code,
        compiled_logp_func=_density(code.compiled_logp_func.address, *content),
        compiled_expand_func=_expansion(code.compiled_expand_func.address, *content),
        initial_point_func=lambda seed=None: np.random.default_rng(seed).uniform(-1.0, 1.0, size),
    )


def points_of(blueprint: Blueprint, theta: Theta) -> Floats:
    """Parameter draws as the sampler sees them, without constraints, shape (draws, elements)."""
    return np.concatenate([_without_constraint(p, theta[p.name]) for p in blueprint.parameters], axis=1)


def metric_for(blueprint: Blueprint, own: Blueprint, theta: Theta, seed: int) -> Metric:
    """Where a fit of ``blueprint`` begins, given draws of another: there for what the two share, in the prior for the rest."""
    prior = points_of(blueprint, prior_theta(blueprint, PRIOR_DRAWS, np.random.default_rng(seed)))
    return carried_over(points_of(own, theta), labels_of(own), metric_of(prior), labels_of(blueprint))


def carried_over(points: Floats, labels: Sequence[str], start: Metric, onto: Sequence[str]) -> Metric:
    """The metric of draws whose elements have ``labels``, for points whose elements have the labels ``onto``.

    start : the metric of elements that the draws do not have
    """
    known, where = metric_of(points), {label: i for i, label in enumerate(labels)}
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


def _inner(address: int, lengths: int) -> Any:
    """A callback of nutpie at an address: lengths and arrays, four in all, then the address of the record of shared data."""
    before, arrays = [ctypes.c_uint64] * lengths, [ctypes.c_void_p] * (4 - lengths)
    return ctypes.CFUNCTYPE(ctypes.c_int64, *before, *arrays, ctypes.c_int64)(address)


@lru_cache(maxsize=8)
def _density(address: int, centre: bytes, scale: bytes) -> Function:
    inner: Any = _inner(address, lengths=1)
    shift, unit = np.frombuffer(centre), np.frombuffer(scale)
    size = len(unit)

    @cfunc(DENSITY)
    def density(dim, point, gradient, value, record):  # type: ignore[no-untyped-def]
        x, slope = shift + unit * carray(point, (size,)), carray(gradient, (size,))
        one = carray(value, (1,))
        failed = inner(dim, x.ctypes, slope.ctypes, one.ctypes, record)
        slope *= unit
        return failed

    return Function(int(density.address or 0), density)


@lru_cache(maxsize=8)
def _expansion(address: int, centre: bytes, scale: bytes) -> Function:
    inner: Any = _inner(address, lengths=2)
    shift, unit = np.frombuffer(centre), np.frombuffer(scale)
    size = len(unit)

    @cfunc(EXPANSION)
    def expand(dim, expanded, point, values, record):  # type: ignore[no-untyped-def]
        x, written = shift + unit * carray(point, (size,)), carray(values, (expanded,))
        return inner(dim, expanded, x.ctypes, written.ctypes, record)

    return Function(int(expand.address or 0), expand)

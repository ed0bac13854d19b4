"""Compiled code in the units of a metric: both callbacks wrapped, so that the sampler moves in z where x = centre + scale z."""

from __future__ import annotations

import ctypes
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import carray, cfunc

from models.density.callbacks import DENSITY, EXPANSION
from models.density.native import Function
from models.metric import Metric

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel


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

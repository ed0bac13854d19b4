"""Compiled code in the units of a metric: both callbacks wrapped, so that the sampler moves in z where x = centre + scale z.

A wrapper finds centre and scale at addresses, as callbacks find their data (``models.density.callbacks``): one is compiled for
all metrics of a structure.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import carray, cfunc, njit
from numba.core import cgutils, types
from numba.extending import intrinsic

from models.density.callbacks import DENSITY, EXPANSION
from models.density.folding import callback_at
from models.density.native import Function
from models.metric import Metric

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel


def in_units(code: CompiledPyMCModel, metric: Metric) -> CompiledPyMCModel:
    """Compiled code whose points are z; what it expands them to is what it was."""
    size = len(metric.centre)
    if size != code.n_dim:
        raise ValueError(f"a metric of {size} elements for a density of {code.n_dim}")
    centre, scale = np.array(metric.centre, dtype=float), np.array(metric.scale, dtype=float)
    found = np.array([centre.ctypes.data, scale.ctypes.data, code.user_data.ctypes.data], dtype=np.int64)
    alive = (code, centre, scale, found)  # as long as the functions that read them are
    density, expansion = _density(code.compiled_logp_func.address), _expansion(code.compiled_expand_func.address)
    return replace(
        code,
        compiled_logp_func=Function(int(density.address), (density, *alive)),
        compiled_expand_func=Function(int(expansion.address), (expansion, *alive)),
        user_data=found,
        initial_point_func=lambda seed=None: np.random.default_rng(seed).uniform(-1.0, 1.0, size),
    )


@intrinsic
def _pointer(typingctx, address):  # type: ignore[no-untyped-def]
    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.inttoptr(args[0], cgutils.voidptr_t)

    return types.voidptr(address), codegen


@njit
def _found(record, dim):  # type: ignore[no-untyped-def]
    """Centre, scale, and the address of the record behind that of the wrapper."""
    at = carray(_pointer(record), (3,), np.int64)  # type: ignore[call-arg]
    return carray(_pointer(at[0]), (dim,), np.float64), carray(_pointer(at[1]), (dim,), np.float64), at[2]


@lru_cache(maxsize=8)
def _density(address: int) -> Any:
    inner: Any = callback_at(address)

    @cfunc(DENSITY)
    def density(dim, point, gradient, value, record):  # type: ignore[no-untyped-def]
        centre, scale, behind = _found(record, dim)
        x, slope = centre + scale * carray(point, (dim,)), carray(gradient, (dim,))
        one = carray(value, (1,))
        failed = inner(dim, x.ctypes, slope.ctypes, one.ctypes, behind)
        slope *= scale
        return failed

    return density


@lru_cache(maxsize=8)
def _expansion(address: int) -> Any:
    inner: Any = callback_at(address, lengths=2)

    @cfunc(EXPANSION)
    def expand(dim, expanded, point, values, record):  # type: ignore[no-untyped-def]
        centre, scale, behind = _found(record, dim)
        x, written = centre + scale * carray(point, (dim,)), carray(values, (expanded,))
        return inner(dim, expanded, x.ctypes, written.ctypes, behind)

    return expand

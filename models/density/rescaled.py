"""Compiled code in the units of a metric: both callbacks wrapped, so that the sampler moves in z where x = centre + scale z.

The wrappers find centre, scale and the callbacks themselves at addresses, as callbacks find their data (``callbacks``). So they
are the same for all models, and are kept like any other machine code.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from llvmlite import ir
from numba import carray, njit
from numba.core import cgutils, types
from numba.extending import intrinsic

from models.density.callbacks import DENSITY, EXPANSION
from models.density.code_store import configured
from models.density.kept_code import kept, key_of
from models.density.native import Function, NativeCode, native_code
from models.metric import Metric

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

CENTRE, SCALE, DENSITY_AT, EXPANSION_AT, BEHIND = range(5)
"""Fields of the wrappers' record; the last is the record of the callbacks that are wrapped."""


def in_units(code: CompiledPyMCModel, metric: Metric) -> CompiledPyMCModel:
    """Compiled code whose points are z; what it expands them to is what it was."""
    size = len(metric.centre)
    if size != code.n_dim:
        raise ValueError(f"a metric of {size} elements for a density of {code.n_dim}")
    centre, scale = np.array(metric.centre, dtype=float), np.array(metric.scale, dtype=float)
    wrapped = code.compiled_logp_func.address, code.compiled_expand_func.address
    record = np.array([centre.ctypes.data, scale.ctypes.data, *wrapped, code.user_data.ctypes.data], dtype=np.int64)
    alive = (code, centre, scale, record)  # as long as the functions that read them are
    density, expansion = (Function(f.address, (f.library, *alive)) for f in _wrappers())
    return replace(
        code,
        compiled_logp_func=density,
        compiled_expand_func=expansion,
        user_data=record,
        initial_point_func=lambda seed=None: np.random.default_rng(seed).uniform(-1.0, 1.0, size),
    )


@cache
def _wrappers() -> tuple[Function, ...]:
    return kept(key_of("in the units of a metric"), _compiled, configured()).functions


def _compiled() -> tuple[NativeCode, NativeCode]:
    return native_code(_log_density, DENSITY), native_code(_expand, EXPANSION)


def _intrinsic(codegen: Any) -> Any:
    """numba's, which hands the typing context over itself."""
    return intrinsic(codegen)


@_intrinsic
def _field(typingctx, record, position):  # type: ignore[no-untyped-def]
    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        fields = builder.inttoptr(args[0], cgutils.intp_t.as_pointer())
        return builder.load(builder.gep(fields, [args[1]]))

    return types.int64(types.int64, types.int64), codegen


@_intrinsic
def _floats(typingctx, address):  # type: ignore[no-untyped-def]
    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        return builder.inttoptr(args[0], ir.DoubleType().as_pointer())

    return types.CPointer(types.double)(address), codegen


@_intrinsic
def _call(typingctx, address, a, b, c, d, e):  # type: ignore[no-untyped-def]
    """A callback at an address: lengths, addresses of arrays, and that of its record, all of them whole numbers of 64 bits."""

    def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
        word = ir.IntType(64)
        function = ir.FunctionType(word, [word] * 5).as_pointer()
        return builder.call(builder.inttoptr(args[0], function), args[1:])

    return types.int64(types.int64, *[types.int64] * 5), codegen


@njit
def _in_model_units(record: int, dim: int, point: Any) -> Any:
    centre, scale = carray(_floats(_field(record, CENTRE)), (dim,)), carray(_floats(_field(record, SCALE)), (dim,))
    return centre + scale * carray(point, (dim,)), scale


def _log_density(dim, point, gradient, value, record):  # type: ignore[no-untyped-def]
    x, scale = _in_model_units(record, dim, point)
    slope, one = carray(gradient, (dim,)), carray(value, (1,))
    callback, behind = _field(record, DENSITY_AT), _field(record, BEHIND)
    failed = _call(callback, dim, x.ctypes.data, slope.ctypes.data, one.ctypes.data, behind)
    slope *= scale
    return failed if x.size == dim else 1  # x, known to the callback by its address alone, must live until here


def _expand(dim, expanded, point, values, record):  # type: ignore[no-untyped-def]
    x, _ = _in_model_units(record, dim, point)
    callback, behind = _field(record, EXPANSION_AT), _field(record, BEHIND)
    failed = _call(callback, dim, expanded, x.ctypes.data, carray(values, (expanded,)).ctypes.data, behind)
    return failed if x.size == dim else 1

"""The two C callbacks of a model, log density with gradient and expansion of a point, compiled for any number of units and rows.

nutpie compiles the same callbacks with every length baked in. Here lengths are data like everything else: the sampler's point is
split by a vector of sizes, and a callback finds the arrays of the model's shared variables at addresses it is handed. So the
machine code depends on which kinds of parameter and which families a model has, not on how many of each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import pymc as pm
import pytensor
import pytensor.tensor as pt
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array
from numba.np.numpy_support import carray, from_dtype
from pymc.logprob.transforms import SimplexTransform
from pymc.pytensorf import compile as compile_function
from pytensor.graph import clone_replace, rewrite_graph
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.graph.traversal import graph_inputs
from pytensor.link.numba.dispatch.basic import numba_njit, register_funcify_default_op_cache_key

from models.density.native import NativeCode, native_code
from models.density.sources import MARK

type Tensor = Any

SIZES = "__value_sizes"
"""Name of the shared vector with the length of every free variable's value."""

_FLOATS = types.CPointer(types.double)
DENSITY = types.int64(types.uint64, _FLOATS, _FLOATS, _FLOATS, types.int64)
EXPANSION = types.int64(types.uint64, types.uint64, _FLOATS, _FLOATS, types.int64)
"""In nutpie's order: length(s) of the point, the point, what is written to, the address of the record of shared data."""


@dataclass(frozen=True)
class Outline:
    """A model as graphs, before anything is rewritten or differentiated.

    given : what each free variable's value is, in terms of the sampler's ``point``
    constrained : values in the space of the priors, by name, for variables that are sampled in another
    shared : every shared variable read, each once, in the order in which callbacks find their arrays
    """

    point: Tensor
    given: dict[Tensor, Tensor]
    density: Tensor
    constrained: dict[str, Tensor]
    shared: tuple[Any, ...]


def outline(model: pm.Model) -> Outline:
    """The graphs of a model whose free variables have named dimensions."""
    values = [model.rvs_to_values[rv] for rv in model.free_RVs]
    point = pt.vector("__point", dtype="float64")
    sizes = pytensor.shared(np.zeros(len(values), dtype=np.int64), name=SIZES)
    # PyTensor returns a split in one as a variable, not as a list of one
    parts = pt.split(point, sizes, n_splits=len(values)) if len(values) > 1 else [point]
    shapes = [value_lengths(model, rv) for rv in model.free_RVs]
    given = {v: part.reshape(shape) for v, part, shape in zip(values, parts, shapes, strict=True)}
    density = model.logp()
    constrained = {str(v.name): v for v in model.unobserved_value_vars if v not in given}
    read = graph_inputs([density, *constrained.values(), *given.values()])
    shared = {v: None for v in read if isinstance(v, pytensor.compile.SharedVariable)}
    return Outline(point, given, density, constrained, tuple(shared))


def value_lengths(model: pm.Model, rv: Tensor) -> list[Tensor]:
    """Symbolic lengths of a free variable's value in the sampler's space."""
    lengths = [model.dim_lengths[dim] for dim in model.named_vars_to_dims.get(rv.name, ())]
    if is_simplex(model, rv):
        lengths[-1] = lengths[-1] - 1
    return lengths


def is_simplex(model: pm.Model, rv: Tensor) -> bool:
    """Whether a free variable is sampled as one value less than it has."""
    return isinstance(model.rvs_to_transforms[rv], SimplexTransform)


def compile_callbacks(outlined: Outline) -> tuple[NativeCode, NativeCode]:
    """Machine code of the log density with its gradient, and of the expansion of a point."""
    values = list(outlined.given)
    own_copy: Tensor = clone_replace(outlined.density)  # rewriting changes the graph it is given
    density: Tensor = rewrite_graph(own_copy, include=["canonicalize", "stabilize"])
    slopes: Any = pt.grad(density, values)
    gradient = pt.concatenate([slope.ravel() for slope in slopes])
    expansion = pt.concatenate([outlined.point, *(v.ravel() for v in outlined.constrained.values())])
    return _density_callback(_evaluator(outlined, density, gradient)), _expansion_callback(
        _evaluator(outlined, expansion)
    )


def _evaluator(outlined: Outline, *outputs: Tensor) -> Callable[..., Any]:
    """A numba function from a point and the address of the record to the values of graphs.

    It is inlined where it is called: every call that numba compiles on its own would go through LLVM once more, with everything
    that it calls.
    """
    record = pytensor.scalar.int64("record")
    lengths = np.cumsum([0, *(v.ndim for v in outlined.shared)]).tolist()
    read = {
        v: SharedArray(i, 2 * len(outlined.shared) + lengths[i], v.dtype, v.ndim)(record)
        for i, v in enumerate(outlined.shared)
    }
    graphs = clone_replace(clone_replace(outputs, outlined.given), read)
    function = compile_function([outlined.point, record], graphs, mode="NUMBA", on_unused_input="ignore")
    generated: Callable[..., Any] = function.vm.jit_fn.py_func.__globals__["jitable_func"].py_func
    inlined: Callable[..., Any] = numba.njit(generated, inline="always")
    return inlined


class SharedArray(Op):
    """The array at one position in nutpie's record of shared data, given the record's address.

    The record is of 8-byte fields: the addresses of all arrays, their numbers of elements, and their lengths by dimension.
    A view of its input, so that no rewrite lets another operation write to it.
    """

    __props__ = ("position", "first_length", "dtype", "ndim")

    def __init__(self, position: int, first_length: int, dtype: str, ndim: int) -> None:
        self.position, self.first_length, self.dtype, self.ndim = position, first_length, dtype, ndim
        self.view_map = {0: [0]}

    def make_node(self, *record: Tensor) -> Apply[Any]:
        return Apply(self, list(record), [pt.TensorType(self.dtype, shape=(None,) * self.ndim)()])

    def perform(self, node: Apply[Any], inputs: Any, outputs: Any) -> None:
        raise NotImplementedError("only machine code reads addresses")


@register_funcify_default_op_cache_key(SharedArray)
def _numba_shared_array(op: SharedArray, **kwargs: object):  # type: ignore[no-untyped-def]
    kind = types.Array(from_dtype(np.dtype(op.dtype)), op.ndim, "C", readonly=True)

    @intrinsic
    def read(typingctx, record):  # type: ignore[no-untyped-def]
        def codegen(context, builder, signature, args):  # type: ignore[no-untyped-def]
            fields = builder.inttoptr(args[0], cgutils.intp_t.as_pointer())

            def field(i: int) -> Any:
                return builder.load(builder.gep(fields, [cgutils.intp_t(i)]))

            array = context.make_array(kind)(context, builder)
            lengths = [field(op.first_length + axis) for axis in range(op.ndim)]
            itemsize = cgutils.intp_t(context.get_abi_sizeof(context.get_data_type(kind.dtype)))
            strides = [itemsize] if op.ndim else []
            for length in lengths[:0:-1]:
                strides.insert(0, builder.mul(strides[0], length))
            address = builder.inttoptr(field(op.position), array.data.type)
            populate_array(array, address, lengths, strides, itemsize, None)
            return array._getvalue()

        return kind(record), codegen

    def shared_array(record):  # type: ignore[no-untyped-def]
        return read(record)  # type: ignore[call-arg]  # numba hands the typing context over itself

    return numba_njit(shared_array), MARK


def _density_callback(evaluate: Callable[..., Any]) -> NativeCode:
    def log_density(dim, point, gradient, density, record):  # type: ignore[no-untyped-def]
        try:
            value, slope = evaluate(carray(point, (dim,)), record)
            written = carray(gradient, (dim,))
            written[...] = slope
            carray(density, ())[()] = value[()]
            if not np.all(np.isfinite(written)):
                return 3
            if not np.isfinite(value[()]):
                return 4
        except Exception:  # numba knows no narrower one; nutpie rejects the point
            return 1
        return 0

    return native_code(log_density, DENSITY)


def _expansion_callback(evaluate: Callable[..., Any]) -> NativeCode:
    def expand(dim, expanded, point, values, record):  # type: ignore[no-untyped-def]
        try:
            (found,) = evaluate(carray(point, (dim,)), record)
            carray(values, (expanded,))[...] = found
        except Exception:  # numba knows no narrower one; nutpie stops
            return -2
        return 0

    return native_code(expand, EXPANSION)

"""What nutpie samples: machine code of a structure, around one model's arrays, lengths, names and starting points."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pymc as pm
from nutpie.compile_pymc import (
    CompiledPyMCModel,
    _prepare_dims_and_coords,
    _rv_dict_to_flat_array_wrapper,
    make_user_data,
)
from pymc.initial_point import make_initial_point_fn

from models.density.callbacks import SIZES, Outline, is_simplex
from models.density.machine_code import Callbacks

type Shapes = dict[str, tuple[int, ...]]


def bind(model: pm.Model, outlined: Outline, callbacks: Callbacks) -> CompiledPyMCModel:
    """The model ready to be sampled, as nutpie's own compile would return it."""
    free = {str(v.name): _value_shape(model, rv) for rv, v in zip(model.free_RVs, outlined.given, strict=True)}
    shapes = free | {name: _shape(model, name) for name in outlined.constrained}
    transformed = [model.rvs_to_values[rv].name for rv in model.free_RVs if model.rvs_to_transforms[rv] is not None]
    info = _layout(shapes)
    dims, coords = _prepare_dims_and_coords(model, info, transformed)
    keys = {variable: str(i) for i, variable in enumerate(outlined.shared)}
    arrays = {key: _frozen(_value(variable, free), variable.dtype) for variable, key in keys.items()}
    return CompiledPyMCModel(
        dims=dims,
        reparameterized_names=transformed,
        compiled_logp_func=callbacks.density,
        compiled_expand_func=callbacks.expansion,
        initial_point_func=_starting_points(model, free),
        shared_data=arrays,
        shared_var_keys=keys,
        user_data=make_user_data(keys, arrays),
        n_expanded=_elements(shapes),
        shape_info=info,
        logp_func=None,
        expand_func=None,
        _n_dim=_elements(free),
        _shapes=shapes,
        _coords=coords,
    )


def _starting_points(model: pm.Model, free: Shapes) -> Callable[[int | None], Any]:
    """A function from a seed to a flat starting point. What it calls is compiled when a chain first asks, as some never do."""

    @cache
    def compiled() -> Callable[[int | None], Any]:
        start = make_initial_point_fn(model=model, jitter_rvs=set(model.free_RVs))
        flat: Callable[[int | None], Any] = _rv_dict_to_flat_array_wrapper(start, list(free), list(free.values()))
        return flat

    return lambda seed: compiled()(seed)


def _shape(model: pm.Model, name: str) -> tuple[int, ...]:
    return tuple(int(model.dim_lengths[dim].get_value()) for dim in model.named_vars_to_dims.get(name, ()))


def _value_shape(model: pm.Model, rv: Any) -> tuple[int, ...]:
    shape = _shape(model, rv.name)
    return (*shape[:-1], shape[-1] - 1) if is_simplex(model, rv) else shape


def _value(variable: Any, free: Shapes) -> Any:
    return (
        [_elements({name: shape}) for name, shape in free.items()] if variable.name == SIZES else variable.get_value()
    )


def _frozen(value: Any, dtype: str) -> np.ndarray[Any, Any]:
    array = np.array(value, dtype=dtype, order="C", copy=True)
    array.flags.writeable = False
    return array


def _elements(shapes: Shapes) -> int:
    return sum(int(np.prod(shape)) for shape in shapes.values())


def _layout(shapes: Shapes) -> tuple[list[str], list[slice], list[tuple[int, ...]]]:
    """nutpie's description of an expanded point: names, where each lies in it, shapes."""
    ends = np.cumsum([_elements({name: shape}) for name, shape in shapes.items()]).tolist()
    return list(shapes), list(map(slice, [0, *ends[:-1]], ends)), list(shapes.values())

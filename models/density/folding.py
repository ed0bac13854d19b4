"""Sampling a density whose mirror images are modes of their own: folded before sampling, unfolded after it.

For reflections T of the parameters that keep volumes, f(x) = sum over T of p(Tx) has the same modes on every side, so that a
chain that stays on one side has seen them all. A draw x of f, turned by T with probability p(Tx) / f(x), is a draw of p:
exactly, and whatever side the chain was on. The price is one more evaluation of the density per reflection.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numba import carray, cfunc
from numpy.typing import NDArray

from models.density.callbacks import DENSITY
from models.density.native import Function
from models.sampling import POINTS, without_points
from models.structure.mirrors import Mirror

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Folded:
    """Compiled code of a density folded over mirrors, and what is needed to unfold its draws."""

    code: CompiledPyMCModel
    plain: CompiledPyMCModel
    images: tuple[Mirror, ...]
    signs: Floats


def fold(code: CompiledPyMCModel, mirrors: Sequence[Mirror]) -> Folded:
    """Fold a density over mirrors and all their combinations."""
    images = tuple(_combined(chosen) for chosen in _subsets(mirrors))
    signs = np.stack([flat(code, image) for image in images])
    callback = _folded(code.compiled_logp_func.address, signs.tobytes(), signs.shape)
    return Folded(replace(code, compiled_logp_func=callback), code, images, signs)


def unfold(folded: Folded, trace: xr.DataTree, rng: np.random.Generator) -> xr.DataTree:
    """Draws of the density itself from draws of the folded one, whose trace must hold the unconstrained draws."""
    points = trace["sample_stats"][POINTS].to_numpy()
    log_p = np.stack([log_densities(folded.plain, signs * points) for signs in folded.signs], axis=-1)
    share = np.exp(log_p - log_p.max(axis=-1, keepdims=True))
    reached = np.cumsum(share / share.sum(axis=-1, keepdims=True), axis=-1)
    chosen = np.minimum((rng.random((*reached.shape[:-1], 1)) >= reached).sum(axis=-1), len(folded.images) - 1)
    posterior = trace["posterior"].to_dataset()
    names = {name for image in folded.images for name in image}
    turned = {name: posterior[name] * _chosen(folded.images, name, chosen, posterior[name]) for name in names}
    return without_points(trace, posterior.assign(turned))


def log_densities(code: CompiledPyMCModel, points: Floats) -> Floats:
    """The log density at every draw of ``points`` (chains, draws, elements), shape (chains, draws)."""
    density = density_of(code)
    return np.array([[density(x) for x in chain] for chain in points])


def density_of(code: CompiledPyMCModel) -> Any:
    """The log density of compiled code as a function of an unconstrained point; minus infinity where there is none."""
    call, size = callback_at(code.compiled_logp_func.address), code.n_dim
    held = np.empty(size), np.empty(size), np.empty(1), code.user_data
    where = [array.ctypes.data for array in held]

    def log_density(point: Floats) -> float:
        held[0][:] = point  # what is at the addresses lives as long as this function
        failed = call(size, *where)
        return -np.inf if failed else float(held[2][0])

    return log_density


@lru_cache(maxsize=16)
def _folded(address: int, content: bytes, shape: tuple[int, int]) -> Function:
    inner, signs = callback_at(address), np.frombuffer(content).reshape(shape)
    images, size = shape

    @cfunc(DENSITY)
    def density(dim, point, gradient, value, record):  # type: ignore[no-untyped-def]
        x, written = carray(point, (size,)), carray(gradient, (size,))
        at, one = np.empty(size), np.empty(1)
        slopes, log_p = np.zeros((images, size)), np.full(images, -np.inf)
        failed = 0
        for i in range(images):
            at[:] = signs[i] * x
            code = inner(dim, at.ctypes, slopes[i].ctypes, one.ctypes, record)
            if code == 0:
                log_p[i] = one[0]
            else:
                failed = code
        top = log_p.max()
        if top == -np.inf:
            return failed
        share = np.exp(log_p - top)
        carray(value, (1,))[0] = top + np.log(share.sum())
        written[:] = 0.0
        for i in range(images):
            if log_p[i] > -np.inf:
                written[:] += share[i] / share.sum() * signs[i] * slopes[i]
        return 0

    return Function(int(density.address or 0), density)


def callback_at(address: int, lengths: int = 1) -> Any:
    """A callback of nutpie, to be called: lengths and arrays, four in all, then the address of the record of shared data."""
    before, arrays = [ctypes.c_uint64] * lengths, [ctypes.c_void_p] * (4 - lengths)
    return ctypes.CFUNCTYPE(ctypes.c_int64, *before, *arrays, ctypes.c_int64)(address)


def _subsets(mirrors: Sequence[Mirror]) -> list[list[Mirror]]:
    return [
        [mirror for mirror, used in zip(mirrors, which, strict=True) if used]
        for which in product((False, True), repeat=len(mirrors))
    ]


def _combined(chosen: Sequence[Mirror]) -> Mirror:
    """The product of mirrors; nothing is turned by none."""
    found: dict[str, Floats] = {}
    for mirror in chosen:
        for name, signs in mirror.items():
            found[name] = found.get(name, np.ones_like(signs)) * signs
    return found


def flat(code: CompiledPyMCModel, image: Mirror) -> Floats:
    """The signs of a mirror along an unconstrained point."""
    signs = np.ones(code.n_dim)
    for name, where, _ in zip(*code.shape_info, strict=True):
        if name in image and where.stop <= code.n_dim:
            signs[where] = image[name].ravel()
    return signs


def _chosen(images: Sequence[Mirror], name: str, chosen: NDArray[np.int64], like: xr.DataArray) -> Floats:
    ones = np.ones(like.shape[2:])
    signs: Floats = np.stack([image.get(name, ones).reshape(ones.shape) for image in images])[chosen]
    return signs

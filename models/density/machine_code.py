"""From a PyMC model to what nutpie samples: machine code compiled, or loaded if some process compiled its like before.

The key of stored code says everything that machine code depends on: the graphs (``graph_digest``), the packages that turn graphs
into code, the modules beside this one, Python, LLVM and the processor. Data are not part of it, nor is any length.
"""

from __future__ import annotations

import hashlib
import json
import logging
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Literal

import llvmlite.binding as llvm
import numba
from numba.core.registry import cpu_target
from pytensor.configdefaults import config

from models.density.callbacks import Outline, compile_callbacks
from models.density.code_store import DamagedError, Store, passing
from models.density.graph_digest import CannotDigestError, graph_digest
from models.density.native import Function, NativeCode, link, pack, unpack
from models.density.sources import SOURCES

type Origin = Literal["compiled", "loaded"]

PACKAGES = ("pymc", "pytensor", "nutpie", "numba", "llvmlite", "numpy", "scipy")
NUMBA_SETTINGS = (
    "OPT",
    "LOOP_VECTORIZE",
    "SLP_VECTORIZE",
    "USING_SVML",
    "ENABLE_AVX",
    "BOUNDSCHECK",
    "LLVM_REFPRUNE_PASS",
)
PYTENSOR_SETTINGS = ("floatX", "optimizer", "optimizer_including", "optimizer_excluding", "numba__fastmath")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The machine code of a model's structure, and whether it was compiled or loaded."""

    density: Function
    expansion: Function
    origin: Origin


def obtain(outlined: Outline, store: Store | None) -> Callbacks:
    """Machine code of an outline: loaded if the store has it, else compiled and stored. Two processes compile it once."""
    if store is None:
        return _linked(compile_callbacks(outlined), "compiled")
    try:
        key = code_key(outlined)
    except CannotDigestError as error:
        log.warning("compiling a model that cannot be stored: %s", error)
        return _linked(compile_callbacks(outlined), "compiled")
    try:
        with store.alone(key):
            return _load(store, key) or _compile_and_store(outlined, store, key)
    except OSError as error:
        log.warning("compiling without the store of machine code: %s", error)
        return obtain(outlined, None if store == passing() else passing())


def code_key(outlined: Outline) -> str:
    """Everything that the machine code of an outline depends on, as a digest."""
    inputs = [outlined.point, *outlined.shared, *outlined.given]
    graphs = graph_digest(inputs, [outlined.density, *outlined.constrained.values(), *outlined.given.values()])
    return hashlib.sha256(json.dumps([graphs, *surroundings()]).encode()).hexdigest()


@cache
def surroundings() -> tuple[str, ...]:
    """What else machine code depends on: versions, settings, our own sources, LLVM and the processor."""
    return (
        *(f"{name} {version(name)}" for name in PACKAGES),
        f"python {platform.python_version()} {platform.python_implementation()}",
        f"llvm {llvm.llvm_version_info}",
        *(f"{name} {getattr(numba.config, name)}" for name in NUMBA_SETTINGS),
        *(f"{name} {getattr(config, name)}" for name in PYTENSOR_SETTINGS),
        *(hashlib.sha256(source).hexdigest() for source in SOURCES),
        *map(str, cpu_target.target_context.codegen().magic_tuple()),
    )


def _load(store: Store, key: str) -> Callbacks | None:
    try:
        content = store.read(key)
        return None if content is None else _linked(unpack(content), "loaded")
    except (DamagedError, RuntimeError, ValueError) as error:
        log.warning("stored machine code cannot be used and is replaced: %s", error)
        return None


def _compile_and_store(outlined: Outline, store: Store, key: str) -> Callbacks:
    compiled = compile_callbacks(outlined)
    if any(code.bound_to_process for code in compiled):
        log.warning("this model's machine code holds addresses of this process and cannot be stored")
    else:
        store.write(key, pack(compiled))
    return _linked(compiled, "compiled")


def _linked(codes: Sequence[NativeCode], origin: Origin) -> Callbacks:
    density, expansion = map(link, codes)
    return Callbacks(density, expansion, origin)

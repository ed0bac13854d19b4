"""Machine code by key: compiled, or loaded if some process compiled its like before.

A key says everything that machine code depends on: what it was compiled from, the packages that do so, the modules beside this
one, Python, LLVM and the processor.
"""

from __future__ import annotations

import hashlib
import json
import logging
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Literal

import llvmlite.binding as llvm
import numba
from numba.core.registry import cpu_target
from pytensor.configdefaults import config

from models.density.code_store import DamagedError, Store, passing
from models.density.native import Function, NativeCode, link, pack, unpack
from models.density.sources import SOURCES

type Origin = Literal["compiled", "loaded"]
type Compiler = Callable[[], Sequence[NativeCode]]

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
class Kept:
    """Linked functions, and whether they were compiled or loaded."""

    functions: tuple[Function, ...]
    origin: Origin


def kept(key: str, compiler: Compiler, store: Store | None) -> Kept:
    """What ``compiler`` compiles, loaded if the store has it under the key, else kept there. Two processes compile it once."""
    if store is None:
        return _linked(compiler(), "compiled")
    try:
        with store.alone(key):
            return _load(store, key) or _compile_and_store(compiler, store, key)
    except OSError as error:
        log.warning("compiling without the store of machine code: %s", error)
        return kept(key, compiler, None if store == passing() else passing())


def key_of(source: str) -> str:
    """The key of code that is compiled from some source, here and now."""
    return hashlib.sha256(json.dumps([source, *surroundings()]).encode()).hexdigest()


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


def _load(store: Store, key: str) -> Kept | None:
    try:
        content = store.read(key)
        return None if content is None else _linked(unpack(content), "loaded")
    except (DamagedError, RuntimeError, ValueError) as error:
        log.warning("stored machine code cannot be used and is replaced: %s", error)
        return None


def _compile_and_store(compiler: Compiler, store: Store, key: str) -> Kept:
    compiled = compiler()
    if any(code.bound_to_process for code in compiled):
        log.warning("this machine code holds addresses of this process and cannot be stored")
    else:
        store.write(key, pack(compiled))
    return _linked(compiled, "compiled")


def _linked(codes: Sequence[NativeCode], origin: Origin) -> Kept:
    return Kept(tuple(map(link, codes)), origin)

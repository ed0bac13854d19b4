"""Digests of values: the same inputs, settings and code give the same short text, in every process."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

SAMPLING = ("pymc", "pytensor", "nutpie", "numba", "numpy")
"""Packages whose version can change a draw."""


def digest(*parts: object) -> str:
    """SHA-256 of values: arrays by type, shape and content, mappings by sorted key, everything else by its ``repr``.

    Frozen dataclasses of plain values have such a ``repr``; objects that print their address do not, and are refused.
    """
    state = hashlib.sha256()
    for part in parts:
        _add(state, part)
    return state.hexdigest()[:32]


def _add(state: hashlib._Hash, part: object) -> None:
    match part:
        case np.ndarray() | np.generic():
            array = np.ascontiguousarray(part)
            state.update(f"array {array.dtype.str} {array.shape} ".encode())
            state.update(array.tobytes())
        case Mapping():
            state.update(f"mapping {len(part)} ".encode())
            for key in sorted(part):
                state.update(f"{key!r}: ".encode())
                _add(state, part[key])
        case _:
            text = repr(part)
            if " object at 0x" in text:
                raise ValueError(f"{text} has no lasting text to take a digest of")
            state.update(f"{text}; ".encode())


@cache
def code_version() -> str:
    """Digest of everything beside the data that can change a result: our own source text and the packages that sample."""
    here = Path(__file__).resolve().parents[2]
    sources = [path for folder in ("causal", "data", "models") for path in sorted((here / folder).rglob("*.py"))]
    texts = {str(path.relative_to(here)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sources}
    return digest(texts, {name: version(name) for name in SAMPLING})

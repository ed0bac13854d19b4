"""From a PyMC model to what nutpie samples: machine code that is kept by the digest of the model's graphs.

Data are not part of it, nor is any length.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from models.density.callbacks import Outline, compile_callbacks
from models.density.code_store import Store
from models.density.graph_digest import CannotDigestError, graph_digest
from models.density.kept_code import Origin, kept, key_of
from models.density.native import Function

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The machine code of a model's structure, and whether it was compiled or loaded."""

    density: Function
    expansion: Function
    origin: Origin


def obtain(outlined: Outline, store: Store | None) -> Callbacks:
    """Machine code of an outline: loaded if the store has it, else compiled and stored. Two processes compile it once."""
    try:
        key = code_key(outlined) if store else ""
    except CannotDigestError as error:
        log.warning("compiling a model that cannot be stored: %s", error)
        key, store = "", None
    found = kept(key, lambda: compile_callbacks(outlined), store)
    density, expansion = found.functions
    return Callbacks(density, expansion, found.origin)


def code_key(outlined: Outline) -> str:
    """Everything that the machine code of an outline depends on, as a digest."""
    inputs = [outlined.point, *outlined.shared, *outlined.given]
    graphs = graph_digest(inputs, [outlined.density, *outlined.constrained.values(), *outlined.given.values()])
    return key_of(graphs)

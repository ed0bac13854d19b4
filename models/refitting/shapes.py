"""Machine code of templates: what two blueprints must share to share it, and code made once for each shape in a process."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from models.blueprint import Blueprint
from models.evidence.rivals import shape_of
from models.refitting.digests import code_version, digest
from models.refitting.templates import Template

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel


def code_key(blueprint: Blueprint) -> str:
    """Digest of what two blueprints must share to share machine code."""
    arrays = {name: (array.dtype.str, array.ndim) for name, array in blueprint.data.items()}
    worlds = blueprint.data["given"].shape[0] == 1
    return digest(code_version(), shape_of(blueprint), [len(block) for block in blueprint.blocks], arrays, worlds)


@dataclass(frozen=True, slots=True)
class _Shape:
    """A blueprint, the same as another when the two share machine code."""

    key: str
    blueprint: Blueprint = field(compare=False)


def compiled(template: Template) -> CompiledPyMCModel:
    """Machine code of a template's shape, compiled or loaded when this process first needs it."""
    return _of_shape(_Shape(code_key(template.blueprint), template.blueprint))


@lru_cache(maxsize=2)
def _of_shape(shape: _Shape) -> CompiledPyMCModel:
    """Machine code, made once for a shape in each process; the last two are remembered."""
    from models.compile import machine_code, pymc_model

    return machine_code(pymc_model(shape.blueprint))

"""A digest of PyTensor graphs that two processes agree on, and that differs whenever what the graphs compute could.

Everything that enters is written out by value: operations by class and properties, constants by their bytes, inputs by position.
What cannot be written out so (a property without value semantics, an operation of unknown origin) raises CannotDigestError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any

import numpy as np
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.fg import AbstractFunctionGraph
from pytensor.graph.op import Op
from pytensor.graph.traversal import toposort
from pytensor.graph.type import Type
from pytensor.scalar.basic import ScalarOp

KNOWN = ("pytensor", "pymc", "models")
"""Packages whose operations are told apart by class and properties; their versions (or sources) belong beside the digest."""


class CannotDigestError(TypeError):
    """A graph that holds something without a value to write out; the message names it."""


def graph_digest(inputs: Sequence[Variable[Any, Any]], outputs: Sequence[Variable[Any, Any]]) -> str:
    """SHA-256 of graphs as functions of their inputs, whose names and values do not matter, only their types."""
    found = hashlib.sha256()
    for word in _graph(inputs, outputs):
        found.update(word.encode())
        found.update(b"\0")
    return found.hexdigest()


def _graph(inputs: Sequence[Variable[Any, Any]], outputs: Sequence[Variable[Any, Any]]) -> Iterator[str]:
    names: dict[Variable[Any, Any], str] = {}
    for i, variable in enumerate(inputs):
        names[variable] = f"i{i}"
        yield f"i{i}:{written(variable.type)}"
    for n, node in enumerate(toposort(outputs, blockers=inputs)):
        read = [_name(v, names) for v in node.inputs]
        yield f"{n}={written(node.op)}({','.join(read)})"
        for k, variable in enumerate(node.outputs):
            names[variable] = f"{n}.{k}"
            yield written(variable.type)
    yield ",".join(_name(v, names) for v in outputs)


def _name(variable: Variable[Any, Any], names: dict[Variable[Any, Any], str]) -> str:
    if variable in names:
        return names[variable]
    if isinstance(variable, Constant):
        return f"{written(variable.type)}={written(variable.data)}"
    raise CannotDigestError(f"{variable} is neither an input of the graph nor a constant")


def written(value: Any) -> str:
    """A value in text that no other value has."""
    match value:
        case None | bool() | int() | float() | complex() | str() | bytes() | slice():
            return repr(value)
        case np.ndarray() | np.generic():
            array = np.asarray(value)
            return f"array({array.dtype.str},{array.shape},{hashlib.sha256(np.ascontiguousarray(array)).hexdigest()})"
        case np.dtype():
            return f"dtype({value.str})"
        case tuple() | list():
            return f"{type(value).__name__}({','.join(map(written, value))})"
        case Mapping():
            return f"dict({','.join(sorted(f'{written(k)}:{written(v)}' for k, v in value.items()))})"
        case set() | frozenset():
            return f"set({','.join(sorted(map(written, value)))})"
        case Op():
            return _operation(value)
        case Type():
            return f"{_class(type(value))}({written(_properties(value))})"
        case AbstractFunctionGraph():
            return f"graph({';'.join(_graph(value.inputs, value.outputs))})"
        case type() | FunctionType():
            return _class(value)
    raise CannotDigestError(
        f"{value!r} of {type(value).__module__}.{type(value).__qualname__} has no value to write out"
    )


def _operation(op: Op) -> str:
    # PyTensor's scalar operations are told apart by class and by their output types, which the graph writes out anyway
    plain = isinstance(op, ScalarOp) and not hasattr(op, "__props__")
    return f"{_class(type(op))}({written({} if plain else _properties(op))})"


def _properties(thing: Any) -> dict[str, Any]:
    if not hasattr(thing, "__props__"):
        raise CannotDigestError(f"{thing} of {_class(type(thing))} does not declare its properties")
    return {name: getattr(thing, name) for name in thing.__props__}


def _class(thing: Any) -> str:
    """The name of a class or function that can be found again by it."""
    module, name = thing.__module__, thing.__qualname__
    if module.partition(".")[0] not in (*KNOWN, "numpy", "builtins") or "<" in name:
        raise CannotDigestError(f"{module}.{name} is not a class or function of {', '.join(KNOWN)}")
    return f"{module}.{name}"

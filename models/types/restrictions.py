"""Restrictions: which ways of responding a theory rules out, said of a node and its causes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.potential import Expression, Outcome, PotentialError, outcomes, outer, parse_statement, value
from models.types.graph import Graph, TypesError
from models.types.responses import Direction, Responses, configurations

WRITTEN = re.compile(r"\s*(monotone|increasing|decreasing|no_interaction|drop|keep)\s*\((.*)\)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Monotone:
    """No type of the effect moves against the direction when the cause rises."""

    cause: str
    effect: str
    direction: Literal["+", "-"] = "+"

    def __str__(self) -> str:
        return f"{'increasing' if self.direction == '+' else 'decreasing'}({self.cause} -> {self.effect})"


@dataclass(frozen=True, slots=True)
class NoInteraction:
    """In no type does a step of one cause change what a step of the other does."""

    causes: tuple[str, str]
    effect: str

    def __str__(self) -> str:
        return f"no_interaction({', '.join(self.causes)} -> {self.effect})"


@dataclass(frozen=True, slots=True)
class Stated:
    """Types of a node for which a statement about it holds: in some context of its other causes (drop), in all (keep)."""

    statement: Expression
    kept: bool = False

    def __str__(self) -> str:
        return f"{'keep' if self.kept else 'drop'}({outer(self.statement)})"


type Restriction = Monotone | NoInteraction | Stated


def parse_restriction(text: str) -> Restriction:
    """`increasing(X -> Y)`, `decreasing(X -> Y)`, `no_interaction(X, Z -> Y)`, `drop(Y[X=1] < Y[X=0])` or `keep(...)`."""
    found = WRITTEN.fullmatch(text)
    if not found:
        raise TypesError(
            f"'{text}' is no restriction; write increasing(X -> Y), decreasing(X -> Y), no_interaction(X, Z -> Y), "
            "drop(statement) or keep(statement), such as drop(Y[X=1] < Y[X=0])."
        )
    word, inner = found.groups()
    if word in ("drop", "keep"):
        try:
            return Stated(parse_statement(inner), word == "keep")
        except PotentialError as error:
            raise TypesError(str(error)) from error
    causes, _, effect = (part.strip() for part in inner.partition("->"))
    names = tuple(name.strip() for name in causes.split(","))
    if not effect or len(names) != (2 if word == "no_interaction" else 1):
        raise TypesError(f"'{text}': write {word}({'X, Z' if word == 'no_interaction' else 'X'} -> Y).")
    if word == "no_interaction":
        return NoInteraction((names[0], names[1]), effect)
    return Monotone(names[0], effect, "-" if word == "decreasing" else "+")


def node_of(restriction: Restriction, graph: Graph) -> str:
    """The node whose types a restriction is about; TypesError when the graph has no such node or causes."""
    if isinstance(restriction, Stated):
        asked = list(outcomes(restriction.statement))
        nodes = {outcome.node for outcome in asked}
        causes = {name for outcome in asked for name, _ in outcome.do}
        if len(nodes) != 1 or any(isinstance(to, Outcome) for o in asked for _, to in o.do):
            raise TypesError(f"{restriction}: a restriction speaks of one node, its causes set to levels.")
        (node,) = nodes
    else:
        node = restriction.effect
        causes = {restriction.cause} if isinstance(restriction, Monotone) else set(restriction.causes)
    if node not in graph.position:
        raise TypesError(f"{restriction}: there is no node '{node}'; nodes are {', '.join(graph.nodes)}.")
    if strangers := sorted(causes - set(graph.parents[node])):
        known = ", ".join(graph.parents[node]) or "none"
        raise TypesError(f"{restriction}: {', '.join(strangers)} is no direct cause of '{node}'; its causes: {known}.")
    return node


def directions(restrictions: Sequence[Restriction], node: str) -> dict[str, Direction]:
    """The monotone causes of a node. TypesError when one is said to be both increasing and decreasing."""
    found: dict[str, Direction] = {}
    for r in restrictions:
        if isinstance(r, Monotone) and r.effect == node:
            direction = 1 if r.direction == "+" else -1
            if found.setdefault(r.cause, direction) != direction:
                raise TypesError(f"'{r.cause}' is said to be both increasing and decreasing in '{node}'. Drop one.")
    return found


def survivors(graph: Graph, node: str, table: Responses, restriction: Restriction) -> NDArray[np.bool_]:
    """Which types a restriction leaves, shape (types,)."""
    match restriction:
        case Monotone():
            return np.ones(len(table), dtype=bool)
        case NoInteraction():
            return _additive(graph, node, table, restriction.causes)
        case Stated():
            holds = np.stack(
                [_holds(graph, node, table, restriction.statement, c) for c in configurations(graph, node)]
            )
            return holds.all(axis=0) if restriction.kept else ~holds.any(axis=0)


def _additive(graph: Graph, node: str, table: Responses, causes: tuple[str, str]) -> NDArray[np.bool_]:
    parents = graph.parents[node]
    cube = table.astype(np.int64).reshape(len(table), *(graph.levels[p] for p in parents))
    twice = np.diff(np.diff(cube, axis=1 + parents.index(causes[0])), axis=1 + parents.index(causes[1]))
    return np.asarray((twice == 0).reshape(len(table), -1).all(axis=1))


def _holds(
    graph: Graph, node: str, table: Responses, statement: Expression, context: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Of which types the statement is true where the causes it does not set are as in the context."""

    def of(outcome: Outcome) -> NDArray[np.float64]:
        setting = dict(outcome.do)
        values = [setting.get(p, at) for p, at in zip(graph.parents[node], context, strict=True)]
        if any(int(str(v)) >= graph.levels[p] for p, v in zip(graph.parents[node], values, strict=True)):
            raise TypesError(f"{outcome} sets a cause beyond its levels, which are counted from 0.")
        return table[:, graph.configuration(node, [int(str(v)) for v in values])].astype(float)

    return np.asarray(np.broadcast_to(value(statement, of) != 0, len(table)))

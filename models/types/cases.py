"""Cases as a model over causal types sees them: what was seen of each node, with what is missing left open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from models.types.graph import Graph, TypesError
from models.types.worlds import Variable

type Weights = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A case: for each node of which something is known, how probable what was seen is at each of its levels.

    A level that was seen has weight 1 and the others 0; a set of possible levels has weight 1 on each; coding that is not
    certain has weights between. Equal weights say nothing, whatever they are. Raises TypesError for weights of nothing.
    """

    name: str
    seen: Mapping[str, Weights]

    def __post_init__(self) -> None:
        for node, weights in self.seen.items():
            if min(weights) < 0 or not any(weights):
                raise TypesError(
                    f"case '{self.name}': what was seen of '{node}' has weights {weights}; one must be above 0."
                )

    @property
    def informative(self) -> dict[str, Weights]:
        """What was seen of nodes about which it says something."""
        return {node: weights for node, weights in self.seen.items() if len(set(weights)) > 1}

    def certain(self, node: str) -> int | None:
        """The level at which a node certainly is, if it is certain."""
        possible = [level for level, weight in enumerate(self.seen.get(node, (1.0, 1.0))) if weight > 0]
        return possible[0] if len(possible) == 1 else None

    @property
    def evidence(self) -> dict[Variable, Weights]:
        """What was seen, of the values that nodes have in fact."""
        return {Variable(node): weights for node, weights in self.informative.items()}

    def also(self, node: str, weights: Weights) -> Case:
        """The case when something more is seen of a node."""
        before = self.seen.get(node, (1.0,) * len(weights))
        return replace(self, seen={**self.seen, node: tuple(a * b for a, b in zip(before, weights, strict=True))})

    def __str__(self) -> str:
        return ", ".join(f"{node}={_levels(weights)}" for node, weights in self.seen.items()) or "nothing seen"


type Row = Mapping[str, object]
type CaseTable = pd.DataFrame | Mapping[str, Row] | Iterable[Row | Case]
"""Rows of levels by node: a level, a set of levels, how probable what was seen is at each level ({0: 0.2, 1: 0.8}), or nothing
(None, NaN or no key). Names are those of the rows, or of a data frame's index."""


def read_cases(graph: Graph, table: CaseTable) -> tuple[Case, ...]:
    """The cases of a table. Raises TypesError, naming case and node, for what no node could be."""
    named = _named(table)
    repeated = [name for name, number in Counter(name for name, _ in named).items() if number > 1]
    if repeated:
        raise TypesError(f"two cases are called '{repeated[0]}'; give every case a name of its own.")
    return tuple(_fits(graph, row) if isinstance(row, Case) else _case(graph, name, row) for name, row in named)


def _named(table: Any) -> list[tuple[str, Any]]:
    """The rows of a table with their names. Raises TypesError for what is no table."""
    named: list[tuple[str, Any]] = []
    if isinstance(table, pd.DataFrame):
        named = [(str(name), row) for name, row in zip(table.index, table.to_dict(orient="records"), strict=True)]
    elif isinstance(table, Mapping):
        named = [(str(name), row) for name, row in table.items()]
    elif isinstance(table, Iterable) and not isinstance(table, str):
        named = [(r.name, r) if isinstance(r, Case) else (str(i), r) for i, r in enumerate(table, start=1)]
    else:
        raise _no_table(table)
    for _, row in named:
        if not isinstance(row, Mapping | Case):
            raise _no_table(row)
    return named


def _no_table(found: object) -> TypesError:
    return TypesError(
        "cases are a data frame with a column for each node, or rows such as [{'X': 1, 'Y': 0}] or "
        f"{{'a name': {{'X': 1, 'Y': 0}}}}; found {found!r:.60}."
    )


def seen_level(graph: Graph, node: str, level: int) -> Weights:
    """The weights of one certain level."""
    return tuple(float(level == at) for at in range(graph.levels[node]))


def _fits(graph: Graph, case: Case) -> Case:
    """The case, if its nodes and levels are the graph's."""
    for node, weights in case.seen.items():
        _check_node(graph, case.name, node)
        if len(weights) != graph.levels[node]:
            raise TypesError(
                f"case '{case.name}': '{node}' has {graph.levels[node]} levels, but {len(weights)} weights are given."
            )
    return case


def _check_node(graph: Graph, case: str, node: str) -> None:
    if node not in graph.position:
        raise TypesError(
            f"case '{case}': there is no node '{node}'; nodes are {', '.join(graph.nodes)}. Names of cases are no column: they "
            "are the index of a data frame, or the keys of its rows."
        )


def _case(graph: Graph, name: str, row: Row) -> Case:
    seen: dict[str, Weights] = {}
    for node, value in row.items():
        _check_node(graph, name, node)
        several = isinstance(value, Collection | np.ndarray) and not isinstance(value, str)
        if not several and pd.isna(value):  # type: ignore[call-overload]
            continue
        levels = list(value) if several else [value]  # type: ignore[call-overload]
        allowed = range(graph.levels[node])
        wrong = [at for at in levels if isinstance(at, str) or at not in allowed]
        if wrong or not levels:
            found = repr(wrong[0]) if wrong else "an empty set"
            raise TypesError(
                f"case '{name}': '{node}' is {found}; allowed are the numbers {', '.join(map(str, allowed))}, or nothing."
            )
        weights = value if isinstance(value, Mapping) else dict.fromkeys(levels, 1.0)
        seen[node] = tuple(float(weights.get(at, 0.0)) for at in allowed)
    return Case(name, {node: weights for node, weights in seen.items() if len(set(weights)) > 1})


def _levels(weights: Weights) -> str:
    possible = [level for level, weight in enumerate(weights) if weight > 0]
    certain = {weights[level] for level in possible} == {1.0}
    return "|".join(map(str, possible)) if certain else f"({', '.join(f'{w:.2g}' for w in weights)})"

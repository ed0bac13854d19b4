"""What the definitions say, computed as they are written: a product of types over nodes, and a sum over every assignment.

Slow and without any of the ideas of `models.types`; it uses only a model's tables of types and prior counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import exp, lgamma, log

import numpy as np

from causal.potential import Outcome, Question, value
from models.types.cases import Case
from models.types.laws import Dirichlet, Parts
from models.types.make import Model

type CausalType = dict[str, int]
type Cell = tuple[str, int, int]


def causal_types(model: Model) -> list[CausalType]:
    """Every combination of one type per node."""
    nodes = model.graph.nodes
    return [dict(zip(nodes, c, strict=True)) for c in product(*(range(len(model.types[n])) for n in nodes))]


def outcome(model: Model, unit: CausalType, node: str, do: Mapping[str, object]) -> int:
    """The level that a node of a unit takes when others are set."""
    if node in do:
        to = do[node]
        return outcome(model, unit, to.node, dict(to.do)) if isinstance(to, Outcome) else int(str(to))
    levels = [outcome(model, unit, parent, do) for parent in model.graph.parents[node]]
    return int(model.types[node][unit[node], model.graph.configuration(node, levels)])


def cells(model: Model, unit: CausalType) -> tuple[Cell, ...]:
    """The share that each node's type has a unit's probability multiplied by: node, row, type."""
    return tuple((n, model.row(n, (unit[c] for c in model.graph.confounded[n])), unit[n]) for n in model.graph.nodes)


def seen(model: Model, unit: CausalType, case: Case) -> float:
    """How probable what was seen is for a unit."""
    weight = 1.0
    for node, weights in case.seen.items():
        weight *= weights[outcome(model, unit, node, {})]
    return weight


def holds(model: Model, unit: CausalType, question: Question) -> tuple[float, float]:
    """What is asked and what it is over are worth for a unit, both 0 where the condition fails."""

    def of(o: Outcome) -> np.ndarray:
        return np.asarray(float(outcome(model, unit, o.node, dict(o.do))))

    given = float(value(question.given, of)) if question.given else 1.0
    over = float(value(question.over, of)) if question.over else 1.0
    return float(value(question.asked, of)) * given, over * given


def assignments(model: Model, cases: Sequence[Case]) -> Iterator[tuple[tuple[CausalType, ...], float]]:
    """Every way of giving the cases causal types, and the joint probability of it and of what was seen."""
    units = causal_types(model)
    possible = [[(u, w) for u in units if (w := seen(model, u, case)) > 0] for case in cases]
    for chosen in product(*possible):
        counts: dict[Cell, int] = {}
        log_weight = 0.0
        for unit, weight in chosen:
            log_weight += log(weight)
            for cell in cells(model, unit):
                counts[cell] = counts.get(cell, 0) + 1
        yield tuple(unit for unit, _ in chosen), exp(log_weight + _log_marginal(model, counts))


def probability(model: Model, cases: Sequence[Case]) -> float:
    """The probability of the cases."""
    return sum(weight for _, weight in assignments(model, cases))


def answer(model: Model, cases: Sequence[Case], question: Question, new: Case) -> float:
    """The answer for a new case of which this was seen, after the cases."""
    above = below = 0.0
    for units, weight in assignments(model, [*cases, new]):
        asked, over = holds(model, units[-1], question)
        above, below = above + weight * asked, below + weight * over
    return above / below


def _log_marginal(model: Model, counts: Mapping[Cell, int]) -> float:
    total = 0.0
    rows: dict[tuple[str, int], int] = {}
    for (node, row, number), n in counts.items():
        law = model.laws[node]
        if not isinstance(law, Dirichlet):
            continue
        total += lgamma(law.alpha[number] + n) - lgamma(law.alpha[number])
        rows[node, row] = rows.get((node, row), 0) + n
    for (node, _), n in rows.items():
        prior = float(model.laws[node].alpha.sum())  # type: ignore[attr-defined]
        total -= lgamma(prior + n) - lgamma(prior)
    return total + _log_marginal_of_parts(model, counts)


def _log_marginal_of_parts(model: Model, counts: Mapping[Cell, int]) -> float:
    """The part that nodes with a noisy-or prior have in it: what each cause brought about was drawn by itself."""
    met: dict[tuple[str, int, int, int], int] = {}
    for (node, row, number), n in counts.items():
        law = model.laws[node]
        if isinstance(law, Parts):
            for part, chosen in enumerate(np.unravel_index(number, [len(alpha) for alpha in law.alphas])):
                met[node, row, part, int(chosen)] = met.get((node, row, part, int(chosen)), 0) + n
    total = 0.0
    for node, row, part in {key[:3] for key in met}:
        alpha = model.laws[node].alphas[part]  # type: ignore[attr-defined]
        own = np.array([met.get((node, row, part, i), 0) for i in range(len(alpha))])
        total += sum(lgamma(a + n) - lgamma(a) for a, n in zip(alpha, own, strict=True))
        total -= lgamma(alpha.sum() + own.sum()) - lgamma(alpha.sum())
    return total

"""What is wrong with a question, and what a reader should know before believing its answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from causal.potential import COMPARISONS, Expression, Not, Number, Operation, Outcome, Question, outcomes
from models.types.graph import Graph, TypesError
from models.types.make import Model
from models.types.noisy import NoisyOr
from models.types.posterior import Posterior
from models.types.priors import Custom
from models.types.restrictions import Monotone, Restriction


def check_levels(graph: Graph, expressions: Iterable[Expression]) -> None:
    """Raises TypesError where a node is compared for equality with a level that it does not have."""
    for expression in expressions:
        if isinstance(expression, Not):
            check_levels(graph, [expression.part])
        if not isinstance(expression, Operation):
            continue
        sides = (expression.left, expression.right)
        check_levels(graph, sides)
        if expression.op in COMPARISONS[:2]:
            for one, other in (sides, sides[::-1]):
                if isinstance(one, Outcome) and isinstance(other, Number):
                    _check_level(graph, one, other.value)


def doubts(posterior: Posterior, question: Question) -> Iterator[str]:
    """What a reader should know before believing the answer. Raises TypesError for a node that is not there."""
    model = posterior.model
    named = {n for part in (question.asked, question.over, question.given) for o in outcomes(part) for n in _named(o)}
    if unknown := sorted(named - set(model.graph.nodes)):
        raise TypesError(f"there is no node '{unknown[0]}'; nodes are {', '.join(model.graph.nodes)}.")
    if not posterior.cases:
        return
    for node in model.graph.nodes:
        unseen = not any(node in case.informative for case in posterior.cases)
        if node in model.graph.ancestors(named) and unseen and model.graph.parents[node] and not _oriented(model, node):
            yield (
                f"'{node}' was seen in no case and nothing says which of its levels is which: what holds of one holds of the "
                "other, so that an effect on it, or of it, has two peaks and its mean says nothing. A restriction would decide."
            )


def _check_level(graph: Graph, outcome: Outcome, level: float) -> None:
    if outcome.node in graph.position and level not in range(graph.levels[outcome.node]):
        raise TypesError(
            f"'{outcome} == {level:g}': levels of '{outcome.node}' are 0 to {graph.levels[outcome.node] - 1}."
        )


def _named(outcome: Outcome) -> Iterator[str]:
    yield outcome.node
    for name, to in outcome.do:
        yield name
        if isinstance(to, Outcome):
            yield from _named(to)


def _oriented(model: Model, node: str) -> bool:
    """Whether a restriction, or the prior of a node or its effects, tells the levels of a node apart."""
    effects = [n for n in model.graph.nodes if node in model.graph.parents[n]]
    by_prior = any(isinstance(model.priors[n], NoisyOr | Custom) for n in (node, *effects))
    return by_prior or any(node in _about(r) for r in model.restrictions)


def _about(restriction: Restriction) -> set[str]:
    if isinstance(restriction, Monotone):
        return {restriction.cause, restriction.effect}
    return {n for o in outcomes(getattr(restriction, "statement", None)) for n in _named(o)}

"""Whether a theory lets data determine a quantity, and how.

Tried in this order, each by separators in time linear in the graph but for the general algorithm, which is polynomial:
adjustment (complete for adjustment), the front door, the general ID algorithm (complete without parametric
assumptions), an instrument (linear models). An effect that needs no adjustment and one that nothing identifies are
different answers: the first is a value, the second an exception.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import networkx as nx

from causal.adjustment import BackDoor, back_door, causal_nodes, front_door, instrument, single_door
from causal.diagram import Diagram, at, described, diagram
from causal.general_id import Hedge, identified, latent_projection
from causal.identification import (
    Identification,
    NotIdentifiedError,
    Strategy,
    by_adjustment,
    by_coefficient,
    by_front_door,
    by_instrument,
    listed,
)
from causal.query import CaseCounterfactual, DirectEffect, Effect, NaturalEffect, PathEffect, Query
from causal.separation import ancestry, offspring, open_path, shown_path
from causal.theory import Theory

__all__ = ["Identification", "NotIdentifiedError", "Strategy", "identify"]


def identify(theory: Theory, query: Query, observed: frozenset[str] | None = None) -> Identification:
    """How the theory lets observed constructs determine the query. Raises NotIdentifiedError, KeyError.

    observed : the constructs that data speak to, by default all; a latent construct with indicators counts as
        observed. Confounded pairs always have a hidden common cause, a new one in each period.

    Direct effects and paths are coefficients of linear equations. Natural effects are over the mediators that are
    direct causes of the effect. The counterfactual of one case is the effect of its population plus the case's own
    disturbances, which only the fitted equations give.
    """
    for name in query.constructs:
        theory.construct(name)
    seen = frozenset(theory.names) if observed is None else observed
    if blind := sorted(set(query.constructs) - seen):
        remedy = "Give it an indicator, or ask about a construct that has one."
        raise NotIdentifiedError(query, f"no observation speaks to {listed(blind)}", remedy)
    match query:
        case Effect():
            return _total(theory, query, (query.cause, *(name for name, _ in query.given)), seen)
        case CaseCounterfactual():
            found = _total(theory, query, (query.cause,), seen)
            own = f"The disturbances of {query.case} are those that the fitted equations leave over."
            return replace(found, assumption=f"{found.assumption} {own}")
        case DirectEffect():
            return _direct(theory, query, query, seen)
        case PathEffect():
            return _path(theory, query, seen)
        case NaturalEffect():
            return _natural(theory, query, seen)


@dataclass(frozen=True, slots=True)
class _Question:
    """A query on its diagram: the nodes that are set, in the order of the query, and the node that is read."""

    query: Query
    diagram: Diagram
    causes: tuple[str, ...]
    effect: str

    def no_effect(self) -> Identification:
        """Zero by the theory itself."""
        cause, effect = self.query.cause, self.effect
        return Identification(self.query, "no effect", "0", f"No directed path leads from {cause} to {effect}.")

    def refused(
        self, door: BackDoor, hedge: Hedge | None = None, given: frozenset[str] | None = None
    ) -> NotIdentifiedError:
        """The error that shows a path left open by adjusting for `given` (by default all that may be), and a remedy."""
        path = open_path(door.graph, door.causes, door.effect, door.fullest if given is None else given)
        found = f"the path {shown_path(self.diagram.graph, path)} stays open whatever is adjusted for"
        hiding = [node for node in path if node in self.diagram.hidden]
        if hiding:
            remedy = f"Measure {listed(set(map(described, hiding)))} or a proxy of it"
        elif hedge:
            remedy = f"Measure what {listed(hedge.outer)} have in common"
        else:
            remedy = "Measure what else they have in common"
        return NotIdentifiedError(self.query, found, f"{remedy}. Or ask a sensitivity question instead.", path)


def _ask(theory: Theory, query: Query, causes: Sequence[str], observed: frozenset[str]) -> _Question:
    drawn = diagram(theory, causes, query.effect, observed)
    upstream = ancestry(drawn.graph, {query.effect})
    nodes = tuple(node for name in causes for node in drawn.periods(name) if node in upstream)
    return _Question(query, drawn, nodes, query.effect)


def _total(theory: Theory, query: Query, causes: Sequence[str], observed: frozenset[str]) -> Identification:
    question = _ask(theory, query, causes, observed)
    graph, seen = question.diagram.graph, question.diagram.observed
    if not set(question.diagram.periods(query.cause)) & set(question.causes):
        return question.no_effect()
    door = back_door(graph, question.causes, question.effect, seen)
    if (nodes := door.separator) is not None:
        return by_adjustment(query, question.causes, question.effect, nodes)
    single = question.causes[0] if len(question.causes) == 1 else None
    if single and (mediators := front_door(graph, single, question.effect, seen)):
        return by_front_door(query, single, question.effect, mediators)
    formula = identified(latent_projection(graph, question.diagram.hidden), question.causes, question.effect)
    if not isinstance(formula, Hedge):
        estimand = f"P({question.effect} | do({', '.join(question.causes)})) = {formula}"
        assumption = "Every edge and every common cause that the theory leaves out is absent."
        return Identification(query, "general ID", estimand, assumption)
    if single and (found := instrument(graph, door, seen)):
        return by_instrument(query, single, question.effect, found.node, found.given)
    raise question.refused(door, formula)


def _direct(theory: Theory, query: DirectEffect, asked: Query, observed: frozenset[str]) -> Identification:
    """The edge with the shortest lag, if there are several; `asked` is what an error speaks of."""
    question = _ask(theory, query, (query.cause,), observed)
    lags = [edge.lag for edge in theory.edges_into(query.effect) if edge.cause == query.cause]
    if not lags:
        return question.no_effect()
    cause = at(query.cause, min(lags))
    graph, seen = question.diagram.graph, question.diagram.observed
    door = single_door(graph, cause, question.effect, seen)
    if (nodes := door.separator) is not None:
        return by_coefficient(query, cause, question.effect, nodes)
    if found := instrument(graph, door, seen):
        return by_instrument(query, cause, question.effect, found.node, found.given)
    raise replace(question, query=asked).refused(door)


def _path(theory: Theory, query: PathEffect, observed: frozenset[str]) -> Identification:
    edges = [DirectEffect(cause, effect, query.given) for cause, effect in pairwise(query.nodes)]
    steps = tuple(_direct(theory, edge, query, observed) for edge in edges)
    if any(step.strategy == "no effect" for step in steps):
        return Identification(query, "no effect", "0", "The theory lacks an edge of this path.", steps=steps)
    estimand = " × ".join(f"({step.estimand})" for step in steps)
    adjustment = tuple(sorted({node for step in steps for node in step.adjustment}))
    instruments = tuple(sorted({node for step in steps for node in step.instruments}))
    assumption = "Effects are linear, and each edge is identified on its own."
    return Identification(query, "edge by edge", estimand, assumption, adjustment, (), instruments, steps)


def _natural(theory: Theory, query: NaturalEffect, observed: frozenset[str]) -> Identification:
    """Pearl (2001): one set that is not downstream of the cause, and given which neither the cause and the rest, nor
    the mediators and the effect, share a further cause."""
    question = _ask(theory, query, (query.cause, *(name for name, _ in query.given)), observed)
    graph, causes, effect = question.diagram.graph, question.causes, question.effect
    if not set(question.diagram.periods(query.cause)) & set(causes):
        return question.no_effect()
    mediators = causal_nodes(graph, causes, effect) & set(graph.predecessors(effect))
    if hidden := mediators & question.diagram.hidden:
        path = (*causes[:1], min(hidden), effect)
        found = f"the mediator {listed(hidden)} is not observed"
        raise NotIdentifiedError(query, found, "Give it an indicator, or ask for the total effect.", path)
    allowed = question.diagram.observed - offspring(graph, causes)
    doors = [back_door(graph, causes, end, allowed) for end in (*sorted(mediators), effect)]
    doors.append(back_door(graph, {*causes, *mediators}, effect, allowed))
    few = frozenset[str]().union(*(door.separator or () for door in doors))
    full = frozenset[str]().union(*(door.fullest for door in doors))
    for nodes in (few, full):
        if not any(_open(door, nodes) for door in doors):
            return _natural_formula(query, causes, effect, mediators, nodes)
    raise question.refused(next(door for door in doors if _open(door, full)), given=full)


def _open(door: BackDoor, nodes: frozenset[str]) -> bool:
    return not nx.is_d_separator(door.graph, set(door.causes), {door.effect}, set(nodes))


def _natural_formula(
    query: NaturalEffect, causes: Sequence[str], effect: str, mediators: frozenset[str], nodes: frozenset[str]
) -> Identification:
    cause, through, given = ", ".join(causes), listed(mediators), f", {listed(nodes)}" if nodes else ""
    high, low = ("high", "low") if query.kind == "direct" else ("low", "high")
    first = f"E[{effect} | {cause} = {high}, {through}{given}] P({through} | {cause} = {low}{given})"
    outer = f"Σ_{{{through}{given}}}"
    weight = f" P({listed(nodes)})" if nodes else ""
    estimand = f"{outer} {first}{weight} - E[{effect} | do({cause} = low)]"
    assumption = (
        f"{f'Given {listed(nodes)}, ' if nodes else ''}{cause}, {through or 'nothing'} and {effect} share no further "
        f"cause, and no common cause of {through or 'a mediator'} and {effect} is an effect of {cause}."
    )
    strategy: Strategy = "backdoor" if nodes else "nothing to adjust for"
    return Identification(query, strategy, estimand, assumption, tuple(sorted(nodes)), tuple(sorted(mediators)))

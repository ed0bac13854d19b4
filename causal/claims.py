"""What a claim means in a theory: whether the theory lets it be asked, its paths spelled out, its gaps as draws."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from causal.diagram import every_edge
from causal.query import CaseCounterfactual, Claim, Comparison, DirectEffect, PathEffect, Query
from causal.theory import Edge, Sign, Theory
from data.files import nearest

type Draws = NDArray[np.float64]


def spelled_out(claim: Claim, theory: Theory) -> Claim:
    """The claim with each `path(...) > 0` replaced by its joint meaning: every edge has its expected sign.

    A path compared with anything but 0 stays the product of its edges. The theory must allow the claim (`faults`).
    """
    parts: list[Comparison] = []
    for part in claim.parts:
        if isinstance(part.left, PathEffect) and part.right == 0:
            parts.extend(_edge_claim(theory, cause, effect, part.left) for cause, effect in pairwise(part.left.nodes))
        else:
            parts.append(part)
    return Claim(tuple(dict.fromkeys(parts)))


def _edge_claim(theory: Theory, cause: str, effect: str, path: PathEffect) -> Comparison:
    sign = expected_sign(theory, cause, effect)
    return Comparison(DirectEffect(cause, effect, path.given), "<" if sign == "-" else ">", 0.0)


def expected_sign(theory: Theory, cause: str, effect: str) -> Sign:
    """The sign that the theory expects of a direct effect; "?" if it expects none or its edges disagree."""
    signs = {edge.sign for edge in _edges(theory, cause, effect)}
    return signs.pop() if len(signs) == 1 else "?"


def gaps(claim: Claim, evaluate: Callable[[Query], Draws]) -> Draws:
    """Left minus right of each comparison, signed so that the claim says gap > 0, shape (parts, chains, draws).

    evaluate : draws of a quantity, shape (chains, draws)
    """
    values = {query: evaluate(query) for query in claim.queries}
    signed = []
    for part in claim.parts:
        right = part.right if isinstance(part.right, int | float) else values[part.right]
        gap = values[part.left] - right
        signed.append(gap if part.op == ">" else -gap)
    return np.stack(signed)


def faults(claim: Claim, theory: Theory) -> Iterator[str]:
    """Why the theory cannot be asked this; nothing if it can."""
    for query in claim.queries:
        unknown = [name for name in query.constructs if name not in theory.names]
        for name in unknown:
            hint = nearest(name, theory.names) or " Declare it or correct the claim."
            allowed = f"theory '{theory.name}'; allowed are {', '.join(theory.names)}"
            yield f"{query} speaks of '{name}', which is no construct of {allowed}.{hint}"
        if not unknown:
            yield from _missing_ways(query, theory)
            yield from _idle_conditions(query, theory)
    for part in claim.parts:
        if part.left == part.right:
            yield f"{part} compares a quantity with itself. Correct one side."
        if isinstance(part.left, PathEffect) and not any(_missing_ways(part.left, theory)) and part.right == 0:
            yield from _path_signs(part, part.left, theory)


def _edges(theory: Theory, cause: str, effect: str) -> Sequence[Edge]:
    return [edge for edge in theory.edges if (edge.cause, edge.effect) == (cause, effect)]


def _missing_ways(query: Query, theory: Theory) -> Iterator[str]:
    """A quantity that is zero by assumption, so that no data could speak to it."""
    remedy = "Correct the claim or add the edge."
    if isinstance(query, DirectEffect | PathEffect):
        steps = pairwise(query.nodes) if isinstance(query, PathEffect) else [(query.cause, query.effect)]
        for cause, effect in steps:
            if not _edges(theory, cause, effect):
                yield f"{query}: theory '{theory.name}' has no edge {cause} -> {effect}. {remedy}"
    elif not nx.has_path(every_edge(theory), query.cause, query.effect):
        nothing = f"theory '{theory.name}' has no path from {query.cause} to {query.effect}, so this is 0 by assumption"
        yield f"{query}: {nothing}. {remedy}"


def _idle_conditions(query: Query, theory: Theory) -> Iterator[str]:
    """Conditions that change nothing: with latent constructs only a moderator or a mediator bears on an effect."""
    if isinstance(query, CaseCounterfactual) or not query.given:
        return
    graph = every_edge(theory)
    between = (nx.descendants(graph, query.cause) | {query.cause}) & (
        nx.ancestors(graph, query.effect) | {query.effect}
    )
    if any(theory.construct(name).kind == "observed" for name in between):
        return  # through a curved link, every cause of an observed construct changes the effect of every other
    moderators = {edge.moderator for edge in theory.edges if edge.cause in between and edge.effect in between}
    for name, _ in query.given:
        if name not in between and not moderators & (nx.descendants(graph, name) | {name}):
            idle = f"setting '{name}' changes nothing: it neither moderates an edge between them nor lies between them"
            yield f"{query}: {idle}. Name a moderator in theory.toml or drop the condition."


def _path_signs(part: Comparison, path: PathEffect, theory: Theory) -> Iterator[str]:
    """A path claim needs one expected sign for each edge, which together must give the claim's."""
    signs = {edge: expected_sign(theory, *edge) for edge in pairwise(path.nodes)}
    for (cause, effect), sign in signs.items():
        if sign == "?":
            expects = f"theory '{theory.name}' expects no one sign of {cause} -> {effect}"
            yield f"{path}: a path claim is that each edge has its expected sign, but {expects}. Give it a sign."
    product = "-" if list(signs.values()).count("-") % 2 else "+"
    if "?" not in signs.values() and (product == "+") != (part.op == ">"):
        expected = f"the signs that theory '{theory.name}' expects along it multiply to '{product}'"
        yield f"{part}: {expected}. Turn the comparison or correct a sign."

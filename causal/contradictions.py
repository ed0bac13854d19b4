"""What makes a set of constructs and edges no theory, each contradiction with the place to mend it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import networkx as nx

from causal.elements import Confounded, Construct, Edge, is_name
from data.files import nearest

RESERVED = ("case",)  # claims write `effect(A -> B | case = x)`, so no construct may be called so


@dataclass(frozen=True, slots=True)
class Contradiction:
    """`where` is the path of keys in theory.toml, list positions counted over the edges given."""

    where: tuple[str | int, ...]
    message: str


def contradictions(
    constructs: Sequence[Construct], edges: Sequence[Edge], confounded: Sequence[Confounded]
) -> Iterator[Contradiction]:
    """Every contradiction; none means the parts form a theory."""
    names = [construct.name for construct in constructs]
    if not names:
        yield Contradiction((), "the theory has no constructs. Declare each as a table, [constructs.name].")
    yield from chain(
        _names(names),
        chain.from_iterable(_ends(i, edge, names) for i, edge in enumerate(edges)),
        _duplicate_edges(edges),
        chain.from_iterable(_moderation(i, edge, edges, names) for i, edge in enumerate(edges)),
        _cycles(edges),
        _confounding(confounded, names),
    )


def _names(names: Sequence[str]) -> Iterator[Contradiction]:
    for position, name in enumerate(names):
        where = ("constructs", name)
        if name in names[:position]:
            yield Contradiction(where, f"construct '{name}' is declared twice. Remove or rename one.")
        if not is_name(name):
            allowed = "letters, digits and underscores, no digit first"
            yield Contradiction(where, f"construct '{name}' has a name that claims cannot hold; allowed are {allowed}.")
        if name in RESERVED:
            yield Contradiction(
                where, f"a construct may not be called '{name}', a word of the claim grammar. Rename it."
            )


def _unknown(where: tuple[str | int, ...], role: str, name: str, names: Sequence[str]) -> Iterator[Contradiction]:
    if name not in names:
        listed = f"constructs are {', '.join(names)}" if names else "no constructs are declared"
        hint = nearest(name, names) or f" Declare [constructs.{name}] or correct the name."
        yield Contradiction(where, f"{role} '{name}' is no construct of this theory; {listed}.{hint}")


def _ends(position: int, edge: Edge, names: Sequence[str]) -> Iterator[Contradiction]:
    where = ("edges", position)
    yield from _unknown((*where, "cause"), "cause", edge.cause, names)
    yield from _unknown((*where, "effect"), "effect", edge.effect, names)
    if edge.cause == edge.effect and not edge.lag:
        loop = f"{edge.cause} -> {edge.effect} makes '{edge.cause}' its own cause within one period"
        yield Contradiction((*where, "effect"), f"{loop}. Add `lag = 1` or correct one end.")


def _duplicate_edges(edges: Sequence[Edge]) -> Iterator[Contradiction]:
    groups: dict[tuple[str, str, int], list[tuple[int, Edge]]] = {}
    for position, edge in enumerate(edges):
        groups.setdefault((edge.cause, edge.effect, edge.lag), []).append((position, edge))
    for (cause, effect, lag), group in groups.items():
        for (_, first), (position, second) in combinations(group, 2):
            if not first.units or not second.units or set(first.units) & set(second.units):
                link = f"{cause} -> {effect}" + (f" with lag {lag}" if lag else "")
                remedy = "Remove one, or give both `units` that do not overlap."
                yield Contradiction(("edges", position), f"edge {link} is declared twice. {remedy}")
                break


def _moderation(position: int, edge: Edge, edges: Sequence[Edge], names: Sequence[str]) -> Iterator[Contradiction]:
    where = ("edges", position, "moderator")
    link = f"{edge.cause} -> {edge.effect}"
    if edge.moderator is None:
        if edge.moderation is not None:
            message = f"edge {link} has a moderation but no moderator. Name the moderator or remove `moderation`."
            yield Contradiction(("edges", position, "moderation"), message)
        return
    yield from _unknown(where, "moderator", edge.moderator, names)
    if edge.moderator in (edge.cause, edge.effect):
        yield Contradiction(
            where, f"edge {link} is moderated by its own end '{edge.moderator}'. Name another construct."
        )
        return
    causes = sorted({other.cause for other in edges if other.effect == edge.effect and not other.lag} - {edge.cause})
    if edge.moderator in names and edge.moderator not in causes:
        found = f"moderator '{edge.moderator}' of {link} is not itself a cause of '{edge.effect}' in the same period"
        allowed = f"allowed are {', '.join(causes)}" if causes else f"'{edge.effect}' has no other cause"
        yield Contradiction(where, f"{found}; {allowed}. Add the edge {edge.moderator} -> {edge.effect}.")


def _cycles(edges: Sequence[Edge]) -> Iterator[Contradiction]:
    """One shortest cycle for each knot of constructs that lie on a common cycle, at its last edge in the file."""
    places = {
        (edge.cause, edge.effect): i for i, edge in enumerate(edges) if not edge.lag and edge.cause != edge.effect
    }
    graph: nx.DiGraph[str] = nx.DiGraph(list(places))
    for knot in nx.strongly_connected_components(graph):
        if len(knot) < 2:
            continue
        inside = graph.subgraph(knot)
        position, (cause, effect) = max((places[edge], edge) for edge in inside.edges)
        path = " -> ".join((cause, *nx.shortest_path(inside, effect, cause)))
        remedy = "Drop or reverse one of these edges, or give one a lag."
        yield Contradiction(("edges", position), f"the theory contains a cycle: {path}. {remedy}")


def _confounding(confounded: Sequence[Confounded], names: Sequence[str]) -> Iterator[Contradiction]:
    for position, pair in enumerate(confounded):
        where = ("confounded", position, "between")
        for end in dict.fromkeys(pair.between):
            yield from _unknown(where, "confounded construct", end, names)
        if pair.between[0] == pair.between[1]:
            yield Contradiction(where, f"'{pair.between[0]}' is confounded with itself. Name two different constructs.")
        if any(set(pair.between) == set(other.between) for other in confounded[:position]):
            yield Contradiction(where, f"{pair.between[0]} and {pair.between[1]} are confounded twice. Remove one.")

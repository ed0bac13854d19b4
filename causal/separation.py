"""What is connected to what in a directed acyclic graph, given that some nodes are known.

Linear in the size of the graph: the ball of Shachter (1998), "Bayes-Ball", over states (node, how it was entered).
Separating sets themselves come from networkx (`find_minimal_d_separator`, van der Zander and Liśkiewicz 2020).
"""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

type Graph = "nx.DiGraph[str]"
type State = tuple[str, bool]  # a node, and whether it was entered along an arrow into it


def ancestry(graph: Graph, nodes: Collection[str]) -> frozenset[str]:
    """The nodes and everything upstream of any of them."""
    found, waiting = set(nodes), list(nodes)
    while waiting:
        fresh = [parent for parent in graph.predecessors(waiting.pop()) if parent not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return frozenset(found)


def offspring(graph: Graph, nodes: Collection[str]) -> frozenset[str]:
    """The nodes and everything downstream of any of them."""
    found, waiting = set(nodes), list(nodes)
    while waiting:
        fresh = [child for child in graph.successors(waiting.pop()) if child not in found]
        found.update(fresh)
        waiting.extend(fresh)
    return frozenset(found)


def without(graph: Graph, edges: Collection[tuple[str, str]]) -> Graph:
    """A copy of the graph that lacks these edges."""
    copy = graph.copy()
    copy.remove_edges_from(list(edges))
    return copy


def connected(graph: Graph, sources: Collection[str], given: Collection[str] = ()) -> frozenset[str]:
    """Every node that is d-connected to a source given the known nodes, the sources included."""
    return frozenset(node for node, _ in _entered(graph, sources, given))


def open_path(graph: Graph, sources: Collection[str], target: str, given: Collection[str] = ()) -> tuple[str, ...]:
    """A shortest open path from a source to the target given the known nodes; empty if they are separated."""
    entered = _entered(graph, sources, given)
    state: State | None = next((state for state in ((target, False), (target, True)) if state in entered), None)
    path: list[str] = []
    while state is not None:
        path.append(state[0])
        state = entered[state]
    return tuple(reversed(path))


def shown_path(graph: Graph, path: Sequence[str]) -> str:
    """The path with its arrows, `a <- u -> b`."""
    arrows = ("->" if graph.has_edge(before, after) else "<-" for before, after in pairwise(path))
    return path[0] + "".join(f" {arrow} {node}" for arrow, node in zip(arrows, path[1:], strict=True))


def _entered(graph: Graph, sources: Collection[str], given: Collection[str]) -> dict[State, State | None]:
    """Every state that an open walk reaches, with the state before it."""
    known = frozenset(given)
    opened = ancestry(graph, known)
    entered: dict[State, State | None] = {(node, False): None for node in sources if node not in known}
    waiting = deque(entered)
    while waiting:
        state = waiting.popleft()
        for following in _steps(graph, state, known, opened):
            if following not in entered:
                entered[following] = state
                waiting.append(following)
    return entered


def _steps(graph: Graph, state: State, known: frozenset[str], opened: frozenset[str]) -> Iterator[State]:
    node, by_arrow = state
    if node not in known:
        yield from ((child, True) for child in graph.successors(node))
    if (node in opened) if by_arrow else (node not in known):  # a collider is open if it or a descendant is known
        yield from ((parent, False) for parent in graph.predecessors(node))

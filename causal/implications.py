"""What a theory says cannot depend on what, and whether two theories say the same.

Two theories over the same observed constructs that imply the same independences are Markov equivalent: no amount of
observational data tells them apart by independences. Without hidden constructs they then fit equally well in every
linear Gaussian model. With hidden ones they may still differ in constraints that are not independences (Verma's, or
tetrads), which need far more data than a handful of cases; moderation and signs are outside all of this too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from causal.adjustment import separator
from causal.diagram import at, unrolled
from causal.separation import Graph, ancestry, connected
from causal.theory import Theory


@dataclass(frozen=True, slots=True)
class Independence:
    """a and b are independent given the rest; the theory thereby forbids an edge between them, a before b in its order.

    In a theory with lags both are of one period and `given` may name earlier ones, `trust[-1]`.
    """

    a: str
    b: str
    given: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.a} _||_ {self.b}{' | ' + ', '.join(self.given) if self.given else ''}"


def implied_independences(theory: Theory, observed: frozenset[str] | None = None) -> tuple[Independence, ...]:
    """One independence, with a minimal separating set, for each pair of observed constructs that has one.

    observed : the constructs that data speak to, by default all; hidden ones and admitted common causes separate nothing

    Pairs without a separating set are skipped: an edge or something hidden joins them. The cost is quadratic in the
    number of constructs times the size of the graph.
    """
    seen = frozenset(theory.names) if observed is None else observed
    periods = _periods(theory)
    graph = unrolled(theory, periods)
    allowed = frozenset(at(name, back) for name in seen for back in range(periods))
    found: list[Independence] = []
    for a, b in combinations([name for name in theory.order if name in seen], 2):
        if graph.has_edge(a, b):
            continue
        given = separator(graph, {a}, b, allowed)
        if given is not None:
            found.append(Independence(a, b, tuple(sorted(given))))
    return tuple(found)


def distinguishing(one: Theory, other: Theory, observed: frozenset[str] | None = None) -> tuple[Independence, ...]:
    """Independences that `one` implies and `other` denies; empty if every independence of `one` holds in `other`.

    observed : by default every construct of either; a construct that one of them does not use is isolated in it

    It suffices to ask, for each pair that `one` can separate, about the separation by its observed ancestors: this
    pairwise property implies all the others (Sadeghi and Lauritzen 2014, "Markov properties for mixed graphs",
    theorem 3), as d-separation is a compositional graphoid.
    """
    names = tuple(dict.fromkeys((*one.names, *other.names)))
    seen = frozenset(names) if observed is None else observed
    periods = max(_periods(one), _periods(other))
    nodes = [at(name, back) for name in names if name in seen for back in range(periods)]
    here, there = _with_nodes(unrolled(one, periods), nodes), _with_nodes(unrolled(other, periods), nodes)
    return tuple(_denied(here, there, nodes))


def markov_equivalent(one: Theory, other: Theory, observed: frozenset[str] | None = None) -> bool:
    """Whether two theories imply the same independences among the observed constructs."""
    return not distinguishing(one, other, observed) and not distinguishing(other, one, observed)


def _periods(theory: Theory) -> int:
    """Enough periods to hold every lag of the last, and of what lies behind it."""
    return 1 + 2 * max((edge.lag for edge in theory.edges), default=0)


def _with_nodes(graph: Graph, nodes: list[str]) -> Graph:
    graph.add_nodes_from(nodes)
    return graph


def _denied(here: Graph, there: Graph, nodes: list[str]) -> Iterator[Independence]:
    for a, b in combinations(nodes, 2):
        given = (ancestry(here, {a, b}) & set(nodes)) - {a, b}
        if b not in connected(here, {a}, given) and b in connected(there, {a}, given):
            yield Independence(a, b, tuple(sorted(given)))

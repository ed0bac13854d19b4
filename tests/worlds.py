"""Named causal worlds with known answers: what identifies their effect, its true size, and a simulator that takes `do`.

Every world is linear and Gaussian with unit disturbances, so covariances and effects follow from its weights exactly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from causal.diagram import diagram
from causal.identify import Strategy
from causal.separation import Graph
from causal.theory import Theory, theory_from_edges

type Matrix = NDArray[np.float64]

WEIGHTS = (0.8, -0.6, 0.5, 0.9, -0.7, 0.4)  # in the order of the edges, over and over


@dataclass(frozen=True, slots=True)
class World:
    """A graph of x, y and others. `strategy` None: the effect of x on y is not identified.

    arrows : "x -> m, m -> y, x <-> y"
    hidden : constructs that nothing observes
    adjustment, mediators, instruments : the only possible answer, where there is only one
    """

    name: str
    source: str
    arrows: str
    strategy: Strategy | None
    hidden: tuple[str, ...] = ()
    adjustment: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()

    @property
    def theory(self) -> Theory:
        """The world's graph as a theory."""
        edges: list[tuple[str, str]] = []
        confounded: list[tuple[str, str]] = []
        for arrow in self.arrows.split(", "):
            one, sign, other = arrow.split()
            (edges if sign == "->" else confounded).append((one, other))
        return theory_from_edges(edges, confounded, constructs="xy", name=self.name)

    @property
    def observed(self) -> frozenset[str]:
        """Every construct that is not hidden."""
        return frozenset(self.theory.names) - set(self.hidden)

    @property
    def linear(self) -> "Linear":
        """The world with weights."""
        graph = diagram(self.theory, ["x"], "y", self.observed).graph
        return Linear(graph, dict(zip(graph.edges, cycle(WEIGHTS), strict=False)))


@dataclass(frozen=True, slots=True)
class Linear:
    """Linear equations on a graph, disturbances independent and of unit variance."""

    graph: Graph
    weights: Mapping[tuple[str, str], float]

    @property
    def nodes(self) -> list[str]:
        """Nodes in the order of rows and columns."""
        return list(self.graph)

    def totals(self) -> Matrix:
        """Total effects, [effect, cause]."""
        size = len(self.nodes)
        coefficients = np.zeros((size, size))
        for (cause, effect), weight in self.weights.items():
            coefficients[self.nodes.index(effect), self.nodes.index(cause)] = weight
        return np.asarray(np.linalg.inv(np.eye(size) - coefficients))

    def total(self, cause: str, effect: str) -> float:
        """Change of the effect when the cause is set one higher."""
        return float(self.totals()[self.nodes.index(effect), self.nodes.index(cause)])

    def covariance(self, one: list[str], other: list[str], given: list[str]) -> Matrix:
        """Covariances of nodes once others are known, shape (one, other)."""
        totals = self.totals()
        full = totals @ totals.T
        i, j, k = ([self.nodes.index(node) for node in group] for group in (one, other, given))
        explained = full[np.ix_(i, k)] @ np.linalg.solve(full[np.ix_(k, k)], full[np.ix_(k, j)]) if k else 0.0
        return np.asarray(full[np.ix_(i, j)] - explained)

    def slopes(self, outcome: str, regressors: list[str], given: list[str]) -> Matrix:
        """Population regression of the outcome on the regressors, adjusted for `given`; shape (regressors,)."""
        spread = self.covariance(regressors, regressors, given)
        return np.asarray(np.linalg.solve(spread, self.covariance(regressors, [outcome], given))[:, 0])

    def simulate(
        self, rng: np.random.Generator, size: int, do: Mapping[str, float] | None = None
    ) -> dict[str, NDArray[np.float64]]:
        """Draws of every node, (size,) each, with some nodes set."""
        from_outside = do or {}
        values: dict[str, NDArray[np.float64]] = {}
        waiting = self.nodes
        while waiting:
            node = next(node for node in waiting if set(self.graph.predecessors(node)) <= set(values))
            waiting.remove(node)
            causes = sum(
                (self.weights[cause, node] * values[cause] for cause in self.graph.predecessors(node)), np.zeros(size)
            )
            noise = rng.normal(size=size)
            values[node] = np.full(size, from_outside[node]) if node in from_outside else causes + noise
        return values


PEARL = "Pearl 2009, Causality"
WORLDS = (
    World("arrow", f"{PEARL}, 3.3", "x -> y", "nothing to adjust for"),
    World("chain", f"{PEARL}, 1.2.3", "x -> m, m -> y", "nothing to adjust for"),
    World("fork", f"{PEARL}, 1.2.3", "z -> x, z -> y, x -> y", "backdoor", adjustment=("z",)),
    World("collider", f"{PEARL}, 1.2.3", "x -> c, y -> c, x -> y", "nothing to adjust for"),
    World("reversed", f"{PEARL}, 1.2.3", "y -> x", "no effect"),
    World("common cause only", f"{PEARL}, 1.2.3", "z -> x, z -> y", "no effect"),
    World(
        "M-bias",
        "Greenland, Pearl and Robins 1999",
        "a -> x, a -> m, b -> m, b -> y, x -> y",
        "nothing to adjust for",
        hidden=("a", "b"),
    ),
    World(
        "M-bias with a confounding collider",
        "Ding and Miratrix 2015, butterfly bias",
        "a -> x, a -> m, b -> m, b -> y, m -> x, m -> y, x -> y",
        None,
        hidden=("a", "b"),
    ),
    World(
        "confounding through a proxy",
        "Cinelli, Forney and Pearl 2022, model 2",
        "u -> z, z -> x, u -> y, x -> y",
        "backdoor",
        hidden=("u",),
        adjustment=("z",),
    ),
    World("bow", f"{PEARL}, figure 3.8a", "x -> y, x <-> y", None),
    World("hidden fork", f"{PEARL}, figure 3.8a", "u -> x, u -> y, x -> y", None, hidden=("u",)),
    World("front door", f"{PEARL}, section 3.3.2", "x -> m, m -> y, x <-> y", "frontdoor", mediators=("m",)),
    World(
        "front door with two doors",
        f"{PEARL}, definition 3.3.3",
        "x -> m, m -> y, x -> n, n -> y, x <-> y",
        "frontdoor",
        mediators=("m", "n"),
    ),
    World("front door ajar", f"{PEARL}, figure 3.8", "x -> m, m -> y, x <-> y, x <-> m", None),
    World("napkin", "Pearl and Mackenzie 2018, figure 7.5", "w -> z, z -> x, x -> y, w <-> x, w <-> y", "general ID"),
    World(
        "front door with a covariate",
        "Shpitser and Pearl 2006",
        "c -> x, c -> m, c -> y, x -> m, m -> y, x <-> y",
        "general ID",
    ),
    World("instrument", "Bowden and Turkington 1984", "z -> x, x -> y, x <-> y", "instrument", instruments=("z",)),
    World(
        "conditional instrument",
        "Brito and Pearl 2002",
        "w -> z, w -> y, z -> x, x -> y, x <-> y",
        "instrument",
        adjustment=("w",),
        instruments=("z",),
    ),
    World(
        "surrogate instrument",
        "Hernán and Robins 2006",
        "z <-> x, x -> y, x <-> y",
        "instrument",
        instruments=("z",),
    ),
    World("broken instrument", "Hernán and Robins 2006", "z -> x, z -> y, x -> y, x <-> y", None),
)

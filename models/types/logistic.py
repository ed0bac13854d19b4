"""A prior that is not conjugate: how much a cause matters is learnt once for all types that respond to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax

from models.types.graph import Graph, TypesError
from models.types.laws import Floats, Law, above_0
from models.types.responses import Responses, constant_in
from models.types.weights import sparse_base


@dataclass(frozen=True, slots=True)
class LogisticNormal:
    """Log shares are those of `Sparse`, plus a weight for each cause that the type responds to, plus noise of the type's own.

    A case that shows a cause to matter in one context so makes it more probable that it matters in others, which no Dirichlet
    does (Aitchison and Shen 1980). Its posterior is sampled with gradients.

    causes, types : standard deviations of the weight of a cause and of the noise
    """

    causes: float = 1.0
    types: float = 1.0

    def __post_init__(self) -> None:
        above_0("a standard deviation of a logistic-normal prior", self.causes, self.types)

    def law(self, graph: Graph, node: str, table: Responses) -> Law:
        """The law of a node's shares."""
        moved = ~constant_in(graph, node, table)
        return Weighed(np.log(sparse_base(graph, node, table)), moved.astype(float), self.causes, self.types)


@dataclass(frozen=True)
class Weighed:
    """Logistic-normal shares.

    base : log shares, shape (types,); moved : which causes a type responds to, shape (types, causes)
    causes, types : standard deviations of the weight of a cause and of the noise
    """

    base: Floats
    moved: Floats
    causes: float
    types: float

    def draw(self, counts: Floats, rng: np.random.Generator) -> Floats:
        """Shares before any unit was counted."""
        if counts.any():
            raise self._refusal()
        weight = rng.normal(0, self.causes, size=(*counts.shape[:-1], self.moved.shape[1]))
        noise = rng.normal(0, self.types, size=counts.shape)
        return np.asarray(softmax(self.base + weight @ self.moved.T + noise, axis=-1))

    def mean(self, counts: Floats) -> Floats:
        """Not known."""
        raise self._refusal()

    def log_marginal(self, counts: Floats) -> Floats:
        """Not known."""
        raise self._refusal()

    def _refusal(self) -> TypesError:
        return TypesError(
            "a logistic-normal prior is not updated by counting: it has draws, but no exact answers and no marginal likelihood. "
            "To compare graphs or leave out cases, use another prior."
        )

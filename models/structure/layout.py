"""Nodes and arcs: which score depends on which, and how the arcs lie in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from models.structure.reading import Node
from models.structure.slopes import Slope

type Ints = NDArray[np.int64]
type Floats = NDArray[np.float64]

UNIT_SCALE = -1  # disturbance scale fixed at 1
NO_CASE = -1
ONE = "1"  # the constant slope by which a container's score enters


@dataclass(frozen=True, slots=True)
class Arc:
    target: Node
    source: Node
    moderator: Node | None
    slope: str
    weight: float = 1.0


@dataclass(frozen=True)
class Structure:
    """Nodes in causal order and the arcs into each, as arrays (compressed by target node)."""

    nodes: tuple[Node, ...]
    slopes: tuple[Slope, ...]
    arcs: tuple[Arc, ...]
    constructs: tuple[str, ...]
    cases: tuple[str, ...]
    case: Ints
    construct: Ints
    kind: Ints
    """Index into ``inner_kinds`` of the disturbance's scale, or UNIT_SCALE."""
    inner_kinds: tuple[str, ...]
    spare_slopes: int = 0
    """Coefficients that no arc uses: room for theories with more edges in the same compiled code."""
    spare_nodes: int = 0
    every_gap: bool = False
    """Whether any missing level may have effects, if not here then in another theory of the same compiled code."""
    every_value: bool = False
    """Whether any known value may go missing, if not here then in a refit of the same compiled code."""

    @cached_property
    def slope_index(self) -> dict[str, int]:
        """Position of every coefficient in the vector of free ones, spare ones, those of fixed sign, and the constant 1."""
        free = sum(slope.fixed_sign == 0 for slope in self.slopes)
        shifts = [0 if i < free else self.spare_slopes for i in range(len(self.slopes))]
        named = {slope.name: i + shift for i, (slope, shift) in enumerate(zip(self.slopes, shifts, strict=True))}
        return named | {ONE: len(self.slopes) + self.spare_slopes}

    @cached_property
    def index(self) -> dict[Node, int]:
        return {node: i for i, node in enumerate(self.nodes)}

    @cached_property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """``arc_first, arc_source, ...``: the arcs into node n are ``arc_first[n]:arc_first[n + 1]``."""
        slope_index = self.slope_index
        arcs = sorted(self.arcs, key=lambda arc: self.index[arc.target])
        counts = np.bincount([self.index[arc.target] for arc in arcs], minlength=len(self.nodes) + self.spare_nodes)
        moderators = [-1 if arc.moderator is None else self.index[arc.moderator] for arc in arcs]
        return {
            "arc_first": np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            "arc_source": np.array([self.index[arc.source] for arc in arcs], dtype=np.int64),
            "arc_moderator": np.array(moderators, dtype=np.int64),
            "arc_slope": np.array([slope_index[arc.slope] for arc in arcs], dtype=np.int64),
            "arc_weight": np.array([arc.weight for arc in arcs], dtype=np.float64),
        }

    def needed_for(self, wanted: int, given: frozenset[int]) -> set[int]:
        """Nodes whose value must be computed to know that of one node, when the ``given`` ones are set."""
        needed: set[int] = set()
        frontier = [wanted]
        while frontier:
            n = frontier.pop()
            if n not in needed and n not in given:
                needed.add(n)
                frontier += self.causes[n]
        return needed

    def reached_from(self, given: frozenset[int]) -> frozenset[int]:
        """Nodes whose value changes when the ``given`` ones are set: their descendants, up to what is itself set."""
        if given not in self._reached:
            reached: set[int] = set()
            for n, ends in enumerate(self.causes):  # causes come before effects
                if n not in given and not ends.isdisjoint(given | reached):
                    reached.add(n)
            self._reached[given] = frozenset(reached)
        return self._reached[given]

    @cached_property
    def causes(self) -> tuple[frozenset[int], ...]:
        """The nodes that each node reads, moderators among them."""
        arcs = self.arrays
        first, source, moderator = (arcs[f"arc_{name}"].tolist() for name in ("first", "source", "moderator"))
        into = [slice(first[n], first[n + 1]) for n in range(len(self.nodes))]
        return tuple(frozenset({*source[arcs], *moderator[arcs]} - {-1}) for arcs in into)

    @cached_property
    def _reached(self) -> dict[frozenset[int], frozenset[int]]:
        return {}

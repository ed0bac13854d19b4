"""The mean of an outcome over replicates, from the means of what it reads: as exact as replicates, and a hundredth of the work.

It can be had where nothing that is set passes through a product of two scores that both vary, or through an observed construct
that answers as a level, a share or a count: all else is linear, and the mean of a sum is the sum of means.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.effects.newcase import NewCase
from models.simulation.rebuild import walk

type Floats = NDArray[np.float64]


def mean_by_means(case: NewCase, given: Mapping[int, Floats], outcome: int) -> Floats | None:
    """The mean of a node over replicates under do(nodes = ``given``), shape (samples, 1); None where it takes replicates."""
    structure, nodes = case.structure, frozenset(given)
    moved = structure.reached_from(nodes) & structure.needed_for(outcome, nodes)
    if outcome in case.respond or not moved.isdisjoint(case.respond) or _multiplies(case, moved, nodes):
        return None
    scores, _ = walk(structure, case.mean_base, case.slopes, given, moved, case.mean_natural)
    return scores[outcome]


def _multiplies(case: NewCase, moved: frozenset[int], given: frozenset[int]) -> bool:
    """Whether some node that moves reads the product of two scores neither of which is set."""
    arcs = case.structure.arrays
    first, source, moderator = (arcs[f"arc_{name}"] for name in ("first", "source", "moderator"))
    return any(
        moderator[a] >= 0 and not {int(source[a]), int(moderator[a])} & given
        for n in moved
        for a in range(int(first[n]), int(first[n + 1]))
    )

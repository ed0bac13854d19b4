"""Mirror images: the other parameters under which a latent construct means its opposite and everything else is as it was.

The sign of a latent construct is fixed by its indicators alone. Where these say little, its scores may be turned round, and every
coefficient into and out of it with them, at a small loss of likelihood: the posterior has a second mode, which chains that
started at the first do not reach. The image of a point is found by changing signs; nothing else about it changes, and its
prior density is the same unless a coefficient's prior leans to one side.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.blueprint import Blueprint
from models.structure.layout import ONE

type Mirror = Mapping[str, NDArray[np.float64]]
"""1 or -1 for every element of the parameters that have any -1, by name."""


def mirrors(blueprint: Blueprint) -> dict[str, Mirror]:
    """The mirror of every latent construct whose sign could be the other one, by construct."""
    found = {name: mirror(blueprint, name) for name in blueprint.theory.names}
    return {name: image for name, image in found.items() if image}


def mirror(blueprint: Blueprint, construct: str) -> Mirror:
    """The signs that turn a construct round; empty when it is observed, without arcs, or held by a coefficient of fixed sign."""
    structure, data = blueprint.structure, blueprint.data
    nodes, slopes = len(data["is_given"]), len(blueprint.coords["coefficient"])
    turned = np.ones(nodes)
    mine = [n for n, node in enumerate(structure.nodes) if node.construct == construct]
    turned[mine] = -1.0
    signs, names = np.ones(slopes), {position: name for name, position in structure.slope_index.items()}
    for arc in structure.arcs:
        ends = [arc.target, arc.source, *([arc.moderator] if arc.moderator else [])]
        sign = float(np.prod([turned[structure.index[end]] for end in ends]))
        position = structure.slope_index[arc.slope]
        if sign < 0 and (names[position] == ONE or position >= slopes):
            return {}
        if sign < 0:
            signs[position] = sign
    if (signs > 0).all() or data["is_given"][mine].any():
        return {}
    disturbances = np.ones(len(blueprint.coords["disturbed"]))
    disturbances[data["disturbance_index"][mine]] = -1.0
    found = {"disturbance": disturbances, "slope": signs}
    deviations = next((p for p in blueprint.parameters if p.name == "case_deviation"), None)
    if deviations is not None:
        of_construct = np.array([1.0 - 2.0 * (name == construct) for name in blueprint.coords["construct"]])
        found["case_deviation"] = np.broadcast_to(of_construct, deviations.shape).copy()
    return found

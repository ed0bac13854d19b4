"""Sampling both sides of a construct whose sign its indicators hold only weakly (see ``models.structure.mirrors``).

Chains that agree may all have missed a mirror image. Its share of the posterior is estimated from the draws of the side they
are on, E[p(Tx) / p(x)]; where it matters and chains did not cross over by themselves, the density is folded and sampled again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from models.blueprint import Blueprint
from models.sampling import POINTS, Sampler, sample, without_points
from models.structure.mirrors import Mirror, mirrors

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

    from models.metric import Metric

type Floats = NDArray[np.float64]

WORTH_SEEING = 0.005
"""The share of an image, relative to the side that was sampled, above which it is sampled too. Estimated from one side, shares
are underestimated rather than overestimated: ratios are skewed, and the draws that matter most are rare."""
IN_REFITS = 0.05
"""The same for refits: less moves a probability too little for what a refit decides."""
CROSSED = 0.02
"""Chains that spend at least this share of their draws on the other side have crossed over by themselves."""
LOOKED_AT = 100
"""Draws of a chain whose images are looked at."""
MOST = 3
"""Constructs folded at once: each doubles the cost of a step."""


@dataclass(frozen=True)
class Sides:
    """A trace, the constructs that were sampled together with their mirror image, and the metric of what was sampled."""

    trace: xr.DataTree
    turned: tuple[str, ...]
    metric: Metric


def sample_sides(
    blueprint: Blueprint,
    code: CompiledPyMCModel,
    sampler: Sampler,
    progress: bool = False,
    turned: tuple[str, ...] = (),
    worth: float = WORTH_SEEING,
    concerning: Collection[str] | None = None,
    metric: Metric | None = None,
) -> Sides:
    """Draws of compiled code that has the blueprint's data; sampled again, folded, as long as an image was missed.

    turned : constructs known to need it; worth : the share of an image from which on it is sampled;
    concerning : constructs whose images are looked at, by default all
    metric : of a fit in which the same were ``turned``, in whose units to begin; what is folded after that is tuned anew
    """
    from models.density.folding import fold, unfold

    images = {n: m for n, m in mirrors(blueprint).items() if concerning is None or n in concerning}
    while True:
        folded = fold(code, [images[name] for name in turned]) if turned else None
        target = folded.code if folded else code
        trace = sample(target, sampler, progress, points=True, metric=metric)
        others = {name: image for name, image in images.items() if name not in turned}
        more = missed(target, trace, others, worth)[: MOST - len(turned)]
        if not more:
            break
        turned, metric = (*turned, *more), None
    own = _metric(trace)
    if folded is None:
        return Sides(without_points(trace), (), own)
    return Sides(unfold(folded, trace, np.random.default_rng(sampler.seed)), turned, own)


def _metric(trace: xr.DataTree) -> Metric:
    from models.metric import metric_of

    points = trace["sample_stats"][POINTS].to_numpy()
    return metric_of(points.reshape(-1, points.shape[-1]))


def missed(
    code: CompiledPyMCModel, trace: xr.DataTree, images: Mapping[str, Mirror], worth: float = WORTH_SEEING
) -> tuple[str, ...]:
    """Constructs with an image that matters and that no chain, or not every chain, has visited; the weightiest first."""
    from models.density.folding import flat, log_densities

    points = trace["sample_stats"][POINTS].to_numpy()
    few = points[:, :: max(1, points.shape[1] // LOOKED_AT)]
    here = log_densities(code, few)
    found = {}
    for name, image in images.items():
        signs = flat(code, image)
        share = float(np.exp(log_densities(code, signs * few) - here).mean(axis=1).max())
        if share > worth and not crossed(points[..., signs < 0]):
            found[name] = share
    return tuple(sorted(found, key=lambda name: -found[name])[:MOST])


def crossed(turning: Floats) -> bool:
    """Whether every chain went from one side to the other; ``turning`` (chains, draws, elements) changes sign between them.

    Seen along the direction in which the means of the chains lie farthest from zero, in standard deviations within chains.
    """
    scaled = turning / turning.std(axis=1).mean(axis=0)
    along = scaled @ np.linalg.svd(scaled.mean(axis=1))[2][0]
    other = (along < 0).mean(axis=1)
    return bool((np.minimum(other, 1 - other) > CROSSED).all())

"""The true values of every cell if parameters were true, drawn in causal order: an observed value enters its effects as drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models import families
from models.blueprint import Blueprint
from models.density import predictor
from models.measurement.cells import Block
from models.measurement.columns import Column
from models.simulation.rebuild import Theta, cell_cuts, predict, rebuild, walk
from models.simulation.responses import Responds
from models.structure.steps import step_responses

type Floats = NDArray[np.float64]


def true_values(blueprint: Blueprint, theta: Theta, rng: np.random.Generator) -> dict[str, Floats]:
    """One true value per cell and draw, by block: levels, successes, counts, standardised values.

    Unlike ``rebuild.predict`` alone, which holds observed constructs at what was read, these are drawn too.
    """
    if not blueprint.columns:
        return predict(blueprint, theta, rebuild(blueprint, theta).cells, rng)
    data, structure = blueprint.data, blueprint.structure
    base, slopes = predictor.base_scores(np, theta, data), predictor.all_slopes(np, theta, data)
    without_scores = predictor.cell_predictors(np, theta, data, np.zeros_like(base), np.zeros_like(base))
    drawn = _drawn(blueprint, theta, without_scores, rng)
    columns = [slopes[:, k] for k in range(slopes.shape[1])]
    respond: dict[int, Responds] = {**step_responses(structure, theta, blueprint.steps), **drawn}
    z, eta = walk(structure, [base[:, n] for n in range(base.shape[1])], columns, {}, respond=respond)
    spare = base[:, len(z) :]
    scores, linear = (np.concatenate([np.stack(x, axis=1), spare], axis=1) for x in (z, eta))
    cells = predictor.cell_predictors(np, theta, data, scores, linear)
    found = predict(blueprint, theta, cells, rng)
    for node, value in drawn.items():
        found[value.block.family][:, value.cell] = value.number_at(scores[:, node])
    return found


def _drawn(blueprint: Blueprint, theta: Theta, cells: Floats, rng: np.random.Generator) -> dict[int, Drawn]:
    """What draws the value of every cell of an observed construct, by node."""
    specs, nodes = blueprint.codebook.indicators, len(blueprint.coords["node"])
    found = {}
    for block in blueprint.blocks:
        start = blueprint.slices[block.family].start
        for c, (_, name) in enumerate(block.keys):
            column = blueprint.columns.get(specs[name].measures)
            if column is None:
                continue
            if block.family == "ordinal":
                spread = cell_cuts(blueprint, theta)[:, c]
            elif block.family == "continuous":
                spread = theta["residual_sd"][:, blueprint.data["residual_index"][c]]
            else:
                spread = np.zeros(0)
            node = int(blueprint.data["latent"][start + c]) % nodes
            found[node] = Drawn(column, block, c, cells[:, start + c], spread, rng)
    return found


@dataclass(frozen=True)
class Drawn:
    """The value of one cell of an observed construct, drawn around its linear predictor.

    location : the predictor without causes, shape (samples,); spread : cutpoints (samples, levels - 1), or the sd
    """

    column: Column
    block: Block
    cell: int
    location: Floats
    spread: Floats
    rng: np.random.Generator

    @property
    def trials(self) -> float:
        return float(self.block.trials[self.cell, 0]) if self.column.family == "binomial" else 1.0

    def value(self, eta: Floats) -> Floats:
        linear = self.location + self.column.direction * eta
        return self.column.score(self._draw(linear) / self.trials)

    def _draw(self, linear: Floats) -> Floats:
        match self.column.family:
            case "binary" | "ordinal":
                return families.draw_category(self.rng, linear, self.spread)
            case "binomial":
                return families.draw_binomial(self.rng, linear, np.full(linear.shape, self.trials))
            case "count":
                return families.draw_count(self.rng, linear)
            case _:
                return families.draw_continuous(self.rng, linear, self.spread)

    def number_at(self, score: Floats) -> Floats:
        """The value of the column that has this score, as its block counts it."""
        value = self.column.center + self.column.direction * self.column.spread * score
        return value if self.column.family == "continuous" else np.asarray(np.rint(value * self.trials))

"""Everything the compiled model is made of, as values: nodes and arcs, measurement cells, parameters, and the data arrays.

The same blueprint declares the PyMC model (``compile``), draws from the prior, rebuilds scores from posterior draws
(``rebuild``) and evaluates the log likelihood: one list of parameters, several readers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from data.cases import Observation, Unit
from data.codebook import Codebook
from data.units import counts_of
from models.draft import Draft, Parameter
from models.measurement.cellarrays import cell_data
from models.measurement.cells import Block, Scaling, build_blocks, informative, scalings
from models.measurement.columns import CannotEstimateError, Column, columns_of
from models.measurement.counts import check_counts
from models.measurement.gaps import read_by_effects, with_missing_cells
from models.priors import Priors
from models.structure.known import known_scores
from models.structure.layout import Structure
from models.structure.nodearrays import disturbance_data, node_data
from models.structure.reading import Node
from models.structure.steps import stepped
from models.structure.unrolling import unroll

type Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Room:
    """How many free coefficients and nodes a compiled model has room for, and cells that some other rows may fill.

    gaps : whether any missing level may have effects
    values : whether refits may leave out values of observed constructs, which are parameters then
    """

    slopes: int
    nodes: int
    cells: tuple[tuple[str, str], ...] = ()
    gaps: bool = False
    values: bool = False


def room_for(blueprints: Sequence[Blueprint], values: bool = False) -> Room:
    """Room for the largest of several theories on the same rows."""
    return Room(
        max(sum(not slope.fixed_sign for slope in b.structure.slopes) for b in blueprints),
        max(len(b.structure.nodes) for b in blueprints),
        gaps=any(b.sums_over_gaps for b in blueprints),
        values=values,
    )


@dataclass(frozen=True)
class Blueprint:
    """A theory laid out over units and rows. ``data`` may be swapped after compilation, the rest may not."""

    theory: Theory
    codebook: Codebook
    structure: Structure
    blocks: tuple[Block, ...]
    scaling: Mapping[str, Scaling]
    indicators: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    data: Mapping[str, Array]
    coords: Mapping[str, Sequence[str]]
    unmeasured: tuple[str, ...] = ()
    priors: Priors = field(default_factory=Priors)
    columns: Mapping[str, Column] = field(default_factory=dict)
    """The column of every observed construct that has rows, by construct."""

    @cached_property
    def slices(self) -> dict[str, slice]:
        """Where each block's cells lie in the vector of all cells."""
        ends = np.cumsum([len(block) for block in self.blocks])
        return {b.family: slice(int(e) - len(b), int(e)) for b, e in zip(self.blocks, ends, strict=True)}

    @cached_property
    def steps(self) -> dict[str, Column]:
        """The column of every monotone edge's cause, by the name of the edge's nodes."""
        return stepped(self.theory, self.columns)

    @cached_property
    def known(self) -> Mapping[Node, float]:
        """Scores that rows give."""
        return known_scores(self.structure, self.columns, self.blocks)

    @cached_property
    def rows(self) -> Mapping[str, Observation]:
        """Rows that enter the likelihood, by name."""
        return {row.name: row for block in self.blocks for cell in block.rows for row in cell}

    @cached_property
    def given_rows(self) -> frozenset[str]:
        """Rows that are the value of an observed cause, which its effects read."""
        observed = {node.construct for node in read_by_effects(self.structure)} & self.columns.keys()
        measures = {name: spec.measures for name, spec in self.codebook.indicators.items()}
        return frozenset(name for name, row in self.rows.items() if measures[row.indicator] in observed)

    @property
    def sums_over_gaps(self) -> bool:
        """Whether the likelihood sums over missing levels, few or none as they may be."""
        return "gap_cells" in self.data

    def has(self, name: str) -> bool:
        return any(parameter.name == name for parameter in self.parameters)

    @cached_property
    def cut_sizes(self) -> tuple[int, ...]:
        """The numbers of levels for which a block of scales is estimated."""
        return tuple(int(p.name.removeprefix("category_")) for p in self.parameters if p.name.startswith("category_"))


def data_of(draft: Draft) -> dict[str, Array]:
    """Every array that the compiled model reads."""
    cells = cell_data(draft)
    nodes = node_data(draft, draft.blocks, cells["latent"], draft.known) | disturbance_data(draft)
    return draft.prior_data | nodes | cells


def draw_blueprint(
    theory: Theory,
    codebook: Codebook,
    units: Mapping[str, Unit],
    observations: Sequence[Observation],
    priors: Priors | None = None,
    room: Room | None = None,
) -> Blueprint:
    """Lay a theory and its coded rows out for compilation. Raises CannotEstimateError where there is nothing to estimate.

    room : sizes to pad to, so that theories of several sizes share one compiled model
    """
    priors = priors or Priors()
    rows = informative(observations)
    if not rows:
        raise CannotEstimateError(
            "no observation enters the likelihood: every row is blank or a summary. Code at least one row."
        )
    counts = counts_of(units)
    scaling = scalings(codebook, observations, counts)
    blocks = build_blocks(codebook, observations, scaling, room.cells if room else ())
    used = {row.indicator for row in rows}
    check_counts(theory, codebook, counts, blocks)
    indicators = tuple(name for name in codebook.indicators if name in used)
    measured = {codebook.indicators[name].measures for name in indicators}
    unmeasured = tuple(name for name in theory.names if name not in measured)
    structure = unroll(theory, units, unmeasured)
    if room:
        spare = room.slopes - sum(not slope.fixed_sign for slope in structure.slopes)
        nodes = room.nodes - len(structure.nodes)
        structure = replace(
            structure, spare_slopes=spare, spare_nodes=nodes, every_gap=room.gaps, every_value=room.values
        )
    columns = columns_of(theory, codebook, blocks, counts)
    blocks = with_missing_cells(blocks, codebook, structure, columns)
    draft = Draft(theory, codebook, units, structure, blocks, scaling, indicators, priors, columns)
    return Blueprint(
        theory,
        codebook,
        structure,
        blocks,
        scaling,
        indicators,
        draft.parameters,
        data_of(draft),
        draft.coords,
        unmeasured,
        priors,
        draft.columns,
    )

"""Refits of a study with an edge that its theory forbids, and studies simulated with and without it.

The theory and all its extensions by one edge have room for as many coefficients, so that they differ in data only and one
compiled model serves them all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from causal.implications import Independence, implied_independences
from causal.theory import Edge, Theory
from data.cases import Observation, Unit
from models.blueprint import Blueprint, draw_blueprint, room_for
from models.evidence.rivals import shape_of
from models.metric import Metric, metric_for, metric_of, points_of
from models.refitting.pool import Pool, spread
from models.sampling import Sampler, swap
from models.sides import IN_REFITS, sample_sides
from models.simulation.rebuild import Theta, slope_columns, theta_of
from models.simulation.replicates import replicate, transferred
from models.simulation.simulate import reread
from models.structure.layout import Structure
from models.structure.reading import top_kind
from models.structure.unrolling import unroll
from models.study import Study

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]
type Rows = tuple[Observation, ...]

SAMPLER = Sampler(draws=300, tune=300, chains=2, cores=1)


@dataclass(frozen=True)
class Extended:
    """A theory with one forbidden edge: its blueprint and the coefficient of that edge."""

    blueprint: Blueprint
    coefficient: str


@dataclass(frozen=True)
class Bench:
    """A compiled study on which the edges that its theory forbids can be tried.

    plain : the theory as it is; extended : with the edge that each independence forbids
    """

    units: Mapping[str, Unit]
    rows: Rows
    plain: Blueprint
    extended: Mapping[Independence, Extended]
    code: CompiledPyMCModel
    sampler: Sampler
    pool: Pool

    @cached_property
    def fitted(self) -> Theta:
        """Posterior draws of the theory as it is, without the edges it forbids."""
        return self._sampled(self.plain, self.sampler.seed, None, None)

    def refit(self, independence: Independence, studies: Sequence[Rows]) -> list[Floats]:
        """Draws of the forbidden coefficient given each of several sets of rows, in their order."""
        start = self.start(independence)
        tasks = [(self, independence, start, i, rows) for i, rows in enumerate(studies)]
        found = dict(spread(self.pool, _refit_one, tasks))
        return [found[i] for i in range(len(studies))]

    def simulate(self, independence: Independence, edge: float, seed: int) -> Rows:
        """The study's rows as the fitted theory would have made them, had the forbidden coefficient been ``edge``."""
        rng = np.random.default_rng(seed)
        extended, draw = self.extended[independence], int(rng.integers(len(self.fitted["disturbance"])))
        theta = transferred(self.fitted, self.plain, extended.blueprint)
        return replicate(extended.blueprint, theta, draw, {extended.coefficient: edge}, rng)

    def start(self, independence: Independence) -> Metric:
        """Where refits with the edge begin: as the theory without it was fitted."""
        return metric_for(self.extended[independence].blueprint, self.plain, self._known, self.sampler.seed)

    @cached_property
    def _known(self) -> Metric:
        return metric_of(points_of(self.plain, self.fitted))

    def _sampled(
        self, blueprint: Blueprint, seed: int, concerning: Collection[str] | None, metric: Metric | None
    ) -> Theta:
        code, sampler = swap(self.code, blueprint.data), replace(self.sampler, seed=seed)
        sides = sample_sides(blueprint, code, sampler, worth=IN_REFITS, concerning=concerning, metric=metric)
        return theta_of(blueprint, sides.trace["posterior"].to_dataset())


def _refit_one(bench: Bench, independence: Independence, start: Metric, place: int, rows: Rows) -> tuple[int, Floats]:
    extended = bench.extended[independence]
    blueprint = reread(extended.blueprint, bench.units, rows)
    ends = (independence.a, independence.b)  # any other construct turned round leaves the coefficient as it is
    theta = bench._sampled(blueprint, bench.sampler.seed + place, ends, start)
    return place, slope_columns(blueprint, theta)[extended.coefficient]


def claimed(theory: Theory, unmeasured: Iterable[str]) -> tuple[Independence, ...]:
    """The independences among measured constructs that edges of the theory touch: one it does not speak of claims nothing."""
    touched = {end for edge in theory.edges for end in (edge.cause, edge.effect)}
    return implied_independences(theory, frozenset(touched) - frozenset(unmeasured))


def open_bench(
    study: Study, independences: Sequence[Independence], sampler: Sampler = SAMPLER, pool: Pool | None = None
) -> Bench:
    """Lay out and compile a study's theory with room for one more edge.

    Independences between constructs of which neither can read the other (a score inside a unit is no cause of the unit's)
    are left out of ``extended``.
    """
    from models.compile import machine_code, pymc_model

    cases, codebook = study.cases, study.codebook

    def lay_out(theory: Theory, like: Sequence[Blueprint] = ()) -> Blueprint:
        room = room_for(like) if like else None
        return draw_blueprint(theory, codebook, cases.units, cases.observations, room=room)

    edges = {i: forbidden_edge(study.theory, cases.units, study.unmeasured, i) for i in independences}
    theories = {i: _with(study.theory, edge) for i, edge in edges.items() if edge}
    sizes = [lay_out(theory) for theory in (study.theory, *theories.values())]
    plain = lay_out(study.theory, sizes)
    extended = {i: _extended(study, lay_out(theory, sizes)) for i, theory in theories.items()}
    assert all(shape_of(e.blueprint) == shape_of(plain) for e in extended.values()), "an edge changes data only"
    rows = tuple(row for block in plain.blocks for cell in block.rows for row in cell)
    return Bench(
        cases.units, rows, plain, extended, machine_code(pymc_model(plain)), sampler, pool or Pool()
    )  # fmt: skip


def forbidden_edge(
    theory: Theory, units: Mapping[str, Unit], unmeasured: Sequence[str], independence: Independence
) -> Edge | None:
    """The edge between the two that the theory forbids, in its causal order if the effect's units can read the cause."""
    for cause, effect in ((independence.a, independence.b), (independence.b, independence.a)):
        edge = Edge(cause, effect)
        extended = _with(theory, edge)
        if nx.is_directed_acyclic_graph(extended.graph) and _slopes(extended, unroll(extended, units, unmeasured)):
            return edge
    return None


def _with(theory: Theory, edge: Edge) -> Theory:
    return replace(theory, edges=(*theory.edges, edge))


def _slopes(theory: Theory, structure: Structure) -> list[tuple[str, tuple[str, ...]]]:
    """Coefficients of a theory's last edge, with the kinds of unit on which each holds."""
    return [(s.name, s.kinds) for s in structure.slopes if s.edge == len(theory.edges) - 1]


def _extended(study: Study, blueprint: Blueprint) -> Extended:
    """The forbidden coefficient is that of the outermost kind of unit on which the effect varies, if that reads the cause."""
    slopes = _slopes(blueprint.theory, blueprint.structure)
    kind = top_kind(blueprint.theory, blueprint.theory.edges[-1].effect, study.cases.units)
    name = next((name for name, kinds in slopes if kind in kinds), slopes[0][0])
    return Extended(blueprint, name)

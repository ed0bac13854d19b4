"""A study laid out for refutation: what a test alters, what it is calibrated against, and the compiled models it shares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import CycleError
from typing import Literal

import numpy as np

from causal.hypotheses import Hypothesis
from causal.refute import Must, Test
from causal.theory import Confounded, Edge, Theory
from data.cases import Observation
from models.blueprint import Array, Blueprint, Room, draw_blueprint, room_for
from models.evidence.without import removable
from models.measurement.recode import cells_for, recoded
from models.refitting.refits import Job, seed_of
from models.structure.slopes import hidden_name
from models.study import Study

type Rows = Sequence[Observation]
type Rng = np.random.Generator
type Alter = Callable[[Rows, Rng], Altered]
type Layout = Literal["plain", "wide", "hidden"]
"""The theory with cells for moved rows of the cause; with cells for every row at every unit; with a hidden common cause."""


@dataclass(frozen=True)
class Altered:
    """What a refit reads: rows, another theory of the same shape, arrays set by hand."""

    rows: Rows
    blueprint: Blueprint | None = None
    arrays: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class Alteration:
    """A test with the ways in which it alters the data; more than one where it is repeated at random."""

    test: Test
    ways: tuple[Alter, ...]


@dataclass(frozen=True)
class Family:
    """Tests that share their calibration.

    worry : coefficients, by name, of a world in which the worry is right; ``source`` is the blueprint that has them
    layout : what altered rows are read by
    """

    key: str
    must: Must
    alterations: tuple[Alteration, ...]
    worry: Mapping[str, float]
    source: Blueprint
    layout: Layout = "plain"


@dataclass(frozen=True)
class Bench:
    """A study and the hypothesis to be refuted, laid out with the room that its tests need and little more.

    An empty cell costs as much as any other, and one of an indicator with noise adds a parameter; machine code is the same.
    """

    study: Study
    hypothesis: Hypothesis

    @property
    def cause(self) -> str:
        return self.hypothesis.claim.queries[0].cause

    @property
    def effect(self) -> str:
        return self.hypothesis.claim.queries[0].effect

    @property
    def rows(self) -> tuple[Observation, ...]:
        return self.study.cases.observations

    def removable(self, rows: frozenset[str]) -> frozenset[str]:
        """Of some rows, those that can be left out together."""
        return removable(self.plain, rows)

    def lay_out(self, theory: Theory, room: Room | None = None) -> Blueprint:
        """A theory on the study's rows."""
        study = self.study
        return draw_blueprint(theory, study.codebook, study.cases.units, self.rows, room=room)

    def indicators(self, *constructs: str) -> frozenset[str]:
        """Indicators of constructs, of all when none is named."""
        return frozenset(
            name
            for name, spec in self.study.codebook.indicators.items()
            if not constructs or spec.measures in constructs
        )

    def room_in(self, theory: Theory, moved: Collection[str] = ()) -> Room:
        """Room for the rows of some indicators at every unit of the kinds on which they can stand."""
        cells = cells_for(theory, self.study.codebook, self.study.cases.units, self.rows, moved)
        return replace(room_for([self.lay_out(theory)], values=True), cells=cells, gaps=True)

    @cached_property
    def room(self) -> Room:
        """Room around the study's theory for moved rows of the cause."""
        return self.room_in(self.study.theory, self.indicators(self.cause))

    @cached_property
    def plain(self) -> Blueprint:
        """The study's theory."""
        return self.lay_out(self.study.theory, self.room)

    @cached_property
    def wide(self) -> Blueprint:
        """The study's theory with room for every row at every unit."""
        return self.lay_out(self.study.theory, self.room_in(self.study.theory, self.indicators()))

    @cached_property
    def hidden(self) -> Blueprint:
        """The study's theory with an unmeasured common cause of cause and effect."""
        theory = with_common_cause(self.study.theory, self.cause, self.effect)
        return self.lay_out(theory, self.room_in(theory))

    def laid_out(self, layout: Layout) -> Blueprint:
        """The blueprint of a layout."""
        if layout == "plain":
            return self.plain
        return self.wide if layout == "wide" else self.hidden

    def with_edges(self, edges: Sequence[Edge]) -> Blueprint | None:
        """The study's theory with other edges, when it is a theory and the compiled model has room for it."""
        try:
            drawn = self.lay_out(replace(self.study.theory, edges=tuple(edges)), self.room)
        except CycleError:
            return None
        same = [(p.name, p.shape) for p in drawn.parameters] == [(p.name, p.shape) for p in self.plain.parameters]
        return drawn if same and drawn.structure.spare_slopes >= 0 else None

    @property
    def hidden_cause(self) -> str:
        """Name of the unmeasured common cause in ``hidden``."""
        pairs = self.hidden.theory.confounded
        return next(hidden_name(p.between) for p in pairs if set(p.between) == {self.cause, self.effect})

    def job(self, name: str, seed: int, family: Family, altered: Altered) -> Job:
        """A refit of altered data."""
        blueprint = altered.blueprint or self.laid_out(family.layout)
        return Job(
            name, seed_of(seed, name), recoded(blueprint, altered.rows) | dict(altered.arrays), altered.blueprint
        )


def with_common_cause(theory: Theory, a: str, b: str) -> Theory:
    """The theory admitting an unmeasured common cause of a and b."""
    if any(set(pair.between) == {a, b} for pair in theory.confounded):
        return theory
    return replace(theory, confounded=(*theory.confounded, Confounded((a, b))))

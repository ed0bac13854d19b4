"""A case nobody has seen, and its worlds: what each of its scores would be when constructs are set.

Its case component is drawn from the fitted distribution, its disturbances are fresh (``drawing``): an effect computed on it is an
effect for a new case, with common random numbers in the worlds compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from data.cases import Unit
from models.measurement.columns import Column, away
from models.simulation.rebuild import walk
from models.simulation.responses import Levels, Response
from models.structure.layout import Structure
from models.structure.reading import Node, top_kind

type Floats = NDArray[np.float64]
type World = tuple[list[Floats], list[Floats]]
"""Scores and linear predictors, one array per node."""
type Read = Callable[[World, int], Floats]
"""How the outcome, a node, is read in a world."""
type Setting = tuple[tuple[str, float], ...]
"""Which constructs are set, and at how many of their marginal standard deviations from the mean."""

MOST_BETWEEN = 16
"""Joint values of observed levels between cause and outcome that are summed over."""

PART = 32768
"""Numbers per node that are worked on at once: 256 kB."""


@dataclass(frozen=True)
class Disturbance:
    """What a score of a new case is besides its causes: location + scale * fresh noise + case_scale * its case's noise.

    Arrays have shape (samples, 1); ``case`` is the column of the case's noise.
    """

    location: Floats
    scale: Floats
    case_scale: Floats
    case: int

    def __getitem__(self, part: slice) -> Disturbance:
        return Disturbance(self.location[part], self.scale[part], self.case_scale[part], self.case)


@dataclass(frozen=True)
class NewCase:
    """Draws of a new case. Arrays per node have shape (samples, replicates); the last period is where outcomes are read.

    A part of the draws keeps every world it has computed, so that queries about one cause share them; a whole of several parts
    never lays itself out, and is worked through part by part.
    """

    theory: Theory
    units: Mapping[str, Unit]
    structure: Structure
    slopes: list[Floats]
    disturbances: list[Disturbance]
    noise: Floats
    """Standard normal, shape (replicates, nodes + constructs): shared by all draws."""
    respond: Mapping[int, Response] = field(default_factory=dict)
    columns: Mapping[str, Column] = field(default_factory=dict)

    @property
    def samples(self) -> int:
        return len(self.slopes[-1])

    @property
    def of_a_part(self) -> int:
        """The draws of one part."""
        return max(1, PART // len(self.noise))

    def parts(self) -> Iterator[tuple[slice, NewCase]]:
        """The draws in parts so small that an array per node stays in the processor's cache."""
        for start in range(0, self.samples, self.of_a_part):
            part = slice(start, start + self.of_a_part)
            slopes, disturbances = [s[part] for s in self.slopes], [d[part] for d in self.disturbances]
            respond = {n: response[part] for n, response in self.respond.items()}
            yield part, replace(self, slopes=slopes, disturbances=disturbances, respond=respond)

    @cached_property
    def base(self) -> list[Floats]:
        """Scores that have no causes yet, one array per node."""
        shape = (self.samples, len(self.noise))
        values = []
        for n, d in enumerate(self.disturbances):
            own, shared = self.noise[None, :, n], self.noise[None, :, d.case]
            values.append(np.broadcast_to(d.location + d.scale * own + d.case_scale * shared, shape))
        return values

    @cached_property
    def natural(self) -> World:
        """Scores and linear predictors when nothing is set, of the nodes that are read."""
        return walk(self.structure, self.base, self.slopes, {}, self.readable, (self.base, self.base), self.respond)

    @cached_property
    def mean_base(self) -> list[Floats]:
        """Means over replicates of scores that have no causes yet, shape (samples, 1) per node."""
        return [z.mean(axis=1, keepdims=True) for z in self.base]

    @cached_property
    def mean_natural(self) -> World:
        """Means over replicates when nothing is set, shape (samples, 1) per node."""
        scores, linear = self.natural
        return [z.mean(axis=1, keepdims=True) for z in scores], [eta.mean(axis=1, keepdims=True) for eta in linear]

    @cached_property
    def sds(self) -> dict[str, Floats]:
        """Marginal standard deviation of every construct over new cases, per draw, shape (samples, 1)."""
        if self.samples <= self.of_a_part:
            return {v: self.spread(self.outcome(v)) for v in self.theory.names}
        spreads = [part.sds for _, part in self.parts()]
        return {v: np.concatenate([spread[v] for spread in spreads]) for v in self.theory.names}

    def spread(self, n: int) -> Floats:
        """Standard deviation of a node over replicates; of an observed one, with that of its disturbance in closed form."""
        if n not in self.respond:
            return self.natural[0][n].std(axis=1, keepdims=True)
        response, eta = self.respond[n], self.natural[1][n]
        within = response.variance(eta).mean(axis=1, keepdims=True)
        return np.asarray(np.sqrt(within + response.expected(eta).var(axis=1, keepdims=True)))

    def sd(self, construct: str) -> Floats:
        """Marginal standard deviation of a construct, shape (samples, 1)."""
        return self.sds[construct]

    @cached_property
    def tops(self) -> dict[str, str]:
        """The outermost kind of unit that has a score of each construct."""
        return {construct: top_kind(self.theory, construct, self.units) for construct in self.theory.names}

    @cached_property
    def targets(self) -> dict[str, list[int]]:
        """The nodes at which each construct is set: its outermost kind, in every period."""
        found: dict[str, list[int]] = {construct: [] for construct in self.theory.names}
        for n, node in enumerate(self.structure.nodes):
            if node.construct in found and not node.start and self.units[node.unit].kind == self.tops[node.construct]:
                found[node.construct].append(n)
        return found

    def outcome(self, construct: str) -> int:
        """The node at which an outcome is read: the last period's."""
        last = max(int(u.name.rpartition(" ")[2]) for u in self.units.values())
        return self.structure.index[Node(f"{self.tops[construct]} {last}", construct)]

    def given(self, setting: Setting, wanted: int | None = None) -> dict[int, Floats]:
        """The value of every node at which a construct is set, in its own marginal sds; the same in all replicates.

        wanted : a node that is not set, whatever its construct is set to elsewhere
        """
        return {
            n: np.asarray(away(self.columns.get(construct), self.sd(construct), step))
            for construct, step in setting
            for n in self.targets[construct]
            if n != wanted
        }

    def world(self, setting: Setting, wanted: int | None = None) -> World:
        """Every node that is read under do(construct = step) for each entry of ``setting``, held over all periods.

        wanted : the one node that will be read, if only one will; it is not set, whatever its construct is set to in earlier
            periods, and the others are then not those of this world
        """
        key = (setting, wanted)
        if key not in self._worlds:
            given = self.given(setting, wanted)
            needed = self.readable if wanted is None else self.structure.needed_for(wanted, frozenset(given))
            moved = self.structure.reached_from(frozenset(given)) & needed
            self._worlds[key] = walk(self.structure, self.base, self.slopes, given, moved, self.natural, self.respond)
        return self._worlds[key]

    @cached_property
    def readable(self) -> frozenset[int]:
        """The nodes at which some outcome is read, and those that these depend on: no scores inside other units, as a rule."""
        outcomes = (self.outcome(v) for v in self.theory.names)
        return frozenset[int]().union(*(self.structure.needed_for(n, frozenset()) for n in outcomes))

    @cached_property
    def _worlds(self) -> dict[tuple[Setting, int | None], World]:
        return {}

    def score(self, world: World, outcome: int) -> Floats:
        """The outcome in a world; an observed level, share or count by its mean over disturbances."""
        scores, linear = world
        return self.respond[outcome].expected(linear[outcome]) if outcome in self.respond else scores[outcome]

    def chance(self, world: World, outcome: int) -> Floats:
        """The outcome in a world; an observed level or share by the chance of its best value."""
        best = self.respond[outcome].best(world[1][outcome]) if outcome in self.respond else None
        return self.score(world, outcome) if best is None else best

    def mean_outcome(self, setting: Setting, outcome: int, read: Read) -> Floats:
        """The outcome under a setting, its mean over the levels that observed constructs between would have.

        Summed exactly where these have at most MOST_BETWEEN joint values (an effect so small that no drawn level changes is still
        not 0); as drawn where they have more.
        """
        given = self.given(setting)
        between = self._between(frozenset(given), outcome)
        if not 1 < np.prod([levels.column.levels for levels in between.values()], dtype=float) <= MOST_BETWEEN:
            return read(self.world(setting), outcome)
        moved = self.structure.reached_from(frozenset(given)) & self.structure.needed_for(outcome, frozenset(given))
        total = np.zeros((self.samples, len(self.noise)))
        for values in product(*(range(levels.column.levels) for levels in between.values())):
            chosen = dict(zip(between, values, strict=True))
            fixed = {n: np.full((self.samples, 1), between[n].column.score(float(v))) for n, v in chosen.items()}
            world = walk(self.structure, self.base, self.slopes, given | fixed, moved, self.natural, self.respond)
            weight = np.prod([between[n].chance(world[1][n], v) for n, v in chosen.items()], axis=0)
            total += weight * read(world, outcome)
        return total

    def _between(self, given: frozenset[int], outcome: int) -> dict[int, Levels]:
        """The observed levels through which what is set reaches the outcome."""
        on_the_way = self.structure.reached_from(given) & self.structure.needed_for(outcome, given) - {outcome}
        found = {n: self.respond[n] for n in sorted(on_the_way) if n in self.respond}
        return {n: response for n, response in found.items() if isinstance(response, Levels)}

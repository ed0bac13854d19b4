"""Rival theories on one compiled model: theories of one shape differ only in data, so the machine code is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from models.blueprint import Blueprint, draw_blueprint, room_for
from models.evidence.marginal import AtWeights, Climb, LogEvidence, averaged, beyond, schedule, stepping_stone
from models.evidence.scales import SCALES, climb_scales
from models.refitting.checkpoints import Checkpoints
from models.refitting.digests import code_version, digest
from models.refitting.pool import Pool, spread
from models.sampling import Sampler, swap
from models.sides import sample_sides
from models.simulation.rebuild import log_likelihood, prior_theta, rebuild, theta_of
from models.study import Study

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]
type Watch = Callable[[str, int], AbstractContextManager[Callable[[str], None]]]
"""A heading and a number of pieces of work to what is told of each as it is done."""

PRIOR_DRAWS = 2000
"""Draws of the prior at the foot of a path: they cost no sampler."""

STEP_SAMPLER = Sampler(draws=300, tune=200, chains=1, target_accept=0.8)


@dataclass(frozen=True)
class Effort:
    """How much to spend on each theory: steps of the two paths, the sampler of each step, and seeds to repeat with.

    scales : factors on the prior scale of every coefficient under which theories are compared; 1 must be among them
    """

    steps: int = 10
    case_steps: int = 4
    sampler: Sampler = STEP_SAMPLER
    seeds: tuple[int, ...] = (1, 2)
    scales: tuple[float, ...] = SCALES


@dataclass(frozen=True)
class Scored:
    """A theory's log marginal likelihood and its predictive score of each case given the others.

    by_scale : the log marginal likelihood with the prior scale of every coefficient multiplied by a factor, by the factor
    """

    theory: Theory
    blueprint: Blueprint
    evidence: LogEvidence
    held_out: Mapping[str, LogEvidence]
    by_scale: Mapping[float, LogEvidence] = field(default_factory=dict)


def blueprints(study: Study) -> dict[str, Blueprint]:
    """Every theory of the study laid out on the same rows, with room for the largest."""
    cases = study.cases

    def lay_out(theory: Theory) -> Blueprint:
        return draw_blueprint(theory, study.codebook, cases.units, cases.observations)

    room = room_for([lay_out(theory) for theory in study.theories.values()])
    return {
        name: draw_blueprint(theory, study.codebook, cases.units, cases.observations, room=room)
        for name, theory in study.theories.items()
    }


def shape_of(blueprint: Blueprint) -> tuple[object, ...]:
    """What two blueprints must share to share machine code."""
    cells = tuple((b.family, len(b)) for b in blueprint.blocks)
    return (*((p.name, p.shape, p.prior) for p in blueprint.parameters), *cells, blueprint.sums_over_gaps)


def score_theories(
    study: Study,
    effort: Effort,
    say: Callable[[str], None],
    pool: Pool | None = None,
    checkpoints: Checkpoints | None = None,
    watch: Watch = lambda _heading, _total: nullcontext(lambda _name: None),
) -> dict[str, Scored]:
    """Score every theory; compiles once for each shape of model and climbs the paths side by side.

    watch : told of every path as it is climbed
    """
    laid_out = blueprints(study)
    tasks = list(_tasks(laid_out, study, effort, say))
    found: dict[tuple[str, str], list[Climb]] = {}
    with watch("scoring theories", len(tasks)) as tell:
        for path, climbs in _climbed(tasks, effort, pool or Pool(), checkpoints):
            tell(f"{path.theory}, {path.what}")
            for what, climbed in climbs.items():
                found.setdefault((path.theory, what), []).append(climbed)
    return {name: _scored(name, blueprint, study, effort, found) for name, blueprint in laid_out.items()}


@dataclass(frozen=True, slots=True)
class Route:
    """What is climbed for one theory with one seed: all rows, one case's rows, or the scales of its prior."""

    theory: str
    what: str
    seed: int


@dataclass(frozen=True, slots=True)
class Kept:
    """The climbs of a path, as they are kept when work is interrupted."""

    climbs: Mapping[str, Climb]


ALL_ROWS, PRIOR_SCALES = "all rows", "prior scales"


def _tasks(
    laid_out: Mapping[str, Blueprint], study: Study, effort: Effort, say: Callable[[str], None]
) -> Iterator[tuple[Route, Blueprint, CompiledPyMCModel, Mapping[str, str]]]:
    from models.compile import machine_code, pymc_model

    compiled: dict[tuple[object, ...], CompiledPyMCModel] = {}
    case_of = {name: unit.case for name, unit in study.cases.units.items()}
    for name, blueprint in laid_out.items():
        shape = shape_of(blueprint)
        if shape not in compiled:
            say(f"compiling for {name}")
            compiled[shape] = machine_code(pymc_model(blueprint))
        for seed in effort.seeds:
            for what in (ALL_ROWS, *map(_held_out, study.cases.cases), PRIOR_SCALES):
                yield Route(name, what, seed), blueprint, compiled[shape], case_of


def _held_out(case: str) -> str:
    return f"held out: {case}"


def _climbed(
    tasks: Sequence[tuple[Route, Blueprint, CompiledPyMCModel, Mapping[str, str]]],
    effort: Effort,
    pool: Pool,
    checkpoints: Checkpoints | None,
) -> Iterator[tuple[Route, Mapping[str, Climb]]]:
    """The climbs of every path as they are done; those kept from an interrupted run first. Machine code stays in the process."""
    waiting, settings = [], replace(effort, seeds=())
    for path, blueprint, *rest in tasks:
        content = (blueprint.data, blueprint.parameters, blueprint.theory)
        key = digest(code_version(), *content, settings, path) if checkpoints else ""
        kept = checkpoints.load(key, Kept) if checkpoints else None
        if kept:
            yield path, kept.climbs
        else:
            waiting.append((key, path, blueprint, *rest, effort))
    for key, path, climbs in spread(Pool(threads=pool.threads), _climb, waiting):
        if checkpoints:
            checkpoints.save(key, Kept(climbs))
        yield path, climbs


def _climb(
    key: str,
    path: Route,
    blueprint: Blueprint,
    code: CompiledPyMCModel,
    case_of: Mapping[str, str],
    effort: Effort,
) -> tuple[str, Route, dict[str, Climb]]:
    if path.what == PRIOR_SCALES:
        found = climb_scales(blueprint, code, effort.scales, effort.sampler, path.seed)
        return key, path, {f"{scale:g}": climbed for scale, climbed in found.items()}
    at = at_weights(blueprint, code, effort.sampler)
    everything = np.ones(len(blueprint.coords["cell"]))
    start, steps = 0 * everything, effort.steps
    if path.what != ALL_ROWS:
        start = np.array([float(path.what != _held_out(case_of[unit])) for unit in cell_units(blueprint)])
        steps = effort.case_steps
    return key, path, {path.what: stepping_stone(at, start, everything, schedule(steps), path.seed)}


def _scored(
    name: str, blueprint: Blueprint, study: Study, effort: Effort, found: Mapping[tuple[str, str], Sequence[Climb]]
) -> Scored:
    def of(what: str) -> LogEvidence:
        return averaged(found[name, what])

    evidence = of(ALL_ROWS)
    by_scale = {scale: beyond(evidence, of(f"{scale:g}")) for scale in effort.scales}
    held_out = {case: of(_held_out(case)) for case in study.cases.cases}
    return Scored(blueprint.theory, blueprint, evidence, held_out, by_scale)


def cell_units(blueprint: Blueprint) -> list[str]:
    """The unit of every cell, in the order of the vector of cells."""
    return [unit for block in blueprint.blocks for unit, _ in block.keys]


def at_weights(blueprint: Blueprint, code: CompiledPyMCModel, sampler: Sampler) -> AtWeights:
    """The sampling function of a blueprint: weights and seed to log likelihoods per cell. Weights of 0 need no sampler."""

    def at(weights: Floats, seed: int) -> Floats:
        if not weights.any():
            shape = (1, PRIOR_DRAWS)
            theta = prior_theta(blueprint, PRIOR_DRAWS, np.random.default_rng(seed))
        else:
            shape = (sampler.chains, sampler.draws)
            data = dict(blueprint.data) | {"cell_weight": weights}
            trace = sample_sides(blueprint, swap(code, data), replace(sampler, seed=seed, cores=1)).trace
            theta = theta_of(blueprint, trace["posterior"].to_dataset())
        values = log_likelihood(blueprint, theta, rebuild(blueprint, theta).cells)
        cells = np.concatenate([values[block.family] for block in blueprint.blocks], axis=1)
        return cells.reshape((*shape, -1))

    return at


def best_first(scored: Mapping[str, Scored]) -> Sequence[str]:
    """Names of theories from the highest marginal likelihood to the lowest."""
    return sorted(scored, key=lambda name: -scored[name].evidence.value)

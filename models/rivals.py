"""Rival theories on one compiled model: theories of one shape differ only in data, so the machine code is shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from causal.theory import Theory
from models.blueprint import Blueprint, draw_blueprint, room_for
from models.evidence import AtWeights, LogEvidence, schedule, stepping_stone
from models.rebuild import log_likelihood, prior_theta, rebuild, theta_of
from models.sampling import Sampler, sample, swap
from models.study import Study

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]


STEP_SAMPLER = Sampler(draws=250, tune=250, chains=2, target_accept=0.9)


@dataclass(frozen=True)
class Effort:
    """How much to spend on each theory: steps of the two paths, the sampler of each step, and seeds to repeat with."""

    steps: int = 12
    case_steps: int = 6
    sampler: Sampler = STEP_SAMPLER
    seeds: tuple[int, ...] = (1, 2)


@dataclass(frozen=True)
class Scored:
    """A theory's log marginal likelihood and its predictive score of each case given the others."""

    theory: Theory
    blueprint: Blueprint
    evidence: LogEvidence
    held_out: Mapping[str, LogEvidence]


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
    return tuple((p.name, p.shape, p.prior) for p in blueprint.parameters) + tuple(b.family for b in blueprint.blocks)


def score_theories(study: Study, effort: Effort, say: Callable[[str], None]) -> dict[str, Scored]:
    """Score every theory; compiles once for each shape of model."""
    from models.compile import machine_code, pymc_model

    compiled: dict[tuple[object, ...], CompiledPyMCModel] = {}
    found = {}
    for name, blueprint in blueprints(study).items():
        shape = shape_of(blueprint)
        if shape not in compiled:
            say(f"compiling for {name}")
            compiled[shape] = machine_code(pymc_model(blueprint))
        say(f"scoring {name}")
        found[name] = score(blueprint, study, compiled[shape], effort)
    return found


def score(blueprint: Blueprint, study: Study, code: CompiledPyMCModel, effort: Effort) -> Scored:
    """Log marginal likelihood and held-out scores of one theory from compiled code of its shape."""
    at = at_weights(blueprint, code, effort.sampler)
    everything = np.ones(len(blueprint.coords["cell"]))
    evidence = stepping_stone(at, 0 * everything, everything, schedule(effort.steps), effort.seeds)
    held_out = {}
    for case in study.cases.cases:
        without = np.array([0.0 if study.cases.units[unit].case == case else 1.0 for unit in cell_units(blueprint)])
        held_out[case] = stepping_stone(at, without, everything, schedule(effort.case_steps), effort.seeds)
    return Scored(blueprint.theory, blueprint, evidence, held_out)


def cell_units(blueprint: Blueprint) -> list[str]:
    """The unit of every cell, in the order of the vector of cells."""
    return [unit for block in blueprint.blocks for unit, _ in block.keys]


def at_weights(blueprint: Blueprint, code: CompiledPyMCModel, sampler: Sampler) -> AtWeights:
    """The sampling function of a blueprint: weights and seed to log likelihoods per cell. Weights of 0 need no sampler."""

    def at(weights: Floats, seed: int) -> Floats:
        effort = replace(sampler, seed=seed)
        if not weights.any():
            draws = sampler.chains * sampler.draws
            theta = prior_theta(blueprint, draws, np.random.default_rng(seed))
        else:
            data = dict(blueprint.data) | {"cell_weight": weights}
            trace = sample(swap(code, data), effort)
            theta = theta_of(blueprint, trace["posterior"].to_dataset())
        values = log_likelihood(blueprint, theta, rebuild(blueprint, theta).cells)
        cells = np.concatenate([values[block.family] for block in blueprint.blocks], axis=1)
        return cells.reshape((sampler.chains, sampler.draws, -1))

    return at


def best_first(scored: Mapping[str, Scored]) -> Sequence[str]:
    """Names of theories from the highest marginal likelihood to the lowest."""
    return sorted(scored, key=lambda name: -scored[name].evidence.value)

"""Simulation-based calibration of the whole compiled model (Talts, Betancourt, Simpson, Vehtari and Gelman 2018).

Parameters are drawn from the prior, rows from the parameters, and the model is fitted to the rows. If model, prior draws, readers
and sampler agree, the rank of every true quantity among its posterior draws is uniform, and claims that are given probability
p hold in a share p of the simulations. One compilation per design and size; data are swapped. Simulations already in the file
of a design are kept, so that the script resumes where it stopped. Written up in docs/validation.md.

    python -m benchmarks.calibration               everything in PLAN, some hours of one core
    python -m benchmarks.calibration chain 9 200   one design at one size
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.checkpoints import RESULTS, append, left_to_do
from benchmarks.designs import DESIGNS, Design
from causal.claims import gaps
from causal.judgement import judge
from causal.query import Claim
from models.blueprint import Blueprint
from models.effects.interventions import Laboratory, on_rating_scale, open_laboratory, standardised
from models.sampling import Sampler, sample, swap
from models.simulation.rebuild import Theta, log_likelihood, prior_theta, rebuild, theta_of
from models.simulation.simulate import reread, simulate_rows

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]

RANKED = ("slope", "signed_slope", "case_sd", "kind_sd", "residual_sd", "loading", "shift")
"""Parameters of which every element is ranked; of the others one."""

SAMPLER = Sampler(draws=120, tune=160, chains=2, target_accept=0.8, cores=1)
LONG = Sampler(draws=600, tune=600, chains=2, target_accept=0.9, cores=1)
"""For 200 units and their thousand parameters: with the draws of few units the chains disagreed (R-hat 1.1 to 1.7)."""

PLAN = {9: 200, 30: 200, 200: 20}
"""Simulations of each design by number of units."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Draws are few, as a rank needs few: of two chains of 120 every fourth is kept, so that ranks run from 0 to 60."""

    sampler: Sampler = SAMPLER
    prior_draws: int = 4000
    seed: int = 20261124

    @property
    def keep_every(self) -> int:
        """Draws from one that is ranked against to the next."""
        return self.sampler.draws * self.sampler.chains // TOP


TOP = 60
"""The highest rank."""


def settings_for(units: int) -> Settings:
    """The draws that a number of units takes."""
    return Settings(LONG if units >= 200 else SAMPLER)


@dataclass(frozen=True)
class Bench:
    """A design compiled, and prior draws of the gaps of its claims (in turn of the claims)."""

    design: Design
    blueprint: Blueprint
    code: CompiledPyMCModel
    prior_gaps: tuple[Floats, ...]
    settings: Settings


def set_up(design: Design, settings: Settings) -> Bench:
    from models.compile import machine_code, pymc_model

    blueprint = design.blueprint
    prior = prior_theta(blueprint, settings.prior_draws, np.random.default_rng(settings.seed))
    return Bench(
        design, blueprint, machine_code(pymc_model(blueprint)), claim_gaps(design, blueprint, prior, 1), settings
    )


def claim_gaps(design: Design, blueprint: Blueprint, theta: Theta, chains: int) -> tuple[Floats, ...]:
    """Gap of every claim, shape (parts, chains, draws); the new case has the same random numbers in every call."""
    lab = open_laboratory(blueprint, design.units, theta, np.random.default_rng(0))
    return tuple(gaps_of(lab, claim, chains) for claim in design.claims)


def gaps_of(lab: Laboratory, claim: Claim, chains: int) -> Floats:
    """Gap of each part of a claim on a laboratory's draws, shape (parts, chains, draws)."""
    draws = dict(zip(claim.queries, standardised(lab, *claim.queries), strict=True))
    return gaps(claim, lambda query: draws[query].reshape(chains, -1))


def quantities(design: Design, blueprint: Blueprint, theta: Theta) -> dict[str, Floats]:
    """Everything that is ranked, by name, shape (samples,)."""
    found: dict[str, Floats] = {}
    for p in blueprint.parameters:
        flat = theta[p.name].reshape(len(theta[p.name]), -1)
        for i in range(flat.shape[1] if p.name in RANKED else 1):
            label = blueprint.coords[p.dims[0]][i] if p.name in RANKED else "first"
            found[f"{p.name}[{label}]"] = flat[:, i]
    rebuilt = rebuild(blueprint, theta)
    found["score[last node]"] = rebuilt.z[:, len(blueprint.structure.nodes) - 1]
    found["log likelihood"] = np.sum(
        [block.sum(axis=1) for block in log_likelihood(blueprint, theta, rebuilt.cells).values()], axis=0
    )
    lab = open_laboratory(blueprint, design.units, theta, np.random.default_rng(0))
    found |= dict(zip(map(str, design.effects), standardised(lab, *design.effects), strict=True))
    (rating,) = on_rating_scale(lab, design.effects[0])
    return found if rating is None else found | {f"{design.effects[0]} on the rating scale": rating}


def simulate(bench: Bench, number: int) -> dict[str, float]:
    """One simulation: ranks (0 to the number of draws kept), claims with their probability, and how the chains did."""
    design, settings, clock = bench.design, bench.settings, time.perf_counter()
    rng = np.random.default_rng([settings.seed, len(design.units), number])
    truth = prior_theta(bench.blueprint, 1, rng)
    blueprint = reread(bench.blueprint, design.units, simulate_rows(bench.blueprint, truth, rng))
    sampler = settings.sampler
    trace = sample(swap(bench.code, blueprint.data), replace(sampler, seed=number))
    theta = theta_of(blueprint, trace["posterior"].to_dataset())
    found: dict[str, float] = {"simulation": number}
    after, true = quantities(design, blueprint, theta), quantities(design, blueprint, truth)
    for name, draws in after.items():
        found[f"rank {name}"] = int((draws[:: settings.keep_every] < true[name][0]).sum())
    for i, (gap, at) in enumerate(
        zip(claim_gaps(design, blueprint, theta, sampler.chains), claim_gaps(design, blueprint, truth, 1), strict=True)
    ):
        judged = judge(bench.prior_gaps[i], gap)
        found |= {f"probability {i}": round(judged.posterior_probability, 4), f"holds {i}": int(at.min() > 0)}
        found[f"verdict {i}"] = {"supported": 1, "contradicted": -1}.get(judged.verdict, 0)
    found["divergences"] = int(trace["sample_stats"]["diverging"].sum())
    found["worst r_hat"] = round(worst_r_hat(theta, sampler.chains), 3)
    found["seconds"] = round(time.perf_counter() - clock, 2)
    return found


def worst_r_hat(theta: Mapping[str, Floats], chains: int) -> float:
    """The largest classic R-hat of any parameter element."""
    worst = 1.0
    for values in theta.values():
        x = values.reshape(chains, -1, int(np.prod(values.shape[1:])))
        within, between = x.var(axis=1, ddof=1).mean(axis=0), x.mean(axis=1).var(axis=0, ddof=1)
        worst = max(worst, float(np.sqrt(1 - 1 / x.shape[1] + between / within).max()))
    return worst


def run(name: str, n: int, simulations: int) -> None:
    """The simulations of a design that its file does not hold yet."""
    path = RESULTS / f"calibration_{name}_{n}.csv"
    left = left_to_do(path, simulations)
    if not left:
        return
    bench = set_up(DESIGNS[name](n), settings_for(n))
    for number in left:
        row = simulate(bench, number)
        append(path, [row])
        print(f"{name} {n}: {number + 1} of {simulations}, {row['seconds']} s", flush=True)


def main(*asked: str) -> None:
    if asked:
        run(asked[0], int(asked[1]), int(asked[2]))
        return
    for n, simulations in PLAN.items():
        for name in DESIGNS:
            run(name, n, simulations)


if __name__ == "__main__":
    main(*sys.argv[1:])

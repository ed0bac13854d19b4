"""Coverage, sign error and false alarms on simulated studies of the shape of ``data/ba_clusters``.

The first study's own units, codebook and pattern of rows are kept; every structural coefficient is set to nothing, weak or strong
in the direction its edge argues, everything else is drawn from the prior, and the rows are simulated from that truth. The default
model is then fitted, and every edge and every hypothesis of the study is judged as ``casewise run`` judges them. Written up in
docs/validation.md.

    python -m benchmarks.coverage 48
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analyses.run import askable, lay_out
from analyses.tables import summary
from benchmarks.calibration import gaps_of, worst_r_hat
from benchmarks.checkpoints import RESULTS, append, left_to_do
from causal.claims import spelled_out
from causal.judgement import judge
from causal.query import Claim, Comparison, DirectEffect
from models.blueprint import Blueprint
from models.effects.interventions import Laboratory, open_laboratory, standardised
from models.sampling import Sampler, sample, swap
from models.simulation.rebuild import Theta, prior_theta, theta_of
from models.simulation.simulate import reread, simulate_rows
from models.study import Study, load_study

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]

STUDY = Path(__file__).parents[1] / "data" / "ba_clusters"

SAMPLER = Sampler(draws=250, tune=200, chains=2, target_accept=0.8, cores=1)


@dataclass(frozen=True, slots=True)
class Settings:
    """sizes : raw coefficients by name; 0.3 and 1 are standardised paths of .29 and .71 where the cause is the only one"""

    sizes: tuple[tuple[str, float], ...] = (("none", 0.0), ("weak", 0.3), ("strong", 1.0))
    smallest_effect: float = 0.1
    sampler: Sampler = SAMPLER
    prior_draws: int = 4000
    seed: int = 20261124


@dataclass(frozen=True)
class Bench:
    """The study laid out and compiled, with prior draws."""

    study: Study
    blueprint: Blueprint
    code: CompiledPyMCModel
    prior: Laboratory
    settings: Settings


def set_up(settings: Settings) -> Bench:
    from models.compile import machine_code, pymc_model

    study = load_study(STUDY)
    blueprint = lay_out(study)
    theta = prior_theta(blueprint, settings.prior_draws, np.random.default_rng(settings.seed))
    return Bench(study, blueprint, machine_code(pymc_model(blueprint)), _laboratory(study, blueprint, theta), settings)


def _laboratory(study: Study, blueprint: Blueprint, theta: Theta) -> Laboratory:
    """The new case has the same random numbers in every laboratory, so that truth and draws answer the same question."""
    return open_laboratory(blueprint, study.cases.units, theta, np.random.default_rng(0))


def a_truth(bench: Bench, rng: np.random.Generator) -> tuple[dict[str, Floats], dict[str, str]]:
    """One draw of everything, its coefficients replaced by known ones, and the size of each coefficient in words."""
    theta = prior_theta(bench.blueprint, 1, rng)
    sizes: dict[str, str] = {}
    for slope in bench.blueprint.structure.slopes:
        word, size = bench.settings.sizes[rng.integers(len(bench.settings.sizes))]
        sign = {"+": 1.0, "-": -1.0}.get(slope.sign, float(rng.choice([-1.0, 1.0])))
        place = "signed_coefficient" if slope.fixed_sign else "coefficient"
        index = list(bench.blueprint.coords[place]).index(slope.name)
        theta["signed_slope" if slope.fixed_sign else "slope"][0, index] = size if slope.fixed_sign else sign * size
        sizes[slope.name] = word
    return theta, sizes


def simulate(bench: Bench, number: int) -> list[dict[str, object]]:
    """One simulated study: a row for every edge and for every hypothesis that the theory can be asked."""
    clock, units = time.perf_counter(), bench.study.cases.units
    rng = np.random.default_rng([bench.settings.seed, number])
    truth, sizes = a_truth(bench, rng)
    blueprint = reread(bench.blueprint, units, simulate_rows(bench.blueprint, truth, rng))
    trace = sample(swap(bench.code, blueprint.data), replace(bench.settings.sampler, seed=number))
    theta = theta_of(blueprint, trace["posterior"].to_dataset())
    after, true = (_laboratory(bench.study, blueprint, t) for t in (theta, truth))
    fit = {
        "divergences": int(trace["sample_stats"]["diverging"].sum()),
        "worst_r_hat": round(worst_r_hat(theta, bench.settings.sampler.chains), 3),
        "seconds": round(time.perf_counter() - clock, 1),
    }
    rows = [*_edges(bench, after, true, sizes), *_hypotheses(bench, after, true)]
    return [{"simulation": number} | row | fit for row in rows]


def _edges(bench: Bench, after: Laboratory, true: Laboratory, sizes: dict[str, str]) -> Iterator[dict[str, object]]:
    for edge in bench.study.theory.edges:
        query = DirectEffect(edge.cause, edge.effect)
        claim = Claim((Comparison(query, "<" if edge.sign == "-" else ">", 0.0),))
        (draws,), (prior,), (truth,) = (standardised(lab, query) for lab in (after, bench.prior, true))
        found = summary(draws, prior)
        yield (
            {"what": "edge", "name": edge.name, "size": sizes.get(edge.name, ""), "sign": edge.sign}
            | {"truth": round(float(truth[0]), 4)}
            | {key: round(found[key], 4) for key in ("mean", "hdi_low", "hdi_high")}
            | _judged(bench, claim, bench.settings.smallest_effect, after, true)
        )


def _hypotheses(bench: Bench, after: Laboratory, true: Laboratory) -> Iterator[dict[str, object]]:
    for h in askable(bench.study):
        claim = spelled_out(h.claim, bench.study.theory)
        yield (
            {"what": "hypothesis", "name": h.id, "size": "", "sign": ""}
            | dict.fromkeys(("truth", "mean", "hdi_low", "hdi_high"), "")
            | _judged(bench, claim, h.smallest_effect, after, true)
        )


def _judged(bench: Bench, claim: Claim, margin: float, after: Laboratory, true: Laboratory) -> dict[str, object]:
    chains = bench.settings.sampler.chains
    before, now, at = (gaps_of(lab, claim, k) for lab, k in ((bench.prior, 1), (after, chains), (true, 1)))
    judged = judge(before, now, margin)
    return {
        "true_gap": round(float(at.min()), 4),
        "prior_probability": round(judged.prior_probability, 4),
        "probability": round(judged.posterior_probability, 4),
        "verdict": judged.verdict,
    }


def main(simulations: int) -> None:
    path = RESULTS / "coverage_ba_clusters.csv"
    bench = set_up(Settings())
    for number in left_to_do(path, simulations):
        rows = simulate(bench, number)
        append(path, rows)
        print(f"{number + 1} of {simulations}, {rows[0]['seconds']} s", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))

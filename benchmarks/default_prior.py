"""How the prior on coefficients behaves at n = 9 and n = 75: one cause, one effect, two five-level ratings each.

Prints, for each tail and scale of the prior and each true standardised effect, the mean posterior effect, the coverage and width
of its 90 % interval, and how often the posterior is surer than 95 % of its sign. Quoted in docs/decisions/0005-default-priors.md.

    python -m benchmarks.default_prior [simulations]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.theory import Construct, Edge, ModelChoices, Theory
from data.cases import Observation, Unit
from data.codebook import Codebook, Indicator, Scale
from models.blueprint import draw_blueprint
from models.compile import machine_code, pymc_model
from models.priors import Priors, StudentT
from models.sampling import Sampler, sample, swap
from models.simulation.rebuild import theta_of

INDICATORS = ("x1", "x2", "y1", "y2")
CODEBOOK = Codebook(
    {"five": Scale("five", tuple("abcde"))}, {n: Indicator(n, n[0], "ordinal", "five") for n in INDICATORS}
)
THEORY = Theory(
    "pair", "pair", (Construct("x"), Construct("y")), (Edge("x", "y", "+"),), model=ModelChoices(pooling="complete")
)
CUTS = np.array([-2.25, -0.75, 0.75, 2.25])
TAILS = {"StudentT(4)": StudentT(4.0), "StudentT(30)": StudentT(30.0)}
SCALES = (0.5, 1.0)
TRUTHS = {9: (0.0, 1.0), 75: (0.0, 2.06)}
"""Raw coefficients by number of units; 1.0 is a standardised path of .71 and 2.06 one of .90."""


@dataclass(frozen=True, slots=True)
class Outcome:
    mean: float
    covered: bool
    width: float
    sure_positive: bool
    sure_negative: bool


def simulate(n: int, beta: float, rng: np.random.Generator) -> tuple[dict[str, Unit], tuple[Observation, ...]]:
    """Units and rows of one study with loadings of 2, shifts of sd .5 and confidence .97."""
    x = rng.normal(size=n)
    scores = {"x": x, "y": beta * x + rng.normal(size=n)}
    units = {f"u{i}": Unit(f"u{i}", f"c{i}", 1.0, "case") for i in range(n)}
    rows = []
    for name in INDICATORS:
        latent = 0.5 * rng.normal() + 2.0 * scores[name[0]] + rng.logistic(size=n)
        for i in range(n):
            level, key = int((latent[i] > CUTS).sum()), f"{name}-{i}"
            rows.append(
                Observation(key, f"u{i}", name, (level,), None, None, False, "", "A", 0.97, "s", "p", key, "test", "")
            )
    return units, tuple(rows)


def outcome(slope: NDArray[np.float64], beta: float) -> Outcome:
    """What a posterior says of the standardised effect."""
    effect, truth = slope / np.sqrt(1 + slope**2), beta / np.sqrt(1 + beta**2)
    low, high = np.quantile(effect, [0.05, 0.95])
    positive = float((effect > 0).mean())
    return Outcome(
        float(effect.mean()), bool(low <= truth <= high), float(high - low), positive > 0.95, positive < 0.05
    )


def measure(tail: StudentT, n: int, beta: float, simulations: int) -> dict[float, list[Outcome]]:
    """Outcomes by prior scale; compiles once."""
    rng, sampler = np.random.default_rng([11, n]), Sampler(draws=500, tune=500, chains=2, cores=1)
    found: dict[float, list[Outcome]] = {scale: [] for scale in SCALES}
    code = None
    for _ in range(simulations):
        blueprint = draw_blueprint(THEORY, CODEBOOK, *simulate(n, beta, rng), Priors(slope=tail))
        code = code or machine_code(pymc_model(blueprint))
        for scale in SCALES:
            data = dict(blueprint.data) | {"slope_scale": np.full(1, scale)}
            trace = sample(swap(code, data), sampler)
            slope = theta_of(blueprint, trace["posterior"].to_dataset())["slope"][:, 0]
            found[scale].append(outcome(slope, beta))
    return found


def main(simulations: int = 20) -> None:
    print("tail, scale, n, truth, mean, coverage, width, sure +, sure -")
    for label, tail in TAILS.items():
        for n, betas in TRUTHS.items():
            for beta in betas:
                for scale, outcomes in measure(tail, n, beta, simulations).items():
                    table = np.array([[o.mean, o.covered, o.width, o.sure_positive, o.sure_negative] for o in outcomes])
                    means = ", ".join(f"{value:.2f}" for value in table.mean(axis=0).astype(float))
                    print(f"{label}, {scale}, {n}, {beta / np.sqrt(1 + beta**2):.2f}, {means}", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))

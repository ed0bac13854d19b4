"""Marginal likelihoods and the ledger of a tiny study against brute force over its prior, and PyMC's sequential Monte Carlo."""

from functools import cache

import numpy as np
import pytest
from scipy.special import logsumexp

from causal.hypotheses import Hypothesis
from causal.judgement import DECIBANS
from causal.ledger import by_importance, by_summary
from causal.query import parse_claim
from models.compile import pymc_model
from models.evidence.marginal import LogEvidence, averaged, schedule, stepping_stone
from models.evidence.psis import psis
from models.evidence.removal import Removal
from models.evidence.rivals import at_weights
from models.evidence.scales import climb_scales
from models.evidence.without import data_without
from models.refitting.refits import Job, Template, refit_all
from models.sampling import Sampler, sample
from models.simulation.rebuild import theta_of
from tests.models.tiny import CASES, NAMES, SAMPLER, UNITS, blueprint, code, from_the_prior

pytestmark = pytest.mark.slow


def brute_force(factor: float = 1.0) -> tuple[float, float]:
    """log of the likelihood's mean over the prior, and its standard error: six rows are few enough."""
    total = from_the_prior(factor)[1].sum(axis=1)
    ratio = np.exp(total - total.max())
    return float(logsumexp(total) - np.log(len(total))), float(ratio.std() / ratio.mean() / np.sqrt(len(ratio)))


def log_odds(removed: frozenset[str] = frozenset()) -> float:
    """Posterior log odds of slope > 0 in decibans without some rows, by weighing 200,000 draws of the prior."""
    slopes, cells = from_the_prior()
    keys = [f"{unit[0]}.{indicator[0]}" for unit, indicator in blueprint().blocks[0].keys]
    total = cells[:, [key not in removed for key in keys]].sum(axis=1)
    weights = np.exp(total - total.max())
    p = float(np.average(slopes > 0, weights=weights))
    return float(DECIBANS * (np.log(p) - np.log1p(-p)))


@cache
def bridged() -> LogEvidence:
    at = at_weights(blueprint(), code(), SAMPLER)
    everything = np.ones(len(blueprint().coords["cell"]))
    return averaged([stepping_stone(at, 0 * everything, everything, schedule(5), seed) for seed in (1, 2)])


def test_the_bridged_path_finds_what_brute_force_finds() -> None:
    exact, error = brute_force()
    assert error < 0.06
    assert bridged().value == pytest.approx(exact, abs=4 * float(np.hypot(bridged().mcse, error)))
    assert bridged().mcse < 0.2


def test_sequential_monte_carlo_finds_the_same() -> None:
    import pymc as pm

    found = []
    for seed in (3, 4):
        with pymc_model(blueprint()):
            trace = pm.sample_smc(
                draws=1000, chains=1, random_seed=seed, progressbar=False, compute_convergence_checks=False,
                return_inferencedata=False,
            )  # fmt: skip
        found.append(float(np.asarray(trace.report.log_marginal_likelihood, dtype=float).ravel()[-1]))
    assert float(np.mean(found)) == pytest.approx(bridged().value, abs=0.4)


def test_a_wider_prior_s_marginal_likelihood_is_reached_by_its_own_brute_force() -> None:
    found = climb_scales(blueprint(), code(), (0.5, 1.0, 2.0), SAMPLER, 5)
    base = brute_force()
    for factor in (0.5, 2.0):
        other = brute_force(factor)
        error = np.sqrt(found[factor].variance + base[1] ** 2 + other[1] ** 2)
        assert found[factor].value == pytest.approx(other[0] - base[0], abs=4 * float(error))


def test_the_ledger_s_weights_are_those_of_brute_force() -> None:
    """Every row by importance weights, every case by a refit."""
    long = Sampler(draws=3000, tune=500, chains=2, seed=9, target_accept=0.9)
    theta = theta_of(blueprint(), sample(code(), long)["posterior"].to_dataset())
    holds = (theta["slope"][:, 0] > 0).reshape(long.chains, long.draws)
    removal, everything = Removal(blueprint(), theta), log_odds()
    for name in (f"{c}.{n}" for c in CASES for n in NAMES):
        found = by_importance(holds, removal.log_ratio({name}).reshape(holds.shape), psis)
        exact = everything - log_odds(frozenset({name}))
        assert found.reliable, name
        assert found.weight_db == pytest.approx(exact, abs=4 * found.weight_mcse + 0.1), name
    claim = Hypothesis("up", "", parse_claim("effect(x -> y) > 0"))
    cases = {c: frozenset(f"{c}.{n}" for n in NAMES) for c in CASES}
    jobs = [Job(c, 3 + i, data_without(blueprint(), rows)) for i, (c, rows) in enumerate(cases.items())]
    template = Template(blueprint(), UNITS, (claim,), Sampler(draws=2000, tune=400, chains=2))
    for c, refit in refit_all(template, jobs, code=code()).items():
        f = refit.findings["up"]
        found = by_summary(holds, f.probability, f.probability_ess)
        exact = everything - log_odds(cases[c])
        assert found.weight_db == pytest.approx(exact, abs=4 * found.weight_mcse + 0.1), c

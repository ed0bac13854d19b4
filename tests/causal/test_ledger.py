"""What a piece of evidence adds, against exact answers."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from scipy.special import logsumexp

from causal.ess import effective_sample_size
from causal.judgement import DECIBANS
from causal.ledger import UNRELIABLE_K, Held, by_importance, by_refit, reweigh, weigh

type Floats = NDArray[np.float64]

Y = np.array([1.2, 0.3, -0.8, 2.0])
SD, TAU = 1.0, 1.5
SHAPE = (4, 2500)


def plain(log_ratios: Floats) -> tuple[Floats, float]:
    """Importance weights as they are; k of a tail that is no trouble."""
    return log_ratios - logsumexp(log_ratios), 0.1


def posterior(rows: list[int]) -> tuple[float, float]:
    """Mean and sd of the mean of normal rows, prior N(0, TAU)."""
    precision = 1 / TAU**2 + len(rows) / SD**2
    return float(Y[rows].sum() / SD**2 / precision), precision**-0.5


def log_odds(rows: list[int]) -> float:
    """Exact log odds of mean > 0."""
    mean, sd = posterior(rows)
    return float(stats.norm.logsf(0, mean, sd) - stats.norm.logcdf(0, mean, sd))


EVERY = [0, 1, 2, 3]


def exact(removed: list[int]) -> float:
    return DECIBANS * (log_odds(EVERY) - log_odds([i for i in EVERY if i not in removed]))


def draws(seed: int, rows: list[int]) -> Floats:
    mean, sd = posterior(rows)
    return np.random.default_rng(seed).normal(mean, sd, SHAPE)


def log_without(mu: Floats, removed: list[int]) -> Floats:
    return -np.asarray(stats.norm.logpdf(Y[removed, None, None], mu, SD).sum(axis=0))


@pytest.mark.parametrize("removed", [[0], [1], [2], [3], [0, 1], [1, 2]])
def test_the_weight_of_rows_and_groups_is_what_conjugacy_gives(removed: list[int]) -> None:
    mu = draws(1, EVERY)
    found = by_importance(mu > 0, log_without(mu, removed), plain)
    assert found.weight_db == pytest.approx(exact(removed), abs=4 * found.weight_mcse)
    assert found.weight_mcse < 0.3
    assert np.sign(found.weight_db) == np.sign(exact(removed)) or abs(exact(removed)) < 3 * found.weight_mcse


def test_a_group_weighs_what_its_rows_weigh_one_after_another_and_not_their_sum() -> None:
    assert exact([0, 3]) != pytest.approx(exact([0]) + exact([3]), abs=0.1)
    mu = draws(2, EVERY)
    found = by_importance(mu > 0, log_without(mu, [0, 3]), plain)
    assert found.weight_db == pytest.approx(exact([0, 3]), abs=4 * found.weight_mcse)


def test_the_error_is_as_large_as_the_weight_varies_between_runs() -> None:
    errors, claimed = [], []
    for seed in range(60):
        mu = draws(100 + seed, EVERY)
        found = by_importance(mu > 0, log_without(mu, [3]), plain)
        errors.append(found.weight_db - exact([3]))
        claimed.append(found.weight_mcse)
    assert np.std(errors) == pytest.approx(np.mean(claimed), rel=0.3)
    assert np.mean(np.abs(errors) < 2 * np.array(claimed)) > 0.85


def test_the_error_of_draws_that_remember_each_other_is_larger() -> None:
    mean, sd = posterior(EVERY)
    z, rng = np.random.default_rng(3).normal(size=SHAPE), np.random.default_rng(4)
    for t in range(1, SHAPE[1]):
        z[:, t] = 0.9 * z[:, t - 1] + np.sqrt(1 - 0.81) * rng.normal(size=SHAPE[0])
    slow, fast = mean + sd * z, draws(5, EVERY)
    found = [by_importance(mu > 0, log_without(mu, [3]), plain).weight_mcse for mu in (slow, fast)]
    assert found[0] > 1.5 * found[1]


def test_a_row_that_says_nothing_weighs_nothing() -> None:
    mu = draws(6, EVERY)
    found = by_importance(mu > 0, np.zeros(SHAPE), plain)
    assert found.weight_db == pytest.approx(0.0, abs=1e-12)
    assert found.weight_mcse == pytest.approx(0.0, abs=1e-12)


def test_a_row_whose_likelihood_does_not_depend_on_the_draw_weighs_nothing_however_unlikely() -> None:
    mu = draws(6, EVERY)
    assert by_importance(mu > 0, np.full(SHAPE, 900.0), plain).weight_db == pytest.approx(0.0, abs=1e-9)


def test_on_two_hypotheses_a_row_s_weight_is_its_likelihood_ratio() -> None:
    """A discrete world: H or not H, a row of likelihood .8 under H and .2 otherwise, posterior odds 4 : 1."""
    holds = np.random.default_rng(7).random(SHAPE) < 0.8
    likelihood = np.where(holds, 0.8, 0.2)
    found = by_importance(holds, -np.log(likelihood), plain)
    assert found.weight_db == pytest.approx(10 * np.log10(0.8 / 0.2), abs=1e-9)
    assert found.without == pytest.approx(0.5, abs=0.02)


def test_evidence_against_a_claim_has_the_sign_of_the_complement_s_turned() -> None:
    mu = draws(8, EVERY)
    for_it, against = (by_importance(h, log_without(mu, [0]), plain) for h in (mu > 0, mu <= 0))
    assert for_it.weight_db == pytest.approx(-against.weight_db)
    assert for_it.without == pytest.approx(1 - against.without)


def test_a_claim_that_holds_in_every_draw_has_no_weight_to_give() -> None:
    found = by_importance(np.ones(SHAPE, dtype=bool), np.zeros(SHAPE), plain)
    assert np.isnan(found.weight_db)
    assert found.without == pytest.approx(1.0)


def test_several_claims_at_once_are_weighed_as_the_delta_method_weighs_each() -> None:
    """Written out for one claim: the influence of each draw on the difference of two log odds."""
    mu = draws(12, EVERY)
    holds = np.stack([mu > bound for bound in (-50.0, 0.0, 0.7, 1.5, 50.0)])
    without = reweigh(log_without(mu, [0, 2]), plain)
    for found, indicator in zip(weigh(Held(holds), without), holds.astype(float), strict=True):
        p, q = indicator.mean(), (indicator * without.weights).mean()
        assert found.without == pytest.approx(q)
        if not 0 < p < 1:
            assert np.isnan([found.weight_db, found.weight_mcse]).all()
            continue
        influence = (indicator - p) / (p * (1 - p)) - without.weights * (indicator - q) / (q * (1 - q))
        error = DECIBANS * influence.std() / np.sqrt(effective_sample_size(influence))
        assert found.weight_db == pytest.approx(DECIBANS * (np.log(p / (1 - p)) - np.log(q / (1 - q))), rel=1e-9)
        assert found.weight_mcse == pytest.approx(error, rel=1e-9)


def test_weights_that_few_draws_dominate_are_not_to_be_believed() -> None:
    from models.evidence.psis import psis

    mu = draws(9, EVERY)
    heavy = np.asarray(-stats.norm.logpdf(6.0, mu, 0.3))  # an outlier that the posterior explains badly
    found = by_importance(mu > 0, heavy, psis)
    assert found.pareto_k > UNRELIABLE_K
    assert not found.reliable
    light = by_importance(mu > 0, log_without(mu, [1]), psis)
    assert light.reliable
    assert light.weight_db == pytest.approx(exact([1]), abs=4 * light.weight_mcse + 0.02)


def test_a_refit_s_weight_is_the_difference_of_two_posteriors() -> None:
    found = by_refit(draws(10, EVERY) > 0, draws(11, [0, 1, 2]) > 0)
    assert found.weight_db == pytest.approx(exact([3]), abs=4 * found.weight_mcse)
    assert found.reliable
    assert found.method == "refit"


def test_refits_vary_by_the_error_they_state() -> None:
    found = [by_refit(draws(200 + s, EVERY) > 0, draws(400 + s, [0, 1, 2]) > 0) for s in range(60)]
    assert np.std([f.weight_db for f in found]) == pytest.approx(np.mean([f.weight_mcse for f in found]), rel=0.3)


def test_a_refit_on_one_side_of_the_claim_has_no_weight() -> None:
    everywhere = np.ones(SHAPE, dtype=bool)
    assert np.isnan(by_refit(everywhere, draws(1, EVERY) > 0).weight_db)
    assert np.isnan(by_refit(draws(1, EVERY) > 0, ~everywhere).weight_db)

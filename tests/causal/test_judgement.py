"""Weights of evidence agree with closed forms, their errors with repetition, verdicts with the thresholds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm

from causal.judgement import Judgement, Thresholds, judge, words


def draws(values: object) -> NDArray[np.floating]:
    """One part, one chain."""
    return np.asarray(values, dtype=float).reshape(1, 1, -1)


def half_and(share: float, size: int = 1000) -> Judgement:
    """A claim of prior probability one half that a share of the posterior draws says."""
    hits = round(share * size)
    return judge(draws([-1.0, 1.0] * (size // 2)), draws(np.repeat([1.0, -1.0], [hits, size - hits])))


def test_the_weight_of_a_conjugate_normal_is_its_closed_form() -> None:
    # prior N(0, 1), one reading 1.2 of sd 0.8: posterior N(m, s^2)
    spread = 1 / math.sqrt(1 + 1 / 0.8**2)
    mean = spread**2 * 1.2 / 0.8**2
    rng = np.random.default_rng(3)
    prior, posterior = rng.normal(size=(1, 4, 50_000)), rng.normal(mean, spread, size=(1, 4, 50_000))
    for margin in (0.0, 0.3):
        found = judge(prior, posterior, margin)
        before, after = norm.sf(margin), norm.sf(margin, mean, spread)
        truth = 10 * math.log10(after / (1 - after) / (before / (1 - before)))
        assert found.weight_db == pytest.approx(truth, abs=4 * found.weight_mcse)
        assert found.weight_mcse < 0.1
        assert found.below == pytest.approx(norm.cdf(-margin, mean, spread), abs=0.01)
        assert found.below + found.in_rope + found.above == pytest.approx(1)
        assert found.bayes_factor == pytest.approx(10 ** (found.weight_db / 10))


def test_the_monte_carlo_error_is_the_spread_over_repetitions() -> None:
    rng = np.random.default_rng(4)

    def chain(mean: float) -> NDArray[np.floating]:
        """Autoregressive draws, (1, 4, 400), of unit variance."""
        steps = rng.normal(size=(1, 4, 400)) * math.sqrt(1 - 0.7**2)
        steps[..., 0] = rng.normal(size=(1, 4))
        for step in range(1, 400):
            steps[..., step] += 0.7 * steps[..., step - 1]
        return steps + mean

    runs = [judge(chain(0.0), chain(0.8)) for _ in range(200)]
    spread = np.std([run.weight_db for run in runs], ddof=1)
    assert np.mean([run.weight_mcse for run in runs]) == pytest.approx(spread, rel=0.25)


def test_a_joint_claim_holds_where_every_part_holds() -> None:
    first, second = [1.0, 1.0, -1.0, -0.1], [1.0, -1.0, 1.0, 2.0]
    prior = np.array([[first], [second]])
    found = judge(prior, prior, 0.5)
    assert found.prior_probability == found.posterior_probability == 0.25
    assert found.weight_db == pytest.approx(0)
    assert (found.below, found.in_rope, found.above) == (0.5, 0.25, 0.25)


def test_without_a_draw_on_the_other_side_the_weight_is_a_limit_that_the_truth_exceeds() -> None:
    prior = draws([-1.0, 1.0] * 500)
    found = judge(prior, np.random.default_rng(5).normal(6, 1, size=(1, 4, 1000)))
    truth = 10 * math.log10(norm.cdf(6) / norm.sf(6))
    assert found.bound == "at least"
    assert found.posterior_probability == 1
    assert 25 < found.weight_db < truth
    assert judge(-prior, -np.ones((1, 1, 1000))).bound == "at most"
    assert judge(prior, -np.ones((1, 1, 1000))).verdict == "contradicted"


def test_a_limit_holds_in_nineteen_of_twenty_studies() -> None:
    rng = np.random.default_rng(6)
    tail = 0.002
    runs = [judge(draws([-1.0, 1.0] * 500), draws(rng.random(1000) - tail)) for _ in range(2000)]
    truth = 10 * math.log10((1 - tail) / tail)
    limits = [run.weight_db for run in runs if run.bound == "at least"]
    assert len(limits) > 100
    assert sum(limit > truth for limit in limits) / len(runs) <= 0.06


def test_draws_that_the_prior_already_decided_cannot_speak() -> None:
    found = judge(draws(np.ones(100)), draws(np.ones(100)))
    assert found.verdict == "cannot speak"
    assert found.bound == "unknown"
    assert math.isnan(found.weight_db)
    assert found.reason == "prior draws already decide this claim"
    zero = judge(draws(np.zeros(100)), draws(np.zeros(100)))
    assert zero.verdict == "cannot speak"


def test_a_prior_wholly_against_a_claim_makes_its_weight_a_lower_limit() -> None:
    found = judge(draws(-np.ones(1000)), draws([-1.0, 1.0] * 500))
    assert found.bound == "at least"
    assert found.weight_db > 0
    assert found.verdict == "undecided"


def test_a_claim_that_the_study_cannot_judge_cannot_speak_whatever_the_numbers() -> None:
    found = judge(draws([-1.0, 1.0] * 50), draws(np.ones(100)), cannot_speak="trust is unmeasured")
    assert (found.verdict, found.reason) == ("cannot speak", "trust is unmeasured")


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0.97, "supported"), (0.94, "undecided"), (0.5, "undecided"), (0.06, "undecided"), (0.03, "contradicted")],
)
def test_verdicts_follow_the_thresholds(share: float, verdict: str) -> None:
    assert half_and(share).verdict == verdict


def test_a_confident_prior_alone_supports_nothing() -> None:
    prior = draws(np.repeat([1.0, -1.0], [960, 40]))
    assert judge(prior, draws(np.repeat([1.0, -1.0], [970, 30]))).verdict == "undecided"
    lenient = Thresholds(weight_db=1.0)
    assert judge(prior, draws(np.repeat([1.0, -1.0], [970, 30])), thresholds=lenient).verdict == "supported"


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_the_opposite_claim_gets_the_opposite_judgement(before: float, after: float) -> None:
    rng = np.random.default_rng(7)
    prior, posterior = rng.random((1, 2, 100)) - before, rng.random((1, 2, 100)) - after
    one, other = judge(prior, posterior), judge(-prior, -posterior)
    opposite = {"supported": "contradicted", "contradicted": "supported"}
    assert other.weight_db == pytest.approx(-one.weight_db, nan_ok=True)
    assert other.verdict == opposite.get(one.verdict, one.verdict)


@pytest.mark.parametrize(
    ("weight", "said"),
    [
        (0.0, "barely worth a mention"),
        (-4.9, "barely worth a mention"),
        (5.0, "substantial for"),
        (-12.0, "strong against"),
        (15.0, "very strong for"),
        (math.inf, "decisive for"),
        (math.nan, "unknown"),
    ],
)
def test_weights_have_words(weight: float, said: str) -> None:
    assert words(weight) == said


@pytest.mark.parametrize("gap", [np.ones(3), np.ones((0, 1, 3)), np.full((1, 1, 3), np.nan)])
def test_arrays_of_another_shape_or_without_numbers_are_refused(gap: NDArray[np.floating]) -> None:
    with pytest.raises(ValueError, match="the posterior gap has"):
        judge(np.ones((1, 1, 3)), gap)

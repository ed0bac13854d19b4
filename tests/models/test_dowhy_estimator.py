"""The Bayesian regression inside DoWhy: it estimates, it is refuted, and what is not identified is not estimated."""

from functools import cache
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

METHOD = "backdoor.models.dowhy_estimator.BayesianRegression"
EFFECT = 0.7


def table(n: int = 300, seed: int = 1, binary: bool = False) -> pd.DataFrame:
    """x moves y by 0.7; w moves both; z moves x only."""
    rng = np.random.default_rng(seed)
    w, z = rng.normal(size=(2, n))
    x = w + z + rng.normal(size=n)
    y = EFFECT * x + 2 * w + rng.normal(size=n)
    return pd.DataFrame({"w": w, "z": z, "x": x, "y": (y > 0).astype(int) if binary else 10 + y})


def model(data: pd.DataFrame, hidden: bool = False) -> tuple[Any, Any]:
    """A DoWhy model and its estimand."""
    from dowhy import CausalModel

    edges = [("z", "x"), ("x", "y"), *([("u", "x"), ("u", "y")] if hidden else [("w", "x"), ("w", "y")])]
    causal = CausalModel(data.drop(columns="w") if hidden else data, "x", "y", graph=nx.DiGraph(edges))
    return causal, causal.identify_effect(proceed_when_unidentifiable=True)


@cache
def fitted() -> tuple[Any, Any, Any]:
    causal, estimand = model(table())
    return causal, estimand, causal.estimate_effect(estimand, METHOD)


@pytest.mark.slow
def test_the_effect_agrees_with_least_squares_and_has_a_posterior() -> None:
    causal, estimand, estimate = fitted()
    plain = causal.estimate_effect(estimand, "backdoor.linear_regression")
    assert estimate.value == pytest.approx(plain.value, abs=0.03)
    low, high = estimate.get_confidence_intervals(confidence_level=0.9)
    assert low < EFFECT < high
    assert 0.03 < estimate.get_standard_error() < 0.1
    assert estimate.estimator.effect_draws.std() == estimate.get_standard_error()


@pytest.fixture
def least_squares(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, Any]:
    """The model estimated with draws around least squares in place of the sampler's, so that hundreds of refits take no time."""
    from models import dowhy_estimator

    def sampled(design: Any, outcome: Any, *_: object) -> tuple[Any, Any]:
        full = np.column_stack([np.ones(len(design)), design])
        found, residual, *_rest = np.linalg.lstsq(full, outcome)
        covariance = np.linalg.inv(full.T @ full) * float(residual[0]) / len(design)
        draws = np.random.default_rng(1).multivariate_normal(found, covariance, 2000)
        return draws[:, 0], draws[:, 1:]

    monkeypatch.setattr(dowhy_estimator, "_sampled", sampled)
    causal, estimand = model(table())
    return causal, estimand, causal.estimate_effect(estimand, METHOD)


def test_twice_the_dose_is_twice_the_effect(least_squares: tuple[Any, Any, Any]) -> None:
    causal, estimand, estimate = least_squares
    double = causal.estimate_effect(estimand, METHOD, control_value=-1, treatment_value=1)
    assert double.value == pytest.approx(2 * estimate.value)
    assert estimate.value == pytest.approx(
        causal.estimate_effect(estimand, "backdoor.linear_regression").value, abs=0.01
    )


@pytest.mark.parametrize(
    ("refuter", "settings", "expected"),
    [
        ("placebo_treatment_refuter", {"placebo_type": "permute"}, 0.0),
        ("random_common_cause", {}, EFFECT),
        ("data_subset_refuter", {"subset_fraction": 0.7}, EFFECT),
        ("bootstrap_refuter", {}, EFFECT),
    ],
)
def test_dowhys_refuters_refit_it(
    least_squares: tuple[Any, Any, Any], refuter: str, settings: dict[str, Any], expected: float
) -> None:
    causal, estimand, estimate = least_squares
    np.random.seed(1)  # noqa: NPY002 (DoWhy draws from numpy's global state)
    refuted = causal.refute_estimate(estimand, estimate, refuter, num_simulations=10, **settings)
    assert refuted.new_effect == pytest.approx(expected, abs=0.1)


def test_a_hidden_common_cause_of_dowhys_moves_it(least_squares: tuple[Any, Any, Any]) -> None:
    causal, estimand, estimate = least_squares
    strengths = {"effect_strength_on_treatment": 1.0, "effect_strength_on_outcome": 2.0}
    kinds = {"confounders_effect_on_treatment": "linear", "confounders_effect_on_outcome": "linear"}
    np.random.seed(1)  # noqa: NPY002
    refuted = causal.refute_estimate(
        estimand, estimate, "add_unobserved_common_cause", simulation_method="direct-simulation", **kinds, **strengths
    )
    assert abs(refuted.new_effect - estimate.value) > 0.2


@pytest.mark.slow
def test_a_yes_or_no_outcome_gets_a_difference_of_chances() -> None:
    data = table(binary=True)
    causal, estimand = model(data)
    estimate = causal.estimate_effect(estimand, METHOD)
    rng = np.random.default_rng(2)
    w, noise = rng.normal(size=(2, 200_000))
    truth = float(np.mean(EFFECT + 2 * w + noise > 0) - np.mean(2 * w + noise > 0))
    low, high = estimate.get_confidence_intervals(confidence_level=0.99)
    assert low < truth < high
    assert 0 < estimate.value < 1


def test_what_is_not_identified_is_not_estimated() -> None:
    causal, estimand = model(table(), hidden=True)
    assert causal.estimate_effect(estimand, METHOD).value is None


def test_a_table_with_gaps_or_words_is_refused() -> None:
    data = table(20)
    causal, estimand = model(data.assign(y=[np.nan, *data.y[1:]]))
    with pytest.raises(ValueError, match="missing values"):
        causal.estimate_effect(estimand, METHOD)
    causal, estimand = model(data.assign(w="often"))
    with pytest.raises(ValueError, match="must hold numbers"):
        causal.estimate_effect(estimand, METHOD)

"""A Bayesian regression for DoWhy: ``method_name="backdoor.models.dowhy_estimator.BayesianRegression"``.

For a plain table with one row per unit, without constructs to measure. DoWhy identifies the effect; this estimates it by
regression on treatment and adjustment set, and DoWhy's refuters refit it. Every column is standardised; coefficients have the
default prior of ``models.priors``; an outcome of 0 and 1 gets a logistic link and the effect is a difference of chances. One
compiled model serves every refit, whatever its rows and columns: unused columns are zeros.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from dowhy.causal_estimator import CausalEstimate, CausalEstimator
from numpy.typing import NDArray

from models.families import logistic
from models.priors import Priors
from models.sampling import Sampler, sample, swap

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

type Floats = NDArray[np.float64]

SAMPLER = Sampler(draws=500, tune=500, chains=2, cores=1)
BLOCK = 8
"""Columns of the compiled model come in multiples of this, so that one more covariate needs no new one."""


class BayesianRegression(CausalEstimator):  # type: ignore[misc]
    """Backdoor adjustment by Bayesian regression; ``effect_draws`` are draws of the estimated effect, shape (samples,).

    method_params may give ``sampler`` (a models.sampling.Sampler) and ``prior_scale``. Intervals are posterior quantiles, the
    standard error is the posterior standard deviation. Effect modifiers enter as further covariates.
    """

    def __init__(
        self, identified_estimand: Any, sampler: Sampler = SAMPLER, prior_scale: float = 0.5, **settings: Any
    ) -> None:
        super().__init__(identified_estimand, **settings)
        self.sampler, self.prior_scale = sampler, prior_scale
        self.effect_draws: Floats = np.zeros(0)

    def fit(self, data: pd.DataFrame, effect_modifier_names: Sequence[str] | None = None) -> BayesianRegression:
        """Sample the regression on a table. Raises ValueError for more than one treatment and for columns without numbers."""
        self._set_effect_modifiers(data, list(effect_modifier_names or ()))
        adjusted = self._target_estimand.get_adjustment_set()
        self._observed_common_causes_names = list(adjusted)
        self._observed_common_causes = data[list(adjusted)]
        treatment, outcome = self._target_estimand.treatment_variable, self._target_estimand.outcome_variable
        if len(treatment) != 1 or len(outcome) != 1:
            raise ValueError(f"one treatment and one outcome are needed; found {treatment} and {outcome}")
        self._covariates = list(dict.fromkeys([*treatment, *adjusted, *self._effect_modifier_names]))
        numbers = _numbers(data[self._covariates])
        self._mean, self._sd = numbers.mean(axis=0), np.where(numbers.std(axis=0) > 0, numbers.std(axis=0), 1.0)
        values = _numbers(data[list(outcome)])[:, 0]
        self._binary = bool(np.isin(values, (0.0, 1.0)).all())
        self._spread = 1.0 if self._binary else float(values.std()) or 1.0
        scaled = values if self._binary else (values - values.mean()) / self._spread
        self._draws = _sampled(self._design(data), scaled, self._binary, self.prior_scale, self.sampler)
        self.symbolic_estimator = self.construct_symbolic_estimator(self._target_estimand)
        return self

    def estimate_effect(
        self,
        data: pd.DataFrame,
        treatment_value: Any = 1,
        control_value: Any = 0,
        target_units: Any = None,
        **_: Any,
    ) -> Any:
        """The average effect over the rows of the table of moving the treatment from control to treatment value."""
        self._target_units, self._treatment_value, self._control_value = target_units, treatment_value, control_value
        self.effect_draws = self._average(data, treatment_value) - self._average(data, control_value)
        estimate = CausalEstimate(
            data=data,
            treatment_name=self._target_estimand.treatment_variable,
            outcome_name=self._target_estimand.outcome_variable,
            estimate=float(self.effect_draws.mean()),
            target_estimand=self._target_estimand,
            realized_estimand_expr=self.symbolic_estimator,
            control_value=control_value,
            treatment_value=treatment_value,
        )
        estimate.add_estimator(self)
        return estimate

    def construct_symbolic_estimator(self, estimand: Any) -> str:
        """The regression in words."""
        return f"b: {estimand.outcome_variable[0]} ~ {' + '.join(self._covariates)}"

    def _estimate_confidence_intervals(self, confidence_level: float | None = None, **_: Any) -> tuple[float, float]:
        outside = (1 - (confidence_level or 0.95)) / 2
        low, high = np.quantile(self.effect_draws, [outside, 1 - outside])
        return float(low), float(high)

    def _estimate_std_error(self, *_: Any, **__: Any) -> float:
        return float(self.effect_draws.std())

    def _design(self, data: pd.DataFrame, treatment: Any = None) -> Floats:
        """Standardised covariates, the treatment first, set where a value is given; shape (rows, columns)."""
        numbers = _numbers(data[self._covariates])
        if treatment is not None:
            numbers[:, 0] = float(treatment)
        return (numbers - self._mean) / self._sd

    def _average(self, data: pd.DataFrame, treatment: Any) -> Floats:
        """Mean outcome over the rows under do(treatment), per draw."""
        design, (intercept, slope) = self._design(data, treatment), self._draws
        eta = intercept[:, None] + slope[:, : design.shape[1]] @ design.T
        return np.asarray((logistic(eta) if self._binary else self._spread * eta).mean(axis=1))


def _numbers(table: pd.DataFrame) -> Floats:
    """Columns as numbers. Raises ValueError for what is missing or is none."""
    try:
        numbers = table.astype(float).to_numpy(copy=True)
    except (TypeError, ValueError) as error:
        raise ValueError(f"columns {list(table.columns)} must hold numbers: {error}") from error
    if np.isnan(numbers).any():
        raise ValueError(f"columns {list(table.columns)} have missing values; leave these rows out or model them")
    return np.asarray(numbers, dtype=float)


def _sampled(design: Floats, outcome: Floats, binary: bool, scale: float, sampler: Sampler) -> tuple[Floats, Floats]:
    """Draws of intercept and slopes, samples stacked."""
    width = -(-design.shape[1] // BLOCK) * BLOCK
    padded = np.pad(design, ((0, 0), (0, width - design.shape[1])))
    data = {"design": padded, "outcome": outcome, "slope_scale": np.array(scale)}
    posterior = sample(swap(_compiled(width, binary), data), replace(sampler, cores=1))["posterior"].to_dataset()
    intercept, slope = (posterior[name].to_numpy() for name in ("intercept", "slope"))
    return intercept.reshape(-1), slope.reshape(-1, width)


@lru_cache(maxsize=4)
def _compiled(width: int, binary: bool) -> CompiledPyMCModel:
    """Machine code of the regression, made once in a process, by nutpie: ours is for models whose every length is data."""
    import nutpie
    import pymc as pm

    priors = Priors()
    with pm.Model() as model:
        design, outcome = pm.Data("design", np.zeros((2, width))), pm.Data("outcome", np.zeros(2))
        scale = pm.Data("slope_scale", np.array(0.5))
        intercept = pm.Normal("intercept", 0.0, 1.5 if binary else 1.0)
        slope = pm.StudentT("slope", nu=priors.slope.nu, mu=0.0, sigma=scale, shape=width)
        eta = intercept + (design * slope).sum(axis=1)
        if binary:
            pm.Bernoulli("observed", logit_p=eta, observed=outcome)
        else:
            sd = pm.LogNormal("residual_sd", float(np.log(priors.residual_median)), priors.residual_sd.sd)
            pm.Normal("observed", eta, sd, observed=outcome)
    code: CompiledPyMCModel = nutpie.compile_pymc_model(model)
    return code

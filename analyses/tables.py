"""The tables that a run writes, as data frames: one row per effect, coefficient and hypothesis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causal.claims import gaps, spelled_out
from causal.hypotheses import Hypothesis
from causal.identify import NotIdentifiedError, identify
from causal.judgement import Judgement, judge
from causal.query import Query
from causal.theory import Theory
from models.blueprint import Blueprint
from models.checks.diagnostics import r_hat_and_ess
from models.effects.answers import Answer, answered, kind_of, silence
from models.estimate import Estimate
from models.structure.slopes import step_name
from models.structure.steps import by_levels

type Floats = NDArray[np.float64]

HDI_PROB = 0.9
"""Probability of every interval in the outputs."""


def summary(draws: Floats, prior: Floats) -> dict[str, float]:
    """Mean, sd, highest-density interval and probability of being positive, after and before the data."""
    return _summary(draws, "") | _summary(prior, "prior_")


def _summary(draws: Floats, prefix: str) -> dict[str, float]:
    import arviz as az

    low, high = az.hdi(draws.ravel(), prob=HDI_PROB)
    return {
        f"{prefix}mean": float(draws.mean()),
        f"{prefix}sd": float(draws.std()),
        f"{prefix}hdi_low": float(low),
        f"{prefix}hdi_high": float(high),
        f"{prefix}prob_positive": float((draws > 0).mean()),
    }


ESTIMATOR = "structural: forward simulation of the fitted equations"
"""How every effect is computed, whatever adjustment would identify it."""


def effects_table(estimate: Estimate) -> pd.DataFrame:
    """effects.csv: every effect on the standardised and, where there is one, the rating scale, with what identifies it."""
    blueprint = estimate.blueprint
    observed = frozenset(blueprint.theory.names) - frozenset(blueprint.unmeasured)
    return pd.DataFrame(list(_effect_rows(estimate.answers, blueprint.theory, observed)))


def _effect_rows(answers: Sequence[Answer], theory: Theory, observed: frozenset[str]) -> Iterator[dict[str, object]]:
    for a in answers:
        name = {"estimand": str(a.query), "cause": a.query.cause, "effect": a.query.effect, "kind": kind_of(a.query)}
        means = {"identification": identification(theory, a.query, observed), "estimator": ESTIMATOR}
        yield {**name, "scale": "standardised", **summary(a.posterior, a.prior), **means}
        if a.posterior_rating is not None and a.prior_rating is not None:
            yield {**name, "scale": "rating", **summary(a.posterior_rating, a.prior_rating), **means}


def identification(theory: Theory, query: Query, observed: frozenset[str]) -> str:
    """What identifies a query if the theory is right, in words, or why nothing does."""
    try:
        found = identify(theory, query, observed)
    except NotIdentifiedError as error:
        return f"not identified: {error}"
    return f"{found.strategy}: {', '.join(found.adjustment)}" if found.adjustment else found.strategy


COEFFICIENTS = ("slope", "signed_slope", "loading", "shift", "case_sd", "kind_sd", "noise_sd", "residual_sd")


def coefficients_table(estimate: Estimate) -> pd.DataFrame:
    """coefficients.csv: every structural coefficient, step, loading, shift and standard deviation, with its diagnostics."""
    draws = [estimate.theta(group) for group in ("posterior", "prior")]
    entries = list(_coefficients(estimate.blueprint))
    variables = list(dict.fromkeys(entry.variable for entry in entries))
    r_hat, ess = r_hat_and_ess(estimate.tree["posterior"].to_dataset()[variables])
    return pd.DataFrame(
        {"parameter": entry.parameter, "name": entry.name}
        | summary(*(group[entry.variable][(..., *entry.place)] for group in draws))  # type: ignore[arg-type]  # mypy misreads `...` before `*`
        | {"r_hat": r_hat[entry.variable].item(entry.place)}
        | {"ess_bulk": ess[entry.variable].item(entry.place)}
        for entry in entries
    )


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A number of the model: its kind and name in coefficients.csv, and its place in a variable."""

    parameter: str
    name: str
    variable: str
    place: tuple[int, ...]


def _coefficients(blueprint: Blueprint) -> Iterator[Coefficient]:
    dims = {parameter.name: parameter.dims for parameter in blueprint.parameters}
    for name in COEFFICIENTS:
        for k, label in enumerate(blueprint.coords[dims[name][0]] if name in dims else ()):
            yield Coefficient(name, label, name, (k,))
        if name == "signed_slope":
            yield from _steps(blueprint)


def _steps(blueprint: Blueprint) -> Iterator[Coefficient]:
    """The share of a monotone effect that lies between two neighbouring levels of its cause."""
    columns = {
        step_name(edge): (edge.name, blueprint.columns[edge.cause]) for edge in blueprint.theory.edges if edge.monotone
    }
    for size, labels in by_levels(blueprint.steps).items():
        for k, label in enumerate(labels):
            edge, column = columns[label]
            levels = blueprint.codebook.levels(column.spec.name)
            for step, (low, high) in enumerate(pairwise(levels)):
                yield Coefficient("step", f"{edge}: {low} to {high}", f"steps_{size}", (k, step))


def claim_draws(estimate: Estimate, hypothesis: Hypothesis) -> tuple[Floats, Floats]:
    """Gaps of a hypothesis's claim before and after the data, shape (parts, chains, draws)."""
    claim = spelled_out(hypothesis.claim, estimate.blueprint.theory)
    known = {a.query: a for a in estimate.answers}
    answers = {q: known.get(q) or answered(estimate.labs, [q])[0] for q in claim.queries}
    shape = {"prior": estimate.shape("prior"), "posterior": estimate.shape("posterior")}
    before = gaps(claim, lambda query: answers[query].prior.reshape(shape["prior"]))
    after = gaps(claim, lambda query: answers[query].posterior.reshape(shape["posterior"]))
    return before, after


def judgements(estimate: Estimate, hypotheses: Sequence[Hypothesis]) -> dict[str, Judgement]:
    """Every hypothesis judged on an estimate, by id."""
    found = {}
    for h in hypotheses:
        before, after = claim_draws(estimate, h)
        found[h.id] = judge(before, after, h.smallest_effect, cannot_speak=silence(estimate.blueprint, h.claim))
    return found


def hypotheses_table(
    hypotheses: Sequence[Hypothesis], judged: Mapping[str, Judgement], silent: Mapping[str, str]
) -> pd.DataFrame:
    """hypotheses.csv: prior beside posterior, weight of evidence and verdict.

    silent : why a hypothesis cannot be answered on the study's units, by id; blank where it can
    """
    return pd.DataFrame([_hypothesis_row(h, judged.get(h.id), silent.get(h.id, "")) for h in hypotheses])


def _hypothesis_row(h: Hypothesis, judged: Judgement | None, silent: str) -> dict[str, object]:
    row: dict[str, object] = {
        "id": h.id,
        "statement": h.statement,
        "claim": str(h.claim),
        "smallest_effect": h.smallest_effect,
    }
    if silent:
        return row | {"verdict": "cannot speak", "reason": silent}
    if judged is None:
        return row | {
            "verdict": "not asked",
            "reason": "this theory has no such effect; ask it of another theory of the study",
        }
    return row | {
        "prior_probability": judged.prior_probability,
        "posterior_probability": judged.posterior_probability,
        "weight_db": judged.weight_db,
        "weight_bound": judged.bound,
        "weight_mcse": judged.weight_mcse,
        "below_rope": judged.below,
        "in_rope": judged.in_rope,
        "above_rope": judged.above,
        "verdict": judged.verdict,
        "reason": judged.reason,
    }

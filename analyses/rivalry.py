"""Tables of the comparison of theories: who predicts the rows best, by how much, and who cannot be told apart and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np
import pandas as pd

from causal.implications import markov_equivalent
from causal.judgement import DECIBANS
from models.evidence.marginal import difference, posterior_odds
from models.evidence.rivals import Scored, best_first

TOLD_APART_DB = 10.0
"""The weight from which two theories are told apart: ten to one."""

ODDS_COLUMNS = (
    "theory", "rival", "weight_db", "weight_mcse", "least_db", "most_db", "told_apart", "why",
)  # fmt: skip
"""Columns of a table that has no row when the study has one theory."""


def rivals_table(scored: Mapping[str, Scored]) -> pd.DataFrame:
    """rivals.csv: every theory from the best to the worst, equal prior probabilities."""
    odds = posterior_odds({name: s.evidence for name, s in scored.items()})
    best = best_first(scored)[0]
    return pd.DataFrame(
        {
            "theory": name,
            "title": scored[name].theory.title,
            "edges": len(scored[name].theory.edges),
            "log_marginal_likelihood": scored[name].evidence.value,
            "mcse": scored[name].evidence.mcse,
            "behind_best_db": DECIBANS * difference(scored[best].evidence, scored[name].evidence)[0],
            "posterior_probability": odds[name],
            "held_out_score": sum(e.value for e in scored[name].held_out.values()),
            "held_out_mcse": float(np.sqrt(sum(e.mcse**2 for e in scored[name].held_out.values()))),
        }
        for name in best_first(scored)
    )


def held_out_table(scored: Mapping[str, Scored]) -> pd.DataFrame:
    """held_out.csv: log p(rows of a case | rows of the others) under every theory."""
    return pd.DataFrame(
        {"theory": name, "case": case, "log_score": e.value, "mcse": e.mcse}
        for name, s in scored.items()
        for case, e in s.held_out.items()
    )


def scales_table(scored: Mapping[str, Scored]) -> pd.DataFrame:
    """rivals_by_scale.csv: the comparison with the prior scale of every coefficient multiplied by each of some factors."""
    rows = []
    for factor in next(iter(scored.values())).by_scale:
        evidence = {name: s.by_scale[factor] for name, s in scored.items()}
        odds = posterior_odds(evidence)
        rows += [
            {
                "factor": factor,
                "theory": name,
                "log_marginal_likelihood": evidence[name].value,
                "mcse": evidence[name].mcse,
                "posterior_probability": odds[name],
            }
            for name in best_first(scored)
        ]
    return pd.DataFrame(rows)


def odds_table(scored: Mapping[str, Scored]) -> pd.DataFrame:
    """theory_odds.csv: weight of evidence for each pair of theories, its range over prior scales, and what tells them apart."""
    return pd.DataFrame(list(_pairs(scored)), columns=list(ODDS_COLUMNS))


def _pairs(scored: Mapping[str, Scored]) -> Iterator[dict[str, object]]:
    for a, b in combinations(best_first(scored), 2):
        weight, mcse = (DECIBANS * x for x in difference(scored[a].evidence, scored[b].evidence))
        shared = [factor for factor in scored[a].by_scale if factor in scored[b].by_scale]
        swept = [DECIBANS * difference(scored[a].by_scale[m], scored[b].by_scale[m])[0] for m in shared] or [weight]
        equivalent = markov_equivalent(scored[a].theory, scored[b].theory)
        told, why = told_apart(weight, mcse, min(swept), equivalent)
        yield {
            "theory": a,
            "rival": b,
            "weight_db": weight,
            "weight_mcse": mcse,
            "least_db": min(swept),
            "most_db": max(swept),
            "told_apart": told,
            "why": why,
        }


def told_apart(weight_db: float, mcse: float, least_db: float, equivalent: bool) -> tuple[str, str]:
    """Whether two theories are told apart, and why or why not. The weight is that of the better one."""
    if equivalent:
        return (
            "cannot be",
            "they imply the same independences, so that only priors on their coefficients tell them apart",
        )
    if weight_db <= 2 * mcse:
        return "no", "the difference is within twice its Monte Carlo error"
    if weight_db < TOLD_APART_DB:
        return "no", "the rows favour one by less than ten to one"
    if least_db <= 0:
        return "no", "which of them is ahead depends on the scale of the prior"
    return "yes", "the rows favour one by ten to one or more"

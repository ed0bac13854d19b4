"""Claims read off the study's own draws under importance weights, where no refit is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyses.sensitivity.bench import Bench, Row, standing_columns
from causal.hypotheses import Hypothesis
from causal.ledger import UNRELIABLE_K
from causal.sensitivity.standing import Trial
from causal.sensitivity.weights import effective_draws, weighted_share

type Floats = NDArray[np.float64]

COLUMNS = (
    "pareto_k", "reliable", "draws", "prior_probability", "probability", "weight_db", "moved_db", "verdict", "stands",
)  # fmt: skip


def reweighted(bench: Bench, hypothesis: Hypothesis, log_weight: Floats, pareto_k: float) -> Row:
    """How a claim stands on reweighted draws, and whether the weights can be believed: the columns COLUMNS.

    log_weight : shape (chains * draws,)
    """
    holds = (bench.gaps[hypothesis.id] > hypothesis.smallest_effect).ravel()
    draws = effective_draws(log_weight)
    standing = bench.at(hypothesis, weighted_share(holds, log_weight), draws)
    own = {"pareto_k": pareto_k, "reliable": pareto_k <= UNRELIABLE_K, "draws": draws}
    return own | standing_columns(standing, bench.own[hypothesis.id])


def trials(
    bench: Bench, table: pd.DataFrame, hypothesis: Hypothesis, worry: str, words: Callable[[Any], str]
) -> list[Trial]:
    """The believable rows of a table about a claim as trials of one family of assumptions.

    words : what was changed, from a row
    """
    kept = table[(table["hypothesis"] == hypothesis.id) & table["reliable"].astype(bool)]
    return [
        Trial(worry, words(row), bench.at(hypothesis, float(row.probability), float(row.draws)))
        for row in kept.itertuples()
    ]

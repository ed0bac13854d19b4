"""Claims read off the study's own draws under importance weights, where no refit is needed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import pandas as pd

from analyses.sensitivity.bench import Bench, Row, standing_columns
from causal.ess import kish
from causal.hypotheses import Hypothesis
from causal.ledger import UNRELIABLE_K, Reweighted, by_weights
from causal.sensitivity.standing import Trial

type Record = dict[Hashable, Any]
"""A row of a table, as pandas gives it."""

COLUMNS = (
    "pareto_k", "reliable", "draws", "prior_probability", "probability", "weight_db", "moved_db", "moved_mcse", "verdict",
    "stands",
)  # fmt: skip


def reweighted(bench: Bench, hypothesis: Hypothesis, draws: Reweighted) -> Row:
    """How a claim stands on reweighted draws, and whether the weights can be believed: the columns COLUMNS.

    The error of the movement is that of a difference between two readings of the same draws.
    """
    holds = bench.gaps[hypothesis.id] > hypothesis.smallest_effect
    found, count = by_weights(holds, draws), kish(draws.weights)
    standing = bench.at(hypothesis, found.without, count)
    own = {"pareto_k": draws.pareto_k, "reliable": draws.pareto_k <= UNRELIABLE_K, "draws": count}
    return own | standing_columns(standing, bench.own[hypothesis.id]) | {"moved_mcse": found.weight_mcse}


def trials(
    bench: Bench, table: pd.DataFrame, hypothesis: Hypothesis, worry: str, words: Callable[[Record], str]
) -> list[Trial]:
    """The believable rows of a table about a claim as trials of one family of assumptions.

    words : what was changed, from a row
    """
    kept = table[(table["hypothesis"] == hypothesis.id) & table["reliable"].astype(bool)]
    return [
        Trial(worry, words(row), bench.at(hypothesis, row["probability"], row["draws"]), row["moved_mcse"])
        for row in kept.to_dict("records")
    ]

"""What would be learnt next, by causal types: which clue in which case, one more case or a deeper look at those at hand."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analyses.trace import Traced
from causal.asking import Named
from models.types.learning import clues, gains, plans

LEAST = 0.1
"""A clue is weighed in units of which the question's condition is at least so probable."""
CLUE_COLUMNS = ("name", "unit", "clue", "prob_given", "now", "share_learnt")


def clues_table(traced: Traced) -> pd.DataFrame:
    """trace_clues.csv: what being certain of a construct in a unit is expected to teach about it, the most telling first."""
    rows = [row for named in traced.ask.questions if named.question.is_probability for row in _clues(traced, named)]
    levels = [f"if_{level}" for level in range(traced.ask.cut.most_levels)]
    return pd.DataFrame(rows, columns=[*CLUE_COLUMNS, *levels])


def _clues(traced: Traced, named: Named) -> list[dict[str, object]]:
    asked = traced.cases[(traced.cases["name"] == named.name) & (traced.cases["prob_given"] >= LEAST)]
    found = [
        (row["prob_given"], clue)
        for row in asked.to_dict("records")
        for clue in clues(traced.posterior, named.question, row["unit"])
    ]
    return [
        {
            "name": named.name,
            "unit": clue.case,
            "clue": clue.node,
            "prob_given": holds,
            "now": clue.now,
            "share_learnt": clue.share,
        }
        | {f"if_{level}": then for level, _, then in clue.outcomes}
        for holds, clue in sorted(found, key=lambda pair: -pair[1].learning)
    ]


def plans_table(traced: Traced) -> pd.DataFrame:
    """trace_plans.csv: what looking deeper in a unit, or at one more, is expected to teach about the population."""
    return pd.DataFrame(row for named in traced.ask.questions for row in _plans(traced, named))


def _plans(traced: Traced, named: Named) -> Iterator[dict[str, object]]:
    for gain in gains(traced.posterior, named.question, plans(traced.posterior)):
        plan = gain.plan
        yield {
            "name": named.name,
            "plan": "a new case" if plan.case is None else plan.case,
            "wide": plan.case is None,
            "looking_at": ", ".join(plan.nodes),
            "sd": gain.sd,
            "expected_sd": gain.expected_sd,
            "share_learnt": gain.share,
        }

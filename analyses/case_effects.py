"""What would have happened in the named cases, had a cause been otherwise; was it necessary, would it have been sufficient?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import networkx as nx
import pandas as pd

from analyses.tables import summary
from causal.hypotheses import Hypothesis
from causal.query import CaseCounterfactual
from models.effects.abduction import CannotAnswer, as_it_was
from models.effects.necessity import Attribution, Chance, attribution
from models.estimate import Estimate
from models.study import Study

COLUMNS = (
    "estimand", "case", "unit", "cause", "effect", "instead", "mean", "sd", "hdi_low", "hdi_high", "prob_positive",
    "prior_mean", "prior_sd", "prior_hdi_low", "prior_hdi_high", "prior_prob_positive", "indicator", "read", "necessity",
    "necessity_level", "necessity_given", "sufficiency", "sufficiency_level", "sufficiency_given", "reason",
)  # fmt: skip
"""Of case_effects.csv: the difference in sds of the effect, then the chances of the rating (``models.effects.necessity``)."""

AS_BEFORE = "as before"


def case_effects_table(study: Study, estimate: Estimate, hypotheses: Sequence[Hypothesis]) -> pd.DataFrame:
    """case_effects.csv: every counterfactual that a hypothesis names, and a low cause of each effect it asks of in each case."""
    rows = [_row(study, estimate, query) for query in counterfactuals(study, hypotheses)]
    return pd.DataFrame([row for row in rows if row], columns=list(COLUMNS))


def counterfactuals(study: Study, hypotheses: Sequence[Hypothesis]) -> tuple[CaseCounterfactual, ...]:
    """Those declared first, then every case with the cause of each asked total effect at low."""
    queries = [query for h in hypotheses for query in h.claim.queries]
    graph: nx.DiGraph[str] = nx.DiGraph([(edge.cause, edge.effect) for edge in study.theory.edges])
    graph.add_nodes_from(study.theory.names)
    pairs = dict.fromkeys((q.cause, q.effect) for q in queries if nx.has_path(graph, q.cause, q.effect))
    declared = [query for query in queries if isinstance(query, CaseCounterfactual)]
    added = [CaseCounterfactual(case, *pair, "low") for pair in pairs for case in study.cases.cases]
    return tuple(dict.fromkeys((*declared, *added)))


def _row(study: Study, estimate: Estimate, query: CaseCounterfactual) -> dict[str, object]:
    """A row of the table; empty where the case has no score for an end of the query, or no period before."""
    labs = estimate.labs
    try:
        after, before = (as_it_was(lab.own, query) for lab in (labs.posterior, labs.prior))
    except CannotAnswer:
        return {}
    unit = study.cases.units.get(query.case)
    row: dict[str, object] = {
        "estimand": str(query),
        "case": unit.case if unit else query.case,
        "cause": query.cause,
        "effect": query.effect,
        "instead": query.set_to or AS_BEFORE,
    }
    row |= summary(after, before)
    try:
        return row | _attributed(attribution(labs.posterior.own, query))
    except CannotAnswer as error:
        return row | {"reason": str(error)}


def _attributed(found: Attribution) -> dict[str, object]:
    rated = {"unit": found.unit, "indicator": found.indicator, "read": found.read}
    return rated | dict(_chance("necessity", found.necessity)) | dict(_chance("sufficiency", found.sufficiency))


def _chance(name: str, found: Chance | None) -> Iterator[tuple[str, object]]:
    if found:
        yield from {name: found.chance, f"{name}_level": found.level, f"{name}_given": found.given}.items()

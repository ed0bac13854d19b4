"""The columns of the tables of a run that may have no row, so that an empty one is written with its header."""

import pandas as pd

WEIGHED = (
    "weight_db", "weight_mcse", "pareto_k", "method", "r_hat", "believed", "probability_without", "verdict_without",
)  # fmt: skip
HEADERS = {
    "effects": (
        "estimand", "cause", "effect", "kind", "scale", "mean", "sd", "hdi_low", "hdi_high", "prob_positive", "prior_mean",
        "prior_sd", "prior_hdi_low", "prior_hdi_high", "prior_prob_positive", "identification", "estimator",
    ),
    "hypotheses": (
        "id", "statement", "claim", "smallest_effect", "prior_probability", "posterior_probability", "weight_db",
        "weight_bound", "weight_mcse", "below_rope", "in_rope", "above_rope", "verdict", "reason",
    ),
    "ledger": (
        "hypothesis", "observation", "evidence_group", "case", "unit", "indicator", "value", "coder", "role", "source",
        "locator", "note", *WEIGHED, "p_given_claim", "p_given_other", "kind",
    ),
    "ledger_groups": ("hypothesis", "group", "name", "rows", *WEIGHED),
    "tipping": (
        "hypothesis", "conclusion", "rows_that_flip", "row", "row_probability_without", "row_flips_to", "groups_that_flip",
        "bias", "bias_becomes", "bias_probability", "bias_bound",
    ),
}  # fmt: skip


def headed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table that has columns even where it has no rows."""
    return table if len(table.columns) else pd.DataFrame(columns=list(HEADERS.get(name, ())))

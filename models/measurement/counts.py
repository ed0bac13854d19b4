"""Units that stand for several rows of a table each (``models.aggregation``): how often each counts, and where they may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from causal.theory import Theory
from data.codebook import Codebook, Family
from models.measurement.cells import Block
from models.measurement.columns import CannotEstimateError


def check_counts(theory: Theory, codebook: Codebook, counts: Mapping[str, float], blocks: Sequence[Block]) -> None:
    """Raise CannotEstimateError where units that count several times are more than rows, or lack a value."""
    if not counts:
        return
    observed = {construct.name for construct in theory.constructs if construct.kind == "observed"}
    families = {spec.measures: spec.family for spec in codebook.indicators.values() if spec.measures in observed}
    check_rows_are_exchangeable(theory, families)
    read = {key for block in blocks for key, rows in zip(block.keys, block.rows, strict=True) if rows}
    wanted = [name for name, spec in codebook.indicators.items() if spec.measures in observed]
    for unit in counts:
        missing = [name for name in wanted if (unit, name) not in read]
        if missing:
            raise CannotEstimateError(
                f"{unit} counts {counts[unit]:g} times, but its {missing[0]} is missing: what is missing may differ from row to "
                "row. Give each of them a unit of its own."
            )


def check_rows_are_exchangeable(theory: Theory, families: Mapping[str, Family]) -> None:
    """Raise CannotEstimateError where rows have something of their own, or bear on one another.

    families : of every observed construct
    """
    latent = [name for name in theory.names if name not in families]
    noisy = [name for name in theory.names if families.get(name) in ("binomial", "count")]
    lagged = [edge.name for edge in theory.edges if edge.lag]
    found = {
        f"{', '.join(latent)} has a score in every row: make it observed or leave it out": latent,
        f"{', '.join(noisy)} is a share or a count, which has an error of its own in every row": noisy,
        f"{', '.join(lagged)} is lagged, so that rows follow one another": lagged,
        "an unmeasured common cause has a score in every row": theory.confounded,
        'cases have components of their own: set pooling = "complete"': theory.model.pooling != "complete",
    }
    reasons = [reason for reason, applies in found.items() if applies]
    if reasons:
        raise CannotEstimateError(f"rows cannot be taken together: {'; '.join(reasons)}. Import the table row by row.")

"""Annotation for Transparent Inquiry: every coded cell beside the place it rests on and the coder's note.

The columns follow what an annotation holds (a claim, its source, where in the source, and an analytic note), so that the
table can be filed with a data repository. A source excerpt is named by its place and never copied: the rights in it are
somebody else's.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from data.cases import Cases, Observation
from data.codebook import Codebook
from data.sources import Source

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "observation",
    "case",
    "unit",
    "indicator",
    "question",
    "value",
    "n",
    "source",
    "citation",
    "locator",
    "excerpt_location",
    "analytic_note",
    "coder",
    "confidence",
    "role",
    "evidence_group",
)

SILENT = "read, and silent"
"""The value of a cell whose source was read and does not answer the question."""


def annotations(cases: Cases, codebook: Codebook, sources: Mapping[str, Source]) -> "pd.DataFrame":
    """One row a judgement, in file order; columns `COLUMNS`, all text but n and confidence.

    value : as the coder wrote it, successes of n for a binomial, `SILENT` where there is none
    citation : author, year and title of the source; excerpt_location : the same with the place in it
    analytic_note : the coder's note, then how the question's levels are told apart (the codebook's rule)
    """
    import pandas as pd

    rows = [_annotation(row, cases, codebook, sources) for row in cases.observations]
    return pd.DataFrame.from_records(rows, columns=list(COLUMNS)).astype({"n": "Int64"})


def _annotation(row: Observation, cases: Cases, codebook: Codebook, sources: Mapping[str, Source]) -> dict[str, object]:
    indicator, citation = codebook.indicators[row.indicator], _citation(row.source, sources)
    note = f"Note: {row.note}" if row.note else ""
    rule = f"Rule: {' '.join(indicator.rule.split())}" if indicator.rule else ""
    return {
        "observation": row.name,
        "case": cases.units[row.unit].case,
        "unit": row.unit,
        "indicator": row.indicator,
        "question": indicator.question,
        "value": SILENT if row.missing else row.text,
        "n": row.n,
        "source": row.source,
        "citation": citation,
        "locator": row.locator,
        "excerpt_location": ": ".join(filter(None, (citation, row.locator))),
        "analytic_note": "\n".join(filter(None, (note, rule))),
        "coder": row.coder,
        "confidence": row.confidence,
        "role": row.role,
        "evidence_group": row.evidence_group,
    }


def _citation(key: str, sources: Mapping[str, Source]) -> str:
    """The source in words; its bare key where the bibliography does not hold it."""
    source = sources.get(key)
    if source is None:
        return key
    year = f"({source.year})" if source.year else ""
    return ". ".join(filter(None, (" ".join(filter(None, (source.author, year))), source.title)))

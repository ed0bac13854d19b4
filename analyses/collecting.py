"""What to collect next: the tables of unread cells, and of whole indicators, periods and cases."""

from __future__ import annotations

import pandas as pd

from analyses.ledgers import Ledger
from models.collect import candidates

NEXT_COLUMNS = ("hypothesis", "case", "unit", "indicator", "question", "expected_db", "most_db", "kind")
"""Columns of a table that has no row when there is nothing left to read."""


def next_table(ledger: Ledger, leading: int = 25) -> pd.DataFrame:
    """next_evidence.csv: for each hypothesis the unread cells expected to move it most."""
    rows = []
    codebook, units = ledger.study.codebook, ledger.study.cases.units
    for h in ledger.hypotheses:
        found = candidates(ledger.readings, ledger.holds[h.id].ravel(), codebook.default_confidence)
        for c in sorted(found, key=lambda c: -c.expected_db)[:leading]:
            rows.append(
                {
                    "hypothesis": h.id,
                    "case": units[c.unit].case,
                    "unit": c.unit,
                    "indicator": c.indicator,
                    "question": codebook.indicators[c.indicator].question,
                    "expected_db": c.expected_db,
                    "most_db": c.most_db,
                    "kind": c.kind,
                }
            )
    return pd.DataFrame(rows, columns=list(NEXT_COLUMNS))

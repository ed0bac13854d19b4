"""What to collect next: the tables of unread cells, and of whole indicators, periods and cases."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from analyses.ledgers import Ledger
from models.evidence.collect import candidates
from models.evidence.prospects import Movement, movements_of, prospects
from models.measurement.readings import Readings

MOST_DRAWS = 1500
"""Draws on which whole cases, periods and indicators are imagined."""

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


def prospects_table(ledger: Ledger, seed: int) -> pd.DataFrame:
    """prospects.csv: how far one more case, the next period of each case, and more of each indicator would move each claim."""
    rng = np.random.default_rng(seed)
    readings = ledger.readings
    samples = len(readings.theta["shift"])
    some = np.arange(0, samples, max(1, samples // MOST_DRAWS))
    thinned = Readings(
        readings.blueprint, readings.units, {name: value[some] for name, value in readings.theta.items()}
    )
    holds = {name: claim.ravel()[some] for name, claim in ledger.holds.items()}
    rows = [
        {"hypothesis": name, "scope": prospect.scope, "name": prospect.name, "readings": len(prospect.answers)}
        | asdict(m)
        for prospect in prospects(thinned, ledger.study.codebook.default_confidence, rng)
        for name, m in movements_of(holds, prospect, rng).items()
    ]
    table = pd.DataFrame(rows, columns=["hypothesis", "scope", "name", "readings", *Movement.__dataclass_fields__])
    order = {h.id: n for n, h in enumerate(ledger.hypotheses)}
    ranked = table.sort_values("beyond_db", ascending=False)
    return ranked.sort_values("hypothesis", key=lambda ids: ids.map(order), kind="stable", ignore_index=True)

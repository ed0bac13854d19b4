"""Theory: each edge dropped or turned round, and the rivals."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from analyses.sensitivity.bench import Bench, Row, Variant
from causal.hypotheses import Hypothesis
from causal.sensitivity.edits import one_edge_away
from causal.theory import Theory
from models.claims import askable
from models.study import Study

EDGES, RIVALS = "one edge of the theory", "which theory is right"


def theories(study: Study) -> dict[str, Theory]:
    """The theories one edge away and the study's others, by what is changed."""
    return dict(one_edge_away(study.theory)) | {f"theory {name}": rival for name, rival in study.rivals.items()}


def variants(bench: Bench) -> Iterator[Variant]:
    """A refit for each theory that can be asked a claim."""
    for change, theory in theories(bench.study).items():
        about = tuple(h.id for h in bench.asked if speaks(theory, h))
        if about:
            worry = RIVALS if change.startswith("theory ") else EDGES
            yield Variant("theory", worry, change, bench.lay_out(theory), about=about)


def speaks(theory: Theory, hypothesis: Hypothesis) -> bool:
    """Whether a theory can be asked a claim. A turned or missing edge may make it 0 by assumption."""
    return askable(hypothesis, theory)


def assumed_table(bench: Bench) -> pd.DataFrame:
    """theory_assumed.csv: theories in which a claim is false or meaningless by assumption, whatever the data say."""
    rows: list[Row] = [
        {"hypothesis": h.id, "change": change, "why": "no such effect in this theory"}
        for change, theory in theories(bench.study).items()
        for h in bench.asked
        if not speaks(theory, h)
    ]
    return pd.DataFrame(rows, columns=["hypothesis", "change", "why"])

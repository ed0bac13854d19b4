"""Are the independences that a study's theory implies borne out, and could these data have said otherwise?"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pandas as pd

from causal.implications import Independence
from causal.independences import JudgedIndependence, Standard, judge_independence
from models.forbidden import SAMPLER, Bench, claimed, open_bench
from models.pool import Pool
from models.sampling import Sampler
from models.study import Study

COLUMNS = (
    "independence", "forbidden", "mean", "sd", "low", "high", "prob_positive", "edge", "power", "power_studies",
    "false_alarms", "null_studies", "verdict", "reason",
)  # fmt: skip
"""Of independences.csv. mean to prob_positive are of the forbidden coefficient; edge is the strength that power is about."""

type Say = Callable[[str], None]


def independences_table(
    study: Study,
    standard: Standard | None = None,
    sampler: Sampler = SAMPLER,
    pool: Pool | None = None,
    say: Say = lambda _: None,
) -> pd.DataFrame:
    """independences.csv: every implied independence among measured constructs, judged by the edge it forbids."""
    asked = claimed(study.theory, study.unmeasured)
    if not asked:
        return pd.DataFrame(columns=list(COLUMNS))
    if any(construct.kind == "observed" for construct in study.theory.constructs):
        return pd.DataFrame([_unasked(i, OBSERVED) for i in asked], columns=list(COLUMNS))
    bench = open_bench(study, asked, sampler, pool)
    return pd.DataFrame(list(_rows(bench, asked, standard or Standard(), say)), columns=list(COLUMNS))


OBSERVED = "the theory has observed constructs, whose columns are not simulated yet, so that the power is not known"
UNREADABLE = "no edge between them can be drawn: one varies inside the units of the other"


def _rows(bench: Bench, asked: tuple[Independence, ...], standard: Standard, say: Say) -> Iterator[dict[str, object]]:
    for n, independence in enumerate(asked, start=1):
        if independence not in bench.extended:
            yield _unasked(independence, UNREADABLE)
            continue
        say(f"  {n} of {len(asked)}: {independence}")
        seed = bench.sampler.seed + 1000 * n
        judged = judge_independence(independence, bench.rows, bench.refit, bench.simulate, standard, seed)
        yield _row(judged, bench.extended[independence].coefficient)


def _row(judged: JudgedIndependence, coefficient: str) -> dict[str, object]:
    return {
        "independence": str(judged.independence),
        "forbidden": coefficient,
        "mean": judged.mean,
        "sd": judged.sd,
        "low": judged.low,
        "high": judged.high,
        "prob_positive": judged.prob_positive,
        "edge": judged.edge,
        "power": judged.power,
        "power_studies": judged.detected.of,
        "false_alarms": judged.false_alarms.share,
        "null_studies": judged.false_alarms.of,
        "verdict": judged.verdict,
        "reason": judged.reason,
    }


def _unasked(independence: Independence, reason: str) -> dict[str, object]:
    return {"independence": str(independence), "verdict": "uninformative", "reason": reason}

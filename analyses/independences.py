"""Are the independences that a study's theory implies borne out, and could these data have said otherwise?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from causal.implications import Independence
from causal.independences import JudgedIndependence, Standard, judge_independence
from models.refitting.checkpoints import Checkpoints
from models.refitting.digests import code_version, digest
from models.refitting.pool import Pool
from models.refitting.refits import seed_of
from models.refutation.forbidden import SAMPLER, Bench, claimed, open_bench
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
    checkpoints: Checkpoints | None = None,
    say: Say = lambda _: None,
) -> pd.DataFrame:
    """independences.csv: every implied independence among measured constructs, judged by the edge it forbids.

    checkpoints : where judged independences are kept; what is there is not judged again. Refits run in this process.
    """
    asked = claimed(study.theory, study.unmeasured)
    if not asked:
        return pd.DataFrame(columns=list(COLUMNS))
    judge = Judge(study, standard or Standard(), replace(sampler, cores=1), checkpoints)
    rows = judge.kept(asked)
    missing = tuple(i for i in asked if i not in rows)
    if missing:
        say(f"judging {len(missing)} implied independences by the edges they forbid")
        bench = open_bench(study, missing, judge.sampler, Pool(threads=pool.threads) if pool else None)
        for n, independence in enumerate(missing, start=1):
            say(f"  {n} of {len(missing)}: {independence}")
            rows[independence] = judge.row(bench, independence)
    return pd.DataFrame([rows[i] for i in asked], columns=list(COLUMNS))


UNREADABLE = "no edge between them can be drawn: one varies inside the units of the other"


@dataclass(frozen=True)
class Kept:
    """A row of the table, as it is kept between runs."""

    row: Mapping[str, object]


@dataclass(frozen=True)
class Judge:
    """How the independences of a study are judged, and where what is judged is kept."""

    study: Study
    standard: Standard
    sampler: Sampler
    checkpoints: Checkpoints | None

    def key(self, independence: Independence) -> str:
        """Digest of all that a row depends on."""
        settings = (self.study.hashes, self.study.theory, self.standard, self.sampler)
        return digest(code_version(), *settings, "independence", str(independence))

    def kept(self, asked: Sequence[Independence]) -> dict[Independence, Mapping[str, object]]:
        """Rows that an earlier run has judged."""
        load = self.checkpoints.load if self.checkpoints else lambda *_: None
        return {i: done.row for i in asked if (done := load(self.key(i), Kept))}

    def row(self, bench: Bench, independence: Independence) -> Mapping[str, object]:
        """Judge one, and keep the row."""
        if independence not in bench.extended:
            return _unasked(independence, UNREADABLE)
        seed = seed_of(self.sampler.seed, str(independence))
        judged = judge_independence(independence, bench.rows, bench.refit, bench.simulate, self.standard, seed)
        row = _row(judged, bench.extended[independence].coefficient)
        if self.checkpoints:
            self.checkpoints.save(self.key(independence), Kept(row))
        return row


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

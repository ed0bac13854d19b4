"""Negative controls, instruments and other independences among the tests that could have overturned a conclusion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from causal.controls import control, fear, speaking_to
from causal.implications import Independence
from causal.independences import IndependenceVerdict, JudgedIndependence, Standard, judge_independence
from causal.refute import Verdict
from models.refitting.checkpoints import Checkpoints
from models.refitting.digests import digest
from models.refitting.pool import Pool
from models.refutation.forbidden import Bench, claimed, open_bench
from models.refutation.refuting import Refuting

MOST = 6
FORBIDDEN = "forbidden edge"
"""What these tests are called where some families of tests are chosen."""
VERDICTS: Mapping[IndependenceVerdict, Verdict] = {
    "holds": "survives",
    "fails": "fails",
    "uninformative": "uninformative",
}


@dataclass(frozen=True)
class Kept:
    """A row of the table, as it is kept between runs."""

    row: Mapping[str, object]


def asked(work: Refuting) -> list[Independence]:
    """The independences that speak to the conclusion."""
    study = work.bench.study
    implied = claimed(study.theory, study.unmeasured)
    return speaking_to(study.theory, work.bench.cause, work.bench.effect, implied, MOST)


def control_rows(work: Refuting, pool: Pool, kept: Checkpoints) -> list[dict[str, object]]:
    """A row of refutations.csv for each independence. Refits run in this process, whatever the pool's scheduler."""
    wanted = asked(work)
    standard, shared = Standard(simulations=work.effort.sets), work.template("plain", calibrating=False)
    keys = {i: digest(shared.key, "control", str(i), standard) for i in wanted}
    found = {i: done.row for i in wanted if (done := kept.load(keys[i], Kept))}
    missing = [i for i in wanted if i not in found]
    bench = open_bench(work.bench.study, missing, pool=Pool(threads=pool.threads)) if missing else None
    for independence in missing:
        if bench and independence in bench.extended:
            seed = work.effort.seed + 1000 * wanted.index(independence)
            judged = judge_independence(independence, bench.rows, bench.refit, bench.simulate, standard, seed=seed)
            found[independence] = _row(work, judged, bench)
            kept.save(keys[independence], Kept(found[independence]))
    return [dict(found[i]) for i in wanted if i in found]


def _row(work: Refuting, judged: JudgedIndependence, bench: Bench) -> dict[str, object]:
    i, cause, effect = judged.independence, work.bench.cause, work.bench.effect
    kind = control(work.bench.study.theory, cause, effect, i)
    sure = max(judged.prob_positive, 1 - judged.prob_positive)
    given = f" given {', '.join(i.given)}" if i.given else ""
    return {
        "worry": fear(kind, cause, effect),
        "test": f"{kind}: {i.a} and {i.b}",
        "done": f"The edge {bench.extended[i].coefficient}, which the theory forbids, was added.",
        "expected": f"The data do not ask for it: {i.a} and {i.b} are independent{given}.",
        "observed": f"Its coefficient is {judged.mean:.2f} ({judged.low:.2f} to {judged.high:.2f}); "
        f"the likelier sign has probability {sure:.2f}.",
        "power": judged.power,
        "false_alarms": judged.false_alarms.share,
        "verdict": VERDICTS[judged.verdict],
        "reason": judged.reason,
        "probability": sure,
        "probability_before": work.fitted.certainty,
        "refits": 1,
        "sets": judged.detected.of,
    }

"""A results folder with invented numbers for any study: what a run writes, without sampling."""

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from analyses.outputs import write_json
from analyses.run import theory_json
from causal.judgement import judge
from models.checks.diagnostics import Diagnostics, Limits
from models.effects.answers import kind_of, queries
from models.priors import Priors
from models.sampling import Sampler
from models.study import Study

type Row = dict[str, object]

JUDGED = (
    "prior_probability", "posterior_probability", "weight_db", "weight_bound", "weight_mcse", "below_rope", "in_rope",
    "above_rope",
)  # fmt: skip


def write_folder(study: Study, folder: Path, seed: int = 1, converged: bool = True) -> Path:
    """Every file that the report needs, the numbers drawn at random; returns the folder."""
    rng = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {
        "effects": list(_effects(study, rng)),
        "coefficients": list(_coefficients(study, rng)),
        "hypotheses": list(_hypotheses(study, rng)),
        "ledger": list(_ledger(study, rng)),
    }.items():
        write_table(folder / f"{name}.csv", rows)
    frame = study.cases.frame
    frame.insert(1, "construct", [study.construct_of(row) for row in study.cases.observations])
    frame.to_csv(folder / "ratings.csv", index=False)
    write_json(folder / "theory.json", theory_json(study))
    diagnostics = Diagnostics(
        1.004 if converged else 1.2,
        "slope[a->b]",
        812.0,
        "slope[a->b]",
        700.0,
        "tau",
        0,
        0.0,
        0.8,
        4000,
        0.95,
        1,
        Limits(),
    )
    write_json(folder / "diagnostics.json", diagnostics)
    write_json(folder / "manifest.json", _manifest(study, diagnostics))
    return folder


def write_table(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """A table as pandas would write it: blank where there is no number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: "" if v != v else v for k, v in row.items()} for row in rows)


def _summary(rng: random.Random) -> Row:
    mean, sd = rng.gauss(0.3, 0.4), rng.uniform(0.1, 0.4)
    return {
        "mean": mean, "sd": sd, "hdi_low": mean - 1.64 * sd, "hdi_high": mean + 1.64 * sd,
        "prob_positive": min(max(0.5 + mean, 0.0), 1.0), "prior_mean": rng.gauss(0, 0.02), "prior_sd": 0.42,
        "prior_hdi_low": -0.69, "prior_hdi_high": 0.69,
        "prior_prob_positive": rng.uniform(0.48, 0.52),
    }  # fmt: skip


def _effects(study: Study, rng: random.Random) -> Iterator[Row]:
    for q in queries(study.theory):
        for scale in ("standardised", "rating"):
            yield {
                "estimand": str(q), "cause": q.cause, "effect": q.effect, "kind": kind_of(q), "scale": scale
            } | _summary(rng)  # fmt: skip


def _coefficients(study: Study, rng: random.Random) -> Iterator[Row]:
    diagnostics: Row = {"r_hat": 1.001, "ess_bulk": 2345.6}
    for e in study.theory.edges:
        yield {"parameter": "slope", "name": e.name} | _summary(rng) | diagnostics
        if e.moderator:
            yield {"parameter": "slope", "name": f"{e.cause}*{e.moderator}->{e.effect}"} | _summary(rng) | diagnostics
    for parameter, names in {"loading": study.codebook.indicators, "case_sd": study.theory.names}.items():
        for name in names:
            yield {"parameter": parameter, "name": name} | _summary(rng) | diagnostics


def _hypotheses(study: Study, rng: random.Random) -> Iterator[Row]:
    import numpy as np

    draws = np.random.default_rng(rng.randrange(10**6))
    for i, h in enumerate(study.hypotheses):
        named: Row = {"id": h.id, "statement": h.statement, "claim": str(h.claim), "smallest_effect": h.smallest_effect}
        if h in study.unaskable:
            yield named | dict.fromkeys(JUDGED, float("nan")) | {"verdict": "not asked", "reason": "no such effect"}
            continue
        shift = 9.0 if i == 1 else rng.gauss(0.5, 0.8)
        silent = "no row measures trust" if i == 2 else ""
        j = judge(
            draws.normal(0, 1, (1, 4, 500)), draws.normal(shift, 1, (1, 4, 500)), h.smallest_effect, cannot_speak=silent
        )
        yield named | {
            "prior_probability": j.prior_probability, "posterior_probability": j.posterior_probability,
            "weight_db": j.weight_db, "weight_bound": j.bound, "weight_mcse": j.weight_mcse,
            "below_rope": j.below, "in_rope": j.in_rope, "above_rope": j.above, "verdict": j.verdict, "reason": j.reason,
        }  # fmt: skip


def _ledger(study: Study, rng: random.Random) -> Iterator[Row]:
    for h in study.hypotheses:
        if h in study.unaskable:
            continue
        for row in study.cases.observations:
            if row.is_evidence:
                number = float("nan") if rng.random() < 0.05 else rng.gauss(0.1, 0.8)
                yield {
                    "hypothesis": h.id, "observation": row.name, "evidence_group": row.evidence_group,
                    "case": study.cases.units[row.unit].case, "unit": row.unit, "indicator": row.indicator,
                    "value": row.text, "coder": row.coder, "role": row.role, "source": row.source, "locator": row.locator,
                    "note": row.note, "weight_db": number, "weight_mcse": rng.uniform(0.05, 0.3),
                    "pareto_k": rng.uniform(-0.1, 0.85), "method": "importance",
                }  # fmt: skip


def _manifest(study: Study, diagnostics: Diagnostics) -> Row:
    return {
        "study": study.root.name, "theory": study.theory.name, "title": study.theory.title, "model": study.theory.model,
        "sampler": Sampler(), "converged": diagnostics.converged, "failures": diagnostics.failures,
        "inputs": study.hashes, "versions": {"casewise": "0.1.0", "pymc": "6.4.0", "python": "3.13.1"},
        "seconds": {"estimate": 61.2, "total": 75.0}, "unmeasured": study.unmeasured,
        "scaling": {"catch_per_effort": {"center": 1.25, "spread": 0.5}}, "priors": Priors(),
    }  # fmt: skip

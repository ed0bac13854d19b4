"""``casewise run``: from a study folder to a folder of results."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from analyses.case_effects import case_effects_table
from analyses.frozen import FILE as FROZEN
from analyses.frozen import freeze
from analyses.headers import headed
from analyses.leading import tipping_table
from analyses.ledgers import Ledger, groups_table, ledger_table
from analyses.outputs import staged, write_draws, write_json
from analyses.pooling import beside, pooling_table
from analyses.provenance import RECORD
from analyses.tables import coefficients_table, effects_table, hypotheses_table, judgements
from causal.html import table
from causal.hypotheses import Hypothesis
from causal.judgement import Judgement
from data.baseline import baseline
from data.reliability import agreement
from models.blueprint import Blueprint, Room, draw_blueprint
from models.checks.criticism import criticise
from models.checks.gate import Belief, prior_beliefs
from models.effects.answers import unanswerable
from models.estimate import Estimate, estimate
from models.sampling import Sampler
from models.study import Study

PACKAGES = (
    "casewise",
    "pymc",
    "pytensor",
    "nutpie",
    "arviz",
    "numba",
    "numpy",
    "scipy",
    "pandas",
    "xarray",
    "networkx",
)

OPTIONAL = ("baseline", "reliability", "criticism", "pooling", "case_effects")
"""Tables that are not written when they have nothing to say: no rating to compare, no second coder, no case seen twice."""

CRITICISED = 1000
"""Posterior draws on which the model is criticised."""

type Say = Callable[[str], None]


@dataclass(frozen=True)
class Run:
    """A study estimated: the fit, the judged hypotheses, and the tables that are written."""

    study: Study
    estimate: Estimate
    judged: Mapping[str, Judgement]
    tables: Mapping[str, pd.DataFrame]
    beliefs: tuple[Belief, ...]
    seconds: Mapping[str, float]

    def _repr_html_(self) -> str:
        rows = [
            (h.statement, j.prior_probability, j.posterior_probability, j.weight_db, j.verdict)
            for h in self.study.hypotheses
            if (j := self.judged.get(h.id)) is not None
        ]
        said = "; ".join(self.estimate.diagnostics.failures) or "converged"
        head = ("hypothesis", "prior", "posterior", "weight, dB", "verdict")
        return table(f"{self.study.theory.title} ({said})", head, rows)


def run_study(study: Study, sampler: Sampler, say: Say = lambda _: None, progress: bool = False) -> Run:
    """Fit the study's main theory, answer its queries, judge its hypotheses, and work out the ledger."""
    clock, seconds = time.perf_counter(), {}
    say(
        f"compiling and sampling {study.theory.name}: {sampler.chains} chains of {sampler.tune} + {sampler.draws} draws"
    )
    blueprint = lay_out(study)
    silent = {h.id: unanswerable(blueprint, study.cases.units, h.claim) for h in askable(study)}
    asked_of = tuple(h for h in askable(study) if not silent[h.id])
    beliefs = prior_beliefs(blueprint, sampler.seed)
    for belief in beliefs:
        say(belief.sentence)
    asked = [query for h in asked_of for query in h.claim.queries]
    fitted = estimate(blueprint, study.cases.units, sampler, asked, progress, say)
    seconds["estimate"] = time.perf_counter() - clock
    say("judging hypotheses and weighing each piece of evidence")
    judged = judgements(fitted, asked_of)
    ledger = Ledger(study, fitted, asked_of, judged)
    if study.counted:
        say(
            f"{len(study.counted)} rows stand for several of a table: the ledger, the criticism and named cases leave them aside"
        )
    with ThreadPoolExecutor(1) as meanwhile:  # sampling needs no Python, the tables nothing else
        refitted = meanwhile.submit(pooling_table, study, fitted, sampler, say)
        tables = _tables(ledger, silent)
        tables["pooling"] = refitted.result()
    tables["coefficients"] = beside(tables["coefficients"], tables["pooling"])
    seconds["total"] = time.perf_counter() - clock
    return Run(study, fitted, judged, tables, beliefs, seconds)


def _tables(ledger: Ledger, silent: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """Every table that follows from the one fit; ``silent`` says why a hypothesis cannot be answered."""
    study, fitted = ledger.study, ledger.estimate
    return {
        "effects": effects_table(fitted),
        "coefficients": coefficients_table(fitted),
        "case_effects": pd.DataFrame() if study.counted else case_effects_table(study, fitted, ledger.hypotheses),
        "hypotheses": hypotheses_table(study.hypotheses, ledger.judged, silent),
        "ledger": ledger_table(ledger),
        "ledger_groups": groups_table(ledger),
        "tipping": tipping_table(ledger),
        "ratings": ratings_table(study),
        "baseline": baseline_table(study),
        "reliability": reliability_table(study),
        "criticism": pd.DataFrame() if study.counted else criticism_table(fitted),
    }


def lay_out(study: Study, room: Room | None = None) -> Blueprint:
    """The main theory on the study's units and rows."""
    return draw_blueprint(study.theory, study.codebook, study.cases.units, study.cases.observations, room=room)


def askable(study: Study) -> tuple[Hypothesis, ...]:
    """The hypotheses that the main theory can be asked; the others are another theory's."""
    others = study.unaskable
    return tuple(h for h in study.hypotheses if h not in others)


def baseline_table(study: Study) -> pd.DataFrame:
    """baseline.csv: for every pair of constructs a hypothesis speaks of, how their ratings move together, latent-free."""
    pairs = dict.fromkeys((q.cause, q.effect) for h in study.hypotheses for q in h.claim.queries)
    found = {pair: baseline(study.cases, study.codebook, *pair) for pair in pairs}
    return pd.DataFrame(
        {"cause": cause, "effect": effect}
        | {"gamma": b.gamma}
        | {k if k not in ("cause", "effect") else f"{k}_indicator": v for k, v in asdict(b).items()}
        for (cause, effect), b in found.items()
        if b is not None
    )


def reliability_table(study: Study) -> pd.DataFrame:
    """reliability.csv: agreement between coders on every scale that two of them used."""
    return pd.DataFrame(asdict(a) | {"coders": ", ".join(a.coders)} for a in agreement(study.cases, study.codebook))


def criticism_table(fitted: Estimate) -> pd.DataFrame:
    """criticism.csv: what the rows show beside what the fitted theory would produce in units of this kind."""
    theta = fitted.theta()
    chosen = np.linspace(0, np.prod(fitted.shape()) - 1, CRITICISED).round().astype(int)
    thinned = {name: draws[np.unique(chosen)] for name, draws in theta.items()}
    checks = criticise(fitted.blueprint, fitted.units, thinned, np.random.default_rng(fitted.sampler.seed))
    return pd.DataFrame(asdict(check) for check in checks)


def ratings_table(study: Study) -> pd.DataFrame:
    """ratings.csv: every coded row with its case, period and construct, for the report's table of cases."""
    frame = study.cases.frame
    frame.insert(1, "construct", [study.codebook.indicators[name].measures for name in frame["indicator"]])
    return frame


def write_run(run: Run, out: Path) -> Path:
    """Write every output of a run and its report; returns the path of the report. ``out`` changes only when all is written."""
    from analyses.report import write_report

    frozen = freeze(run.study.hypotheses, out)
    without = [name for name, table in run.tables.items() if table.empty and name in OPTIONAL]
    with staged(out) as stage:
        for name in run.tables.keys() - without:
            headed(name, run.tables[name]).to_csv(stage / f"{name}.csv", index=False)
        write_draws(stage / "posterior.nc", run.estimate.tree)
        write_json(stage / "diagnostics.json", run.estimate.diagnostics)
        write_json(stage / "prior_beliefs.json", [asdict(b) | {"sentence": b.sentence} for b in run.beliefs])
        write_json(stage / FROZEN, frozen)
        write_json(
            stage / "manifest.json", manifest(run) | {"frozen": {"digest": frozen.digest, "changes": frozen.changes}}
        )
        write_json(stage / "theory.json", theory_json(run.study))
        write_report(stage)
    for name in without:  # of an earlier run
        (out / f"{name}.csv").unlink(missing_ok=True)
    if (out / RECORD).is_file():  # other commands have been here, and the report can tell what they saw
        write_report(out)
    return out / "report.html"


def manifest(run: Run) -> dict[str, object]:
    """What would be needed to obtain the same numbers again."""
    return {
        "study": run.study.root.name,
        "theory": run.study.theory.name,
        "title": run.study.theory.title,
        "model": run.study.theory.model,
        "sampler": run.estimate.sampler,
        "converged": run.estimate.diagnostics.converged,
        "failures": run.estimate.diagnostics.failures,
        "inputs": run.study.hashes,
        "versions": {name: version(name) for name in PACKAGES} | {"python": platform.python_version()},
        "seconds": run.seconds,
        "unmeasured": run.study.unmeasured,
        "scaling": run.estimate.blueprint.scaling,
        "priors": run.estimate.blueprint.priors,
    }


def theory_json(study: Study) -> dict[str, object]:
    """The theory and the words that go with it, for the report."""
    return {
        "name": study.theory.name,
        "title": study.theory.title,
        "constructs": study.theory.constructs,
        "edges": [
            {"name": edge.name} | {k: getattr(edge, k) for k in edge.__dataclass_fields__}
            for edge in study.theory.edges
        ],
        "confounded": [pair.between for pair in study.theory.confounded],
        "rows": study.rows,
        "cases": study.cases.cases,
        "units": list(study.cases.units.values()),
        "indicators": list(study.codebook.indicators.values()),
        "scales": {name: scale.levels for name, scale in study.codebook.scales.items()},
        "sources": list(study.sources.values()),
        "hypotheses": [
            {
                "id": h.id,
                "statement": h.statement,
                "claim": str(h.claim),
                "smallest_effect": h.smallest_effect,
                "rivals": h.rivals,
            }
            for h in study.hypotheses
        ],
    }

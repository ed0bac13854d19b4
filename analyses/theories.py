"""Does every theory of a study fit and converge, and what does each say of the hypotheses it can be asked?

Run as ``python -m analyses.theories [STUDY OUT]``; without arguments the first study. Theories of one shape share one compile.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

import data
from analyses.outputs import staged
from analyses.run import askable
from analyses.tables import judgements
from causal.hypotheses import Hypothesis
from models.blueprint import Blueprint
from models.compile import machine_code, pymc_model
from models.effects.answers import unanswerable
from models.estimate import Estimate, fit
from models.evidence.rivals import blueprints, shape_of
from models.sampling import Sampler, swap
from models.study import Study, load_study

SAMPLER = Sampler()
STUDY = Path(data.__file__).parent / "ba_clusters"


def fitted_theories(study: Study, sampler: Sampler) -> Iterator[tuple[Study, Estimate]]:
    """The study under each of its theories, with that theory's estimate."""
    compiled = {}
    for name, blueprint in blueprints(study).items():
        shape = shape_of(blueprint)
        if shape not in compiled:
            compiled[shape] = machine_code(pymc_model(blueprint))
        asked = load_study(study.root, name)
        queries = [query for h in answerable(asked, blueprint) for query in h.claim.queries]
        yield asked, fit(blueprint, study.cases.units, swap(compiled[shape], blueprint.data), sampler, queries)


def answerable(study: Study, blueprint: Blueprint) -> tuple[Hypothesis, ...]:
    """The hypotheses that a theory can be asked on the units there are."""
    return tuple(h for h in askable(study) if not unanswerable(blueprint, study.cases.units, h.claim))


def convergence(estimate: Estimate) -> dict[str, object]:
    """One row of theories.csv."""
    d = estimate.diagnostics
    return {
        "theory": estimate.blueprint.theory.name,
        "converged": d.converged,
        "attempts": d.attempts,
        "worst_r_hat": d.worst_r_hat,
        "least_ess": min(d.least_ess_bulk, d.least_ess_tail),
        "divergences": d.divergences,
        "failures": "; ".join(d.failures),
        "turned": "; ".join(d.turned),
        "unmeasured": "; ".join(estimate.blueprint.unmeasured),
    }


def verdicts(study: Study, estimate: Estimate) -> Iterator[dict[str, object]]:
    """Rows of theory_hypotheses.csv."""
    for identifier, judged in judgements(estimate, answerable(study, estimate.blueprint)).items():
        yield {
            "theory": study.theory.name,
            "hypothesis": identifier,
            "prior_probability": judged.prior_probability,
            "posterior_probability": judged.posterior_probability,
            "weight_db": judged.weight_db,
            "verdict": judged.verdict,
        }


def main(root: Path = STUDY, out: Path = Path("results/ba_clusters")) -> None:
    rows: list[dict[str, object]] = []
    judged: list[dict[str, object]] = []
    for study, estimate in fitted_theories(load_study(root), SAMPLER):
        rows.append(convergence(estimate))
        judged += verdicts(study, estimate)
        print(rows[-1], flush=True)
    with staged(out) as stage:
        pd.DataFrame(rows).to_csv(stage / "theories.csv", index=False)
        pd.DataFrame(judged).to_csv(stage / "theory_hypotheses.csv", index=False)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))

"""Does every theory of a study fit and converge? One compile, one fit per theory, one table.

Run as ``python -m analyses.theories [STUDY OUT]``; without arguments the first study.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

import data
from analyses.outputs import staged
from analyses.tables import judgements
from models.compile import machine_code, pymc_model
from models.estimate import fit
from models.rivals import blueprints, shape_of
from models.sampling import Sampler, swap
from models.study import Study, load_study

SAMPLER = Sampler()
STUDY = Path(data.__file__).parent / "ba_clusters"


def theories_table(study: Study, sampler: Sampler) -> pd.DataFrame:
    """theories.csv: diagnostics of every theory, and each hypothesis that it can be asked."""
    rows = []
    compiled = {}
    for name, blueprint in blueprints(study).items():
        shape = shape_of(blueprint)
        if shape not in compiled:
            compiled[shape] = machine_code(pymc_model(blueprint))
        asked = load_study(study.root, name)
        askable = [h for h in asked.hypotheses if h not in asked.unaskable]
        queries = [query for h in askable for query in h.claim.queries]
        fitted = fit(blueprint, study.cases.units, swap(compiled[shape], blueprint.data), sampler, queries)
        d = fitted.diagnostics
        for identifier, judged in judgements(fitted, askable).items():
            rows.append(
                {
                    "theory": name,
                    "converged": d.converged,
                    "worst_r_hat": d.worst_r_hat,
                    "least_ess": min(d.least_ess_bulk, d.least_ess_tail),
                    "divergences": d.divergences,
                    "hypothesis": identifier,
                    "prior_probability": judged.prior_probability,
                    "posterior_probability": judged.posterior_probability,
                    "weight_db": judged.weight_db,
                    "verdict": judged.verdict,
                }
            )
        print(f"{name}: {'converged' if d.converged else '; '.join(d.failures)}", flush=True)
    return pd.DataFrame(rows)


def main(root: Path = STUDY, out: Path = Path("results/ba_clusters")) -> None:
    table = theories_table(load_study(root), SAMPLER)
    with staged(out) as stage:
        table.to_csv(stage / "theories.csv", index=False)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))

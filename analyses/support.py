"""``casewise support``: rival theories on the same rows, the ledger by refits, and what to collect next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analyses.leading import leaders, leading_table, tipping_table
from analyses.ledgers import Ledger, Rows, bearing_rows, groups_table, ledger_table
from analyses.outputs import staged
from analyses.run import askable, lay_out
from analyses.tables import judgements
from causal.implications import markov_equivalent
from models.answers import unanswerable
from models.checkpoints import Checkpoints
from models.collect import candidates
from models.compile import machine_code, pymc_model
from models.entering import Entering, refit_without
from models.estimate import fit
from models.evidence import posterior_odds
from models.pool import Pool, spread
from models.refits import Job, Refit, Template, refit_all, seed_of
from models.rivals import Effort, Scored, best_first, score_theories
from models.sampling import Sampler
from models.study import Study
from models.without import data_without

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

ODDS_COLUMNS = ("theory", "rival", "weight_db", "weight_mcse", "told_apart")
NEXT_COLUMNS = ("hypothesis", "case", "unit", "indicator", "question", "expected_db", "most_db", "kind")
"""Columns of tables that may have no row: a study with one theory, or with nothing left to read."""

LEAN = Sampler(draws=400, tune=300, chains=2)
"""Of a refit without some rows: a few hundred effective draws of each claim are enough for a weight in decibans."""

type Say = Callable[[str], None]


@dataclass(frozen=True)
class Work:
    """How the refits of the ledger are done.

    wanted_ess : effective draws of each claim below which a refit is sampled once more
    """

    refits: Sampler = LEAN
    wanted_ess: float = 150.0
    pool: Pool = field(default_factory=Pool)
    checkpoints: Checkpoints | None = None


def support(study: Study, sampler: Sampler, work: Work, effort: Effort, out: Path, say: Say) -> tuple[str, ...]:
    """Write the tables of ``casewise support`` into ``out``: rivals, the refitted ledger, what leads, what to collect next.

    sampler : of the full fit; returns what of it did not converge
    """
    ledger, leading = fitted_ledger(study, sampler, work, say)
    scored = score_theories(study, effort, say)
    tables = {
        "rivals": rivals_table(scored),
        "held_out": held_out_table(scored),
        "theory_odds": odds_table(scored),
        "ledger": ledger_table(ledger),
        "ledger_groups": groups_table(ledger),
        "leading": leading,
        "tipping": tipping_table(ledger),
        "next_evidence": next_table(ledger),
    }
    with staged(out) as stage:
        for name, table in tables.items():
            table.to_csv(stage / f"{name}.csv", index=False)
    return ledger.estimate.diagnostics.failures


def rivals_table(scored: Mapping[str, Scored]) -> pd.DataFrame:
    """rivals.csv: every theory from the best to the worst, equal prior probabilities."""
    odds = posterior_odds({name: s.evidence for name, s in scored.items()})
    best = best_first(scored)[0]
    return pd.DataFrame(
        {
            "theory": name,
            "edges": len(scored[name].theory.edges),
            "log_marginal_likelihood": scored[name].evidence.value,
            "mcse": scored[name].evidence.mcse,
            "behind_best_db": 10 / np.log(10) * (scored[best].evidence.value - scored[name].evidence.value),
            "posterior_probability": odds[name],
            "held_out_score": sum(e.value for e in scored[name].held_out.values()),
            "held_out_mcse": float(np.sqrt(sum(e.mcse**2 for e in scored[name].held_out.values()))),
        }
        for name in best_first(scored)
    )


def held_out_table(scored: Mapping[str, Scored]) -> pd.DataFrame:
    """held_out.csv: log p(rows of a case | rows of the others) under every theory."""
    return pd.DataFrame(
        {"theory": name, "case": case, "log_score": e.value, "mcse": e.mcse}
        for name, s in scored.items()
        for case, e in s.held_out.items()
    )


def odds_table(scored: Mapping[str, Scored]) -> pd.DataFrame:
    """theory_odds.csv: weight of evidence for each pair of theories, and whether any data could tell them apart."""
    return pd.DataFrame(list(_pairs(scored)), columns=list(ODDS_COLUMNS))


def _pairs(scored: Mapping[str, Scored]) -> Iterator[dict[str, object]]:
    for a, b in combinations(best_first(scored), 2):
        weight = 10 / np.log(10) * (scored[a].evidence.value - scored[b].evidence.value)
        mcse = 10 / np.log(10) * float(np.hypot(scored[a].evidence.mcse, scored[b].evidence.mcse))
        equivalent = markov_equivalent(scored[a].theory, scored[b].theory)
        told_apart = "cannot be: they imply the same independences" if equivalent else (
            "yes" if abs(weight) > max(10.0, 2 * mcse) else "not by these rows"
        )  # fmt: skip
        yield {"theory": a, "rival": b, "weight_db": weight, "weight_mcse": mcse, "told_apart": told_apart}


def fitted_ledger(study: Study, sampler: Sampler, work: Work, say: Say) -> tuple[Ledger, pd.DataFrame]:
    """The ledger with a refit wherever importance weights cannot be believed, and the table of leading rows."""
    blueprint, units = lay_out(study), study.cases.units
    hypotheses = tuple(h for h in askable(study) if not unanswerable(blueprint, units, h.claim))
    code = machine_code(pymc_model(blueprint))
    full = fit(blueprint, units, code, sampler, [query for h in hypotheses for query in h.claim.queries])
    ledger = Ledger(study, full, hypotheses, judgements(full, hypotheses))
    template = Template(blueprint, units, hypotheses, work.refits, work.wanted_ess)
    wanted = ledger.unreliable(bearing_rows(study, full))
    say(f"refitting without each of {len(wanted)} rows and groups that importance weights cannot speak to")
    ledger = replace(ledger, refitted=_refitted(template, code, wanted, work, sampler.seed))
    led = dict.fromkeys(frozenset(x.name for x in leaders(ledger, h.id)) for h in hypotheses)
    tasks = [(rows, template, code, sampler.seed) for rows in led if rows]
    here = Pool(threads=work.pool.threads)  # the draws stay in this process
    say(f"refitting without the leading rows of {len(tasks)} hypotheses")
    return ledger, leading_table(ledger, dict(spread(here, _entering, tasks)), sampler.seed)


def _refitted(
    template: Template, code: CompiledPyMCModel, wanted: Sequence[Rows], work: Work, seed: int
) -> dict[Rows, Refit]:
    names = {" & ".join(sorted(rows)): rows for rows in wanted}
    jobs = (Job(name, seed_of(seed, name), data_without(template.blueprint, rows)) for name, rows in names.items())
    found = refit_all(template, jobs, work.pool, work.checkpoints, code=code)
    return {names[name]: refit for name, refit in found.items()}


def _entering(rows: Rows, template: Template, code: CompiledPyMCModel, seed: int) -> tuple[Rows, Entering]:
    return rows, refit_without(template, code, rows, seed)


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

"""``casewise support``: rival theories on the same rows, the ledger by refits, and what to collect next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from analyses.bridging import bridge_table, items_table
from analyses.collecting import next_table, prospects_table
from analyses.headers import headed
from analyses.independences import independences_table
from analyses.leading import leaders, leading_table, tipping_table
from analyses.ledgers import Ledger, Rows, bearing_rows, groups_table, ledger_table
from analyses.outputs import staged
from analyses.progress import Watch, silent
from analyses.rivalry import held_out_table, odds_table, rivals_table, scales_table
from analyses.run import askable, lay_out
from analyses.tables import judgements
from causal.independences import Standard
from models.blueprint import room_for
from models.compile import machine_code, pymc_model
from models.effects.answers import unanswerable
from models.estimate import fit
from models.evidence.entering import Entering, refit_without
from models.evidence.rivals import Effort, score_theories
from models.evidence.without import data_without
from models.refitting.checkpoints import Checkpoints
from models.refitting.pool import Pool, spread
from models.refitting.refits import Job, Refit, Template, refit_all, seed_of
from models.refitting.starting import started
from models.refutation.forbidden import SAMPLER as FORBIDDEN
from models.sampling import Sampler
from models.study import Study

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

LEAN = Sampler(draws=400, tune=250, chains=2)
"""Of a refit without some rows: a few hundred effective draws of each claim are enough for a weight in decibans."""

OPTIONAL = ("evidence_items", "bridge")
"""Tables of a study with qualitative evidence only."""

type Say = Callable[[str], None]


@dataclass(frozen=True)
class Work:
    """How the refits of the ledger are done.

    wanted_ess : effective draws of each claim below which a refit is sampled once more; none by default, as what a refit
        lacks in precision shows in its Monte Carlo error
    simulations : studies simulated with, and as many without, each edge that the theory forbids; 0: none is judged
    """

    refits: Sampler = LEAN
    wanted_ess: float = 0.0
    pool: Pool = field(default_factory=Pool)
    checkpoints: Checkpoints | None = None
    watch: Watch = silent
    simulations: int = 0


def support(study: Study, sampler: Sampler, work: Work, effort: Effort, out: Path, say: Say) -> tuple[str, ...]:
    """Write the tables of ``casewise support`` into ``out``: rivals, the refitted ledger, what leads, what to collect next.

    sampler : of the full fit; returns what of it did not converge
    """
    ledger, leading = fitted_ledger(study, sampler, work, say)
    scored = score_theories(study, effort, say, work.pool, work.checkpoints, work.watch)
    tables = {
        "rivals": rivals_table(scored),
        "held_out": held_out_table(scored),
        "theory_odds": odds_table(scored),
        "rivals_by_scale": scales_table(scored),
        "evidence_items": items_table(study),
        "bridge": bridge_table(study, {name: s.evidence for name, s in scored.items()}),
        "ledger": ledger_table(ledger),
        "ledger_groups": groups_table(ledger),
        "leading": leading,
        "tipping": tipping_table(ledger),
        "next_evidence": next_table(ledger),
        "prospects": prospects_table(ledger, sampler.seed),
    }
    if work.simulations:
        standard = Standard(simulations=work.simulations)
        effort_of_each = replace(FORBIDDEN, seed=sampler.seed)
        tables["independences"] = independences_table(study, standard, effort_of_each, work.pool, work.checkpoints, say)
    with staged(out) as stage:
        for name, table in tables.items():
            if not (table.empty and name in OPTIONAL):
                headed(name, table).to_csv(stage / f"{name}.csv", index=False)
    return ledger.estimate.diagnostics.failures


def fitted_ledger(study: Study, sampler: Sampler, work: Work, say: Say) -> tuple[Ledger, pd.DataFrame]:
    """The ledger with a refit wherever importance weights cannot be believed, and the table of leading rows."""
    blueprint, units = lay_out(study, room_for([lay_out(study)], values=True)), study.cases.units
    hypotheses = tuple(h for h in askable(study) if not unanswerable(blueprint, units, h.claim))
    code = machine_code(pymc_model(blueprint))
    full = fit(blueprint, units, code, sampler, [query for h in hypotheses for query in h.claim.queries])
    ledger = Ledger(study, full, hypotheses, judgements(full, hypotheses))
    plain = Template(blueprint, units, hypotheses, work.refits, work.wanted_ess)
    template = started(plain, sampler.seed, work.pool, work.checkpoints, code)
    wanted = _named(ledger, ledger.unreliable(bearing_rows(study, full)))
    with work.watch("refitting without rows and groups that importance weights cannot speak to", len(wanted)) as tell:
        ledger = replace(ledger, refitted=_refitted(template, code, wanted, work, sampler.seed, tell))
    led = dict.fromkeys(frozenset(x.name for x in leaders(ledger, h.id)) for h in hypotheses)
    tasks = [(rows, template, code, sampler.seed) for rows in led if rows]
    entered = {}
    with work.watch("refitting without the leading rows of each hypothesis", len(tasks)) as tell:
        for rows, entering in spread(Pool(threads=work.pool.threads), _entering, tasks):  # draws stay in this process
            entered[rows] = entering
            tell(f"{len(rows)} rows")
    return ledger, leading_table(ledger, entered, sampler.seed)


def _named(ledger: Ledger, wanted: Sequence[Rows]) -> dict[str, Rows]:
    """What is to be refitted without, by a short name of its own: the row's, or the first group's with these rows."""
    groups = {rows: f"{by} {name}" for (by, name), rows in reversed(list(ledger.pieces.items()))}
    return {groups.get(rows) or next(iter(rows)): rows for rows in wanted}


def _refitted(
    template: Template, code: CompiledPyMCModel, wanted: Mapping[str, Rows], work: Work, seed: int, tell: Say
) -> dict[Rows, Refit]:
    jobs = (Job(name, seed_of(seed, name), data_without(template.blueprint, rows)) for name, rows in wanted.items())
    found = refit_all(template, jobs, work.pool, work.checkpoints, lambda refit: tell(refit.name), code)
    return {wanted[name]: refit for name, refit in found.items()}


def _entering(rows: Rows, template: Template, code: CompiledPyMCModel, seed: int) -> tuple[Rows, Entering]:
    return rows, refit_without(template, code, rows, seed)

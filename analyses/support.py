"""``casewise support``: rival theories on the same rows, the ledger by refits, and what to collect next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyses.outputs import staged
from analyses.run import askable
from analyses.tables import claim_draws
from causal.hypotheses import Hypothesis
from causal.implications import markov_equivalent
from causal.ledger import by_refit
from models.collect import candidates
from models.compile import machine_code, pymc_model
from models.estimate import Estimate, fit
from models.evidence import posterior_odds
from models.rivals import Effort, Scored, best_first, score_theories
from models.sampling import Sampler, swap
from models.study import Study
from models.without import data_without, swapped

ODDS_COLUMNS = ("theory", "rival", "weight_db", "weight_mcse", "told_apart")
NEXT_COLUMNS = ("hypothesis", "case", "unit", "indicator", "question", "expected_db", "most_db", "kind")
"""Columns of tables that may have no row: a study with one theory, or with nothing left to read."""

type Say = Callable[[str], None]


def support(study: Study, sampler: Sampler, effort: Effort, out: Path, say: Say) -> None:
    """Write rivals.csv, held_out.csv, theory_odds.csv, ledger_groups.csv and next_evidence.csv into ``out``."""
    scored = score_theories(study, effort, say)
    say("refitting without each group of evidence")
    hypotheses = askable(study)
    ledger, fitted = group_ledger(study, sampler, hypotheses, say)
    tables = {
        "rivals": rivals_table(scored),
        "held_out": held_out_table(scored),
        "theory_odds": odds_table(scored),
        "ledger_groups": ledger,
        "next_evidence": next_table(study, fitted, hypotheses),
    }
    with staged(out) as stage:
        for name, table in tables.items():
            table.to_csv(stage / f"{name}.csv", index=False)


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


def pieces(study: Study) -> dict[tuple[str, str], frozenset[str]]:
    """Groups of rows whose joint contribution is asked: by case, unit, source, construct, coder, and the build items."""
    groups: dict[tuple[str, str], set[str]] = {}
    units = study.cases.units
    for row in study.cases.observations:
        if row.is_evidence:
            outer = [row.unit, *study.cases.ancestors(row.unit)][-1]
            keys = {
                "case": units[row.unit].case,
                "unit": outer,
                "source": row.source,
                "construct": study.construct_of(row),
                "coder": row.coder,
                "role": row.role,
            }
            for by, name in keys.items():
                if name and (by, name) != ("role", "test"):
                    groups.setdefault((by, name), set()).add(row.name)
    total = sum(row.is_evidence for row in study.cases.observations)
    return {key: frozenset(rows) for key, rows in groups.items() if 1 < len(rows) < total}


def group_ledger(
    study: Study, sampler: Sampler, hypotheses: Sequence[Hypothesis], say: Say
) -> tuple[pd.DataFrame, Estimate]:
    """ledger_groups.csv: what each group of rows adds to each hypothesis, by refits of the compiled model."""
    from models.blueprint import draw_blueprint

    cases = study.cases
    blueprint = draw_blueprint(study.theory, study.codebook, cases.units, cases.observations)
    code = machine_code(pymc_model(blueprint))
    queries = [query for h in hypotheses for query in h.claim.queries]
    full = fit(blueprint, cases.units, code, sampler, queries)
    holds = {h.id: _holds(full, h) for h in hypotheses}
    rows = []
    groups = pieces(study)
    for n, ((by, name), removed) in enumerate(groups.items(), start=1):
        say(f"  {n} of {len(groups)}: without {by} {name} ({len(removed)} rows)")
        changes = data_without(blueprint, removed)
        refitted = fit(swapped(blueprint, changes), cases.units, swap(code, changes), sampler, queries)
        for h in hypotheses:
            c = by_refit(holds[h.id], _holds(refitted, h))
            rows.append(
                {
                    "hypothesis": h.id,
                    "group": by,
                    "name": name,
                    "rows": len(removed),
                    "weight_db": c.weight_db,
                    "weight_mcse": c.weight_mcse,
                    "probability_without": c.without,
                    "converged": refitted.diagnostics.converged,
                    "method": c.method,
                }
            )
    return pd.DataFrame(rows), full


def _holds(estimate: Estimate, hypothesis: Hypothesis) -> NDArray[np.bool_]:
    """Whether the claim holds at each posterior draw, shape (chains, draws)."""
    return np.asarray((claim_draws(estimate, hypothesis)[1] > hypothesis.smallest_effect).all(axis=0))


def next_table(study: Study, estimate: Estimate, hypotheses: Sequence[Hypothesis], leading: int = 25) -> pd.DataFrame:
    """next_evidence.csv: for each hypothesis the unread cells expected to move it most."""
    theta = estimate.theta()
    rows = []
    for h in hypotheses:
        holds = _holds(estimate, h).ravel()
        found = candidates(estimate.blueprint, estimate.units, theta, holds, study.codebook.default_confidence)
        for c in sorted(found, key=lambda c: -c.expected_db)[:leading]:
            rows.append(
                {
                    "hypothesis": h.id,
                    "case": study.cases.units[c.unit].case,
                    "unit": c.unit,
                    "indicator": c.indicator,
                    "question": study.codebook.indicators[c.indicator].question,
                    "expected_db": c.expected_db,
                    "most_db": c.most_db,
                    "kind": c.kind,
                }
            )
    return pd.DataFrame(rows, columns=list(NEXT_COLUMNS))

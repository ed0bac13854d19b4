"""The ledger: what every row, and every piece of several rows, adds to every hypothesis, and what its loss would change."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyses.tables import claim_draws
from causal.hypotheses import Hypothesis
from causal.judgement import Judgement
from causal.kinds import Kind, chances, kinds_of_test
from causal.ledger import (
    FIXED,
    UNRELIABLE_K,
    Contribution,
    Held,
    Reweighted,
    by_summary,
    reweigh,
    verdict_without,
    weigh,
)
from data.cases import Observation
from models.estimate import Estimate
from models.evidence.pieces import Pieces, pieces
from models.evidence.psis import psis
from models.evidence.removal import Removal
from models.evidence.without import removable
from models.measurement.readings import Readings, misread
from models.refitting.refits import Refit
from models.study import Study

type Floats = NDArray[np.float64]
type Rows = frozenset[str]

R_HAT, DIVERGENT = 1.05, 0.01
"""Of a refit that can be read for a claim: the largest R-hat of its gap, the largest share of divergent draws."""


@dataclass(frozen=True, slots=True)
class Tested:
    """How likely a row was where a claim holds and where it does not, judged without the row, and the kind of test."""

    given: float
    otherwise: float
    kind: Kind


@dataclass(frozen=True)
class Ledger:
    """A fit prepared for asking what evidence adds. ``refitted`` holds the posteriors without some rows, where there are any."""

    study: Study
    estimate: Estimate
    hypotheses: Sequence[Hypothesis]
    judged: Mapping[str, Judgement]
    refitted: Mapping[Rows, Refit] = field(default_factory=dict)

    @cached_property
    def removal(self) -> Removal:
        return Removal(self.estimate.blueprint, self.estimate.theta())

    @cached_property
    def readings(self) -> Readings:
        return Readings(self.estimate.blueprint, self.estimate.units, self.estimate.theta())

    @cached_property
    def holds(self) -> dict[str, NDArray[np.bool_]]:
        """Whether each claim holds in each draw, shape (chains, draws)."""
        return {
            h.id: np.asarray((claim_draws(self.estimate, h)[1] > h.smallest_effect).all(axis=0))
            for h in self.hypotheses
        }

    @cached_property
    def rows(self) -> tuple[Observation, ...]:
        """Rows that can be left out: see ``fixed`` for the others; those that stand for several rows of a table are none."""
        kept = self.fixed | self.study.counted
        return tuple(r for r in self.study.cases.observations if r.is_evidence and r.name not in kept)

    @cached_property
    def values(self) -> frozenset[str]:
        """Rows that are the value of an observed cause, which its effects read."""
        return self.estimate.blueprint.given_rows

    @cached_property
    def fixed(self) -> frozenset[str]:
        """Those of ``values`` without which the model has no likelihood: shares and counts that have effects."""
        open_to = self.values - self.study.counted
        return frozenset(name for name in open_to if not removable(self.estimate.blueprint, frozenset({name})))

    @cached_property
    def pieces(self) -> Pieces:
        """Every piece of evidence, as far as its rows can be left out together."""
        found = {
            key: removable(self.estimate.blueprint, rows - self.study.counted)
            for key, rows in pieces(self.study).items()
        }
        return {key: rows for key, rows in found.items() if len(rows) > 1}

    @cached_property
    def tested(self) -> dict[str, dict[str, Tested]]:
        """What every row was as a test of every hypothesis that some draws hold and some deny, by row and hypothesis."""
        names = [name for name, holds in self.holds.items() if 0 < holds.mean() < 1]
        if not names:
            return {}
        claims = np.array([self.holds[name].ravel() for name in names], dtype=float)
        found = {}
        for row in self.rows:
            answers = self.removal.answers(row)
            if answers is None:
                continue
            weights = self.losses[frozenset({row.name})].weights.ravel()
            sides = chances(misread(answers, row.confidence), claims, weights)
            allowed = list(row.levels) if row.levels else [int(row.value or 0)]
            own = (side[:, allowed].sum(axis=1).tolist() for side in sides)
            found[row.name] = dict(zip(names, map(Tested, *own, kinds_of_test(*sides)), strict=True))
        return found

    @cached_property
    def losses(self) -> dict[Rows, Reweighted]:
        """The posterior without every row and every piece, as weights."""
        shape = self.estimate.shape()
        wanted = dict.fromkeys((*(frozenset({row.name}) for row in self.rows), *self.pieces.values()))
        return {rows: reweigh(self.removal.log_ratio(rows).reshape(shape), psis) for rows in wanted}

    def contribution(self, rows: Rows, hypothesis: str) -> Contribution:
        """What some rows add: by a refit where there is one, else by importance weights."""
        if rows not in self._contributions:
            refit = self.refitted.get(rows)
            self._contributions[rows] = self._weighed(rows) if refit is None else self._refitted(refit)
        return self._contributions[rows][hypothesis]

    @cached_property
    def _contributions(self) -> dict[Rows, dict[str, Contribution]]:
        """By rows and hypothesis."""
        return {}

    def _weighed(self, rows: Rows) -> dict[str, Contribution]:
        return dict(zip(self.holds, weigh(self._held, self.losses[rows]), strict=True))

    def _refitted(self, refit: Refit) -> dict[str, Contribution]:
        found = {name: (holds, refit.findings[name]) for name, holds in self.holds.items()}
        return {name: by_summary(holds, f.probability, f.probability_ess) for name, (holds, f) in found.items()}

    @cached_property
    def _held(self) -> Held:
        return Held(np.stack(list(self.holds.values())))

    def unreliable(self, bearing: Collection[str]) -> list[Rows]:
        """Sets of rows whose importance weights few draws dominate, largest first; those that bear on no claim are left out.

        bearing : rows that can move a claim other than through what scales share
        """
        found = [rows for rows, loss in self.losses.items() if loss.pareto_k > UNRELIABLE_K and rows & set(bearing)]
        return sorted(found, key=len, reverse=True)


def ledger_table(ledger: Ledger) -> pd.DataFrame:
    """ledger.csv: what every row adds to every hypothesis, and what kind of test of it the row was."""
    fixed = [row for row in ledger.study.cases.observations if row.name in ledger.fixed]
    return pd.DataFrame(
        [
            *(
                _described(ledger, row)
                | {"hypothesis": h.id}
                | _weighed(ledger, frozenset({row.name}), h.id)
                | _tested(ledger, row, h.id)
                for h in ledger.hypotheses
                for row in ledger.rows
            ),
            *(
                _described(ledger, row) | {"hypothesis": h.id, "method": FIXED}
                for h in ledger.hypotheses
                for row in fixed
            ),
        ]
    )


def groups_table(ledger: Ledger) -> pd.DataFrame:
    """ledger_groups.csv: what every piece of several rows adds to every hypothesis."""
    return pd.DataFrame(
        {"hypothesis": h.id, "group": by, "name": name, "rows": len(rows)} | _weighed(ledger, rows, h.id)
        for h in ledger.hypotheses
        for (by, name), rows in ledger.pieces.items()
    )


def _described(ledger: Ledger, row: Observation) -> dict[str, object]:
    return {
        "hypothesis": "",
        "observation": row.name,
        "evidence_group": row.evidence_group,
        "case": ledger.study.cases.units[row.unit].case,
        "unit": row.unit,
        "indicator": row.indicator,
        "value": row.text,
        "coder": row.coder,
        "role": row.role,
        "source": row.source,
        "locator": row.locator,
        "note": row.note,
    }


def _weighed(ledger: Ledger, rows: Rows, hypothesis: str) -> dict[str, object]:
    """The weight, how it was found and how far it can be believed."""
    c = ledger.contribution(rows, hypothesis)
    refit = ledger.refitted.get(rows)
    return {
        "weight_db": c.weight_db,
        "weight_mcse": c.weight_mcse,
        "pareto_k": ledger.losses[rows].pareto_k,
        "method": c.method,
        "r_hat": refit.findings[hypothesis].r_hat if refit else float("nan"),
        "believed": _agrees(refit, hypothesis) if refit else c.reliable,
        "probability_without": c.without,
        "verdict_without": verdict_without(ledger.judged[hypothesis], c),
    }


def _agrees(refit: Refit, hypothesis: str) -> bool:
    """Whether the chains of a refit agree on a claim; how precisely, its Monte Carlo error says."""
    return not refit.findings[hypothesis].r_hat > R_HAT and refit.divergences <= DIVERGENT * refit.draws


def _tested(ledger: Ledger, row: Observation, hypothesis: str) -> dict[str, object]:
    found = ledger.tested.get(row.name, {}).get(hypothesis)
    if found is None:
        return {"p_given_claim": float("nan"), "p_given_other": float("nan"), "kind": ""}
    return {"p_given_claim": found.given, "p_given_other": found.otherwise, "kind": found.kind}


def bearing_rows(study: Study, estimate: Estimate) -> set[str]:
    """Rows on constructs that some edge of the theory touches: the others can move a claim only through a shared scale."""
    touched = {end for edge in estimate.blueprint.theory.edges for end in (edge.cause, edge.effect)}
    return {row.name for row in study.cases.observations if study.construct_of(row) in touched}

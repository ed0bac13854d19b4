"""What the fitted theory implies for the scores around an effect: one covariance matrix per draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.query import DirectEffect, Query
from models.effects.interventions import Laboratory
from models.effects.newcase import NewCase

type Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """Covariances of a cause (first), an outcome (second) and what is adjusted for, in a new case's last period.

    names : of the columns; a construct of an earlier period has its lag in brackets
    covariance : shape (samples, columns, columns)
    """

    names: tuple[str, ...]
    covariance: Floats

    @property
    def adjusted(self) -> list[int]:
        """Columns that are adjusted for."""
        return list(range(2, len(self.names)))

    @property
    def to_standardised(self) -> Floats:
        """Factor from a slope to standard deviations of the outcome per standard deviation of the cause, shape (samples,)."""
        variances = np.diagonal(self.covariance, axis1=1, axis2=2)
        return np.asarray(np.sqrt(variances[:, 0] / variances[:, 1]))


def moments(lab: Laboratory, query: Query) -> Moments:
    """Moments around the effect that a query asks for.

    Adjusted for are the causes of the cause and those causes of the outcome that the cause does not move: with the cause's own
    causes among them the regression slope is the total effect, were there no unmeasured common cause. For a direct effect all
    other causes of the outcome are. Products of a moderated edge enter as what is left of them in a linear regression.
    """
    case = lab.case
    cause, outcome = case.outcome(query.cause), case.outcome(query.effect)
    moved = set() if isinstance(query, DirectEffect) else case.structure.reached_from(frozenset([cause]))
    around = [*_causes(case, cause), *(n for n in _causes(case, outcome) if n not in moved)]
    columns = [cause, outcome, *(n for n in dict.fromkeys(around) if n not in (cause, outcome))]
    matrices = [_covariance([part.natural[0][n] for n in columns]) for _, part in case.parts()]
    return Moments(tuple(_name(case, n) for n in columns), np.concatenate(matrices))


def _causes(case: NewCase, node: int) -> list[int]:
    arcs = case.structure.arrays
    into = slice(int(arcs["arc_first"][node]), int(arcs["arc_first"][node + 1]))
    ends = [*arcs["arc_source"][into].tolist(), *arcs["arc_moderator"][into].tolist()]
    return [n for n in ends if n >= 0]


def _covariance(scores: list[Floats]) -> Floats:
    """Covariance over replicates, shape (samples, columns, columns)."""
    z = np.stack(scores, axis=1)
    centered = z - z.mean(axis=2, keepdims=True)
    return np.asarray(centered @ centered.transpose(0, 2, 1) / z.shape[2])


def _name(case: NewCase, n: int) -> str:
    node = case.structure.nodes[n]
    last = max(unit.period for unit in case.units.values())
    lag = int(last - case.units[node.unit].period) + node.start
    return f"{node.construct}[-{lag}]" if lag else node.construct

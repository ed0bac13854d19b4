"""What to collect next: how far one more reading is expected to move a hypothesis.

Preposterior simulation on posterior draws: each possible answer t of a cell nobody has read has probability
p(t) = E[p(t | draw)] and would leave the hypothesis at P(H | t) = E[p(t | draw) H] / p(t). The expected movement is
sum_t p(t) |log odds(H | t) - log odds(H)|. Whole cases, periods and indicators: ``prospects``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.judgement import DECIBANS
from causal.kinds import chances, kind_of_test
from models.measurement.readings import Readings, misread

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cell that nobody has read, and what reading it is expected to do to a hypothesis.

    expected_db : expected absolute movement of the log odds, in decibans; most_db : movement under the most telling answer
    kind : of the test that reading it would be (see ``causal.kinds``)
    """

    unit: str
    indicator: str
    expected_db: float
    most_db: float
    kind: str


def candidates(readings: Readings, holds: NDArray[np.bool_], confidence: float) -> Iterator[Candidate]:
    """Every unread cell of a rating or yes/no indicator, on the kinds of unit on which that indicator was read before.

    holds : whether the hypothesis holds, shape (samples,); confidence : of the reading to come
    """
    for indicator, unit, answers in unread_cells(readings):
        reading = misread(answers, confidence)
        moved, share = movements(reading, holds)
        yield Candidate(
            unit,
            indicator,
            float((share * np.abs(moved)).sum()),
            float(moved[np.abs(moved).argmax()]),
            kind_of_test(*chances(reading, holds)),
        )


def unread_cells(readings: Readings) -> Iterator[tuple[str, str, Floats]]:
    """Indicator and unit of every such cell with the probability of each answer, shape (samples, answers)."""
    keys = readings.block.keys if readings.block else ()
    read, units = set(keys), readings.units
    for indicator in readings.asked:
        kinds = {units[unit].kind for unit, name in keys if name == indicator}
        for unit in units.values():
            if unit.kind in kinds and (unit.name, indicator) not in read:
                answers = readings.unread(unit, indicator)
                if answers is not None:
                    yield indicator, unit.name, answers


def movements(reading: Floats, holds: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Movement in decibans under each possible answer, and the probability of each answer.

    reading : p(answer | draw), shape (samples, answers)
    """
    share = reading.mean(axis=0)
    after = (reading * holds[:, None]).mean(axis=0) / share
    before = float(holds.mean())
    if not 0 < before < 1:
        return np.zeros(len(share)), share
    return DECIBANS * (_logit(after) - _logit(before)), share


def _logit(p: Floats | float) -> Floats:
    return np.asarray(np.log(p) - np.log1p(-np.asarray(p)), dtype=float)

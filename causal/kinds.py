"""Van Evera's kinds of evidence, read off the probabilities of a test's answers under a claim and without it.

Van Evera (1997), Guide to Methods for Students of Political Science, ch. 1: a hoop test can sink a claim and not save it, a
smoking gun can save and not sink it, a doubly decisive test does both, a straw in the wind neither.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.judgement import DECIBANS

type Floats = NDArray[np.float64]
type Kind = Literal["doubly decisive", "hoop", "smoking gun", "straw in the wind", "undetermined"]

DECISIVE_DB = 10.0
"""The weight from which an answer decides: ten to one."""


def chances(reading: Floats, holds: NDArray[np.generic], weights: Floats | None = None) -> tuple[Floats, Floats]:
    """Probability of each answer where a claim holds and where it does not, shape (..., answers); nan where no draw is.

    reading : p(answer | draw), shape (samples, answers); holds : shape (..., samples), any number of claims at once
    weights : of draws, shape (samples,), equal by default
    """
    weighed = reading if weights is None else reading * weights[:, None]
    true = np.asarray(holds, dtype=float)
    sums = true @ weighed, (1.0 - true) @ weighed
    with np.errstate(invalid="ignore", divide="ignore"):
        given, otherwise = (side / side.sum(axis=-1, keepdims=True) for side in sums)
    return given, otherwise


def kind_of_test(given: Floats, otherwise: Floats, decisive_db: float = DECISIVE_DB) -> Kind:
    """The kind of a test from the probability of each answer under the claim and under its denial, shape (answers,).

    A hoop: some answer would speak decisively against the claim. A smoking gun: some answer would speak decisively for it.
    Undetermined where the claim holds in every draw or in none.
    """
    return kinds_of_test(given[None], otherwise[None], decisive_db)[0]


def kinds_of_test(given: Floats, otherwise: Floats, decisive_db: float = DECISIVE_DB) -> list[Kind]:
    """``kind_of_test`` for several claims at once, shapes (claims, answers)."""
    determined = (np.isfinite(given) & np.isfinite(otherwise)).all(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # answers that one side rules out, or both
        weights = DECIBANS * (np.log(given) - np.log(otherwise))
    hoops, guns = (weights <= -decisive_db).any(axis=1), (weights >= decisive_db).any(axis=1)
    return [_kind(*test) for test in zip(determined.tolist(), hoops.tolist(), guns.tolist(), strict=True)]


def _kind(determined: bool, hoop: bool, gun: bool) -> Kind:
    if not determined:
        return "undetermined"
    if hoop and gun:
        return "doubly decisive"
    return "hoop" if hoop else "smoking gun" if gun else "straw in the wind"

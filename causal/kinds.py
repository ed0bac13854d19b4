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


def chances(reading: Floats, holds: NDArray[np.bool_], weights: Floats | None = None) -> tuple[Floats, Floats] | None:
    """Probability of each answer where the claim holds and where it does not; None when no draw has it one way.

    reading : p(answer | draw), shape (samples, answers); holds : shape (samples,); weights : of draws, equal by default
    """
    if holds.all() or not holds.any():
        return None
    w = np.ones(len(holds)) if weights is None else weights
    given, otherwise = (np.average(reading[side], axis=0, weights=w[side]) for side in (holds, ~holds))
    return np.asarray(given), np.asarray(otherwise)


def kind_of_test(given: Floats, otherwise: Floats, decisive_db: float = DECISIVE_DB) -> Kind:
    """The kind of a test from the probability of each answer under the claim and under its denial, shape (answers,).

    A hoop: some answer would speak decisively against the claim. A smoking gun: some answer would speak decisively for it.
    """
    weights = DECIBANS * (np.log(given) - np.log(otherwise))
    hoop, gun = bool((weights <= -decisive_db).any()), bool((weights >= decisive_db).any())
    if hoop and gun:
        return "doubly decisive"
    return "hoop" if hoop else "smoking gun" if gun else "straw in the wind"

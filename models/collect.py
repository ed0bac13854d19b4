"""What to collect next: how far one more reading, or one more case, is expected to move a hypothesis.

Preposterior simulation on posterior draws: each possible answer t of a cell nobody has read has probability
p(t) = E[p(t | draw)] and would leave the hypothesis at P(H | t) = E[p(t | draw) H] / p(t). The expected movement is
sum_t p(t) |log odds(H | t) - log odds(H)|.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causal.judgement import DECIBANS
from data.cases import Unit
from models import predictor
from models.blueprint import Blueprint
from models.families import NUMPY, category_log_probability
from models.reading import Node, Reader
from models.rebuild import Theta, rebuild

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cell that nobody has read, and what reading it is expected to do to a hypothesis.

    expected_db : expected absolute movement of the log odds, in decibans; most_db : movement under the most telling answer
    kind : hoop, smoking gun, doubly decisive or straw in the wind, by what its answers would do (see ``kind_of_test``)
    """

    unit: str
    indicator: str
    expected_db: float
    most_db: float
    kind: str


def candidates(
    blueprint: Blueprint, units: Mapping[str, Unit], theta: Theta, holds: NDArray[np.bool_], confidence: float
) -> Iterator[Candidate]:
    """Every unread cell of a rating or yes/no indicator, on the kinds of unit on which that indicator was read before.

    holds : whether the hypothesis holds, shape (samples,); confidence : of the reading to come
    """
    z = rebuild(blueprint, theta).z
    for name, unit, answers in _unread(blueprint, units, theta, z):
        reading = confidence * answers + (1 - confidence) / answers.shape[1]
        moved, share = movements(reading, holds)
        yield Candidate(
            unit,
            name,
            float((share * np.abs(moved)).sum()),
            float(moved[np.abs(moved).argmax()]),
            kind_of_test(reading, holds),
        )


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


def kind_of_test(reading: Floats, holds: NDArray[np.bool_], decisive_db: float = 10.0) -> str:
    """Van Evera's kind of a piece of evidence, from p(answer | H) and p(answer | not H) of its most telling answers.

    A hoop test: some answer would speak decisively against H. A smoking gun: some answer would speak decisively for it. Doubly
    decisive: both. A straw in the wind: neither. Decisive is ``decisive_db``, ten to one by default.
    """
    if holds.all() or not holds.any():
        return "undetermined"
    given, otherwise = reading[holds].mean(axis=0), reading[~holds].mean(axis=0)
    weights = DECIBANS * (np.log(given) - np.log(otherwise))
    hoop, gun = bool((weights <= -decisive_db).any()), bool((weights >= decisive_db).any())
    return {(True, True): "doubly decisive", (True, False): "hoop", (False, True): "smoking gun"}.get(
        (hoop, gun), "straw in the wind"
    )


def _unread(
    blueprint: Blueprint, units: Mapping[str, Unit], theta: Theta, z: Floats
) -> Iterator[tuple[str, str, Floats]]:
    """Unread cells with the probability of each answer per draw, shape (samples, answers)."""
    reader = Reader(blueprint.theory, units)
    block = next((b for b in blueprint.blocks if b.family == "ordinal"), None)
    if block is None:
        return
    width = blueprint.data["ordinal_log_reading"].shape[1] - 1
    cuts = predictor.cutpoints(np, theta, blueprint.data, blueprint.cut_sizes, width)
    read = set(block.keys)
    for name in dict.fromkeys(key[1] for key in block.keys):
        spec = blueprint.codebook.indicators[name]
        kinds = {units[unit].kind for unit, indicator in block.keys if indicator == name}
        cell = next(i for i, key in enumerate(block.keys) if key[1] == name)
        own_cuts = cuts[:, int(blueprint.data["cut_row"][cell])]
        levels = 2 if spec.family == "binary" else len(blueprint.codebook.scales[str(spec.scale)].levels)
        loaded = list(blueprint.coords["loaded"])
        if name not in loaded:
            continue
        shift, loading = theta["shift"][:, blueprint.indicators.index(name)], theta["loading"][:, loaded.index(name)]
        for unit in units.values():
            owner = reader.owner(unit, spec.measures)
            if unit.kind in kinds and (unit.name, name) not in read and owner is not None:
                score = z[:, blueprint.structure.index[Node(owner.name, spec.measures)]]
                eta = shift + (-1.0 if spec.reversed else 1.0) * loading * score
                yield (
                    name,
                    unit.name,
                    np.exp(category_log_probability(NUMPY, eta[:, None], own_cuts[:, None])[:, 0, :levels]),
                )


def _logit(p: Floats | float) -> Floats:
    return np.asarray(np.log(p) - np.log1p(-np.asarray(p)), dtype=float)

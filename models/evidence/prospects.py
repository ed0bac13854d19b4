"""What whole cases, periods and indicators would tell: how far coding them is expected to move a hypothesis.

Preposterior simulation. A data set y is simulated from one draw of the posterior and judged by others: draw s has

    p(y | s) = E over what y leaves unknown [ prod_j p(y_j | s) ],

the unknown being the scores of units nobody has seen or the loading of an indicator nobody has used. The hypothesis moves
to P(H | y) = sum_s p(y | s) H_s / sum_s p(y | s); the expected movement is the mean over data sets of |log odds(H | y) - log
odds(H)|. The draws that simulate are not among those that judge, else each data set would be recognised by its own parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from causal.judgement import DECIBANS
from data.cases import Unit
from models.evidence.collect import unread_cells
from models.measurement.readings import Readings, misread
from models.simulation.unseen import another_case, next_period, scores_of
from models.structure.reading import Node

type Floats = NDArray[np.float64]
type Scope = Literal["case", "period", "indicator", "new indicator"]

DATA_SETS = 100
REPLICATES = 128


@dataclass(frozen=True, slots=True)
class Prospect:
    """Something to code that nobody has coded. answers : per reading, shape (samples, replicates, answers)."""

    scope: Scope
    name: str
    answers: Sequence[Floats]


@dataclass(frozen=True, slots=True)
class Movement:
    """What coding a prospect is expected to do to a hypothesis.

    expected_db : mean absolute movement; mcse : of it, over the data sets
    noise_db : what the same data sets move a claim of which the draws know nothing: the floor of this computation
    beyond_db : what is left of the expected movement without the floor, as variances add
    probability_settles : share of data sets that take the claim to .95 or to .05
    """

    expected_db: float
    mcse: float
    noise_db: float
    beyond_db: float
    probability_settles: float


@dataclass(frozen=True)
class Imagined:
    """Likelihoods of simulated data sets: ``weights`` of the judging draws, shape (data sets, judging draws)."""

    judging: NDArray[np.intp]
    weights: Floats

    def movement(self, holds: NDArray[np.bool_], rng: np.random.Generator, settled: float = 0.95) -> Movement:
        """What these data sets do to a claim; holds : shape (samples,)."""
        mine = holds[self.judging].astype(float)
        after, before = self._probability(mine), float(mine.mean())
        if not 0 < before < 1:
            return Movement(*(float("nan") for _ in range(5)))
        moved = np.abs(_decibans(after) - _decibans(np.array(before)))
        floor = np.abs(_decibans(self._probability(rng.permutation(mine))) - _decibans(np.array(before)))
        settles = float(((after >= settled) | (after <= 1 - settled)).mean())
        expected, noise = float(moved.mean()), float(floor.mean())
        beyond = float(np.sqrt(max(expected**2 - noise**2, 0.0)))
        return Movement(expected, float(moved.std() / np.sqrt(len(moved))), noise, beyond, settles)

    def _probability(self, holds: Floats) -> Floats:
        """Of the claim after each data set; half a draw on either side keeps it inside (0, 1)."""
        shares = self.weights / self.weights.sum(axis=1, keepdims=True)
        half = 0.5 * (shares**2).sum(axis=1)
        return np.asarray((shares @ holds + half) / (1 + 2 * half))


def imagine(prospect: Prospect, rng: np.random.Generator, data_sets: int = DATA_SETS) -> Imagined:
    """Simulate data sets of a prospect from half of the draws and judge them by the other half."""
    samples, replicates = prospect.answers[0].shape[:2]
    order = rng.permutation(samples)
    telling, judging = order[: samples // 2], order[samples // 2 :]
    draws, copies = rng.choice(telling, data_sets), rng.integers(replicates, size=data_sets)
    said = [_draw(answers[draws, copies], rng) for answers in prospect.answers]
    judged = [answers[judging] for answers in prospect.answers]
    weights = np.empty((data_sets, len(judging)))
    for m in range(data_sets):
        likelihood = np.ones(judged[0].shape[:2])
        for answers, values in zip(judged, said, strict=True):
            likelihood *= answers[:, :, values[m]]
        weights[m] = likelihood.mean(axis=1)
    return Imagined(judging, weights)


def _draw(probabilities: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
    """One answer per row of probabilities, shape (rows, answers)."""
    steps = probabilities.cumsum(axis=1) / probabilities.sum(axis=1, keepdims=True)
    return np.asarray((rng.random((len(steps), 1)) > steps[:, :-1]).sum(axis=1), dtype=np.intp)


def prospects(readings: Readings, confidence: float, rng: np.random.Generator) -> Iterator[Prospect]:
    """One more case, the next period of each case, the rest of each indicator begun, and a new indicator of each construct."""
    units = readings.units
    yield from _coded(readings, "case", "another case", another_case(units), confidence, rng)
    for case in dict.fromkeys(unit.case for unit in units.values()):
        yield from _coded(readings, "period", case, next_period(case, units), confidence, rng)
    yield from _finished(readings, confidence)
    yield from _added(readings, confidence, rng)


def _coded(
    readings: Readings, scope: Scope, name: str, added: Sequence[Unit], confidence: float, rng: np.random.Generator
) -> Iterator[Prospect]:
    """Units nobody has seen, rated by the first rating or yes/no indicator of each construct that has an edge."""
    if not added:
        return
    scores = scores_of(readings.blueprint, readings.units, readings.theta, added, REPLICATES, rng)
    first = first_indicators(readings)
    answers = [
        misread(readings.at(score, first[construct]), confidence)
        for (_, construct), score in scores.items()
        if construct in first
    ]
    if answers:
        yield Prospect(scope, name, answers)


def first_indicators(readings: Readings) -> dict[str, str]:
    """The first rating or yes/no indicator of every construct that an edge touches, on outermost units where there is one."""
    theory, codebook = readings.blueprint.theory, readings.blueprint.codebook
    touched = {end for edge in theory.edges for end in (edge.cause, edge.effect)}
    outer = {key[1] for key in (readings.block.keys if readings.block else ()) if not readings.units[key[0]].within}
    found: dict[str, str] = {}
    for indicator in sorted(readings.asked, key=lambda name: name not in outer):
        construct = codebook.indicators[indicator].measures
        if construct in touched:
            found.setdefault(construct, indicator)
    return found


def _finished(readings: Readings, confidence: float) -> Iterator[Prospect]:
    """Every indicator that was read on some units of a kind, read on the others too."""
    cells: dict[str, list[Floats]] = {}
    for indicator, _, answers in unread_cells(readings):
        cells.setdefault(indicator, []).append(misread(answers, confidence)[:, None])
    for indicator, some in cells.items():
        yield Prospect("indicator", indicator, some)


def _added(readings: Readings, confidence: float, rng: np.random.Generator) -> Iterator[Prospect]:
    """A further rating of each construct, on the scale of its first one and on all outermost units that have a score."""
    blueprint, priors = readings.blueprint, readings.blueprint.priors
    samples = len(readings.theta["shift"])
    for construct, indicator in first_indicators(readings).items():
        family = blueprint.codebook.indicators[indicator].family
        shape = (samples, REPLICATES)
        shift = priors.shift_sd[family] * np.broadcast_to(rng.standard_normal(REPLICATES), shape)
        loading = priors.loading_median[family] * np.exp(priors.loading.sd * rng.standard_normal(REPLICATES))
        answers = []
        for unit in readings.units.values():
            node = blueprint.structure.index.get(Node(unit.name, construct))
            if unit.within is None and node is not None:
                eta = shift + loading * readings.rebuilt.z[:, [node]]
                answers.append(misread(readings.scaled(eta, indicator), confidence))
        if answers:
            yield Prospect("new indicator", construct, answers)


def _decibans(probability: Floats) -> Floats:
    return np.asarray(DECIBANS * (np.log(probability) - np.log1p(-probability)))


def movements_of(
    found: Mapping[str, NDArray[np.bool_]], prospect: Prospect, rng: np.random.Generator
) -> dict[str, Movement]:
    """What one prospect would do to each of some claims."""
    imagined = imagine(prospect, rng)
    return {name: imagined.movement(holds, rng) for name, holds in found.items()}

"""`query`: what a posterior says of a question, prior beside posterior, of the population or of one case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from causal.potential import Expression, Number, Outcome, Question, outcomes, outer, parse_question, value
from models.types.cases import Case, Row, read_cases
from models.types.circuit import Circuit, Evidence, compile_circuit
from models.types.doubts import check_levels, doubts
from models.types.exact import Exact
from models.types.gibbs import Sampled
from models.types.graph import TypesError
from models.types.laws import Floats
from models.types.make import Model
from models.types.pieces import ContradictionError
from models.types.posterior import Posterior, prior, without
from models.types.worlds import Variable, place

NOBODY: Evidence = {}


@dataclass(frozen=True)
class Belief:
    """A quantity as believed: its mean, and of a population its sd and 95 % interval too.

    exact : whether the mean is; draws : of a population, shape (draws,), chain by chain where there are several `chains`
    r_hat : of sampled draws, above 1 if chains disagree
    """

    mean: float
    exact: bool
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    draws: Floats | None = field(default=None, repr=False)
    r_hat: float | None = None
    chains: int = 1


@dataclass(frozen=True)
class Answer:
    """What is believed of a question before and after the cases.

    case : the name of the case it is asked of; None for the population. The prior of a case knows what was seen of this case
        and nothing of others
    holds : how probable it is after the cases that the condition holds, in the case or of a unit of the population
    notes : what a reader should know before believing it
    """

    question: str
    given: str
    case: str | None
    prior: Belief
    posterior: Belief
    holds: float
    method: str
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        before, after = map(_in_short, (self.prior, self.posterior))
        where = f"case {self.case}" if self.case else "population"
        given = f" given {self.given} (holds with probability {self.holds:.3g})" if self.given else ""
        return "\n".join(
            (f"{self.question}{given}, {where}: {before} before, {after} after ({self.method})", *self.notes)
        )


@dataclass(frozen=True)
class Asked:
    """A question compiled: a circuit, and what asked, over and given are worth in each of its last states.

    looked : the levels there of nodes that are looked at besides, shape (nodes, states)
    """

    circuit: Circuit
    asked: Floats
    over: Floats
    given: Floats
    looked: Floats

    @property
    def unconditional(self) -> bool:
        """Whether the answer is one expected value, not a ratio of two."""
        return bool((self.over == 1).all() and (self.given == 1).all())

    def parts(self, states: Floats) -> tuple[Floats, Floats, Floats]:
        """Weights of asked and over where the condition holds, and of the condition, over that of what was seen."""
        total = states.sum(axis=0)
        weights = np.stack([self.asked * self.given, self.over * self.given, self.given])
        asked, over, given = np.asarray(weights @ states / total)
        return asked, over, given

    def ratio(self, states: Floats) -> Floats:
        """The answer from the probabilities of the last states, shape (states, ...); NaN where the condition never holds."""
        below = (self.over * self.given) @ states
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray((self.asked * self.given) @ states / below)


def query(posterior: Posterior, asked: str | Question, given: str = "", case: str | Row | Case | None = None) -> Answer:
    """The answer to a question.

    asked : such as "Y[X=1] - Y[X=0]" or "Y[X=0]==0"; given : a statement about units, such as "X==1 & Y==1"
    case : None asks of the population; the name of a case asks of it given all that was seen; a row of levels asks of a new
        case in which this was seen
    Raises PotentialError, TypesError, and ContradictionError when no unit can be as given.
    """
    question = parse_question(asked, given) if isinstance(asked, str) else asked
    model = posterior.model
    notes = tuple(doubts(posterior, question))
    text, condition = str(Question(question.asked, question.over)), outer(question.given) if question.given else ""
    if case is None:
        ready = compile_question(model, question)
        before, _ = population(prior(model, posterior.seed), ready)
        after, holds = population(posterior, ready)
        notes += tuple(_no_mean(posterior, ready)) if question.over else ()
        return Answer(text, condition, None, before, after, holds, posterior.method, notes)
    known, inside = _find(posterior, case)
    ready = compile_question(model, question, known.evidence)
    if not (ready.circuit.possible and (ready.given != 0).any()):
        raise ContradictionError(f"case '{known.name}' ({known}) cannot be as given: '{condition or 'nothing'}'.")
    before, _ = _new_case(prior(model, posterior.seed), ready)
    after, holds = _seen_case(posterior, known.name, ready) if inside else _new_case(posterior, ready)
    return Answer(text, condition, known.name, before, after, holds, posterior.method, notes)


def compile_question(
    model: Model, question: Question, evidence: Evidence = NOBODY, looked: Sequence[str] = ()
) -> Asked:
    """The circuit of a question for units of which something was seen, keeping the levels of nodes looked at."""
    parts: list[Expression] = [question.asked, question.over or Number(1.0), question.given or Number(1.0)]
    check_levels(model.graph, parts)
    asked: Sequence[Outcome] = tuple(dict.fromkeys(o for part in parts for o in outcomes(part)))
    places = [*(place(model.graph, outcome) for outcome in asked), *map(Variable, looked)]
    circuit = compile_circuit(model, places, evidence)
    size = circuit.values.shape[1]

    def of(outcome: Outcome) -> NDArray[np.float64]:
        return np.asarray(circuit.values[asked.index(outcome)])

    worth = [np.broadcast_to(value(part, of), size).astype(float) for part in parts]
    return Asked(circuit, worth[0], worth[1], worth[2], circuit.values[len(asked) :])


def population(posterior: Posterior, ready: Asked) -> tuple[Belief, float]:
    """What is believed of a share of the population, or a ratio of expected values in it; and how often its condition holds."""
    states = posterior.last_states(ready.circuit)
    draws = ready.ratio(states)
    known = posterior.known
    holds = float((ready.given @ states).mean())
    draws = draws[np.isfinite(draws)]
    in_chains = known if isinstance(known, Sampled) and len(draws) == known.size else None
    r_hat, chains = (in_chains.r_hat(draws), in_chains.effort.chains) if in_chains else (None, 1)
    if not len(draws):
        raise ContradictionError(
            "no unit can be as given: the condition is true of no causal type that the model leaves."
        )
    mean, exact = float(draws.mean()), False
    if ready.unconditional:
        expected, exact = posterior.expect(ready.circuit)
        mean = float(ready.ratio(expected)) if exact else mean
    low, high = np.quantile(draws, [0.025, 0.975]).tolist()
    return Belief(mean, exact, float(draws.std()), low, high, draws, r_hat, chains), holds


def _in_short(belief: Belief) -> str:
    mean = f"{round(belief.mean, 12) + 0.0:.3g}"
    return mean if belief.sd is None else f"{mean} ± {belief.sd:.2g}"


def _no_mean(posterior: Posterior, ready: Asked) -> Iterator[str]:
    """A note on a ratio that has no mean."""
    below = (ready.over * ready.given) @ posterior.last_states(ready.circuit)
    if below.min() < 0 < below.max():
        yield (
            "what the ratio is over may be below or above 0, so that the ratio has no mean and no standard deviation; its "
            "interval stands. A restriction that gives it one sign would help, or the difference alone."
        )


def _new_case(posterior: Posterior, ready: Asked) -> tuple[Belief, float]:
    """The probability for a unit that is not among the cases, of which the evidence is all that is known."""
    states, exact = posterior.expect(ready.circuit)
    return _of_case(ready.parts(states), exact)


def _seen_case(posterior: Posterior, name: str, ready: Asked) -> tuple[Belief, float]:
    """The probability for one of the cases: what was seen of it counts once, as evidence on itself and on the shares.

    Where the posterior is exact it is that of a new case once the others were seen, which is the same. Draws know the case, so
    that at each of them all is over the probability of what was seen.
    """
    if isinstance(posterior.known, Exact):
        return _new_case(without(posterior, name), ready)
    return _of_case(ready.parts(posterior.last_states(ready.circuit)), exact=False)


def _of_case(parts: tuple[Floats, Floats, Floats], exact: bool) -> tuple[Belief, float]:
    asked, over, given = (float(np.mean(part)) for part in parts)
    if not over:
        raise TypesError(
            "what the ratio is over is 0 in this case, whatever its causal type. Ask for a difference instead."
        )
    return Belief(asked / over, exact), given


def _find(posterior: Posterior, case: str | Row | Case) -> tuple[Case, bool]:
    """A case, and whether it is among those that were seen."""
    if isinstance(case, str):
        return posterior.case(case), True
    table = {"new case": case} if isinstance(case, Mapping) else [case]
    return read_cases(posterior.model.graph, table)[0], False

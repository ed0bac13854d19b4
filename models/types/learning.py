"""What would be learnt: from a clue not yet seen, from a further case, and which of these first.

Learning is the expected fall in the variance of the answer (Humphreys and Jacobs 2023, Integrated Inferences). By the law of
total variance it is the variance of what would be believed over what might be seen, so that nothing is refitted. Where very many
things might be seen, units are simulated instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import prod

import numpy as np

from causal.potential import Question, parse_question
from models.types.answers import compile_question
from models.types.cases import Case, seen_level
from models.types.circuit import Circuit, compile_circuit
from models.types.exact import Exact
from models.types.graph import TypesError
from models.types.laws import Floats
from models.types.pieces import ContradictionError
from models.types.posterior import Posterior, without
from models.types.simulated import simulate
from models.types.worlds import Variable

MOST_OUTCOMES = 4096
SIMULATED = 400
"""What a plan would teach is summed over so many outcomes at most, otherwise averaged over so many simulated units."""


@dataclass(frozen=True, slots=True)
class Clue:
    """What seeing a node of a case is expected to teach about that case.

    now : the probability as it stands; outcomes : level, its probability, and what would then be believed
    learning : expected fall in the variance now * (1 - now); share : of that variance
    """

    case: str
    node: str
    now: float
    outcomes: tuple[tuple[int, float, float], ...]

    @property
    def learning(self) -> float:
        """Expected fall in variance."""
        return sum(p * (then - self.now) ** 2 for _, p, then in self.outcomes)

    @property
    def share(self) -> float:
        """The part of the variance that is expected to go."""
        return self.learning / (self.now * (1 - self.now)) if 0 < self.now < 1 else 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Nodes to look at: of a case by name (deep), or of a further case when `case` is None (wide)."""

    nodes: tuple[str, ...]
    case: str | None = None

    def __str__(self) -> str:
        return f"{', '.join(self.nodes)} of {self.case or 'a new case'}"


@dataclass(frozen=True, slots=True)
class Gain:
    """What a plan is expected to teach about a question of the population: sd now, and expected sd once carried out."""

    plan: Plan
    sd: float
    expected_sd: float

    @property
    def share(self) -> float:
        """The part of the variance that is expected to go."""
        return 1 - (self.expected_sd / self.sd) ** 2 if self.sd > 0 else 0.0


def clues(posterior: Posterior, asked: str | Question, case: str, given: str = "") -> list[Clue]:
    """What every node not yet certain in a case is expected to teach of it, the most telling first."""
    question = parse_question(asked, given) if isinstance(asked, str) else asked
    if not question.is_probability:
        raise TypesError("a clue is weighed for a statement about a case, such as Y[X=0]==0.")
    known = posterior.case(case)
    base = without(posterior, case) if isinstance(posterior.known, Exact) else posterior
    unsure = [node for node in posterior.model.graph.nodes if known.certain(node) is None]
    found = [_clue(base, question, known, node) for node in unsure]
    return sorted(found, key=lambda clue: -clue.learning)


def plans(posterior: Posterior) -> list[Plan]:
    """Every node not yet certain of every case, and a new case with all that is certain of some case."""
    nodes = posterior.model.graph.nodes
    deep = [Plan((n,), c.name) for c in posterior.cases for n in nodes if c.certain(n) is None]
    usual = tuple(n for n in nodes if any(c.certain(n) is not None for c in posterior.cases)) or nodes
    return [*deep, *dict.fromkeys((Plan(usual), Plan(nodes)))]


def gains(posterior: Posterior, asked: str | Question, among: Sequence[Plan], given: str = "") -> list[Gain]:
    """What each plan is expected to teach about the population, the most telling first; all at the same draws of the shares."""
    question = parse_question(asked, given) if isinstance(asked, str) else asked
    ready = compile_question(posterior.model, question)
    looks = [_look(posterior, plan) for plan in among]
    answer_states, *states = posterior.together(
        [ready.circuit, *(circuit for look in looks for circuit in look.circuits)]
    )
    answer, waiting = ready.ratio(answer_states), iter(states)
    found = [_gain(look, answer, list(islice(waiting, len(look.circuits)))) for look in looks]
    return sorted(found, key=lambda gain: gain.expected_sd)


def _clue(posterior: Posterior, question: Question, known: Case, node: str) -> Clue:
    """Shares are those of the other cases where the posterior is exact; draws know the case: they are over its probability."""
    ready = compile_question(posterior.model, question, known.evidence, [node])
    if isinstance(posterior.known, Exact):
        states, _ = posterior.expect(ready.circuit)
    else:
        draws = posterior.last_states(ready.circuit)
        states = np.asarray((draws / draws.sum(axis=0)).mean(axis=1))
    there = ready.looked[0] == np.arange(posterior.model.graph.levels[node])[:, None]
    given, both = (there * ready.given) @ states, (there * ready.given * ready.asked) @ states
    if not given.sum() > 0:
        raise ContradictionError(f"case '{known.name}' ({known}) cannot be as given.")
    now = float(both.sum() / given.sum())
    outcomes = tuple(
        (at, float(g / given.sum()), float(b / g)) for at, (g, b) in enumerate(zip(given, both, strict=True)) if g > 0
    )
    return Clue(known.name, node, now, outcomes)


@dataclass(frozen=True)
class _Look:
    """What a plan may show: one circuit for every combination of `levels`, or circuits of simulated units, each as probable."""

    plan: Plan
    circuits: tuple[Circuit, ...]
    levels: tuple[int, ...] = ()

    def likelihood(self, states: Sequence[Floats]) -> Floats:
        """The probability of each outcome at each draw, shape (outcomes, draws)."""
        if not self.levels:
            return np.stack([each.sum(axis=0) for each in states])
        found = np.zeros((prod(self.levels), states[0].shape[1]))
        np.add.at(found, np.ravel_multi_index(tuple(self.circuits[0].values.astype(int)), self.levels), states[0])
        return found if self.plan.case is None else found / found.sum(axis=0)


def _look(posterior: Posterior, plan: Plan) -> _Look:
    graph = posterior.model.graph
    if strangers := sorted(set(plan.nodes) - set(graph.nodes)):
        raise TypesError(f"plan '{plan}': there is no node '{strangers[0]}'; nodes are {', '.join(graph.nodes)}.")
    evidence = {} if plan.case is None else posterior.case(plan.case).evidence
    levels = tuple(graph.levels[node] for node in plan.nodes)
    if prod(levels) <= MOST_OUTCOMES:
        return _Look(plan, (compile_circuit(posterior.model, [Variable(n) for n in plan.nodes], evidence),), levels)
    if plan.case is not None:
        raise TypesError(
            f"'{plan}' may show {prod(levels)} things, more than {MOST_OUTCOMES}; look at fewer nodes at once."
        )
    units = simulate(posterior, SIMULATED, np.random.default_rng(posterior.seed))
    seen = [{Variable(n): seen_level(graph, n, int(units[n][i])) for n in plan.nodes} for i in range(SIMULATED)]
    return _Look(plan, tuple(compile_circuit(posterior.model, (), unit) for unit in seen))


def _gain(look: _Look, answer: Floats, states: Sequence[Floats]) -> Gain:
    """answer : at each draw; states : of each circuit of the look."""
    sound = np.isfinite(answer)
    answer, likelihood = answer[sound], look.likelihood(states)[:, sound]
    possible = likelihood.mean(axis=1) > 0
    chance = likelihood.mean(axis=1)[possible]
    believed = (likelihood * answer).mean(axis=1)[possible] / chance
    weight = chance if look.levels else np.full(len(chance), 1 / len(chance))
    explained = float(weight @ (believed - answer.mean()) ** 2)
    variance = float(answer.var())
    return Gain(look.plan, float(np.sqrt(variance)), float(np.sqrt(max(variance - explained, 0.0))))

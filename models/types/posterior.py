"""`update`: from a model and cases to what is then known of the shares of causal types, by the best method that is possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from causal.potential import outcomes, parse_statement, value
from models.types.cases import Case, CaseTable, read_cases
from models.types.circuit import Circuit, Event, compile_circuit, forward, most_classes
from models.types.exact import Exact, enumerate_posterior
from models.types.gibbs import Effort, Sampled, Selection, sample
from models.types.graph import TypesError
from models.types.laws import Floats
from models.types.make import Model
from models.types.mixture import TooManyError
from models.types.pieces import ContradictionError, Piece, pieces
from models.types.worlds import place

type Method = Literal["best", "exact", "gibbs", "nuts"]

DRAWS = 2000
LEAST_DRAWS = 250
MOST_VALUES = 2**24
DEFAULT_EFFORT = Effort()


@dataclass(frozen=True)
class Posterior:
    """What is known of a model's shares once cases were seen; without cases, the prior.

    selected : the statement without which a unit could not have become a case, as written
    """

    model: Model
    cases: tuple[Case, ...]
    known: Exact | Sampled
    seed: int
    selected: str = ""

    def case(self, name: str) -> Case:
        """The case of that name. Raises TypesError."""
        for case in self.cases:
            if case.name == name:
                return case
        raise TypesError(f"there is no case '{name}'; cases are {', '.join(c.name for c in self.cases) or 'none'}.")

    @property
    def method(self) -> str:
        """How the posterior was found."""
        if isinstance(self.known, Exact):
            return f"exact: a mixture of {max(self.known.components, 1)} Dirichlets" if self.cases else "the prior"
        e = self.known.effort
        apart = f" {e.thin} steps apart" if e.thin > 1 else ""
        return f"{self.known.by}: {e.chains} chains, {e.draws} draws of each{apart} after {e.warm_up}"

    @property
    def size(self) -> int:
        """How many draws answers rest on."""
        return self.known.size if isinstance(self.known, Sampled) else DRAWS

    def shares(self) -> dict[str, Floats]:
        """Draws of the shares of all types, shape (draws, rows, types) for each node: as many as memory should hold."""
        values = sum(self.model.rows[n] * len(self.model.types[n]) for n in self.model.graph.nodes)
        size = max(1, min(self.size, MOST_VALUES // values))
        return self.known.draw(size, np.random.default_rng(self.seed))

    def expect(self, circuit: Circuit) -> tuple[Floats, bool]:
        """The probability of every last state of a circuit for a new unit, and whether it is exact."""
        if isinstance(self.known, Exact):
            try:
                return self.known.expect(circuit), True
            except TooManyError:
                pass
        return np.asarray(self.last_states(circuit).mean(axis=1)), False

    def last_states(self, circuit: Circuit) -> Floats:
        """The probability of every last state of a circuit at each draw of the shares, shape (states, draws).

        The same circuit has the same draws every time; those of two circuits are not of the same shares: see `together`.
        """
        return self.together([circuit])[0]

    def together(self, circuits: Sequence[Circuit]) -> list[Floats]:
        """The same for several circuits at once, at the same draws of the shares."""
        index: dict[Event, int] = {}
        own = [[index.setdefault(event, len(index)) for event in circuit.events] for circuit in circuits]
        size = min(self.size, max(LEAST_DRAWS, MOST_VALUES // most_classes(self.model, list(index))))
        p = self.known.draw_events(list(index), size, np.random.default_rng(self.seed))
        return [forward(circuit, p[numbers])[-1] for circuit, numbers in zip(circuits, own, strict=True)]

    @property
    def log_marginal(self) -> float:
        """Exact log probability of the cases. Raises TypesError when the posterior was sampled: see `evidence`."""
        if not isinstance(self.known, Exact):
            raise TypesError("the posterior was sampled; ask `evidence.log_marginal` for an estimate.")
        return self.known.log_marginal


def prior(model: Model, seed: int = 0) -> Posterior:
    """What is known of the shares before any case."""
    return Posterior(model, (), Exact(model, ()), seed)


def update(
    model: Model,
    cases: CaseTable,
    method: Method = "best",
    selected: str = "",
    effort: Effort = DEFAULT_EFFORT,
    seed: int = 0,
) -> Posterior:
    """The posterior of a model. Exact where it can be listed, otherwise by Gibbs, or by NUTS if a prior is not conjugate.

    cases : a data frame, or rows of levels by node; missing values and sets of levels are allowed
    selected : a statement, such as "Y==1", without which a unit could not have become a case
    Raises TypesError for values that cannot be, ContradictionError for a case that the model rules out, and TypesError when an
    exact posterior is demanded but cannot be listed.
    """
    if method not in ("best", "exact", "gibbs", "nuts"):
        raise TypesError(f"the method is '{method}'; allowed are best, exact, gibbs and nuts.")
    read = read_cases(model.graph, cases)
    if selected and not read:
        raise TypesError("how cases were selected says nothing without cases.")
    parts = pieces(model, read)
    if selected and method == "exact":
        raise TypesError("with selection the posterior is no finite mixture; use Gibbs.")
    if not selected and method in ("best", "exact"):
        try:
            return Posterior(model, read, enumerate_posterior(model, parts), seed)
        except TooManyError:
            if method == "exact":
                raise TypesError(
                    "the exact posterior has too many components to be listed, or a prior that has none; use Gibbs, restrict "
                    "the types, or observe more nodes."
                ) from None
    if not parts and not selected:
        return Posterior(model, read, Exact(model, ()), seed)
    if method == "nuts" or not model.conjugate:
        return _with_gradients(model, read, parts, method, selected, seed)
    chosen = _selection(model, selected, read) if selected else None
    drawn = sample(model, parts, effort, np.random.default_rng(seed), chosen)
    return Posterior(model, read, drawn, seed, selected)


def _with_gradients(
    model: Model, read: tuple[Case, ...], parts: Sequence[Piece], method: Method, selected: str, seed: int
) -> Posterior:
    from models.types.nuts import SAMPLER, sample_with_gradients  # PyMC takes a second to import

    if selected or method == "gibbs":
        asked = "selection of cases" if selected else "Gibbs"
        raise TypesError(f"{asked} goes with priors that are updated by counting; the logistic-normal is not.")
    return Posterior(model, read, sample_with_gradients(model, parts, replace(SAMPLER, seed=seed)), seed)


def without(posterior: Posterior, name: str, effort: Effort = DEFAULT_EFFORT) -> Posterior:
    """The posterior had this case not been seen, by the same method."""
    left_out = posterior.case(name)
    rest = [case for case in posterior.cases if case is not left_out]
    known = posterior.known
    method: Method = "exact" if isinstance(known, Exact) else "nuts" if known.by == "NUTS" else "gibbs"
    return update(posterior.model, rest, method, posterior.selected, effort, posterior.seed)


def with_case(posterior: Posterior, case: Case, effort: Effort = DEFAULT_EFFORT) -> Posterior:
    """The posterior once a further case, or more of one that has this name, was seen."""
    others = [c for c in posterior.cases if c.name != case.name]
    return update(posterior.model, [*others, case], "best", posterior.selected, effort, posterior.seed)


def _selection(model: Model, selected: str, cases: tuple[Case, ...]) -> Selection:
    statement = parse_statement(selected)
    asked = tuple(dict.fromkeys(outcomes(statement)))
    places = [place(model.graph, outcome) for outcome in asked]
    circuit = compile_circuit(model, places)
    seen = value(statement, lambda outcome: circuit.values[asked.index(outcome)]) != 0
    for case in cases:
        known = compile_circuit(model, places, case.evidence)
        if not (value(statement, lambda o, k=known: k.values[asked.index(o)]) != 0).any():  # type: ignore[misc]
            raise ContradictionError(
                f"case '{case.name}' ({case}) could not have been seen: '{selected}' is false of it."
            )
    return Selection(circuit, ~np.broadcast_to(seen, circuit.values.shape[1]), len(cases))

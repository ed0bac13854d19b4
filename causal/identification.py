"""The answer to "does the theory let data say this?": what identifies a quantity, or the path that stays open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from causal.query import Query

type Strategy = Literal[
    "nothing to adjust for", "backdoor", "frontdoor", "general ID", "instrument", "edge by edge", "no effect"
]


@dataclass(frozen=True, slots=True)
class Identification:
    """How observed nodes determine a quantity.

    estimand : the quantity in terms of what is observed
    adjustment : nodes to adjust for; in a theory with lags `trust[-1]` is trust one period before the outcome
    mediators : the front-door set, or the mediators of a natural effect
    instruments : the instrument; `adjustment` is then what it is conditioned on
    assumption : what one has to believe, in a sentence or two
    steps : of a path, its edges
    """

    query: Query
    strategy: Strategy
    estimand: str
    assumption: str
    adjustment: tuple[str, ...] = ()
    mediators: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    steps: tuple["Identification", ...] = ()


class NotIdentifiedError(Exception):
    """A quantity that no amount of such data determines.

    path : the nodes of a path that stays open whatever is adjusted for; empty when a construct itself is unobserved
    """

    def __init__(self, query: Query, found: str, remedy: str, path: Sequence[str] = ()) -> None:
        super().__init__(f"{query}: {found}. {remedy}")
        self.query = query
        self.path = tuple(path)


def listed(nodes: Collection[str]) -> str:
    """Nodes in a fixed order."""
    return ", ".join(sorted(nodes))


def by_adjustment(query: Query, causes: Sequence[str], effect: str, nodes: frozenset[str]) -> Identification:
    """A total effect, by the back-door formula."""
    setting = f"E[{effect} | do({', '.join(causes)})]"
    apart = f"{', '.join(causes)} and {effect} share no cause outside the theory"
    if not nodes:
        estimand = f"{setting} = E[{effect} | {', '.join(causes)}]"
        return Identification(
            query, "nothing to adjust for", estimand, f"{apart}, and no open path inside it but the effect."
        )
    given = listed(nodes)
    estimand = f"{setting} = Σ_{{{given}}} E[{effect} | {', '.join(causes)}, {given}] P({given})"
    return Identification(query, "backdoor", estimand, f"Given {given}, {apart}.", tuple(sorted(nodes)))


def by_coefficient(query: Query, cause: str, effect: str, nodes: frozenset[str]) -> Identification:
    """A direct effect, by a regression."""
    given = f", {listed(nodes)}" if nodes else ""
    estimand = f"coefficient of {cause} in the linear regression of {effect} on {cause}{given}"
    assumption = (
        f"Effects are linear, and {f'given {listed(nodes)} ' if nodes else ''}nothing else joins {cause} and {effect}."
    )
    strategy: Strategy = "backdoor" if nodes else "nothing to adjust for"
    return Identification(query, strategy, estimand, assumption, tuple(sorted(nodes)))


def by_front_door(query: Query, cause: str, effect: str, mediators: frozenset[str]) -> Identification:
    """A total effect, by the front-door formula."""
    through = listed(mediators)
    estimand = (
        f"E[{effect} | do({cause})] = Σ_{{{through}}} P({through} | {cause}) "
        f"Σ_{{{cause}'}} E[{effect} | {through}, {cause}'] P({cause}')"
    )
    share = "shares" if len(mediators) == 1 else "share"
    assumption = (
        f"All of the effect of {cause} on {effect} passes through {through}, "
        f"which {share} no unmeasured cause with {cause} nor, given {cause}, with {effect}."
    )
    return Identification(query, "frontdoor", estimand, assumption, mediators=tuple(sorted(mediators)))


def by_instrument(query: Query, cause: str, effect: str, node: str, given: frozenset[str]) -> Identification:
    """An effect in a linear model, by a ratio of covariances."""
    held = f" | {listed(given)}" if given else ""
    estimand = f"cov({node}, {effect}{held}) / cov({node}, {cause}{held})"
    where = f", given {listed(given)}" if given else ""
    assumption = f"Effects are linear and alike in all units; {node} moves {effect} only through {cause}{where}."
    return Identification(query, "instrument", estimand, assumption, tuple(sorted(given)), instruments=(node,))

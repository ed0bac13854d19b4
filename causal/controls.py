"""What an implied independence is to a conclusion: a negative control, an instrument, or neither."""

from typing import Literal

import networkx as nx

from causal.diagram import every_edge
from causal.implications import Independence
from causal.theory import Theory

type Control = Literal["negative control", "instrument", "independence"]

CONTROLS: tuple[Control, ...] = ("negative control", "instrument", "independence")
"""In the order in which they speak to a conclusion."""


def control(theory: Theory, cause: str, effect: str, independence: Independence) -> Control:
    """What an independence is to the effect of a cause.

    A negative control outcome is neither before nor after the cause (Lipsitch, Tchetgen Tchetgen and Cohen 2010): what moves
    both is none of the theory's. An instrument moves the cause and is independent of the effect given it (Pearl 1995): if
    it is not, it reaches the effect another way, or cause and effect share a hidden cause.
    """
    pair = {independence.a, independence.b}
    if pair == {cause, effect}:
        return "independence"
    other = next(iter(pair - {cause, effect}))
    if effect in pair:
        instrument = other in theory.parents(cause) and cause in independence.given
        return "instrument" if instrument else "independence"
    graph = every_edge(theory)
    line = nx.ancestors(graph, cause) | nx.descendants(graph, cause)
    return "independence" if other in line else "negative control"


def speaking_to(
    theory: Theory, cause: str, effect: str, independences: tuple[Independence, ...], most: int
) -> list[Independence]:
    """The independences that involve cause or effect, at most so many, controls first."""
    touching = [i for i in independences if {i.a, i.b} & {cause, effect}]
    return sorted(touching, key=lambda i: CONTROLS.index(control(theory, cause, effect, i)))[:most]


def fear(kind: Control, cause: str, effect: str) -> str:
    """The worry that the independence answers, in the reader's words."""
    match kind:
        case "negative control":
            return (
                f"{cause} moves with what it cannot have caused: something else moves both, and perhaps {effect} too."
            )
        case "instrument":
            return f"What moves {cause} reaches {effect} another way, or {cause} and {effect} share a hidden cause."
        case _:
            return "The theory lacks an arrow or a common cause."

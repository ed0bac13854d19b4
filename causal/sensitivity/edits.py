"""Theories that differ from a theory by one assumption: an edge dropped or turned round, a common cause admitted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from causal.contradictions import contradictions
from causal.theory import Confounded, Edge, Theory


def without_edge(theory: Theory, edge: Edge) -> Theory:
    """The theory without an edge. What the edge's cause moderates on the same effect is no longer moderated."""
    return _with_edges(theory, [e for e in theory.edges if e is not edge])


def turned(theory: Theory, edge: Edge) -> Theory | None:
    """The theory with an edge pointing the other way, unmoderated; None where that makes it contradict itself."""
    back = replace(edge, cause=edge.effect, effect=edge.cause, moderator=None, moderation=None, units=())
    found = _with_edges(theory, [back if e is edge else e for e in theory.edges])
    return None if edge.lag or _wrong(found) else found


def one_edge_away(theory: Theory) -> Iterator[tuple[str, Theory]]:
    """Every theory that lacks one edge or has one turned, with words for the change."""
    for edge in theory.edges:
        yield f"without {edge.name}", without_edge(theory, edge)
        other = turned(theory, edge)
        if other is not None:
            yield f"turned to {edge.effect}->{edge.cause}", other


def with_common_cause(theory: Theory, pair: tuple[str, str], strengths: tuple[float, float], scale: float) -> Theory:
    """The theory with an unmeasured common cause of two constructs.

    strengths : prior location of its slopes on the two; scale : their prior scale
    """
    kept = tuple(c for c in theory.confounded if set(c.between) != set(pair))
    return replace(theory, confounded=(*kept, Confounded(pair, strengths=strengths, strength_scale=scale)))


def _with_edges(theory: Theory, edges: list[Edge]) -> Theory:
    """The theory with other edges; a moderator that is no longer a cause of the effect moderates no longer."""
    causes = {(e.cause, e.effect) for e in edges if not e.lag}
    mended = [
        e if e.moderator is None or (e.moderator, e.effect) in causes else replace(e, moderator=None, moderation=None)
        for e in edges
    ]
    return replace(theory, edges=tuple(mended))


def _wrong(theory: Theory) -> bool:
    return any(True for _ in contradictions(theory.constructs, theory.edges, theory.confounded))

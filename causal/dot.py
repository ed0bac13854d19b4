"""A theory as a graph to look at: a list of causes for each construct, and the text of Graphviz."""

import json
from collections.abc import Iterator

from causal.theory import Edge, Theory


def to_text(theory: Theory) -> str:
    """One line per construct that has causes, in causal order, then admitted confounding and what nothing touches.

    compliance <- market_access (-), monitoring (+, - with market_access)
    stock <- compliance (+), stock[-1] (+)
    """
    lines = []
    for name in theory.order:
        if into := theory.edges_into(name):
            lines.append(f"{name} <- {', '.join(map(_cause, into))}")
    lines += [f"{one} <-> {other}" for one, other in (pair.between for pair in theory.confounded)]
    touched = {end for edge in theory.edges for end in (edge.cause, edge.effect)}
    touched |= {end for pair in theory.confounded for end in pair.between}
    idle = [name for name in theory.names if name not in touched]
    return "\n".join([*lines, *([f"without an edge: {', '.join(idle)}"] if idle else [])]) + "\n"


def to_dot(theory: Theory) -> str:
    """A digraph in Graphviz's language: signs and lags as labels, a moderator in the label, confounding dashed both ways."""
    lines = [f"digraph {_quoted(theory.name)} {{"]
    lines += [f"  {_quoted(c.name)} [label={_quoted(c.label or c.name)}];" for c in theory.constructs]
    lines += [f"  {_quoted(e.cause)} -> {_quoted(e.effect)} [{', '.join(_attributes(e))}];" for e in theory.edges]
    for one, other in (pair.between for pair in theory.confounded):
        lines.append(f"  {_quoted(one)} -> {_quoted(other)} [dir=both, style=dashed];")
    return "\n".join([*lines, "}"]) + "\n"


def _cause(edge: Edge) -> str:
    lagged = f"{edge.cause}[-{edge.lag}]" if edge.lag else edge.cause
    moderated = f", {edge.moderation} with {edge.moderator}" if edge.moderator else ""
    kinds = f" on {' and '.join(edge.units)}" if edge.units else ""
    return f"{lagged} ({edge.sign}{moderated}){kinds}"


def _attributes(edge: Edge) -> Iterator[str]:
    """Label and style: a lagged edge is dotted and does not decide which construct stands above which."""
    words: list[str] = [edge.sign]
    if edge.lag:
        words.append(f"{edge.lag} period{'s' if edge.lag > 1 else ''} later")
    if edge.moderator:
        words.append(f"{edge.moderation} with {edge.moderator}")
    yield f"label={_quoted(', '.join(words))}"
    if edge.lag:
        yield "style=dotted, constraint=false"


def _quoted(text: str) -> str:
    """A quoted identifier; JSON escapes quotes and backslashes as Graphviz reads them."""
    return json.dumps(text, ensure_ascii=False)

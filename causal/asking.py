"""Questions of causal types that a study asks of its cases, each with a name: its optional file trace.toml, or its hypotheses.

[[questions]]
name = "legitimacy caused upgrading"
ask = "upgrading[ba_legitimacy=0] < upgrading"
given = "ba_legitimacy > 0 & upgrading > 0"
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from causal.estimands import Comparison, Effect, PathEffect
from causal.hypotheses import Hypothesis
from causal.potential import PotentialError, Question, parse_question
from causal.theory import Theory
from data.files import Problems, Table, optional_tables

TRACE = "trace.toml"
KEYS = ("name", "ask", "given")


@dataclass(frozen=True, slots=True)
class Named:
    """A question and what it is called in tables."""

    name: str
    question: Question


def load_questions(root: Path, problems: Problems) -> tuple[Named, ...]:
    """The [[questions]] of trace.toml, none when there is no such file. What is wrong is added to ``problems``."""
    found: dict[str, Named] = {}
    for entry in optional_tables(root, TRACE, "questions", problems):
        named = _named(entry)
        if named and named.name in found:
            entry.report(f"question '{named.name}' is asked twice. Rename or remove one.", "name")
        elif named:
            found[named.name] = named
    return tuple(found.values())


def _named(table: Table) -> Named | None:
    table.only(KEYS, "[[questions]]")
    name, ask = table.required("name", "a question"), table.required("ask", "a question")
    if name is None or ask is None:
        return None
    try:
        parse_question(ask)
    except PotentialError as error:
        table.report(str(error), "ask")
        return None
    try:
        return Named(name, parse_question(ask, table.text("given")))
    except PotentialError as error:
        table.report(str(error), "given")
        return None


def questions_from(
    hypotheses: Iterable[Hypothesis], theory: Theory, tops: Mapping[str, int] | None = None
) -> tuple[Named, ...]:
    """Did it, in this case? One question for every effect or path that a hypothesis claims to be positive or negative.

    tops : the highest level of each construct, 1 where none is given. Claims that set conditions, or compare effects, ask
    nothing of one case
    """
    found: dict[str, Named] = {}
    for hypothesis in hypotheses:
        for part in hypothesis.claim.parts:
            for named in _from(part, theory, tops or {}):
                found.setdefault(named.name, named)
    return tuple(found.values())


def _from(part: Comparison, theory: Theory, tops: Mapping[str, int]) -> Iterator[Named]:
    query = part.left
    if not isinstance(query, Effect | PathEffect) or part.right != 0 or query.given or getattr(query, "case", None):
        return
    if not set(query.constructs) <= set(theory.names):
        return
    nodes = query.nodes if isinstance(query, PathEffect) else (query.cause, query.effect)
    rises = (part.op == ">") == (_sign(nodes, theory) > 0) if isinstance(query, PathEffect) else part.op == ">"
    yield _caused(nodes, rises, tops.get(nodes[-1], 1))


def _sign(nodes: tuple[str, ...], theory: Theory) -> int:
    """The sign of a path as the theory expects it: the product of those of its edges."""
    expected = {(edge.cause, edge.effect): edge.sign for edge in theory.edges}
    turned = sum(expected.get(pair) == "-" for pair in pairwise(nodes))
    return -1 if turned % 2 else 1


def _caused(nodes: tuple[str, ...], rises: bool, top: int) -> Named:
    """Whether the effect would have been lower (or higher) had the cause been at its lowest, by a path if one is given."""
    cause, *between, effect = nodes
    without, less = f"{cause}=0", "<" if rises else ">"
    told = [f"{effect}[{without}] {less} {effect}"]
    if between:
        for node in between:
            without = f"{node}={node}[{without}]"
        told.append(f"{effect}[{without}] {less} {effect}")
    there = f"{effect} > 0" if rises else f"{effect} < {top}"
    through = f", through {' and '.join(between)}" if between else ""
    name = f"{cause} {'caused' if rises else 'held down'} {effect}{through}".replace("_", " ")
    return Named(name, parse_question(" & ".join(told), f"{cause} > 0 & {there}"))

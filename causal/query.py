"""The grammar of claims, and its parser.

    claim      = comparison { "&" comparison }
    comparison = query ( ">" | "<" ) ( query | number )
    query      = word "(" name [ "=" level ] "->" name { "->" name } [ "|" condition { "," condition } ] ")"
    word       = "effect" | "direct" | "path" | "indirect" | "natural_direct" | "counterfactual"
    condition  = name "=" level | "case" "=" id
    level      = "low" | "mean" | "high"

Names are those of constructs. An id with blanks or signs of the grammar in it stands in double quotes, with a backslash
before a quote or a backslash inside. Only `path` has more than two names, and only the cause of a `counterfactual`
has a level of its own: `counterfactual(A = low -> B | case = x)`. Blanks are free.
"""

import math
import re
from typing import Literal

from causal.estimands import (
    BARE_ID,
    LEVELS,
    CaseCounterfactual,
    Claim,
    Comparison,
    DirectEffect,
    Effect,
    Given,
    Level,
    NaturalEffect,
    PathEffect,
    Query,
)
from data.files import nearest

__all__ = [
    "CaseCounterfactual",
    "Claim",
    "ClaimError",
    "Comparison",
    "DirectEffect",
    "Effect",
    "Level",
    "NaturalEffect",
    "PathEffect",
    "Query",
    "parse_claim",
]

WORDS = ("effect", "direct", "path", "indirect", "natural_direct", "counterfactual")
QUOTED_ID = re.compile(r'"((?:[^"\\]|\\.)+)"', re.DOTALL)
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\w)")


class ClaimError(ValueError):
    """A text that is no claim; the message gives the place, what was found and what is allowed."""


def parse_claim(text: str) -> Claim:
    """The claim that a text states. Raises ClaimError."""
    reader = _Reader(text)
    parts = [_comparison(reader)]
    while reader.skip("&"):
        parts.append(_comparison(reader))
    reader.end()
    return Claim(tuple(parts))


class _Reader:
    """A place in a text; every reader moves past what it read and the blanks before it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def error(self, allowed: str, place: int | None = None, hint: str = "") -> ClaimError:
        """What was found at a place (by default the next thing), and what may stand there."""
        start = self.next() if place is None else place
        rest = self.text[start:].split(maxsplit=1)
        found = f"'{rest[0][:20]}'" if rest else "the end"
        return ClaimError(f"character {start + 1} of the claim '{self.text}': found {found}; {allowed}.{hint}")

    def skip(self, sign: str) -> bool:
        """Whether the sign comes next; if so it is passed."""
        start = self.next()
        if not self.text.startswith(sign, start):
            return False
        self.place = start + len(sign)
        return True

    def sign(self, sign: str) -> None:
        """Pass a sign that must come next."""
        if not self.skip(sign):
            raise self.error(f"allowed is '{sign}'")

    def name(self, called: str) -> str:
        """The longest identifier that comes next, letters of any script."""
        start = end = self.next()
        while end < len(self.text) and self.text[start : end + 1].isidentifier():
            end += 1
        if end == start:
            raise self.error(f"allowed is {called}")
        self.place = end
        return self.text[start:end]

    def level(self) -> Level:
        """low, mean or high."""
        start = self.next()
        word = self.name("a level: low, mean or high")
        for level in LEVELS:
            if word == level:
                return level
        raise self.error("allowed are the levels low, mean, high", start)

    def id(self) -> str:
        """A case's id, bare or quoted."""
        start = self.next()
        if quoted := QUOTED_ID.match(self.text, start):
            self.place = quoted.end()
            return re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL)
        if bare := BARE_ID.match(self.text, start):
            self.place = bare.end()
            return bare[0]
        raise self.error('allowed is the id of a case or unit, in double quotes ("x y") if it has blanks')

    def number(self) -> float | None:
        """A finite number, None if none comes next."""
        start = self.next()
        found = NUMBER.match(self.text, start)
        if found is None:
            return None
        if not math.isfinite(value := float(found[0])):
            raise self.error("allowed are finite numbers")
        self.place = found.end()
        return value

    def end(self) -> None:
        """Nothing but blanks may be left."""
        if self.next() < len(self.text):
            raise self.error("allowed are '&' and a further comparison, or the end")

    def next(self) -> int:
        """Where the next thing starts; the blanks before it are passed."""
        while self.place < len(self.text) and self.text[self.place].isspace():
            self.place += 1
        return self.place


def _comparison(reader: _Reader) -> Comparison:
    left = _query(reader)
    if not (reader.skip(op := ">") or reader.skip(op := "<")):
        raise reader.error("allowed are '>' and '<'")
    if reader.skip("="):
        raise reader.error(
            "allowed are '>' and '<' alone; a margin is the hypothesis's smallest_effect", reader.place - 1
        )
    number = reader.number()
    right = _query(reader, "a number or a quantity") if number is None else number
    return Comparison(left, _OPERATORS[op], right)


_OPERATORS: dict[str, Literal[">", "<"]] = {">": ">", "<": "<"}


def _query(reader: _Reader, called: str = "a quantity") -> Query:
    allowed = f"{called}, one of {', '.join(f'{word}(...)' for word in WORDS)}"
    start = reader.next()
    word = reader.name(allowed)
    if word not in WORDS:
        raise reader.error(f"allowed is {allowed}", start, nearest(word, WORDS))
    reader.sign("(")
    nodes, set_to = _nodes(reader, word)
    given, case = _conditions(reader, word, nodes) if reader.skip("|") else ((), None)
    reader.sign(")")
    match word:
        case "effect":
            return Effect(nodes[0], nodes[1], given, case)
        case "direct":
            return DirectEffect(nodes[0], nodes[1], given, case)
        case "path":
            return PathEffect(nodes, given)
        case "counterfactual" if case is not None:
            return CaseCounterfactual(case, nodes[0], nodes[1], set_to)
        case "counterfactual":
            raise reader.error("a counterfactual names its case: counterfactual(A -> B | case = x)", start)
        case _:
            return NaturalEffect("direct" if word == "natural_direct" else "indirect", nodes[0], nodes[1], given)


def _nodes(reader: _Reader, word: str) -> tuple[tuple[str, ...], Level | None]:
    """Two different names or, in a path, two or more; and the level of the first, in a counterfactual."""
    nodes = [reader.name("the name of a construct")]
    set_to = reader.level() if word == "counterfactual" and reader.skip("=") else None
    reader.sign("->")
    while True:
        start = reader.next()
        nodes.append(reader.name("the name of a construct"))
        if nodes[-1] in nodes[:-1]:
            raise reader.error("every construct may be named once", start)
        if word != "path" or not reader.skip("->"):
            return tuple(nodes), set_to


def _conditions(reader: _Reader, word: str, nodes: tuple[str, ...]) -> tuple[Given, str | None]:
    """What stands after the bar: constructs set to a level, and the case."""
    given: list[tuple[str, Level]] = []
    case: str | None = None
    while True:
        start = reader.next()
        name = reader.name("a condition, such as M = high")
        reader.sign("=")
        if name == "case":
            if case is not None:
                raise reader.error("one case may be named", start)
            if word not in ("effect", "direct", "counterfactual"):
                raise reader.error(
                    f"{word}(...) is not asked of one case; effect, direct and counterfactual are", start
                )
            case = reader.id()
        elif word == "counterfactual":
            raise reader.error("a counterfactual has no condition but its case", start)
        elif name in nodes or name in dict(given):
            raise reader.error("a condition sets a construct that is not named yet", start)
        else:
            given.append((name, reader.level()))
        if not reader.skip(","):
            return tuple(given), case

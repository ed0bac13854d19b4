"""The grammar of potential outcomes, and its parser: what would have been, as a value that can be asked of a causal type.

    question   = sum [ "/" sum ] [ ( "given" | ":|:" ) statement ]
    statement  = part { "|" part };  part = factor { "&" factor };  factor = "!" factor | comparison
    comparison = sum [ ( "==" | "!=" | "<" | "<=" | ">" | ">=" ) sum ]
    sum        = product { ( "+" | "-" ) product };  product = atom { "*" atom }
    atom       = number | outcome | "(" statement ")" | "-" atom
    outcome    = name [ "[" name "=" ( number | outcome ) { "," name "=" ( number | outcome ) } "]" ]

`Y[X=1]` is the value that Y would take were X set to 1, `Y[X=1, M=M[X=0]]` were M moreover what it would be under X = 0, and
`Y` the value it has. A true statement counts 1, a false one 0; a ratio is one of two expected values. The notation is that of
Humphreys and Jacobs (2023, Integrated Inferences) and of the R package CausalQueries, which writes `:|:` for given. Nothing is
evaluated as code.
"""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

type Values = NDArray[np.float64]
type Operator = Literal["+", "-", "*", "==", "!=", "<", "<=", ">", ">=", "&", "|"]
type Expression = Number | Outcome | Operation | Not

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[^\W\d]\w*)|(?P<sign>:\|:|==|!=|<=|>=|[-+*/<>&|!()\[\],=]))"
)
COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
HINTS = {
    "=": " To compare, write '=='; a single '=' sets a node, inside brackets.",
    "and": " Write & for and.",
    "or": " Write | for or.",
    "(": " What a node would be is written with square brackets, Y[X=1].",
}
OPERATIONS: dict[str, Callable[[Values, Values], Values]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "==": lambda a, b: np.equal(a, b).astype(np.float64),
    "!=": lambda a, b: np.not_equal(a, b).astype(np.float64),
    "<": lambda a, b: np.less(a, b).astype(np.float64),
    "<=": lambda a, b: np.less_equal(a, b).astype(np.float64),
    ">": lambda a, b: np.greater(a, b).astype(np.float64),
    ">=": lambda a, b: np.greater_equal(a, b).astype(np.float64),
    "&": lambda a, b: a * b,
    "|": lambda a, b: a + b - a * b,
}


class PotentialError(ValueError):
    """A text that is no question about potential outcomes; the message gives the place, what was found, what is allowed."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number."""

    value: float

    def __str__(self) -> str:
        return f"{self.value:g}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The value of a node when others are set: to a level, or to what they would be in another world."""

    node: str
    do: tuple[tuple[str, "int | Outcome"], ...] = ()

    def __str__(self) -> str:
        return f"{self.node}[{', '.join(f'{name}={value}' for name, value in self.do)}]" if self.do else self.node


@dataclass(frozen=True, slots=True)
class Operation:
    """Two expressions joined by an operator."""

    op: Operator
    left: Expression
    right: Expression

    def __str__(self) -> str:
        return f"({self.left} {self.op} {self.right})"


@dataclass(frozen=True, slots=True)
class Not:
    """A statement denied."""

    part: Expression

    def __str__(self) -> str:
        return f"!{self.part}"


@dataclass(frozen=True, slots=True)
class Question:
    """The expected value of `asked`, over that of `over` if there is one, among the units of which `given` is true."""

    asked: Expression
    over: Expression | None = None
    given: Expression | None = None

    def __str__(self) -> str:
        ratio = f"{self.asked} / {self.over}" if self.over else outer(self.asked)
        return ratio + (f" given {outer(self.given)}" if self.given else "")

    @property
    def is_probability(self) -> bool:
        """Whether the answer is the probability of a statement."""
        return self.over is None and is_statement(self.asked)


def outer(expression: Expression) -> str:
    """An expression as text, without the brackets that would stand around all of it."""
    match expression:
        case Operation(op, left, right) if op not in ("&", "|") or not is_comparison(left, right):
            return str(expression)[1:-1]
        case Operation(op, left, right):
            return f"{outer(left)} {op} {outer(right)}"
    return str(expression)


def is_comparison(*expressions: Expression) -> bool:
    """Whether all of these compare two things."""
    return all(isinstance(e, Operation) and e.op in COMPARISONS for e in expressions)


def is_statement(expression: Expression) -> bool:
    """Whether an expression is true or false of a unit, and not a number."""
    return isinstance(expression, Not) or (isinstance(expression, Operation) and expression.op not in "+-*")


def outcomes(expression: Expression | None) -> Iterator[Outcome]:
    """Every potential outcome that an expression compares, from left to right; those inside others are not listed."""
    match expression:
        case Outcome():
            yield expression
        case Operation():
            yield from outcomes(expression.left)
            yield from outcomes(expression.right)
        case Not():
            yield from outcomes(expression.part)


def value(expression: Expression, of: Callable[[Outcome], Values]) -> Values:
    """An expression's value where each outcome's value is known, all arrays of one shape."""
    match expression:
        case Number():
            return np.asarray(expression.value)
        case Outcome():
            return of(expression)
        case Not():
            return 1.0 - value(expression.part, of)
        case Operation():
            return OPERATIONS[expression.op](value(expression.left, of), value(expression.right, of))


def parse_question(text: str, given: str = "") -> Question:
    """The question that a text states, its condition in the text or apart. Raises PotentialError."""
    reader = _Reader(text)
    asked = _statement(reader)
    over = _statement(reader) if reader.skip("/") else None
    condition = _truth(reader) if reader.skip("given", ":|:") else None
    reader.end()
    if given.strip():
        if condition is not None:
            raise PotentialError(f"'{text}' has a condition already; '{given}' is a second. Join them by '&'.")
        condition = parse_statement(given)
    return Question(asked, over, condition)


def parse_statement(text: str) -> Expression:
    """The statement, true or false of a unit, that a text makes. Raises PotentialError."""
    reader = _Reader(text)
    statement = _truth(reader)
    reader.end()
    return statement


class _Reader:
    """The tokens of a text, read one by one."""

    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.tokens: list[tuple[str, str, int]] = []
        end = len(text.rstrip())
        place = 0
        while place < end:
            found = TOKEN.match(text, place)
            if found is None:
                raise self.error("names, numbers, [ ], ( ) and the signs + - * / == != < <= > >= & | ! ,", place)
            kind = str(found.lastgroup)
            self.tokens.append((kind, found[kind], found.start(kind)))
            place = found.end()

    def error(self, allowed: str, place: int | None = None, hint: str = "") -> PotentialError:
        """What stands at a place, by default the next token's, and what may stand there."""
        if place is None:
            place = self.tokens[self.place][2] if self.place < len(self.tokens) else len(self.text)
        rest = self.text[place:].split(maxsplit=1)
        found = f"'{rest[0][:20]}'" if rest else "the end"
        return PotentialError(f"character {place + 1} of '{self.text}': found {found}; allowed are {allowed}.{hint}")

    @property
    def next(self) -> tuple[str, str]:
        """Kind and text of the next token; two empty texts at the end."""
        return self.tokens[self.place][:2] if self.place < len(self.tokens) else ("", "")

    def take(self) -> str:
        """The text of the next token, which is passed."""
        self.place += 1
        return self.tokens[self.place - 1][1]

    def skip(self, *signs: str) -> str:
        """The sign or word that comes next and is passed, or nothing."""
        return self.take() if self.next[1] in signs and self.next[0] else ""

    def sign(self, sign: str, hint: str = "") -> None:
        """Pass a sign that must come next."""
        if not self.skip(sign):
            raise self.error(f"'{sign}'", hint=hint)

    def end(self) -> None:
        """Nothing may be left."""
        if self.next[0]:
            raise self.error("an operator, 'given' and a condition, or the end", hint=HINTS.get(self.next[1], ""))


def _truth(reader: _Reader) -> Expression:
    start = reader.place
    found = _statement(reader)
    if not is_statement(found):
        hint, reader.place = HINTS.get(reader.next[1], ""), start
        raise reader.error("statements that are true or false, such as X==1 & Y[X=0]==0", hint=hint)
    return found


def _statement(reader: _Reader) -> Expression:
    return _joined(reader, ("|",), lambda r: _joined(r, ("&",), _factor))


def _joined(reader: _Reader, signs: tuple[str, ...], part: Callable[[_Reader], Expression]) -> Expression:
    """Parts joined by operators of one rank, from left to right."""
    found = part(reader)
    while op := reader.skip(*signs):
        found = Operation(cast(Operator, op), found, part(reader))
    return found


def _factor(reader: _Reader) -> Expression:
    if reader.skip("!"):
        return Not(_factor(reader))
    left = _sum(reader)
    op = reader.skip(*COMPARISONS)
    return Operation(cast(Operator, op), left, _sum(reader)) if op else left


def _sum(reader: _Reader) -> Expression:
    return _joined(reader, ("+", "-"), lambda r: _joined(r, ("*",), _atom))


def _atom(reader: _Reader) -> Expression:
    kind, _ = reader.next
    if kind == "number":
        return Number(float(reader.take()))
    if kind == "name" and reader.next[1] != "given":
        return _outcome(reader)
    if reader.skip("-"):
        return Operation("-", Number(0.0), _atom(reader))
    if reader.skip("("):
        inner = _statement(reader)
        reader.sign(")")
        return inner
    raise reader.error("a number, a node such as Y or Y[X=1], or '('")


def _outcome(reader: _Reader) -> Outcome:
    node = reader.take()
    if not reader.skip("["):
        return Outcome(node)
    settings: dict[str, int | Outcome] = {}
    while True:
        name, setting = _setting(reader)
        if name in settings:
            raise reader.error(f"other nodes than '{name}', which is set already")
        settings[name] = setting
        if reader.skip("]"):
            return Outcome(node, tuple(sorted(settings.items())))
        reader.sign(",")


def _setting(reader: _Reader) -> tuple[str, int | Outcome]:
    """A node and the level, or the value in another world, to which it is set."""
    if reader.next[0] != "name":
        raise reader.error("the name of a node to set")
    name = reader.take()
    reader.sign("=", " A node is set by a single '='." if reader.next[1] == "==" else "")
    if reader.next[0] == "number" and "." not in reader.next[1]:
        return name, int(reader.take())
    if reader.next[0] == "name" and reader.next[1] == name:
        return name, _outcome(reader)
    raise reader.error(f"a level counted from 0, or {name}[...], what {name} would be in another world")

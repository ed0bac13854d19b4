"""Estimands as frozen values; `str` of each is the text that `causal.query` parses back into it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

type Level = Literal["low", "mean", "high"]
type Given = tuple[tuple[str, Level], ...]

LEVELS: tuple[Level, ...] = ("low", "mean", "high")
SD_OF: Mapping[Level, float] = {"low": -1.0, "mean": 0.0, "high": 1.0}
"""What a level of a construct means, in marginal standard deviations of a new case."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Total effect of setting the cause, other constructs set as `given`; in one case's units if `case` names it."""

    cause: str
    effect: str
    given: Given = ()
    case: str | None = None

    @property
    def constructs(self) -> tuple[str, ...]:
        """Every construct it speaks of."""
        return _distinct(self.cause, self.effect, *_names(self.given))

    def __str__(self) -> str:
        return f"effect({self.cause} -> {self.effect}{_conditions(self.given, self.case)})"


@dataclass(frozen=True, slots=True)
class DirectEffect:
    """Effect that passes no other construct: all other causes of the effect are held still, its own earlier periods too.

    So nothing is carried over from period to period: with a lagged effect on itself the direct effect is that of one period.
    """

    cause: str
    effect: str
    given: Given = ()
    case: str | None = None

    @property
    def constructs(self) -> tuple[str, ...]:
        """Every construct it speaks of."""
        return _distinct(self.cause, self.effect, *_names(self.given))

    def __str__(self) -> str:
        return f"direct({self.cause} -> {self.effect}{_conditions(self.given, self.case)})"


@dataclass(frozen=True, slots=True)
class PathEffect:
    """Effect along one path. A claim that it is above 0 claims every edge of it (see `causal.hypotheses`)."""

    nodes: tuple[str, ...]
    given: Given = ()

    @property
    def cause(self) -> str:
        """The first construct of the path."""
        return self.nodes[0]

    @property
    def effect(self) -> str:
        """The last construct of the path."""
        return self.nodes[-1]

    @property
    def constructs(self) -> tuple[str, ...]:
        """Every construct it speaks of."""
        return _distinct(*self.nodes, *_names(self.given))

    def __str__(self) -> str:
        return f"path({' -> '.join(self.nodes)}{_conditions(self.given)})"


@dataclass(frozen=True, slots=True)
class NaturalEffect:
    """Natural direct or indirect effect over all mediators (Pearl 2001, "Direct and indirect effects").

    The effect's own earlier periods count among the mediators.
    """

    kind: Literal["direct", "indirect"]
    cause: str
    effect: str
    given: Given = ()

    @property
    def constructs(self) -> tuple[str, ...]:
        """Every construct it speaks of."""
        return _distinct(self.cause, self.effect, *_names(self.given))

    def __str__(self) -> str:
        word = "natural_direct" if self.kind == "direct" else "indirect"
        return f"{word}({self.cause} -> {self.effect}{_conditions(self.given)})"


@dataclass(frozen=True, slots=True)
class CaseCounterfactual:
    """What the effect was in one case or unit, minus what it would have been with the cause set otherwise.

    `set_to` None: the cause had stayed as it was in the same case's previous period.
    """

    case: str
    cause: str
    effect: str
    set_to: Level | None = None

    @property
    def constructs(self) -> tuple[str, ...]:
        """Every construct it speaks of."""
        return (self.cause, self.effect)

    def __str__(self) -> str:
        level = f" = {self.set_to}" if self.set_to else ""
        return f"counterfactual({self.cause}{level} -> {self.effect}{_conditions((), self.case)})"


type Query = Effect | DirectEffect | PathEffect | NaturalEffect | CaseCounterfactual


@dataclass(frozen=True, slots=True)
class Comparison:
    """One quantity above or below another, or a finite number."""

    left: Query
    op: Literal[">", "<"]
    right: Query | float

    def __str__(self) -> str:
        right = repr(self.right).removesuffix(".0") if isinstance(self.right, int | float) else str(self.right)
        return f"{self.left} {self.op} {right}"


@dataclass(frozen=True, slots=True)
class Claim:
    """Comparisons that are to hold together."""

    parts: tuple[Comparison, ...]

    @property
    def queries(self) -> tuple[Query, ...]:
        """Every quantity compared, once each, in the order written."""
        sides = [side for part in self.parts for side in (part.left, part.right)]
        return tuple(dict.fromkeys(side for side in sides if not isinstance(side, int | float)))

    def __str__(self) -> str:
        return " & ".join(map(str, self.parts))


def _distinct(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _names(given: Given) -> tuple[str, ...]:
    return tuple(name for name, _ in given)


BARE_ID = re.compile(r"""[^\s,()|&<>="\\]+""")


def _conditions(given: Given, case: str | None = None) -> str:
    conditions = [f"{name} = {level}" for name, level in given]
    if case is not None:
        quoted = '"' + re.sub(r'(["\\])', r"\\\1", case) + '"'
        conditions.append(f"case = {case if BARE_ID.fullmatch(case) else quoted}")
    return f" | {', '.join(conditions)}" if conditions else ""

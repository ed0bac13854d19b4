"""Formulas of an identified effect: sums, products and ratios of conditional probabilities of observed nodes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probability:
    """P(node | given)."""

    node: str
    given: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"P({self.node}{' | ' + ', '.join(self.given) if self.given else ''})"


@dataclass(frozen=True, slots=True)
class Product:
    """Factors multiplied; 1 if there are none."""

    factors: tuple["Expression", ...]

    def __str__(self) -> str:
        return " ".join(f"[{item}]" if isinstance(item, Sum | Ratio) else str(item) for item in self.factors) or "1"


@dataclass(frozen=True, slots=True)
class Sum:
    """The body summed over every value of some nodes."""

    over: tuple[str, ...]
    body: "Expression"

    def __str__(self) -> str:
        return f"Σ_{{{', '.join(self.over)}}} {self.body if isinstance(self.body, Product) else f'[{self.body}]'}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """One expression over another."""

    top: "Expression"
    bottom: "Expression"

    def __str__(self) -> str:
        return f"({self.top}) / ({self.bottom})"


type Expression = Probability | Product | Sum | Ratio


def summed(over: Sequence[str], body: Expression) -> Expression:
    """The body summed over nodes, without the factors that sum to 1 on their own and without empty brackets."""
    if isinstance(body, Sum):
        return summed([*over, *body.over], body.body)
    factors = list(_flat(body))
    left = list(over)
    while idle := next((node for node in left if _idle(node, factors)), None):
        left.remove(idle)
        factors = [factor for factor in factors if not (isinstance(factor, Probability) and factor.node == idle)]
    rest = factors[0] if len(factors) == 1 else Product(tuple(factors))
    return Sum(tuple(left), rest) if left else rest


def mentioned(expression: Expression) -> frozenset[str]:
    """Every node whose value the expression depends on; those summed over are bound and do not count."""
    match expression:
        case Probability(node, given):
            return frozenset({node, *given})
        case Product(factors):
            return frozenset().union(*map(mentioned, factors))
        case Sum(over, body):
            return mentioned(body) - frozenset(over)
        case Ratio(top, bottom):
            return mentioned(top) | mentioned(bottom)


def _flat(expression: Expression) -> Iterable[Expression]:
    if isinstance(expression, Product):
        for factor in expression.factors:
            yield from _flat(factor)
    else:
        yield expression


def _idle(node: str, factors: Sequence[Expression]) -> bool:
    """Whether the sum over this node is 1: its own probability is the only factor that mentions it."""
    holders = [factor for factor in factors if node in mentioned(factor)]
    return len(holders) == 1 and isinstance(holders[0], Probability) and holders[0].node == node

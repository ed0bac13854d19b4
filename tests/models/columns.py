"""Tables of observed constructs in a few lines: each name a column of its family over units that are cases of their own."""

from collections.abc import Mapping, Sequence

from causal.theory import Construct, Edge, Theory
from data.cases import Observation, Unit
from data.codebook import Codebook, Family, Indicator, Scale
from models.blueprint import Blueprint, draw_blueprint
from tests.models.small import periods, theory
from tests.models.worlds import row

type Value = float | tuple[int, int] | None

LEVELS = ("none", "some", "much", "all")


def single_units(count: int) -> dict[str, Unit]:
    """Units A1, B1, ... each the only one of its case."""
    return periods("".join(chr(0x100 + i) for i in range(count)))


def book(families: Mapping[str, Family], turned: Sequence[str] = (), levels: Sequence[str] = LEVELS) -> Codebook:
    """One column, called as its construct, of each family; those in ``turned`` are reversed."""
    return Codebook(
        {"scale": Scale("scale", tuple(levels))},
        {n: Indicator(n, n, f, "scale" if f == "ordinal" else None, n in turned) for n, f in families.items()},
    )


def rows(codebook: Codebook, units: Sequence[str], columns: Mapping[str, Sequence[Value]]) -> list[Observation]:
    """A certain row for every value; None is no row, a pair is successes of n, a number of an ordinal column its level."""
    found = []
    for name, values in columns.items():
        for unit, value in zip(units, values, strict=True):
            if value is None:
                continue
            number, n = value if isinstance(value, tuple) else (value, None)
            levels = [int(number)] if codebook.indicators[name].family == "ordinal" else []
            known = None if levels else float(number)
            found.append(row(f"{name}.{unit}", unit, name, levels, known, n, confidence=1.0))
    return found


def observed(*edges: Edge, extra: Sequence[Construct | str] = ()) -> Theory:
    """A theory whose constructs are observed, except those of ``extra`` that say otherwise."""
    given = {c.name: c for c in extra if isinstance(c, Construct)}
    names = dict.fromkeys([end for edge in edges for end in (edge.cause, edge.effect)])
    names |= dict.fromkeys(c if isinstance(c, str) else c.name for c in extra)
    return theory(*edges, constructs=[given.get(n, Construct(n, kind="observed")) for n in names])


def table(
    world: Theory,
    families: Mapping[str, Family],
    columns: Mapping[str, Sequence[Value]],
    turned: Sequence[str] = (),
    units: Mapping[str, Unit] | None = None,
) -> tuple[Blueprint, dict[str, Unit]]:
    """A theory laid out over a table, units being cases of their own unless given."""
    own = dict(units) if units else single_units(len(next(iter(columns.values()))))
    codebook = book(families, turned)
    return draw_blueprint(world, codebook, own, rows(codebook, list(own), columns)), own

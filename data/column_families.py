"""Which family a column of a table is: inferred where its values leave no doubt, asked for by option where they do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from data.codebook import FAMILIES, Family
from data.numbers import has_comma, is_whole, number

YES = {"yes": "1", "true": "1", "no": "0", "false": "0"}


@dataclass(frozen=True, slots=True)
class ColumnChoices:
    """What the options say of columns, by name.

    families : the family; levels : the levels of an ordinal column, from least to most; trials : the column with n of a binomial
    """

    families: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    trials: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnFamily:
    """How a column is read.

    levels : of an ordinal column, from least to most; recoded : words that stand for 1 and 0; trials : the column with n
    """

    family: Family
    levels: tuple[str, ...] = ()
    recoded: Mapping[str, str] = field(default_factory=dict)
    trials: str = ""


def family_of(name: str, values: Sequence[str], choices: ColumnChoices) -> ColumnFamily | str:
    """How to read a column of non-blank values, or a sentence that says what is in doubt and which option settles it."""
    distinct = tuple(dict.fromkeys(values))
    chosen = choices.families.get(name, "")
    if name in choices.trials:
        chosen = chosen or "binomial"
    if name in choices.levels:
        chosen = chosen or "ordinal"
    if chosen and chosen not in FAMILIES:
        return f"--family {name}={chosen}: families are {', '.join(FAMILIES)}. Name one of them."
    if not distinct:
        return f"the column '{name}' has no values. Fill it in, or leave the construct out of the theory."
    if chosen == "binomial" and name not in choices.trials:
        return f"'{name}' is binomial and needs the column that says of how many: --trials {name}=COLUMN."
    if chosen:
        return _as_chosen(name, next(f for f in FAMILIES if f == chosen), distinct, choices)
    return _inferred(name, distinct)


def _as_chosen(name: str, family: Family, distinct: Sequence[str], choices: ColumnChoices) -> ColumnFamily | str:
    if family == "binomial":
        return ColumnFamily(family, trials=choices.trials[name])
    if family == "binary" and {value.lower() for value in distinct} <= YES.keys():
        return ColumnFamily(family, recoded=_recoded(distinct))
    if family != "ordinal":
        return ColumnFamily(family)
    levels = choices.levels.get(name, ()) or _whole_levels(distinct)
    if len(levels) < 2:
        return f"'{name}' is ordinal: {_order(name, distinct)}"
    return ColumnFamily(family, levels)


MISSING = {"na", "n/a", "nan", "none", "null", "missing", "unknown", "-", ".", "?"}
"""Words that often mean that a value is missing; none is taken to mean it without being told."""


def _whole_levels(distinct: Sequence[str]) -> tuple[str, ...]:
    """Whole numbers from the least to the greatest read; none for anything else."""
    numbers = [number(value) for value in distinct]
    if not all(n is not None and n.is_integer() for n in numbers):
        return ()
    whole = [int(n) for n in numbers if n is not None]
    return tuple(str(n) for n in range(min(whole), max(whole) + 1))


def _inferred(name: str, distinct: Sequence[str]) -> ColumnFamily | str:
    if set(distinct) == {"0", "1"}:
        return ColumnFamily("binary")
    lower = {value.lower() for value in distinct}
    if lower in ({"yes", "no"}, {"true", "false"}):
        return ColumnFamily("binary", recoded=_recoded(distinct))
    if commas := [value for value in distinct if has_comma(value)]:
        return f"the column '{name}' holds '{commas[0]}'; a number has a decimal point and no comma. Correct the cells."
    numbers = [number(value) for value in distinct]
    if any(n is None for n in numbers):
        listed = ", ".join(f"'{value}'" for value in distinct[:6])
        words = [value for value, n in zip(distinct, numbers, strict=True) if n is None]
        if len(words) < len(distinct):
            return (
                f"the column '{name}' holds numbers and also '{words[0]}'. Correct the cell, name it as a sign of a missing "
                f"value (--missing {words[0]}), or list the column's levels (--levels {name}=...)."
            )
        said = f"the column '{name}' holds words ({listed})"
        if blanks := [value for value in distinct if value.lower() in MISSING]:
            return f"{said}: if '{blanks[0]}' means missing, say --missing {blanks[0]}."
        return f"{said}: {_order(name, distinct)}"
    if len(distinct) == 1:
        return f"every value of '{name}' is {distinct[0]}, which fits several families: say --family {name}=FAMILY."
    if any(not is_whole(value.lstrip("+-")) for value in distinct):
        return ColumnFamily("continuous")
    negative = any(n is not None and n < 0 for n in numbers)
    options = ("ordinal", "continuous") if negative else ("count", "ordinal", "continuous")
    said = " or ".join(f"--family {name}={option}" for option in options)
    share = "" if negative else f", or --trials {name}=COLUMN where they are successes of the n in another column"
    return f"whole numbers in '{name}' may be several things: say {said}{share}."


def _order(name: str, distinct: Sequence[str]) -> str:
    """What to say of words in an order that nobody has given: an option that is no scale when it is pasted as it stands."""
    return f"say --levels {name}=..., with all of its words from least to most ({', '.join(sorted(distinct))})."


def _recoded(distinct: Sequence[str]) -> dict[str, str]:
    return {value: YES[value.lower()] for value in distinct}

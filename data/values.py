"""The values that each measurement family allows."""

import re
from typing import NamedTuple

from data.codebook import Codebook, Indicator
from data.numbers import is_whole, number
from data.problems import nearest
from data.rows import Cells

BETWEEN = ".."


class Value(NamedTuple):
    """What one row says: the levels it allows (ordinal, as positions on the scale), or a number and its `n`."""

    levels: tuple[int, ...] = ()
    value: float | None = None
    n: int | None = None


NOTHING = Value()


def read_value(indicator: Indicator, codebook: Codebook, cells: Cells) -> Value | None:
    """What `value` and `n` of a row say under an indicator; None, and a report, when they are outside its family.

    A blank value is a reading that found nothing: `NOTHING`.
    """
    text, n = cells["value"], cells["n"]
    if n and indicator.family != "binomial":
        cells.report(f"n is '{n}', but {indicator.name} is {indicator.family}; only a binomial has n. Leave it blank.")
        return None
    if not text and n:
        cells.report(f"value is blank, but n is '{n}'; a source that says nothing has no n. Give both or neither.")
        return None
    if not text:
        return NOTHING
    match indicator.family:
        case "ordinal":
            return _levels(codebook.levels(indicator.name), f"scale {indicator.scale}", cells)
        case "binary":
            return _number(number(text) in (0, 1), f"{indicator.name} is binary and allows 0 (no) or 1 (yes)", cells)
        case "binomial":
            return _share(f"{indicator.name} is binomial: so many, a whole number, of n", cells)
        case "count":
            return _number(is_whole(text), f"{indicator.name} is a count and allows whole numbers from 0", cells)
        case "continuous":
            allowed = f"{indicator.name} is continuous and allows finite numbers with a decimal point"
            return _number(number(text) is not None, allowed, cells)


def _levels(levels: tuple[str, ...], scale: str, cells: Cells) -> Value | None:
    """A level, or a range `Low..High` of them."""
    text = cells["value"]
    ends = _ends(text, levels)
    for end in ends:
        if end not in levels:
            inside = f" in '{text}'" if end != text else ""
            allowed = f"{scale} allows {', '.join(levels)}, or a range such as {levels[0]}{BETWEEN}{levels[1]}"
            hint = _range_meant(text, levels) or nearest(end, levels) or " Correct the value."
            cells.report(f"value is '{end}'{inside}; {allowed}.{hint}")
            return None
    first, last = levels.index(ends[0]), levels.index(ends[-1])
    if first > last:
        allowed = f"{scale} runs {', '.join(levels)}"
        cells.report(f"value is '{text}', a range upside down; {allowed}. Write {ends[-1]}{BETWEEN}{ends[0]}.")
        return None
    return Value(levels=tuple(range(first, last + 1)))


def _ends(text: str, levels: tuple[str, ...]) -> tuple[str, ...]:
    """The ends of a range, or the text itself; where a level ends with a dot, the parting that gives two levels."""
    parts = [(text[:i].strip(), text[i + 2 :].strip()) for i in range(len(text)) if text.startswith(BETWEEN, i)]
    return next((ends for ends in parts if set(ends) <= set(levels)), parts[0] if parts else (text,))


def _range_meant(text: str, levels: tuple[str, ...]) -> str:
    """A sentence led by a blank for a range written otherwise: Low-Medium, low to medium, Low/Medium."""
    known = {level.casefold(): level for level in levels}
    ends = [known.get(part.strip().casefold()) for part in re.split(r"\s+to\s+|\.\.+|[-–/]", text)]
    return f" Write {ends[0]}{BETWEEN}{ends[1]}." if len(ends) == 2 and all(ends) else ""


def _number(is_allowed: bool, allowed: str, cells: Cells) -> Value | None:
    if is_allowed:
        return Value(value=number(cells["value"]))
    cells.report(f"value is '{cells['value']}'; {allowed}. Correct the value.")
    return None


def _share(allowed: str, cells: Cells) -> Value | None:
    """So many of n."""
    text, n = cells["value"], cells["n"]
    counted, total = is_whole(text), is_whole(n, least=1)
    if not n:
        cells.report(f"n is blank; {allowed}. Give n.")
    elif not total:
        cells.report(f"n is '{n}'; {allowed}, and n is a whole number from 1. Correct n.")
    if not counted:
        cells.report(f"value is '{text}'; {allowed}. Turn a percentage into a number of cases.")
    if not counted or not total:
        return None
    if float(text) > float(n):
        cells.report(f"value is '{text}' and n is '{n}'; {allowed}, at most n. Correct one of them.")
        return None
    return Value(value=float(text), n=int(float(n)))

"""Numbers as people write them in tables."""

import math
import re

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def number(text: str) -> float | None:
    """A finite decimal number; None for anything else, decimal commas and digit groups included."""
    found = float(text) if NUMBER.fullmatch(text) else math.nan
    return found if math.isfinite(found) else None


def has_comma(text: str) -> bool:
    """Whether a text would be a number but for its commas: 98,5 and 1,200."""
    return "," in text and number(text.replace(",", "")) is not None


def is_whole(text: str, least: int = 0) -> bool:
    """Whether a text is a whole number of at least `least`; `12.0`, as spreadsheets write 12, is one."""
    found = number(text)
    return found is not None and found.is_integer() and found >= least

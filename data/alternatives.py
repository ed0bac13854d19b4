"""Other ways to measure a construct that a study declares defensible: its optional file sensitivity.toml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.codebook import Codebook
from data.files import Problems, Table, optional_tables
from data.problems import nearest

SENSITIVITY = "sensitivity.toml"
KEYS = ("construct", "name", "indicators")


@dataclass(frozen=True, slots=True)
class Alternative:
    """A construct read off other indicators, whatever else they measure; what measures it otherwise is left out."""

    construct: str
    name: str
    indicators: tuple[str, ...]


def load_alternatives(root: Path, codebook: Codebook, problems: Problems) -> tuple[Alternative, ...]:
    """The [[alternatives]] of sensitivity.toml, none when there is no such file. What is wrong is added to ``problems``."""
    entries = optional_tables(root, SENSITIVITY, "alternatives", problems)
    read = (_alternative(entry, codebook) for entry in entries)
    return tuple(found for found in read if found is not None)


def _alternative(table: Table, codebook: Codebook) -> Alternative | None:
    table.only(KEYS, "[[alternatives]]")
    construct, name = table.required("construct", "an alternative"), table.required("name", "an alternative")
    indicators = table.texts("indicators")
    measured = sorted({i.measures for i in codebook.indicators.values()})
    if construct is not None and construct not in measured:
        hint = nearest(construct, measured) or f" Measured are {', '.join(measured)}."
        table.report(f"no indicator measures '{construct}'.{hint}", "construct")
    for unknown in (i for i in indicators if i not in codebook.indicators):
        hint = nearest(unknown, codebook.indicators) or " Name one of codebook.toml."
        table.report(f"'{unknown}' is no indicator of codebook.toml.{hint}", "indicators")
    if not indicators:
        table.report("an alternative needs indicators. Name at least one.", "indicators")
    return Alternative(construct, name, indicators) if construct and name and indicators else None

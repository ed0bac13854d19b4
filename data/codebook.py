"""The codebook: verbal scales, and the indicators that measure constructs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from data.files import read_toml
from data.problems import Problems, nearest
from data.rows import Names
from data.tables import Table

type Family = Literal["ordinal", "binary", "binomial", "count", "continuous"]

FAMILIES: tuple[Family, ...] = ("ordinal", "binary", "binomial", "count", "continuous")
DEFAULT_CONFIDENCE = 0.9


@dataclass(frozen=True, slots=True)
class Scale:
    """A verbal scale; its levels run from least to most."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """How a construct is measured.

    scale : the verbal scale of an ordinal indicator, None for the other families
    reversed : whether more of the indicator means less of the construct
    line : of its header in the codebook
    """

    name: str
    measures: str
    family: Family
    scale: str | None = None
    reversed: bool = False
    question: str = ""
    rule: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Codebook:
    """Scales and indicators by name, in file order.

    broken : names of indicators that are declared but could not be read; empty once a study has loaded
    """

    scales: dict[str, Scale]
    indicators: dict[str, Indicator]
    default_confidence: float = DEFAULT_CONFIDENCE
    broken: frozenset[str] = field(default_factory=frozenset)

    @property
    def names(self) -> Names:
        """Every declared indicator."""
        return Names(self.broken | self.indicators.keys())

    def levels(self, indicator: str) -> tuple[str, ...]:
        """The levels of an ordinal indicator, from least to most; none for the other families."""
        scale = self.indicators[indicator].scale
        return self.scales[scale].levels if scale else ()

    def answers(self, indicator: str) -> int:
        """How many answers an indicator has: its levels, two for a yes/no, none for the families without a list of them."""
        return 2 if self.indicators[indicator].family == "binary" else len(self.levels(indicator))


def load_codebook(path: Path, root: Path, problems: Problems) -> Codebook | None:
    """Read a codebook; None when the file cannot be read at all.

    What is wrong with single scales and indicators is reported and left out, so that rows of the others can be checked.
    """
    document = read_toml(path, root, problems)
    if document is None:
        return None
    table = Table(document, (), document.data, problems)
    table.only(("default_confidence", "scales", "indicators"), "the codebook")
    scales, indicators = table.table("scales"), table.table("indicators")
    if not indicators.data:
        table.report("there are no indicators. Add a table [indicators.<name>] for each.")
    read_scales = {name: _scale(name, scales.table(name)) for name in scales.data}
    read = {name: _indicator(name, indicators.table(name), read_scales) for name in indicators.data}
    return Codebook(
        scales={name: scale for name, scale in read_scales.items() if scale},
        indicators={name: indicator for name, indicator in read.items() if indicator},
        default_confidence=_default_confidence(table),
        broken=frozenset(name for name, indicator in read.items() if not indicator),
    )


def _default_confidence(table: Table) -> float:
    found = table.number("default_confidence", DEFAULT_CONFIDENCE, above=True)
    if found <= 1:
        return found
    table.report(
        f"default_confidence is {found:g}; it must be above 0 and at most 1. Correct it.", "default_confidence"
    )
    return DEFAULT_CONFIDENCE


def _is_name(table: Table, name: str, what: str) -> bool:
    """Whether a cell of a table, stripped of outer blanks, can be this name."""
    if name and name == name.strip():
        return True
    table.report(f"the {what} '{name}' has outer blanks or no name. Rename it.")
    return False


def _scale(name: str, table: Table) -> Scale | None:
    table.only(("levels",), f"[scales.{name}]")
    before = table.problems.count
    levels = table.texts("levels")
    _is_name(table, name, "scale")
    if table.problems.count == before and len(levels) < 2:
        table.report(f'scale {name} has {len(levels)} levels; it needs two or more, such as ["Low", "High"].', "levels")
    for level in levels:
        if ".." in level:
            table.report(f"level '{level}' contains '..', which marks a range of levels. Rename it.", "levels")
    return Scale(name, levels) if table.problems.count == before else None


def _indicator(name: str, table: Table, scales: dict[str, Scale | None]) -> Indicator | None:
    """The indicator; None when it is wrong, or when its scale is."""
    called = f"[indicators.{name}]"
    before = table.problems.count
    table.only(("measures", "family", "scale", "reversed", "question", "rule"), called)
    _is_name(table, name, "indicator")
    measures = table.required("measures", called)
    family = table.choice("family", FAMILIES, "ordinal") if table.required("family", called) else None
    scale = table.text("scale") or None
    if family and table.data["family"] in FAMILIES:
        _check_scale(table, family, scale, scales)
    question, rule, is_reversed = table.text("question"), table.text("rule"), table.flag("reversed")
    if measures is None or family is None or table.problems.count > before or (scale and not scales[scale]):
        return None
    return Indicator(name, measures, family, scale, is_reversed, question, rule, table.document.line(*table.where))


def _check_scale(table: Table, family: Family, scale: str | None, scales: dict[str, Scale | None]) -> None:
    if family == "ordinal" and scale is None:
        table.report(f'an ordinal indicator needs a scale; there are {", ".join(scales) or "none"}. Add scale = "...".')
    elif family == "ordinal" and scale not in scales:
        hint = nearest(str(scale), scales) or " Add it under [scales] or correct the name."
        table.report(f"scale '{scale}' is unknown; there are {', '.join(scales) or 'none'}.{hint}", "scale")
    elif family != "ordinal" and scale is not None:
        table.report(
            f"scale is '{scale}', but the family is {family}; only ordinal indicators have one. Remove it.", "scale"
        )

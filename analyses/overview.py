"""What a study contains and what its theory lets be asked: the words of ``casewise check``. Samples nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

from analyses.unsaid import unsaid
from analyses.wording import MOST_NAMED
from causal.diagram import every_edge
from causal.identify import NotIdentifiedError, identify
from causal.implications import Independence, implied_independences
from causal.query import Effect
from causal.theory import Theory
from data.cases import OBSERVATIONS
from data.reliability import Disagreement, agreement, disagreements
from models.structure.reading import kinds_of
from models.study import Study

MOST_CELLS = 20
"""Cells on which coders exclude each other that are named."""


@dataclass(frozen=True)
class Overview:
    """Sections of the overview, each a title with its lines."""

    sections: Mapping[str, Sequence[str]]

    @property
    def text(self) -> str:
        return "\n\n".join(
            f"{title}\n" + "\n".join(f"  {line}" for line in lines) for title, lines in self.sections.items()
        )

    @property
    def as_json(self) -> dict[str, list[str]]:
        return {title: list(lines) for title, lines in self.sections.items()}


def overview(study: Study) -> Overview:
    """Inventory, agreement, identification, implied independences and hypotheses of a valid study."""
    return Overview(
        {
            f"{study.theory.title} ({study.root.name})": _contents(study),
            "Rows by kind of unit": _counts(study, "kind"),
            "Rows by construct": _by_construct(study),
            "Rows by case and period": _counts(study, "period")
            if len(study.cases.cases) <= MOST_NAMED
            else [f"{len(study.cases.cases)} cases, too many to list"],
            "Agreement between coders": _agreement(study),
            "Effects": _identified(study),
            "Implied independences": _independences(study),
            "Hypotheses": _hypotheses(study),
            "Theories on the same rows": [
                f"{name}: {len(theory.edges)} edges" for name, theory in study.theories.items()
            ],
            "Left unsaid": unsaid(study),
        }
    )


def _cases(study: Study) -> str:
    """Cases by name where they are a handful; a table taken together by its rows."""
    if study.counted:
        return f"a table of {sum(unit.count for unit in study.cases.units.values()):,.0f} rows taken together"
    names = study.cases.cases
    return f"{len(names)} cases{f' ({", ".join(names)})' if len(names) <= MOST_NAMED else ''}"


def _contents(study: Study) -> list[str]:
    rows = study.cases.observations
    roles = Counter(row.role for row in rows if not row.missing)
    return [
        f"{_cases(study)}, {len(study.cases.units)} units, {len(rows)} rows",
        f"{roles['test']} rows test, {roles['build']} also built the theory, {roles['summary']} only summarise others",
        f"{len(study.silent)} rows are blank: the source was read and does not say",
        f"coders: {', '.join(sorted({row.coder for row in rows if row.coder})) or 'not named'}",
        *([f"{len(study.evidence)} qualitative items compare {study.first} with rivals"] if study.evidence else []),
        f"every row has a source and locator: {'yes' if all(row.source and row.locator for row in rows) else 'no'}",
    ]


def _counts(study: Study, by: str) -> list[str]:
    def key(row_unit: str) -> str:
        unit = study.cases.units[row_unit]
        return unit.kind if by == "kind" else f"{unit.case}, period {unit.period:g}"

    return _tabulate((key(row.unit), row.is_evidence, row.missing) for row in study.cases.observations)


def _by_construct(study: Study) -> list[str]:
    used = {name for edge in study.theory.edges for name in (edge.cause, edge.effect)}
    lines = _tabulate((study.construct_of(row), row.is_evidence, row.missing) for row in study.cases.observations)
    idle = sorted(set(study.theory.names) - used)
    if idle:
        lines.append(
            f"not in this theory, kept as isolated nodes so that all theories score the same rows: {', '.join(idle)}"
        )
    lines += [f"{name}: no rows, so that a claim through it cannot speak" for name in study.unmeasured]
    return lines + _unvarying(study)


def _unvarying(study: Study) -> list[str]:
    """Observed constructs of which every row says the same."""
    observed = {c.name for c in study.theory.constructs if c.kind == "observed"}
    read: dict[str, set[tuple[object, ...]]] = {}
    for row in study.cases.observations:
        if row.is_evidence and study.construct_of(row) in observed:
            read.setdefault(study.construct_of(row), set()).add((row.levels, row.value, row.n))
    same = [name for name, values in read.items() if len(values) == 1]
    return [f"{name}: every value is the same, so that a claim of what it causes cannot speak" for name in same]


def _tabulate(rows: Iterable[tuple[str, bool, bool]]) -> list[str]:
    evidence: Counter[str] = Counter()
    blank: Counter[str] = Counter()
    other: Counter[str] = Counter()
    for key, is_evidence, missing in rows:
        (evidence if is_evidence else blank if missing else other)[key] += 1
    keys = dict.fromkeys([*evidence, *blank, *other])
    return [f"{key}: {evidence[key]} evidence, {other[key]} summary, {blank[key]} blank" for key in keys]


def _agreement(study: Study) -> list[str]:
    found = agreement(study.cases, study.codebook)
    if not found:
        return ["no cell was judged by two coders"]
    lines = [
        f"{a.of}: {a.cells} cells, {a.pairs} pairs, {a.agreeing:.0%} compatible, {a.identical:.0%} identical, "
        f"Krippendorff's alpha ({a.measure}) {_alpha(a.alpha_far)} to {_alpha(a.alpha_near)} (ranges read apart to together)"
        for a in found
    ]
    differing = disagreements(study.cases)
    apart = [d for d in differing if not d.compatible]
    lines.append(f"{len(differing)} cells are coded differently; {len(apart)} of them incompatibly")
    lines += [f"  {_cell(study, d)}" for d in apart[:MOST_CELLS]]
    if len(apart) > MOST_CELLS:
        lines.append(f"  and {len(apart) - MOST_CELLS} more")
    lines.append("readers of one text share its bias: alpha is an upper bound on reliability")
    return lines


def _cell(study: Study, differing: Disagreement) -> str:
    """A cell, what each coder says of it, and where."""
    said = ", ".join(f"{coder} {text or 'blank'}" for coder, text in differing.texts.items())
    place = (differing.unit, differing.indicator)
    rows = [row for row in study.cases.observations if (row.unit, row.indicator) == place and row.coder]
    lines = ", ".join(str(row.line) for row in rows if row.line)
    return f"{differing.unit}, {differing.indicator}: {said}{f' ({OBSERVATIONS}, lines {lines})' if lines else ''}"


def _alpha(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"


def _identified(study: Study) -> list[str]:
    theory = study.theory
    observed = frozenset(theory.names) - frozenset(study.unmeasured)
    lines = []
    for cause, effect in effect_pairs(theory):
        name = f"{cause} -> {effect}{_over_periods(study, cause, effect)}"
        try:
            lines.append(f"{name}: identified, {_strategy(theory, cause, effect, observed)}")
        except NotIdentifiedError as error:
            lines.append(f"{name}: not identified. {error}")
    return lines


def _over_periods(study: Study, cause: str, effect: str) -> str:
    """Of an effect that only lagged edges carry: that it needs earlier periods, and how many units have one."""
    if effect in nx.descendants(study.theory.graph, cause):
        return ""
    units = study.cases.units.values()
    return f" (over periods; {sum(bool(unit.previous) for unit in units)} of {len(units)} units have a previous one)"


def _strategy(theory: Theory, cause: str, effect: str, observed: frozenset[str]) -> str:
    found = identify(theory, Effect(cause, effect), observed)
    adjusted = ", ".join(getattr(found, "adjustment", ()))
    return f"{found.strategy}{f' for {adjusted}' if adjusted else ''}"


def effect_pairs(theory: Theory) -> list[tuple[str, str]]:
    """Every cause and effect joined by a directed path, within a period or over several."""
    graph = every_edge(theory)
    return [(a, b) for a in theory.order for b in theory.order if a != b and nx.has_path(graph, a, b)]


def _independences(study: Study) -> list[str]:
    theory = study.theory
    used = {name for edge in theory.edges for name in (edge.cause, edge.effect)}
    found = [i for i in implied_independences(theory) if {_base(i.a), _base(i.b)} <= used]
    return [f"{independence}: {_testable(study, independence)}" for independence in found] or [
        "none: every pair is adjacent"
    ]


def _base(node: str) -> str:
    """The construct of a node that may stand some periods back, as in ``exports[-1]``."""
    return re.sub(r"\[-\d+\]$", "", node)


def _testable(study: Study, independence: Independence) -> str:
    """How many outermost units have a row on all the constructs that the independence speaks of."""
    speaking = [_base(name) for name in (independence.a, independence.b, *independence.given)]
    silent = [name for name in speaking if name in study.unmeasured]
    if silent:
        return f"cannot be tested, no row measures {', '.join(silent)}"
    counts = [len(_units_with_rows(study, name)) for name in speaking]
    common = set.intersection(*(_units_with_rows(study, name) for name in speaking))
    return f"{len(common)} units have rows on all of it (fewest on one construct: {min(counts)})"


def _units_with_rows(study: Study, construct: str) -> set[str]:
    """Units that own a score of the construct on which, or inside which, some row bears."""
    units = study.cases.units
    kinds = kinds_of(study.theory, construct, units)
    found = set()
    for row in study.cases.observations:
        if row.is_evidence and study.construct_of(row) == construct:
            containers = [row.unit, *study.cases.ancestors(row.unit)]
            outer = [name for name in containers if units[name].kind in kinds]
            found.add(outer[-1] if outer else containers[-1])
    return found


def _hypotheses(study: Study) -> list[str]:
    other = {h.id for h in study.unaskable}
    return [
        f"{h.id}: {h.claim}{'  (not a question to this theory)' if h.id in other else ''}" for h in study.hypotheses
    ] or ["none declared"]

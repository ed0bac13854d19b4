"""Any valid study, written in any of the ways that spreadsheets and editors write, loads as what it was."""

import csv
import io
import itertools
import json
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from causal.theory import Edge
from data.cases import Observation
from data.codebook import FAMILIES, Codebook, Indicator, Scale
from data.units import Unit
from models.study import load_study


def composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


PRINTED = st.characters(exclude_categories=("C",))
TEXTS = st.text(PRINTED, max_size=10).map(composed)
NAMES = st.text(PRINTED, min_size=1, max_size=6).map(composed).filter(bool)
CONSTRUCTS = NAMES.filter(lambda name: name.isidentifier() and name != "case")
LEVELS = NAMES.filter(lambda name: ".." not in name)


@st.composite
def codebooks(draw: st.DrawFn, constructs: Sequence[str]) -> Codebook:
    """Indicators of any family on scales of any length."""
    names = draw(st.lists(NAMES, unique=True, min_size=1, max_size=2))
    scales = {name: Scale(name, tuple(draw(st.lists(LEVELS, unique=True, min_size=2, max_size=5)))) for name in names}
    indicators = {}
    for name in draw(st.lists(NAMES, unique=True, min_size=1, max_size=5)):
        family = draw(st.sampled_from(FAMILIES))
        scale = draw(st.sampled_from(names)) if family == "ordinal" else None
        measures = draw(st.sampled_from(list(constructs)))
        indicators[name] = Indicator(name, measures, family, scale, draw(st.booleans()), draw(TEXTS), draw(TEXTS))
    return Codebook(scales, indicators, draw(st.sampled_from([0.9, 0.5, 1.0])))


@st.composite
def units(draw: st.DrawFn) -> tuple[Unit, ...]:
    """Cases of several periods, with units inside some of them."""
    names = draw(st.lists(NAMES, unique=True, min_size=8, max_size=30))
    outer, inner = draw(st.lists(NAMES, unique=True, min_size=2, max_size=2))
    found: list[Unit] = []
    for case in draw(st.lists(NAMES, unique=True, min_size=1, max_size=3)):
        periods = sorted(draw(st.sets(st.floats(-2000, 2100).map(lambda x: round(x, 1)), min_size=1, max_size=3)))
        previous = None
        for period in periods:
            if len(found) + 2 > len(names):
                break
            name = names[len(found)]
            found.append(Unit(name, case, period, outer, None, previous, draw(TEXTS), draw(TEXTS), draw(NAMES)))
            previous = name if draw(st.booleans()) else None
            if draw(st.booleans()):
                inside = names[len(found)]
                found.append(Unit(inside, case, draw(st.sampled_from(periods)), inner, name, label=inside))
    return tuple(draw(st.permutations(found)))


@st.composite
def observations(draw: st.DrawFn, codebook: Codebook, about: Sequence[Unit]) -> tuple[Observation, ...]:
    """Judgements of every family; less than certain, so that none can contradict another."""
    found = []
    for name in draw(st.lists(NAMES, unique=True, min_size=1, max_size=8)):
        indicator = codebook.indicators[draw(st.sampled_from(list(codebook.indicators)))]
        levels: tuple[int, ...] = ()
        value: float | None = None
        n: int | None = None
        missing = draw(st.integers(0, 5)) == 0
        if not missing:
            match indicator.family:
                case "ordinal":
                    ends = st.integers(0, len(codebook.levels(indicator.name)) - 1)
                    low, high = sorted((draw(ends), draw(ends)))
                    levels = tuple(range(low, high + 1))
                case "binary":
                    value = draw(st.sampled_from([0.0, 1.0]))
                case "binomial":
                    n = draw(st.integers(1, 10**6))
                    value = float(draw(st.integers(0, n)))
                case "count":
                    value = float(draw(st.integers(0, 10**9)))
                case "continuous":
                    value = draw(st.floats(allow_nan=False, allow_infinity=False))
        is_cited = draw(st.booleans())
        found.append(
            Observation(
                name=name,
                unit=draw(st.sampled_from(list(about))).name,
                indicator=indicator.name,
                levels=levels,
                value=value,
                n=n,
                missing=missing,
                text=_text(codebook, indicator, levels, value),
                coder=draw(TEXTS),
                confidence=draw(st.sampled_from([0.01, 0.5, 0.99])),
                source="doe" if is_cited else "",
                locator=draw(NAMES) if is_cited else "",
                evidence_group=draw(NAMES),
                role=draw(st.sampled_from(["test", "build", "summary"])),
                note=draw(TEXTS),
            )
        )
    return tuple(found)


def _text(codebook: Codebook, indicator: Indicator, levels: Sequence[int], value: float | None) -> str:
    names = codebook.levels(indicator.name)
    if levels:
        return names[levels[0]] if len(levels) == 1 else f"{names[levels[0]]}..{names[levels[-1]]}"
    if value is None:
        return ""
    return repr(value) if indicator.family == "continuous" else str(int(value))


def unit_row(unit: Unit) -> dict[str, str]:
    row = {
        name: str(getattr(unit, name) or "") for name in ("case", "kind", "within", "previous", "start", "end", "label")
    }
    return row | {"unit": unit.name, "period": repr(unit.period)}


def observation_row(row: Observation) -> dict[str, str]:
    plain = ("unit", "indicator", "coder", "source", "locator", "evidence_group", "role", "note")
    cells = {name: str(getattr(row, name)) for name in plain} | {"observation": row.name, "value": row.text}
    return cells | {"n": str(row.n or ""), "confidence": repr(row.confidence)}


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def codebook_text(codebook: Codebook) -> str:
    lines = [f"default_confidence = {codebook.default_confidence}"]
    for scale in codebook.scales.values():
        lines += [f"[scales.{quoted(scale.name)}]", f"levels = [{', '.join(map(quoted, scale.levels))}]"]
    for i in codebook.indicators.values():
        lines += [f"[indicators.{quoted(i.name)}]", f"measures = {quoted(i.measures)}", f"family = {quoted(i.family)}"]
        lines += [
            f"reversed = {str(i.reversed).lower()}",
            f"question = {quoted(i.question)}",
            f"rule = {quoted(i.rule)}",
        ]
        lines += [f"scale = {quoted(i.scale)}"] * (i.scale is not None)
    return "\n".join(lines) + "\n"


def theory_text(name: str, constructs: Sequence[str], edges: Sequence[Edge]) -> str:
    lines = [f"name = {quoted(name)}"]
    lines += [f"[constructs.{quoted(construct)}]" for construct in constructs]
    for edge in edges:
        lines += ["[[edges]]", f"cause = {quoted(edge.cause)}", f"effect = {quoted(edge.effect)}"]
        lines += [f"sign = {quoted(edge.sign)}", f"because = {quoted(edge.because)}", f"lag = {edge.lag}"]
    return "\n".join(lines) + "\n"


def table_text(rows: Sequence[dict[str, str]], columns: Sequence[str], quoting: int) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n", quoting=quoting)  # type: ignore[arg-type]
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@given(data=st.data())
@settings(max_examples=60)
def test_any_valid_study_loads_as_what_was_written(data: st.DataObject) -> None:
    *constructs, apart = data.draw(st.lists(CONSTRUCTS, unique=True, min_size=3, max_size=5))
    edges = tuple(
        Edge(cause, effect, data.draw(st.sampled_from("+-?")), data.draw(TEXTS), lag=data.draw(st.integers(0, 2)))
        for cause, effect in itertools.pairwise(constructs)
    )
    codebook = data.draw(codebooks((*constructs, apart)))
    about = data.draw(units())
    rows = data.draw(observations(codebook, about))
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    unit_columns = data.draw(st.permutations(list(unit_row(about[0]))))
    row_columns = data.draw(st.permutations(list(observation_row(rows[0]))))
    texts = {
        "theory.toml": theory_text("main", constructs, edges),
        "rivals/other.toml": theory_text("other", (*constructs[:1], apart), [Edge(constructs[0], apart)]),
        "codebook.toml": codebook_text(codebook),
        "units.csv": table_text([unit_row(unit) for unit in about], unit_columns, quoting),
        "observations.csv": table_text([observation_row(row) for row in rows], row_columns, quoting),
        "sources.bib": "@misc{doe, title = {X}}\n",
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "rivals").mkdir()
        for name, text in texts.items():
            end, bom = data.draw(st.sampled_from(["\n", "\r\n"])), data.draw(st.sampled_from(["", "\ufeff"]))
            (root / name).write_bytes((bom + text.replace("\n", end)).encode())
        study = load_study(root)

    used = {codebook.indicators[row.indicator].measures for row in rows}
    assert study.theory.edges == edges
    assert study.theory.names == (*constructs, *([apart] if apart in used else []))
    assert set(study.rivals["other"].names) == {constructs[0], apart} | used
    assert study.codebook.scales == codebook.scales
    assert study.codebook.default_confidence == codebook.default_confidence
    assert [replace(i, line=None) for i in study.codebook.indicators.values()] == list(codebook.indicators.values())
    assert [replace(unit, line=None) for unit in study.cases.units.values()] == list(about)
    assert [replace(row, line=None) for row in study.cases.observations] == list(rows)
    lines = [row.line for row in study.cases.observations]
    assert lines == list(range(2, len(rows) + 2))

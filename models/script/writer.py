"""The model of a blueprint as a script of plain PyMC that runs without casewise.

The script is generated from the same blueprint as the compiled model, so that no choice can be in one and not in the other; a
test compares their log densities. It is written to be read: one line per equation, every coefficient by its name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from data.cases import Unit
from models.blueprint import Blueprint
from models.measurement.columns import CannotEstimateError
from models.script.likelihood import CHANCES, likelihood_lines, predictor_source
from models.script.literals import (
    Rows,
    cell_lines,
    indicator_lines,
    is_known,
    known_scores,
    listing,
    literal,
    observed_column,
    slope_lines,
    step_lines,
    tables,
    unit_lines,
)
from models.structure.bundles import Bundle, Term, bundles, passes
from models.structure.slopes import is_step

HEAD = '''"""{title}

The theory `{name}` as plain PyMC, written by `casewise show --as pymc`. It needs PyMC only, and prints a summary of the
coefficients. {notes}
"""

import numpy as np
import pymc as pm
import pytensor.tensor as pt


def at(scores, rows):
    """Scores at some rows; 0 where there is none (-1)."""
    return pt.concatenate([scores, [0.0]])[np.array(rows)]

'''

FOOT = """

if __name__ == "__main__":
    import arviz as az

    with model:
        trace = pm.sample(target_accept=0.9, random_seed=1)
    print(az.summary(trace, var_names={shown}))
"""


def pymc_script(blueprint: Blueprint, units: Mapping[str, Unit]) -> str:
    """The source of a script that declares the same model as ``compile.pymc_model`` and samples it.

    Scores are sums of named coefficients times scores, so that they read as the theory does; a cell's likelihood is the
    chance of what was read given each possible true value, summed over those values.
    """
    if "is_missing" in blueprint.data and blueprint.data["is_missing"].any():
        raise CannotEstimateError(
            "a value of an observed construct of levels is missing, and the script has no sum over what it may be. Code it."
        )
    found = bundles(blueprint, units)
    rows = Rows()
    equations = list(_equations(blueprint, found, rows))
    shown = [name for name in ("slope", "signed_slope", "case_sd", "kind_sd") if blueprint.has(name)]
    lines = [
        HEAD.format(title=_safe(blueprint.theory.title), name=_safe(blueprint.theory.name), notes=_notes(blueprint)),
        *(_data(blueprint, found, rows)),
        *([CHANCES] if any(b.family == "ordinal" for b in blueprint.blocks) else []),
        "",
        "with pm.Model(coords={'coefficient': list(SLOPES)}) as model:",
        *_indented(_parameters(blueprint)),
        *_indented(equations),
        predictor_source(blueprint),
        *_indented(line for table in tables(blueprint) for line in likelihood_lines(blueprint, table)),
        FOOT.format(shown=literal(shown)),
    ]
    return "\n".join(lines)


def _notes(blueprint: Blueprint) -> str:
    """What a reader must know who compares it with a run."""
    cells = sum(len(block) for block in blueprint.blocks)
    return (
        f"It has the priors, rows and confidences of the study, worked out to nine digits ({cells} cells), and leaves out\n"
        "none of the model; what it does not do is what comes after: effects, weights of evidence, checks of convergence."
    )


def _safe(text: str) -> str:
    """Text that cannot end the docstring it stands in."""
    return text.replace("\\", "/").replace('"', "'")


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" if line and not line.startswith("\n") else line for line in lines)


def _data(blueprint: Blueprint, found: Sequence[Bundle], rows: Rows) -> Iterator[str]:
    yield "# Coefficients: location and scale of their Student-t prior."
    yield from slope_lines(blueprint)
    yield "\n# The units on which each construct has a score, each with the case whose component is in it."
    yield f"CASES = {literal(list(blueprint.structure.cases))}"
    yield f"CONSTRUCTS = {literal(list(blueprint.theory.names))}"
    yield from unit_lines(found, blueprint.structure.cases)
    if rows.names:
        yield "\n# Which row of a cause each row of an effect reads; -1: none."
        yield from rows.lines
    yield "\n# Indicators: prior sd of the shift (None: it is 0), prior median of the loading (None: it is 1)."
    yield from indicator_lines(blueprint)
    yield "\n# What was read. For each cell the construct and unit of its score, the indicator, its direction and offset; then"
    yield "# ordinal and binary: the chance of the rows given each true level; others: values (standardised if measured),"
    yield "# trials, the log chance of the rows given each value, and the log chance if all of them are wrong."
    if blueprint.has("noise_sd"):
        yield "# Shares and counts vary more than chance: what shares the sd of that."
        yield from listing("SURVEYS", map(repr, blueprint.coords["survey"]))
    yield "CELLS, GROUPS = {}, {}"
    for table in tables(blueprint):
        yield from cell_lines(blueprint, found, table)


def _parameters(blueprint: Blueprint) -> Iterator[str]:
    priors, kinds = blueprint.priors, list(blueprint.coords["inner_kind"])
    if blueprint.has("slope"):
        yield "location, scale = np.array(list(SLOPES.values())).T"
        yield f'slope = pm.StudentT("slope", nu={priors.slope.nu:g}, mu=location, sigma=scale, dims="coefficient")'
    yield "b = {name: slope[i] for i, name in enumerate(SLOPES)}" if blueprint.has("slope") else "b = {}"
    if blueprint.has("signed_slope"):
        yield "sign, size = np.array(list(SIGNED.values())).T"
        yield f'signed = pm.HalfStudentT("signed_slope", nu={priors.slope.nu:g}, sigma=size, shape=len(SIGNED))'
        yield "b |= {name: sign[i] * signed[i] for i, name in enumerate(SIGNED)}"
    if blueprint.has("case_deviation"):
        sd = 1.0 if blueprint.has("case_sd") else priors.free_case_sd
        yield f'deviation = pm.Normal("case_deviation", 0, {sd:g}, shape=(len(CASES), len(CONSTRUCTS)))'
    if blueprint.has("case_sd"):
        yield f'a = pm.HalfNormal("case_sd", {priors.case_sd.scale:g}, shape=len(CONSTRUCTS)) * deviation'
    elif blueprint.has("case_deviation"):
        yield "a = deviation - deviation.mean(axis=0)"
    if blueprint.has("kind_sd"):
        yield f'kind_sd = pm.HalfNormal("kind_sd", {priors.kind_sd.scale:g}, shape={len(kinds)})  # {", ".join(kinds)}'
    yield "sds, medians = zip(*INDICATORS.values())"
    if list(blueprint.coords["shifted"]) == list(blueprint.indicators):
        yield 'shift = pm.Normal("shift", 0, np.array(sds), shape=len(INDICATORS))'
    else:
        yield "shift, shifted = pt.zeros(len(INDICATORS)), [j for j, sd in enumerate(sds) if sd]"
        if blueprint.has("shift"):
            yield 'own = pm.Normal("shift", 0, np.array([sds[j] for j in shifted]), shape=len(shifted))'
            yield "shift = shift[shifted].set(own)"
    yield "loads = pt.ones(len(INDICATORS))"
    if blueprint.has("loading"):
        yield "loaded = [j for j, median in enumerate(medians) if median]"
        yield "log_median = np.log([medians[j] for j in loaded])"
        yield f'loading = pm.LogNormal("loading", log_median, {priors.loading.sd:g}, shape=len(loaded))'
        yield "loads = loads[loaded].set(loading)"
    if blueprint.has("residual_sd"):
        names = list(blueprint.coords["continuous_indicator"])
        median = f"np.log({priors.residual_median:g})"
        yield f"MEASURED = {literal(names)}"
        yield f'residual_sd = pm.LogNormal("residual_sd", {median}, {priors.residual_sd.sd:g}, shape=len(MEASURED))'
    if blueprint.steps:
        yield "steps = {}  # of monotone effects: shares of the way from the lowest level to the highest"
    for name, column in blueprint.steps.items():
        shares = f"np.full({column.levels - 1}, {priors.steps.concentration:g})"
        yield f"steps[{name!r}] = pm.Dirichlet({name!r}, {shares})"
    if blueprint.has("noise_sd"):
        yield f'noise_sd = pm.HalfNormal("noise_sd", {priors.noise_sd.scale:g}, shape=len(SURVEYS))'
    if blueprint.has("group_error"):
        scale, count = float(blueprint.data["group_scale"]), len(blueprint.coords["evidence_group"])
        yield f"GROUP_COUNT = {count}"
        yield f'group_error = pm.Normal("group_error", 0, {scale:g}, shape=GROUP_COUNT)'


def _equations(blueprint: Blueprint, found: tuple[Bundle, ...], rows: Rows) -> Iterator[str]:
    by_name = {b.name: b for b in found}
    known = [bundle.name for bundle in found if is_known(blueprint, bundle)]
    yield from [f"KNOWN = {literal(known)}  # columns read everywhere"] if known else []
    drawn = " if name not in KNOWN" if known else ""
    yield f'e = {{name: pm.Normal(f"e:{{name}}", 0, 1, shape=len(units)) for name, units in UNITS.items(){drawn}}}'
    if blueprint.has("case_deviation"):
        yield "case = {name: [CASES.index(c) if c else -1 for _, c in units] for name, units in UNITS.items()}"
    repeats = passes(found)
    columns = any(observed_column(blueprint, bundle) for bundle in found)
    if columns:
        yield "expected = {}  # what the causes of an observed construct make of it"
    if repeats == 1:
        yield "z = {}"
    else:
        yield "z = {name: pt.zeros(len(units)) for name, units in UNITS.items()}"
        yield f"for _ in range({repeats}):  # lags: each pass puts a period right, the last leaves all of them right"
    for bundle in found:
        if is_step(bundle.construct):
            yield from (f"{'    ' if repeats > 1 else ''}{line}" for line in step_lines(blueprint, bundle))
            continue
        parts = [_own(blueprint, bundle), *(_term(terms, by_name, rows) for terms in _by_slope(bundle.terms))]
        lines = [*_sum(f"z[{bundle.name!r}]", parts), *_known(blueprint, bundle)]
        yield from (f"{'    ' if repeats > 1 else ''}{line}" for line in lines)
    also = ", *expected.values()" if columns else ""
    yield f"scores = pt.concatenate([*z.values(){also}])"
    yield "rows = [(name, unit) for name, units in UNITS.items() for unit, _ in units]"
    if columns:
        yield 'rows += [(f"expected {name}", unit) for name in expected for unit, _ in UNITS[name]]'
    yield "place = {row: i for i, row in enumerate(rows)}"


def _sum(name: str, parts: Sequence[str]) -> list[str]:
    """An assignment on one line, or with a line per term where that would be too long to read."""
    line = f"{name} = {' + '.join(parts)}"
    return [line] if len(line) < 110 else [f"{name} = (", f"    {parts[0]}", *(f"    + {p}" for p in parts[1:]), ")"]


def _own(blueprint: Blueprint, bundle: Bundle) -> str:
    """What a score is before its causes: case component and disturbance; of an observed construct, its column's."""
    parts, name = [], repr(bundle.name)
    if blueprint.has("case_deviation") and (bundle.case >= 0).any():
        parts.append(f"at(a[:, {list(blueprint.theory.names).index(bundle.construct)}], case[{name}])")
    if is_known(blueprint, bundle):
        return " + ".join([*parts, f"pt.zeros(len(UNITS[{name}]))"])
    if column := observed_column(blueprint, bundle):
        unread = [
            float(not node.start and i not in known_scores(blueprint, bundle)) for i, node in enumerate(bundle.nodes)
        ]
        starts = [float(node.start > 0) for node in bundle.nodes]
        if column not in blueprint.coords["continuous_indicator"]:
            return " + ".join([*parts, f"np.array({literal(starts)}) * e[{name}]"])
        j = list(blueprint.indicators).index(column)
        turned = "-" if blueprint.codebook.indicators[column].reversed else ""
        k = list(blueprint.coords["continuous_indicator"]).index(column)
        parts.append(f"np.array({literal(unread)}) * ({turned}shift[{j}] + residual_sd[{k}] * e[{name}])")
        return " + ".join([*parts, f"np.array({literal(starts)}) * e[{name}]"])
    scale = f"kind_sd[{list(blueprint.coords['inner_kind']).index(bundle.kind)}] * " if bundle.kind else ""
    return " + ".join([*parts, f"{scale}e[{name}]"])


def _known(blueprint: Blueprint, bundle: Bundle) -> Iterator[str]:
    """An observed construct enters its effects as it was read."""
    if observed_column(blueprint, bundle):
        known, name = known_scores(blueprint, bundle), repr(bundle.name)
        read, value = (
            literal([i in known for i in range(len(bundle.nodes))]),
            [known.get(i, 0.0) for i in range(len(bundle.nodes))],
        )
        yield f"expected[{name}] = z[{name}]"
        yield f"z[{name}] = pt.where(np.array({read}), np.array({literal(value)}), z[{name}])"


def _by_slope(terms: Sequence[Term]) -> list[list[Term]]:
    """Terms of one coefficient together: what a cause differs by inside a container is a difference of two."""
    found: dict[str, list[Term]] = {}
    for term in terms:
        found.setdefault(term.slope, []).append(term)
    return list(found.values())


def _term(terms: Sequence[Term], by_name: Mapping[str, Bundle], rows: Rows) -> str:
    parts = []
    for term in terms:
        read = rows.read(by_name[term.source], term.rows)
        if term.moderator:
            read += f" * {rows.read(by_name[term.moderator], term.moderator_rows)}"
        parts.append(f"{'-' if term.weight < 0 else '+'} {read}")
    body = " ".join(parts).removeprefix("+ ")
    if terms[0].is_container:
        return body
    return f"b[{terms[0].slope!r}] * {f'({body})' if len(parts) > 1 else body}"

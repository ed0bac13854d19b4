"""The model of a blueprint as equations in plain text, with the study's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from data.cases import Unit
from data.codebook import Indicator
from models.blueprint import Blueprint
from models.structure.bundles import Bundle, Term, bundles
from models.structure.slopes import is_step

EXPLAINED = {
    "e": "e ~ Normal(0, 1), new for every score",
    "partial": "a ~ Normal(0, sd of the construct), one per case and construct, the same in all its periods",
    "none": "a is all but free for every case and sums to 0 over cases, so that coefficients speak of changes within cases",
    "complete": "no case component: coefficients speak of all units alike",
}


def equations(blueprint: Blueprint, units: Mapping[str, Unit]) -> str:
    """Scores, measurement and priors, a line for each construct, indicator and coefficient."""
    sections = {
        "Scores": _scores(blueprint, bundles(blueprint, units)),
        "Measurement": _measurement(blueprint),
        "Readings": _readings(blueprint),
        "Priors": _priors(blueprint),
    }
    body = "\n\n".join("\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in sections.items())
    return f"{blueprint.theory.title} (theory {blueprint.theory.name})\n\n{body}\n"


def _scores(blueprint: Blueprint, found: tuple[Bundle, ...]) -> Iterator[str]:
    by_name = {b.name: b for b in found}
    lags = {
        slope.name: blueprint.theory.edges[slope.edge].lag for slope in blueprint.structure.slopes if slope.edge >= 0
    }
    for bundle in found:
        terms = " + ".join(_term(group, by_name, lags) for group in _by_slope(bundle.terms))
        component = ["a"] if blueprint.has("case_deviation") and (bundle.case >= 0).any() else []
        disturbance = f"sd[{bundle.kind}] * e" if bundle.kind else "e"
        parts = [terms] if terms else []
        count = sum(not node.start for node in bundle.nodes)
        if is_step(bundle.construct):
            yield f"{bundle.name}: the levels of {bundle.terms[0].source}, at distances that are estimated"
            continue
        if bundle.construct in blueprint.columns:
            made = " + ".join([*parts, *component]) or "0"
            yield f"{bundle.name} is its column, standardised; made[{bundle.name}] = {made}    ({_count(count, 'value')})"
            continue
        yield f"{bundle.name} = {' + '.join([*parts, *component, disturbance])}    ({_count(count, 'score')})"
    yield EXPLAINED["e"]
    yield EXPLAINED[blueprint.theory.model.pooling] if blueprint.has("case_deviation") else EXPLAINED["complete"]
    if any(bundle.kind for bundle in found):
        yield "x@kind is the score inside a unit that has one of its own; x there is the containing unit's"
    if any(lags.values()):
        yield "x[-1] is the score in the same case's previous period; before the first one an initial score, a + e"
    if any(bundle.hidden for bundle in found):
        yield "x<->y is an unmeasured common cause that the theory admits"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _by_slope(terms: tuple[Term, ...]) -> list[list[Term]]:
    found: dict[str, list[Term]] = {}
    for term in terms:
        found.setdefault(term.slope, []).append(term)
    return list(found.values())


def _term(terms: list[Term], by_name: Mapping[str, Bundle], lags: Mapping[str, int]) -> str:
    """A coefficient times its cause: inside a container, times how far the cause differs from the container's."""
    lag = lags.get(terms[0].slope, 0)
    own = [_product(t, lag) for t in terms if t.weight > 0]
    outer = [_product(t, lag) for t in terms if t.weight < 0]
    reads = " or ".join(dict.fromkeys(own))
    if terms[0].is_container:
        return reads
    difference = f"({reads} - {' - '.join(dict.fromkeys(outer))})" if outer else reads
    return f"b[{terms[0].slope}] * {difference}"


def _product(term: Term, lag: int) -> str:
    lagged = f"{term.source}[-{lag}]" if lag else term.source
    return f"{lagged} * {term.moderator}" if term.moderator else lagged


def _measurement(blueprint: Blueprint) -> Iterator[str]:
    cells = [name for block in blueprint.blocks for _, name in block.keys]
    for name in blueprint.indicators:
        yield f"{name}: {_law(blueprint, blueprint.codebook.indicators[name])}    ({_count(cells.count(name), 'cell')})"
    if any(blueprint.codebook.indicators[name].scale for name in blueprint.indicators):
        yield "cutpoints c are shared by the indicators on one verbal scale; the shift d and the loading l > 0 are each one's own"
    if blueprint.columns:
        yield "an observed construct has no loading, and cutpoints of its own; its column is its score"


def _law(blueprint: Blueprint, spec: Indicator) -> str:
    scaling = blueprint.scaling[spec.name]
    latent = spec.name in blueprint.coords["loaded"]
    sign = "-" if spec.reversed else "+"
    predictor = f"d {sign} l * {spec.measures}" if latent else f"d {sign} made[{spec.measures}]"
    match spec.family:
        case "ordinal":
            levels = " < ".join(blueprint.codebook.scales[str(spec.scale)].levels)
            opposite = "+" if spec.reversed else "-"
            if not latent:
                return f"P(level <= k) = logistic(c[{spec.name}, k] {opposite} made[{spec.measures}]), {levels}"
            return f"P(level <= k) = logistic(c[{spec.scale}, k] - d {opposite} l * {spec.measures}), {levels}"
        case "binary":
            return f"P(1) = logistic({predictor})"
        case "binomial":
            return f"Binomial(n, logistic({predictor} + sd[{'survey' if latent else spec.name}] * e))"
        case "count":
            return f"Poisson(exp({scaling.center:.3g} + {predictor} + sd[{spec.name}] * e))"
        case _:
            return f"(value - {scaling.center:.4g}) / {scaling.spread:.4g} ~ Normal({predictor}, sd[{spec.name}])"


def _readings(blueprint: Blueprint) -> Iterator[str]:
    rows = [row for block in blueprint.blocks for cell in block.rows for row in cell]
    confidences = sorted({row.confidence for row in rows})
    shown = ", ".join(f"{c:g}" for c in confidences)
    yield f"a row is right with its confidence ({shown}); wrong, any level is as likely as another"
    if any(len(row.levels) > 1 for row in rows):
        yield "a range of levels is the set of its possible levels"
    if any(len(cell) > 1 for block in blueprint.blocks for cell in block.rows):
        yield "several rows on one unit and indicator are readings of one true value"
    if blueprint.has("group_error"):
        scale, count = float(blueprint.data["group_scale"]), len(blueprint.coords["evidence_group"])
        yield f"rows that rest on the same evidence share an error, Normal(0, {scale:g}), in {_count(count, 'group')}"


def _priors(blueprint: Blueprint) -> Iterator[str]:
    data, priors = blueprint.data, blueprint.priors
    signs = {slope.name: slope.sign for slope in blueprint.structure.slopes}
    for name, where, scale in zip(
        blueprint.coords["coefficient"], data["slope_location"], data["slope_scale"], strict=True
    ):
        expected = f", expected {signs[name]}" if signs.get(name, "?") != "?" else ""
        yield f"b[{name}] ~ StudentT({priors.slope.nu:g}, {where + 0.0:g}, {scale:g}){expected}"
    for name, sign, scale in zip(
        blueprint.coords["signed_coefficient"], data["fixed_sign"], data["signed_slope_scale"], strict=True
    ):
        yield f"b[{name}] ~ {'-' if sign < 0 else ''}HalfStudentT({priors.slope.nu:g}, {scale:g}): it fixes a direction"
    yield from _spreads(blueprint)


def _spreads(blueprint: Blueprint) -> Iterator[str]:
    """Priors of loadings, shifts, cutpoints and standard deviations, as far as the study has them."""
    priors = blueprint.priors
    families = dict.fromkeys(blueprint.codebook.indicators[name].family for name in blueprint.indicators)
    for family in families:
        median, sd = priors.loading_median[family], priors.shift_sd[family]
        yield f"{family}: l ~ LogNormal(log {median:g}, {priors.loading.sd:g}), d ~ Normal(0, {sd:g})"
    if blueprint.cut_sizes:
        yield (
            f"c = {priors.cut_stretch:.3g} * logit(cumulative p), p ~ Dirichlet({priors.category.concentration:g}, ...) "
            "on the levels of a scale"
        )
    for name, what, prior in (
        ("case_sd", "sd of a", f"HalfNormal({priors.case_sd.scale:g})"),
        ("kind_sd", "sd inside a container", f"HalfNormal({priors.kind_sd.scale:g})"),
        ("noise_sd", "extra sd of surveys and counts", f"HalfNormal({priors.noise_sd.scale:g})"),
        (
            "residual_sd",
            "sd of measured values",
            f"LogNormal(log {priors.residual_median:g}, {priors.residual_sd.sd:g})",
        ),
    ):
        if blueprint.has(name):
            yield f"{what} ~ {prior}"

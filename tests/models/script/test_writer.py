"""The script of plain PyMC declares the model that casewise fits: same log density, whatever the study holds."""

from dataclasses import replace
from typing import Any

import numpy as np
import pymc as pm
import pytensor
import pytest
from numpy.typing import NDArray
from scipy.stats import norm

from causal.theory import Confounded, Construct, Edge, ModelChoices, Theory
from data.cases import Unit
from data.codebook import Family, Indicator
from models.blueprint import Blueprint, draw_blueprint
from models.script.literals import is_known, tables
from models.script.writer import pymc_script
from models.simulation.rebuild import log_likelihood, prior_log_density, prior_theta, rebuild
from models.structure.bundles import Bundle, bundles
from tests.models import small, worlds
from tests.models.columns import observed, table
from tests.models.worlds import row

type Theta = dict[str, NDArray[np.float64]]
type Units = dict[str, Unit]


def mixed(pooling: str) -> tuple[Blueprint, Units]:
    """Every family, a lag, a moderator, units inside units, ranges, two coders, shared evidence."""
    theory = worlds.theory(pooling=pooling)
    return draw_blueprint(theory, worlds.codebook(), worlds.units(), worlds.observations()), worlds.units()


def hidden() -> tuple[Blueprint, Units]:
    """An admitted confounder, an unmeasured construct whose sign an edge fixes, a cause that differs inside, two lags."""
    units = small.inside(small.periods("ab", 3), "firm", ("a1", "a2", "b3"), each=2)
    theory = Theory(
        "hidden",
        'A "title" with quotes\\',
        (Construct("x", units=("period", "firm")), Construct("m"), Construct("y", units=("period", "firm"))),
        (Edge("x", "y", "+"), Edge("x", "m", "-"), Edge("m", "y", "+"), Edge("y", "y", lag=1), Edge("y", "x", lag=2)),
        (Confounded(("x", "m")),),
        ModelChoices(pooling="partial", prior="sign_informed"),
    )
    return draw_blueprint(theory, small.rated("x", "y"), units, small.ratings(units, "x", "y")), units


def columns() -> tuple[Blueprint, Units]:
    """A measured column between two ratings, one value of it missing, and its own earlier value among its causes."""
    units = small.periods("ab", 3)
    theory = Theory(
        "columns",
        "columns",
        (Construct("x"), Construct("p", kind="observed"), Construct("y")),
        (Edge("x", "p", "+"), Edge("p", "y", "+"), Edge("p", "p", lag=1)),
    )
    rated = small.rated("x", "y")
    codebook = replace(rated, indicators=rated.indicators | {"price": Indicator("price", "p", "continuous")})
    prices = [row(f"{u}.price", u, "price", value=float(i)) for i, u in enumerate(units) if u != "b2"]
    return draw_blueprint(theory, codebook, units, (*small.ratings(units, "x", "y"), *prices)), units


def every_family() -> tuple[Blueprint, Units]:
    """A column of each family, one of them turned round, each a cause of the next; and two ordinal ones on one scale."""
    families: dict[str, Family] = {"b": "binary", "o": "ordinal", "q": "ordinal", "s": "binomial", "c": "count"}
    families["p"] = "continuous"
    order = list(families)
    values = {"b": (1.0, 0.0, 1.0), "o": (0.0, 3.0, 1.0), "q": (2.0, 2.0, 0.0), "s": ((1, 4), (2, 2), (0, 9))}
    values |= {"c": (4.0, 0.0, 2.0), "p": (1.5, 2.5, -1.0)}
    world = observed(*(Edge(a, b) for i, a in enumerate(order) for b in order[i + 1 :]))
    return table(world, families, values, turned=("b", "o", "p"))  # type: ignore[arg-type]


def monotone() -> tuple[Blueprint, Units]:
    """Monotone effects of two ordinal columns, one turned round, into a yes/no column."""
    world = observed(Edge("o", "y", monotone=True), Edge("q", "y", monotone=True), Edge("o", "q"))
    families: dict[str, Family] = {"o": "ordinal", "q": "ordinal", "y": "binary"}
    values = {"o": (0.0, 3.0, 1.0, 2.0), "q": (2.0, 2.0, 0.0, 3.0), "y": (1.0, 0.0, 1.0, 1.0)}
    return table(world, families, values, turned=("q",))


STUDIES: dict[str, tuple[Blueprint, Units]] = {
    "partial": mixed("partial"), "none": mixed("none"), "complete": mixed("complete"), "hidden": hidden(),
    "monotone": monotone(),
    "columns": columns(), "families": every_family(),
}  # fmt: skip


def run(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "a_script"}
    exec(compile(source, "script", "exec"), namespace)  # noqa: S102 - the source is our own
    return namespace


def drawn(blueprint: Blueprint, units: Units) -> list[Bundle]:
    """Bundles with a disturbance in the script, of which only those of unknown scores are in our model, too."""
    return [bundle for bundle in bundles(blueprint, units) if not is_known(blueprint, bundle)]


def values_for(blueprint: Blueprint, units: Units, theta: Theta) -> Theta:
    """One point of ours under the script's names."""
    found = dict(theta)
    disturbance = dict(zip(blueprint.coords["disturbed"], found.pop("disturbance").T, strict=True))
    for bundle in drawn(blueprint, units):
        values = [disturbance.get(str(node), np.zeros(1)) for node in bundle.nodes]
        found[f"e:{bundle.name}"] = np.stack(values, axis=1)
    noise, start = found.pop("noise", np.zeros((1, 0))), 0
    for part in tables(blueprint):
        if part.block.family in ("binomial", "count"):
            found[f"noise {part.name}"] = noise[:, start : start + len(part.cells)]
            start += len(part.cells)
    for levels in blueprint.cut_sizes:
        shares = found.pop(f"category_{levels}")
        for k, scale in enumerate(blueprint.coords[f"scale_{levels}"]):
            found[f"shares of {scale if scale.startswith('column ') else f'scale {scale}'}"] = shares[:, k]
    for name in [n for n in found if n.startswith("steps_")]:
        steps = found.pop(name)
        for k, edge in enumerate(blueprint.coords[f"monotone_{name.removeprefix('steps_')}"]):
            found[edge] = steps[:, k]
    return found


def log_density(model: pm.Model, values: Theta) -> float:
    """Log density of a model at a point given by the names of its variables, without Jacobians."""
    assert set(values) == {rv.name for rv in model.free_RVs}
    point = []
    for rv in model.free_RVs:
        transform, value = model.rvs_to_transforms[rv], values[rv.name][0]
        point.append(value if transform is None else transform.forward(value, *rv.owner.inputs).eval())
    with pytensor.config.change_flags(mode="FAST_COMPILE"):
        return float(model.logp(jacobian=False).eval(dict(zip(model.value_vars, point, strict=True))))


@pytest.mark.parametrize("name", STUDIES)
def test_the_script_has_our_log_density(name: str) -> None:
    blueprint, units = STUDIES[name]
    model = run(pymc_script(blueprint, units))["model"]
    for seed in (1, 2):
        theta = prior_theta(blueprint, 1, np.random.default_rng(seed))
        likelihood = log_likelihood(blueprint, theta, rebuild(blueprint, theta).cells)
        values, prior = values_for(blueprint, units, theta), prior_log_density(blueprint, theta)
        del prior["disturbance"]  # the script may draw some of known scores, which say nothing
        ours = sum(v.sum() for v in (*likelihood.values(), *prior.values()))
        ours += sum(norm.logpdf(v).sum() for name, v in values.items() if name.startswith("e:"))
        assert log_density(model, values) == pytest.approx(ours, rel=1e-6)


def test_the_equations_carry_the_theory_s_names() -> None:
    source = pymc_script(*STUDIES["partial"])
    assert "b['trust*governance->legitimacy'] * z['trust'] * z['governance']" in source
    assert "import casewise" not in source
    assert not any(f"import {package}" in source or f"from {package}" in source for package in ("models", "causal"))


def test_no_line_of_the_model_is_too_long_to_read() -> None:
    source = pymc_script(*STUDIES["partial"])
    equations = [line for line in source.splitlines() if line.lstrip().startswith("z[")]
    assert equations
    assert max(map(len, equations)) < 125

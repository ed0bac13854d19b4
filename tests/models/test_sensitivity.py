"""What sensitivity analysis does to a compiled model: recoded rows, supposed common causes, moments, power-scaling."""

import numpy as np
import pytest
import xarray as xr

from causal.query import DirectEffect, Effect
from causal.sensitivity.confounding import partial
from causal.sensitivity.edits import one_edge_away, with_common_cause
from causal.theory import Construct, Edge
from data import recoding
from data.codebook import Codebook, Indicator
from data.units import Unit
from models.blueprint import Blueprint, draw_blueprint, room_for
from models.checks.powerscale import power_scaled
from models.effects.moments import moments
from models.evidence.removal import Removal
from models.evidence.rivals import shape_of
from models.evidence.without import data_with, swapped
from models.refitting.refits import Job, Template, about, refit_all
from models.sampling import Sampler
from models.simulation.rebuild import log_likelihood, prior_theta, rebuild
from tests.models import small
from tests.models.worlds import codebook, observations, row, theory, units

ROWS = observations()


def lay_out(rows: object = ROWS) -> Blueprint:
    return draw_blueprint(theory(), codebook(), units(), rows)  # type: ignore[arg-type]


def total(blueprint: Blueprint, theta: dict[str, np.ndarray]) -> np.ndarray:
    cells = rebuild(blueprint, theta).cells
    return np.sum([values.sum(axis=1) for values in log_likelihood(blueprint, theta, cells).values()], axis=0)


@pytest.mark.parametrize(
    "edit",
    [
        recoding.all_moved(ROWS, 1, codebook()),
        recoding.doubted(ROWS, 2.0),
        recoding.collapsed(ROWS, "low"),
        recoding.coder_alone(ROWS, "A"),
    ],
    ids=["a level up", "twice the doubt", "ranges low", "coder A alone"],
)
def test_weights_data_and_a_study_coded_so_from_the_start_agree(edit: recoding.Edit) -> None:
    blue = lay_out()
    theta = prior_theta(blue, 5, np.random.default_rng(1))
    recoded = total(swapped_blocks(blue, edit), theta)
    assert Removal(blue, theta).log_ratio_if(edit) == pytest.approx(recoded - total(blue, theta), abs=1e-8)
    if None not in edit.values():  # what is left out leaves its evidence group's share of the cell behind
        assert total(lay_out(recoding.applied(ROWS, edit)), theta) == pytest.approx(recoded, abs=1e-8)


def swapped_blocks(blue: Blueprint, edit: recoding.Edit) -> Blueprint:
    return swapped(blue, data_with(blue, edit))


def test_every_theory_one_assumption_away_runs_on_one_compiled_model() -> None:
    own = theory()
    others = [t for _, t in one_edge_away(own)]
    others += [
        with_common_cause(own, pair, (0.5, -0.5), 0.05) for pair in (("trust", "legitimacy"), ("shock", "upgrading"))
    ]
    laid = [draw_blueprint(t, codebook(), units(), ROWS) for t in (own, *others)]
    roomy = [draw_blueprint(t, codebook(), units(), ROWS, room=room_for(laid)) for t in (own, *others)]
    assert {shape_of(b) for b in roomy} == {shape_of(roomy[0])}


def test_a_supposed_common_cause_has_its_strengths_as_prior() -> None:
    blue = draw_blueprint(with_common_cause(theory(), ("trust", "costs"), (0.7, -0.4), 0.05), codebook(), units(), ROWS)
    names = list(blue.coords["coefficient"])
    first, second = names.index("trust<->costs:trust"), names.index("trust<->costs:costs")
    assert blue.data["slope_location"][[first, second]] == pytest.approx([0.7, -0.4])
    assert blue.data["slope_scale"][[first, second]] == pytest.approx([0.05, 0.05])
    draws = prior_theta(blue, 20_000, np.random.default_rng(1))["slope"]
    assert np.median(draws[:, [first, second]], axis=0) == pytest.approx([0.7, -0.4], abs=0.01)


WORLD = small.theory(Edge("x", "d"), Edge("x", "y"), Edge("d", "m"), Edge("m", "y"), Edge("d", "y"))
SLOPES = {"x->d": 0.8, "x->y": -0.5, "d->m": 1.5, "m->y": 0.6, "d->y": 0.3}


@pytest.mark.parametrize(("query", "slope"), [(Effect("d", "y"), 0.3 + 1.5 * 0.6), (DirectEffect("d", "y"), 0.3)])
def test_the_regression_on_a_new_case_finds_the_effect_it_is_about(query: Effect | DirectEffect, slope: float) -> None:
    lab = small.laboratory(WORLD, small.periods("ab", 2), SLOPES)
    around = moments(lab, query)
    assert around.names[:2] == ("d", "y")
    assert set(around.names[2:]) == ({"x"} if isinstance(query, Effect) else {"x", "m"})
    fit = partial(around.covariance, 0, 1, around.adjusted)
    assert fit.slope == pytest.approx([slope])
    residual = 1.0 + (0.6**2 if isinstance(query, Effect) else 0.0)
    left = 1.0 if isinstance(query, Effect) else 1 / (1 + 1.5**2)  # of d, given x and its own consequence m
    assert fit.spread == pytest.approx([np.sqrt(residual / left)])


def test_a_lagged_cause_is_adjusted_for_at_its_own_period() -> None:
    lagged = small.theory(Edge("y", "d", lag=1), Edge("d", "y"))
    lab = small.laboratory(lagged, small.periods("ab", 3), {"y[-1]->d": 0.5, "d->y": 0.7})
    around = moments(lab, Effect("d", "y"))
    assert around.names == ("d", "y", "y[-1]")
    assert partial(around.covariance, 0, 1, around.adjusted).slope == pytest.approx([0.7])


def test_scaling_a_normal_prior_and_likelihood_moves_the_posterior_as_conjugacy_says() -> None:
    """m ~ N(0, 1), y = 1 seen with variance 1: the posterior of m is N(1/2, 1/2); the prior squared makes it N(1/3, 1/3)."""
    rng = np.random.default_rng(1)
    m = rng.normal(0.5, np.sqrt(0.5), (4, 4000))
    index = {"chain": np.arange(4), "draw": np.arange(4000)}

    def group(name: str, values: np.ndarray) -> xr.Dataset:
        return xr.Dataset({name: (("chain", "draw"), values)}, coords=index)

    tree = xr.DataTree.from_dict(
        {
            "posterior": group("m", m),
            "log_prior": group("slope", -0.5 * m**2),
            "log_likelihood": group("y", -0.5 * (1.0 - m) ** 2),
        }
    )
    found = {(s.component, s.alpha): s for s in power_scaled(tree, {"m": m})}
    means = {key: float((s.draws.weights * m).mean()) for key, s in found.items()}
    assert means["coefficients of the theory", 2.0] == pytest.approx(1 / 3, abs=0.02)
    assert means["coefficients of the theory", 0.5] == pytest.approx(2 / 3, abs=0.03)
    assert means["likelihood", 2.0] == pytest.approx(2 / 3, abs=0.02)
    assert all(s.sensitivity > 0.05 and s.draws.pareto_k < 0.7 for s in found.values())


@pytest.mark.slow
def test_a_supposed_common_cause_takes_its_product_off_an_observed_slope() -> None:
    """Columns x and y of correlation r; U with slopes a and b on their standardised values leaves y a slope of r - a b on x."""
    n, a, b = 150, 0.5, 0.6
    rng = np.random.default_rng(4)
    x = rng.normal(size=n)
    y = 0.9 * x + rng.normal(size=n)
    r = float(np.corrcoef(x, y)[0, 1])
    columns = {name: Indicator(f"{name}_column", name, "continuous") for name in "xy"}
    cases = [f"c{i}" for i in range(n)]
    own = {case: Unit(case, case, 1.0, "period") for case in cases}
    coded = [
        row(f"{case}.{name}", case, f"{name}_column", value=float(values[i]), confidence=1.0)
        for name, values in (("x", x), ("y", y))
        for i, case in enumerate(cases)
    ]
    plain = small.theory(Edge("x", "y"), constructs=[Construct(name, kind="observed") for name in "xy"])
    book = Codebook({}, {i.name: i for i in columns.values()})
    worlds = (plain, with_common_cause(plain, ("x", "y"), (a, b), 0.01))
    room = room_for([draw_blueprint(world, book, own, coded) for world in worlds])
    none, supposed = (draw_blueprint(world, book, own, coded, room=room) for world in worlds)
    template = Template(none, own, (about(Effect("x", "y")),), Sampler(draws=400, tune=400, chains=2))
    jobs = [Job("none", 1), Job("supposed", 1, blueprint=supposed)]
    found = [refit.findings[str(Effect("x", "y"))].mean for refit in refit_all(template, jobs).values()]
    assert found == pytest.approx([r, r - a * b], abs=0.06)

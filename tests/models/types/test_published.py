"""Numbers that others have printed of data that they print too.

The posteriors are those of Tietz, Medina, Syunyaev and Humphreys, "Making, Updating, and Querying Causal Models using
CausalQueries" (vignette of the R package of that name; by Stan, to two decimals). The counts of vitamin A are those of the Stan
case study "Instrumental Variables Analysis of Randomized Experiments with One-Sided Noncompliance" (Lee and others 2023).
"""

import numpy as np
import pytest
from scipy.optimize import linprog

from models.types.answers import query
from models.types.make import make
from models.types.posterior import Posterior, prior, update
from models.types.priors import Flat

LIPIDS = {"000": 158, "001": 14, "100": 52, "101": 12, "110": 23, "111": 78}
"""Prescription Z, use X and lower cholesterol Y of 337 men (Efron and Feldman 1991), cut as by Chickering and Pearl (1996)."""
VITAMIN_A = {"000": 74, "001": 11514, "100": 34, "101": 2385, "110": 12, "111": 9663}
"""Offered Z and taken X, and survival Y, of 23 682 infants (Sommer and Zeger 1991); nobody took what was not offered."""
EFFECT = "Y[X=1] - Y[X=0]"
COMPLIERS = "X[Z=1] > X[Z=0]"


def rows(counts: dict[str, int]) -> list[dict[str, int]]:
    return [dict(zip("ZXY", map(int, key), strict=True)) for key, n in counts.items() for _ in range(n)]


def instrument(counts: dict[str, int], *restrictions: str) -> Posterior:
    return update(make("Z -> X -> Y; X <-> Y", restrictions, priors=Flat()), rows(counts))


@pytest.fixture(scope="module")
def lipids() -> Posterior:
    return instrument(LIPIDS)


def bounds_of_the_effect(counts: dict[str, int]) -> tuple[float, float]:
    """Least and most of the average effect of X on Y that the shares of (x, y) given z allow (Balke and Pearl 1997).

    A linear program over 4 ways in which X responds to Z times 4 in which Y responds to X.
    """
    kinds = [((a, b), (c, d)) for a in (0, 1) for b in (0, 1) for c in (0, 1) for d in (0, 1)]
    effect = np.array([y[1] - y[0] for _, y in kinds])
    equal, shares = [], []
    for z in (0, 1):
        total = sum(n for key, n in counts.items() if key[0] == str(z))
        for level_x in (0, 1):
            for level_y in (0, 1):
                equal.append([float(x[z] == level_x and y[x[z]] == level_y) for x, y in kinds])
                shares.append(counts.get(f"{z}{level_x}{level_y}", 0) / total)
    least, most = (linprog(sign * effect, A_eq=equal, b_eq=shares, bounds=(0, 1)).fun * sign for sign in (1, -1))
    return least, most


@pytest.mark.parametrize(
    ("given", "mean", "sd", "low", "high"),
    [("", 0.55, 0.10, 0.37, 0.73), ("X==0 & Y==0", 0.64, 0.15, 0.37, 0.89), (COMPLIERS, 0.70, 0.05, 0.59, 0.80)],
)
def test_posteriors_of_cholestyramine_are_those_that_stan_gave(
    lipids: Posterior, given: str, mean: float, sd: float, low: float, high: float
) -> None:
    belief = query(lipids, EFFECT, given).posterior
    assert (belief.mean, belief.sd) == (pytest.approx(mean, abs=0.012), pytest.approx(sd, abs=0.012))
    assert (belief.low, belief.high) == (pytest.approx(low, abs=0.02), pytest.approx(high, abs=0.02))


def test_monotone_use_moves_the_effect_of_cholestyramine_by_a_hundredth_and_its_necessity_not() -> None:
    monotone = instrument(LIPIDS, "drop(X[Z=1] < X[Z=0])")
    assert query(monotone, EFFECT).posterior.mean == pytest.approx(0.56, abs=0.012)
    necessity = query(monotone, "Y[X=1] > Y[X=0]", case={"X": 1, "Y": 1})
    assert necessity.posterior.mean == pytest.approx(0.95, abs=0.012)
    assert necessity.prior.mean == pytest.approx(0.49, abs=0.012)


def test_the_effect_of_cholestyramine_lies_where_the_bounds_put_it(lipids: Posterior) -> None:
    """Balke and Pearl print .39 and .78; a flat prior leaves the posterior between them, and does not identify it."""
    least, most = bounds_of_the_effect(LIPIDS)
    assert (least, most) == (pytest.approx(0.392, abs=0.001), pytest.approx(0.780, abs=0.001))
    effect = query(lipids, EFFECT)
    draws = effect.posterior.draws
    assert draws is not None
    assert effect.prior.mean == pytest.approx(0, abs=1e-9)
    assert least < effect.posterior.mean < most
    assert ((draws > least - 0.1) & (draws < most + 0.1)).mean() > 0.97
    assert np.ptp(np.quantile(draws, [0.025, 0.975])) > 0.2


def test_vitamin_a_helps_those_who_take_it_as_the_instrument_says_and_is_only_bounded_for_all() -> None:
    """For compliers the effect is the ratio of two differences (Bloom 1984); for all, 23 682 infants leave the bounds' width."""
    posterior = instrument(VITAMIN_A, "drop(X[Z=0]==1)")
    alive = {z: sum(n for key, n in VITAMIN_A.items() if key[0] == z and key[2] == "1") for z in "01"}
    total = {z: sum(n for key, n in VITAMIN_A.items() if key[0] == z) for z in "01"}
    taken = (VITAMIN_A["110"] + VITAMIN_A["111"]) / total["1"]
    ratio = (alive["1"] / total["1"] - alive["0"] / total["0"]) / taken
    compliers = query(posterior, EFFECT, COMPLIERS).posterior
    assert compliers.sd is not None
    assert compliers.mean == pytest.approx(ratio, abs=0.5 * compliers.sd)
    everyone = query(posterior, EFFECT).posterior
    assert everyone.draws is not None
    least, most = bounds_of_the_effect(VITAMIN_A)
    assert ((everyone.draws > least - 0.01) & (everyone.draws < most + 0.01)).mean() > 0.99
    assert np.ptp(np.quantile(everyone.draws, [0.025, 0.975])) > 0.9 * (most - least)


@pytest.mark.parametrize(("selected", "mean", "sd"), [("", 0.590, 0.196), ("X==Y", 0.015, 0.318)])
def test_ten_units_in_which_cause_and_effect_agree_say_nothing_when_others_could_not_be_seen(
    selected: str, mean: float, sd: float
) -> None:
    """Printed as censored data; the tolerance is the Monte Carlo error of both sides."""
    seen = [{"X": i % 2, "Y": i % 2} for i in range(10)]
    belief = query(update(make("X -> Y", priors=Flat()), seen, selected=selected), EFFECT).posterior
    assert (belief.mean, belief.sd) == (pytest.approx(mean, abs=0.03), pytest.approx(sd, abs=0.02))


def test_flat_priors_are_as_optimistic_as_printed() -> None:
    """A positive effect has probability 1/4 in X -> Y and 1/8 in X -> M -> Y; without negative effects the average is 1/3."""
    for graph, expected in {"X -> Y": 1 / 4, "X -> M -> Y": 1 / 8}.items():
        belief = query(prior(make(graph, priors=Flat())), "Y[X=1] > Y[X=0]").prior
        assert belief.exact
        assert belief.mean == pytest.approx(expected, abs=1e-12)
    monotone = make("X -> Y", ["drop(Y[X=1] < Y[X=0])"], priors=Flat())
    assert query(prior(monotone), EFFECT).prior.mean == pytest.approx(1 / 3, abs=1e-12)


@pytest.mark.parametrize(
    ("seen", "printed"),
    [({"X": 1, "Y": 1}, 0.615), ({"X": 1, "Y": 1, "M": 1}, 0.600), ({"X": 1, "Y": 1, "M": 0}, 0.667)],
)
def test_a_mediator_that_was_there_lowers_the_belief_that_the_cause_did_it_as_printed(
    seen: dict[str, int], printed: float
) -> None:
    """Table 5.1 of "Causal Models: Guide to CausalQueries" (Humphreys and Jacobs): one case, monotone types, all as probable."""
    rules = ["increasing(X -> M)", "increasing(M -> Y)", "increasing(X -> Y)"]
    before = prior(make("X -> M -> Y <- X", rules, priors=Flat()))
    found = query(before, "Y[X=1] > Y[X=0]", case=seen).posterior
    assert found.exact
    assert found.mean == pytest.approx(printed, abs=5e-4)


def test_twenty_units_that_agree_have_the_shares_of_types_that_stan_gave() -> None:
    """The vignette on posteriors: Y follows X in twenty units; shares of types, and of a positive effect before and after."""
    posterior = update(make("X -> Y", priors=Flat()), [{"X": i % 2, "Y": i % 2} for i in range(20)])
    printed = {"00": (0.08, 0.07), "10": (0.04, 0.04), "01": (0.80, 0.11), "11": (0.08, 0.07)}
    shares = dict(zip(posterior.model.names("Y"), posterior.shares()["Y"][:, 0].T, strict=True))
    for name, (mean, sd) in printed.items():
        assert shares[name].mean() == pytest.approx(mean, abs=0.01)
        assert shares[name].std() == pytest.approx(sd, abs=0.01)
    answer = query(posterior, "Y[X=1] > Y[X=0]")
    for belief, expected in ((answer.prior, (0.25, 0.20, 0.01, 0.70)), (answer.posterior, (0.80, 0.11, 0.54, 0.95))):
        assert (belief.mean, belief.sd, belief.low, belief.high) == pytest.approx(expected, abs=0.02)

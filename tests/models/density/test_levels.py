import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import check_grad
from scipy.special import expit

from models.density.levels import level_log_likelihood, levels
from models.families import NUMPY, PAD

seeds = st.integers(0, 2**32 - 1)


def cells(seed: int, worlds: int = 1, count: int = 5, width: int = 4) -> tuple[np.ndarray, ...]:
    """Readings, predictors and cutpoints of cells on scales of two to five levels."""
    rng = np.random.default_rng(seed)
    cuts = np.sort(rng.normal(0, 3, (count, width)), axis=1)
    for c in range(count):
        there = rng.integers(1, width + 1)
        cuts[c, there:] = cuts[c, there - 1] + PAD * np.arange(1, width - there + 1)
    return rng.random((worlds, count, width + 1)), rng.normal(0, 4, (worlds, count)), cuts


@given(seeds)
def test_the_fused_likelihood_is_the_one_written_out(seed: int) -> None:
    reading, eta, cuts = cells(seed, worlds=2)
    found, _, _ = levels(reading, eta, cuts)
    assert found == pytest.approx(NUMPY.level_log_likelihood(reading, eta, cuts), abs=1e-9)


def test_a_level_far_from_the_score_keeps_its_digits() -> None:
    only = np.eye(3)[:, None, :]
    eta, cuts = np.full((3, 1), 200.0), np.array([[-1.0, 1.0]])
    low, _, _ = levels(only, eta, cuts)
    high, _, _ = levels(only[::-1].copy(), -eta, cuts)
    assert low[:, 0] == pytest.approx([-201.0, -199.0 + np.log(1 - np.exp(-2.0)), 0.0], abs=1e-9)
    assert high[:, 0] == pytest.approx(low[:, 0], abs=1e-9)


@given(seeds)
def test_its_slopes_are_those_of_finite_differences(seed: int) -> None:
    reading, eta, cuts = cells(seed)

    def of_scores(x: np.ndarray) -> float:
        return float(levels(reading, x[None], cuts)[0].sum())

    assert check_grad(of_scores, lambda x: levels(reading, x[None], cuts)[1][0], eta[0]) < 1e-5
    one = cuts[:, 0] + 0.0

    def of_first_cut(x: np.ndarray) -> float:
        return float(levels(reading, eta, np.column_stack([x, cuts[:, 1:]]))[0].sum())

    assert check_grad(of_first_cut, lambda x: levels(reading, eta, cuts)[2][0, :, 0], one) < 1e-5


def test_worlds_share_their_cutpoints() -> None:
    reading, eta, cuts = cells(7, worlds=3)
    r, e, c = pt.tensor3(), pt.matrix(), pt.matrix()
    weight = np.random.default_rng(1).normal(size=eta.shape)
    total = (weight * level_log_likelihood(r, e, c)).sum()
    by_eta, by_cuts = pytensor.function([r, e, c], pt.grad(total, [e, c]))(reading, eta, cuts)
    _, d_eta, d_cuts = levels(reading, eta, cuts)
    assert by_eta == pytest.approx(weight * d_eta)
    assert by_cuts == pytest.approx((weight[..., None] * d_cuts).sum(axis=0))


def test_cells_of_one_world_need_no_axis_for_it() -> None:
    reading, eta, cuts = cells(3)
    r, e, c = pt.matrix(), pt.vector(), pt.matrix()
    found = pytensor.function([r, e, c], level_log_likelihood(r, e, c))(reading[0], eta[0], cuts)
    assert found == pytest.approx(levels(reading, eta, cuts)[0][0])


def test_rows_as_probable_at_every_level_say_nothing() -> None:
    reading, eta, cuts = cells(5)
    reading[0, 0, :], reading[0, 1, :] = 1.0, 0.3
    found, d_eta, d_cuts = levels(reading, eta, cuts)
    assert found == pytest.approx(NUMPY.level_log_likelihood(reading, eta, cuts), abs=1e-12)
    assert not d_eta[0, :2].any()
    assert not d_cuts[0, :2].any()
    assert d_eta[0, 2:].all()


def test_two_cutpoints_that_meet_leave_nothing_between_them() -> None:
    between = np.array([[[0.0, 1.0, 0.0]]])
    for at in (-3.0, 0.1, 3.0):
        found, _, _ = levels(between, np.zeros((1, 1)), np.array([[at, np.nextafter(at, 9.0)]]))
        assert found[0, 0] < -30, (
            "no chance, or the little that rounding leaves; never the logarithm of less than nothing"
        )


def test_rows_that_no_level_allows_have_no_likelihood() -> None:
    found, _, _ = levels(np.zeros((1, 1, 3)), np.zeros((1, 1)), np.array([[-1.0, 1.0]]))
    assert found[0, 0] == -np.inf


def test_the_chance_of_yes_is_logistic() -> None:
    eta = np.linspace(-30, 30, 13)[None]
    yes = np.tile([0.0, 1.0], (1, 13, 1))
    found, d_eta, _ = levels(yes, eta, np.zeros((13, 1)))
    assert found == pytest.approx(np.log(expit(eta)))
    assert d_eta == pytest.approx(expit(-eta))

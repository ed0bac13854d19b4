"""The tests of calibration let calibrated ranks pass and find the known kinds of miscalibration."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from benchmarks.uniformity import EcdfTest, chi_squared, holm, kept

SIMULATIONS, TOP = 200, 100


@pytest.fixture(scope="module")
def ecdf() -> EcdfTest:
    return EcdfTest.of(SIMULATIONS, TOP, np.random.default_rng(1))


def ranks_of(spread: float, shift: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Ranks of a standard normal truth among posterior draws that are shifted and too wide or too narrow."""
    truth = rng.normal(size=(SIMULATIONS, 1))
    draws = shift + spread * rng.normal(size=(SIMULATIONS, TOP))
    return np.asarray((draws < truth).sum(axis=1))


def test_calibrated_ranks_have_uniform_p_values(ecdf: EcdfTest) -> None:
    rng = np.random.default_rng(2)
    p = np.array([ecdf.p_value(ranks_of(1.0, 0.0, rng)) for _ in range(300)])
    assert stats.kstest(p, "uniform").pvalue > 0.01


@pytest.mark.parametrize(("spread", "shift"), [(0.6, 0.0), (1.8, 0.0), (1.0, 0.6)])
def test_too_narrow_too_wide_and_shifted_posteriors_are_found(ecdf: EcdfTest, spread: float, shift: float) -> None:
    ranks = ranks_of(spread, shift, np.random.default_rng(3))
    assert ecdf.p_value(ranks) < 0.01
    assert chi_squared(ranks, TOP, 20) < 0.01


def test_the_envelope_holds_nineteen_in_twenty_whole_curves(ecdf: EcdfTest) -> None:
    rng, (low, high) = np.random.default_rng(4), ecdf.envelope()
    inside = 0
    for _ in range(500):
        curve = np.cumsum(np.bincount(rng.integers(0, TOP + 1, SIMULATIONS), minlength=TOP + 1))[:TOP] / SIMULATIONS
        inside += bool(((low <= curve) & (curve <= high)).all())
    assert inside / 500 == pytest.approx(0.95, abs=0.035)


def test_bins_of_unequal_width_expect_their_own_share() -> None:
    ranks = np.repeat(np.arange(TOP + 1), 10)
    assert chi_squared(ranks, TOP, 20) == pytest.approx(1)


def test_holm_multiplies_the_smallest_by_all_and_the_largest_by_one() -> None:
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])


def test_probabilities_that_are_kept_pass_and_bold_ones_do_not() -> None:
    rng = np.random.default_rng(5)
    p = rng.beta(2, 2, size=2000)
    fair = kept(p, (rng.random(2000) < p).astype(int))
    bold = kept(p, (rng.random(2000) < 0.5 + 0.5 * (p - 0.5)).astype(int))
    assert min(fair.p_value, fair.slope_p_value) > 0.01
    assert bold.slope_p_value < 0.001

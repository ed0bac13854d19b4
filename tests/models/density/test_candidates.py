import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp, softmax

from models.density.candidates import reading_log_likelihood, sums
from models.families import NUMPY
from models.measurement.cells import IMPOSSIBLE

seeds = st.integers(0, 2**32 - 1)


def cells(seed: int, worlds: int = 1, count: int = 6, width: int = 3) -> tuple[np.ndarray, ...]:
    """Log probabilities of candidates, what rows say of each, and the chance that all rows err; some of them impossible."""
    rng = np.random.default_rng(seed)
    reading, null = rng.normal(-2, 2, (count, width)), rng.normal(-4, 2, count)
    reading[rng.random(reading.shape) < 0.3] = IMPOSSIBLE
    null[rng.random(count) < 0.4] = IMPOSSIBLE
    return rng.normal(-20, 30, (worlds, count, width)), reading, null


@given(seeds)
def test_the_fused_sum_is_the_one_written_out(seed: int) -> None:
    log_probability, reading, null = cells(seed, worlds=2)
    terms = np.concatenate([log_probability + reading, np.broadcast_to(null[:, None], (2, 6, 1))], axis=-1)
    expected = logsumexp(terms, axis=-1)
    assert sums(log_probability, reading, null)[0] == pytest.approx(expected, rel=1e-14, abs=1e-14)
    assert NUMPY.reading_log_likelihood(log_probability, reading, null) == pytest.approx(expected, rel=1e-14, abs=1e-14)


@given(seeds)
def test_its_slopes_are_the_shares_of_the_candidates(seed: int) -> None:
    log_probability, reading, null = cells(seed)
    terms = np.concatenate([log_probability + reading, null[None, :, None]], axis=-1)
    assert sums(log_probability, reading, null)[1] == pytest.approx(softmax(terms, axis=-1)[..., :-1], abs=1e-15)


def test_a_certain_value_costs_its_log_probability_and_nothing_else() -> None:
    found, share = sums(np.array([[[-3.0]]]), np.zeros((1, 1)), np.array([IMPOSSIBLE]))
    assert (found[0, 0], share[0, 0, 0]) == (-3.0, 1.0)


def test_what_is_no_number_stays_none() -> None:
    found, _ = sums(np.array([[[np.nan, -1.0]]]), np.zeros((1, 2)), np.array([-2.0]))
    assert np.isnan(found[0, 0])


def test_pytensor_differentiates_it_and_worlds_are_a_leading_axis() -> None:
    log_probability, reading, null = cells(3, worlds=2)
    p, r, n, w = pt.tensor3(), pt.matrix(), pt.vector(), pt.matrix()
    found = reading_log_likelihood(p, r, n)
    compiled = pytensor.function([p, r, n, w], [found, pytensor.grad((w * found).sum(), p)])
    weight = np.random.default_rng(1).random((2, 6))
    value, slope = compiled(log_probability, reading, null, weight)
    assert value == pytest.approx(sums(log_probability, reading, null)[0])
    assert slope == pytest.approx(weight[..., None] * sums(log_probability, reading, null)[1])
    one = pt.matrix()
    alone = pytensor.function([one, r, n], reading_log_likelihood(one, r, n))
    assert alone(log_probability[0], reading, null) == pytest.approx(value[0])

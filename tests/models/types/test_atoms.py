"""Shares kept as few types are those of the Dirichlet they stand for."""

import numpy as np
import pytest

from models.types.answers import query
from models.types.atoms import draw_atoms, few_carry_the_weight, with_units
from models.types.make import make
from models.types.posterior import prior, update
from models.types.rows import SparseDraws, SparseRow

ALPHA = np.array([0.5, 1.5, 0.25, 1.75])


def test_atoms_before_any_unit_have_the_moments_of_the_dirichlet() -> None:
    shares = draw_atoms(ALPHA, 20_000, np.random.default_rng(1)).dense(4)
    mean = ALPHA / ALPHA.sum()
    assert shares.sum(axis=1) == pytest.approx(np.ones(20_000))
    assert shares.mean(axis=0) == pytest.approx(mean, abs=0.01)
    assert shares.var(axis=0) == pytest.approx(mean * (1 - mean) / (ALPHA.sum() + 1), abs=0.01)


def test_atoms_after_units_have_the_moments_of_the_updated_dirichlet() -> None:
    types = np.tile([0, 3, 1], (20_000, 1))
    counts = np.tile([2.0, 1.0, 0.0], (20_000, 1))
    shares = with_units(ALPHA, types, counts, np.random.default_rng(2)).dense(4)
    after = ALPHA + np.array([2.0, 0.0, 0.0, 1.0])
    mean = after / after.sum()
    assert shares.mean(axis=0) == pytest.approx(mean, abs=0.01)
    assert shares.var(axis=0) == pytest.approx(mean * (1 - mean) / (after.sum() + 1), abs=0.01)


@pytest.mark.parametrize("units", [5, 50])
def test_units_are_given_types_that_the_event_holds_in_proportion_to_their_shares(units: int) -> None:
    rng = np.random.default_rng(3)
    held = np.array([[True, False, False, True]])
    row = SparseRow(("Y", 0), np.array([0]), held, ALPHA, 2000)
    row.draw(rng)
    shares = row.atoms.dense(4)
    row.allocate(np.full((1, 2000), units), rng)
    assert (row.counts.sum(axis=1) == units).all()
    assert set(np.unique(row.met[row.counts > 0])) <= {0, 3}
    found = (row.counts * (row.met == 0)).sum(axis=1) / units
    expected = shares[:, 0] / (shares[:, 0] + shares[:, 3])
    assert abs(found - expected).mean() < 0.5 / np.sqrt(units)
    assert found.mean() == pytest.approx(expected.mean(), abs=0.015)


def test_a_node_with_four_causes_is_sampled_as_atoms_and_agrees_with_the_exact_posterior() -> None:
    model = make("; ".join(f"X{i} -> Y" for i in range(4)))
    assert few_carry_the_weight(model.laws["Y"].alpha)  # type: ignore[attr-defined]
    rows = [
        {"X0": 1, "X1": 0, "X2": 0, "X3": 0, "Y": 1},
        {"X0": 0, "X1": 0, "X2": 0, "X3": 0, "Y": 0},
        {"X0": 1, "X1": 1, "X2": 0, "X3": 0, "Y": 1},
        {"X0": 0, "X1": 1, "X2": 0, "X3": 0, "Y": 0},
    ]
    exact, sampled = update(model, rows, method="exact"), update(model, rows, method="gibbs")
    assert isinstance(sampled.known.rows["Y", 0], SparseDraws)  # type: ignore[union-attr]
    asked = "Y[X0=1, X1=0, X2=0, X3=0] - Y[X0=0, X1=0, X2=0, X3=0]"
    one, other = query(exact, asked).posterior, query(sampled, asked).posterior
    assert one.exact
    assert other.mean == pytest.approx(one.mean, abs=0.03)
    assert other.sd == pytest.approx(one.sd, abs=0.03)
    before = query(prior(model), asked).posterior
    assert one.mean > before.mean + 0.1

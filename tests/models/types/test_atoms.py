"""Shares kept as few types are those of the Dirichlet they stand for."""

import numpy as np
import pytest

from models.types.answers import query
from models.types.atoms import draw_atoms, few_carry_the_weight, pick, with_units
from models.types.make import make
from models.types.posterior import prior, update
from models.types.rows import SparseDraws

ALPHA = np.array([0.5, 1.5, 0.25, 1.75])


def test_atoms_before_any_unit_have_the_moments_of_the_dirichlet() -> None:
    shares = draw_atoms(ALPHA, 20_000, np.random.default_rng(1)).dense(4)
    mean = ALPHA / ALPHA.sum()
    assert shares.sum(axis=1) == pytest.approx(np.ones(20_000))
    assert shares.mean(axis=0) == pytest.approx(mean, abs=0.01)
    assert shares.var(axis=0) == pytest.approx(mean * (1 - mean) / (ALPHA.sum() + 1), abs=0.01)


def test_atoms_after_units_have_the_moments_of_the_updated_dirichlet() -> None:
    types = np.tile([0, 0, 3, 1], (20_000, 1))
    there = np.tile([True, True, True, False], (20_000, 1))
    shares = with_units(ALPHA, types, there, np.random.default_rng(2)).dense(4)
    after = ALPHA + np.array([2.0, 0.0, 0.0, 1.0])
    mean = after / after.sum()
    assert shares.mean(axis=0) == pytest.approx(mean, abs=0.01)
    assert shares.var(axis=0) == pytest.approx(mean * (1 - mean) / (after.sum() + 1), abs=0.01)


def test_units_are_given_types_that_the_event_holds_in_proportion_to_their_shares() -> None:
    rng = np.random.default_rng(3)
    atoms = draw_atoms(ALPHA, 2000, rng)
    held = np.array([True, False, False, True])
    chosen = pick(atoms, held, 50, rng)
    shares = atoms.dense(4)
    assert set(np.unique(chosen)) <= {0, 3}
    expected = shares[:, 0] / (shares[:, 0] + shares[:, 3])
    assert abs((chosen == 0).mean(axis=1) - expected).mean() < 0.06
    assert (chosen == 0).mean() == pytest.approx(expected.mean(), abs=0.01)


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

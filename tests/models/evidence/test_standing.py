"""A cell read by itself has the likelihood that the whole block's formula gives it, and answers whose chances add up to it."""

from functools import cache

import numpy as np
import pytest

from models.blueprint import draw_blueprint
from models.evidence.standing import Standing
from models.evidence.without import data_with, swapped
from models.simulation.rebuild import log_likelihood, prior_theta
from tests.models import worlds


@cache
def standing() -> Standing:
    blueprint = draw_blueprint(worlds.theory(), worlds.codebook(), worlds.units(), worlds.observations())
    return Standing(blueprint, prior_theta(blueprint, 6, np.random.default_rng(2)))


def together(gone: set[str]) -> np.ndarray:
    """The log likelihood of every cell without some rows, all cells of a block at once."""
    blue = standing().blueprint
    less = swapped(blue, data_with(blue, dict.fromkeys(gone)))
    found = log_likelihood(less, standing().theta, standing().now.cells)
    return np.concatenate([found[block.family] for block in blue.blocks], axis=1)


def test_a_cell_of_every_family_has_its_column_of_the_likelihood() -> None:
    assert {block.family for block in standing().blueprint.blocks} == {"ordinal", "binomial", "count", "continuous"}
    alone = [standing().log_likelihood(c, tuple(rows)) for c, rows in enumerate(standing().rows)]
    assert np.stack(alone, axis=1) == pytest.approx(together(set()), rel=1e-12, abs=1e-12)


def test_a_cell_of_two_readers_is_read_by_the_one_who_stays() -> None:
    twice = {c: rows for c, rows in enumerate(standing().rows) if len(rows) > 1}
    assert twice
    expected = together({rows[0].name for rows in twice.values()})
    for c, rows in twice.items():
        found = standing().log_likelihood(c, tuple(rows[1:]))
        assert found == pytest.approx(expected[:, c], rel=1e-12, abs=1e-12)


def test_a_cell_that_nobody_reads_says_nothing() -> None:
    assert (standing().log_likelihood(0, ()) == 0.0).all()


def test_a_cell_s_likelihood_is_what_its_rows_say_of_each_answer_by_the_answer_s_chance() -> None:
    blue = standing().blueprint
    (block,) = (b for b in blue.blocks if b.family == "ordinal")
    for c, key in enumerate(block.keys):
        answers = standing().answers(c)
        assert answers is not None
        assert answers.shape == (6, len(blue.codebook.levels(key[1])) or 2)
        assert answers.sum(axis=1) == pytest.approx(1.0)
        said = np.exp(block.log_reading[c, : answers.shape[1]])
        alone = standing().log_likelihood(c, tuple(standing().rows[c]))
        assert np.log(answers @ said) == pytest.approx(alone, rel=1e-12, abs=1e-12)


def test_only_ratings_and_yes_or_no_have_a_list_of_answers() -> None:
    families = [block.family for block in standing().blueprint.blocks for _ in block.keys]
    listed = [standing().answers(c) is not None for c in range(len(families))]
    assert listed == [family == "ordinal" for family in families]

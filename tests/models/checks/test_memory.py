"""A fit whose draws would not find room is refused before it is compiled."""

import pytest

from models.checks.memory import GIGABYTE, bytes_of, check_memory, physical_memory
from models.draft import CannotEstimateError
from models.sampling import Sampler
from tests.models import tiny


def test_a_fit_that_finds_room_is_let_through() -> None:
    check_memory(tiny.blueprint(), Sampler())
    check_memory(tiny.blueprint(), Sampler(), memory=GIGABYTE)


def test_one_that_does_not_is_told_how_many_draws_would() -> None:
    blueprint, sampler = tiny.blueprint(), Sampler(draws=1_000_000, chains=2)
    memory = bytes_of(blueprint, 2 * 5000)
    with pytest.raises(CannotEstimateError, match=r"at most (5000|4999) draws per chain"):
        check_memory(blueprint, sampler, memory)
    check_memory(blueprint, Sampler(draws=5000, chains=2), memory)


def test_where_not_even_the_prior_finds_room_no_number_of_draws_is_advised() -> None:
    with pytest.raises(CannotEstimateError, match="more memory"):
        check_memory(tiny.blueprint(), Sampler(), memory=1000)


def test_this_machine_says_how_much_it_has_or_nothing() -> None:
    memory = physical_memory()
    assert memory is None or memory > GIGABYTE / 4

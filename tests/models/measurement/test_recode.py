"""Other rows in the cells of a compiled model."""

import numpy as np
import pytest

from causal.theory import Construct, Edge
from models.blueprint import Room, draw_blueprint
from models.draft import CannotEstimateError
from models.evidence.without import data_without
from models.measurement.recode import cells_for, recoded
from tests.models import small, worlds

MIXED = draw_blueprint(worlds.theory(), worlds.codebook(), worlds.units(), worlds.observations())


def test_its_own_rows_give_a_model_its_own_arrays() -> None:
    for name, array in recoded(MIXED, worlds.observations()).items():
        np.testing.assert_array_equal(array, MIXED.data[name], err_msg=name)


def test_rows_left_away_are_rows_left_out() -> None:
    removed = {row.name for row in worlds.observations() if row.unit.startswith("a")}
    kept = [row for row in worlds.observations() if row.name not in removed]
    here = recoded(MIXED, kept)
    for name, array in data_without(MIXED, removed).items():
        if name.endswith(("reading", "log_null")):
            np.testing.assert_array_equal(here[name][:, : array.shape[-1]] if array.ndim > 1 else here[name], array)


def test_room_is_made_for_rows_at_units_that_have_none() -> None:
    units, book = small.periods("ab", 2), small.rated("x", "y")
    world, rows = small.theory(Edge("x", "y", "+")), small.ratings(units, "x", "y")[1:]
    cells = cells_for(world, book, units, rows, ["x_rating", "y_rating"])
    roomy = draw_blueprint(world, book, units, rows, room=Room(1, 8, cells))
    moved = [worlds.row("new", "a1", "x_rating", [2])]
    reading = recoded(roomy, moved)["ordinal_reading"]
    said = [key for key, line in zip(roomy.blocks[0].keys, reading, strict=True) if (line != 1).any()]
    assert said == [("a1", "x_rating")]
    assert (roomy.data["ordinal_reading"][roomy.blocks[0].keys.index(("a1", "x_rating"))] == 1).all()


def test_rows_that_have_no_cell_are_refused() -> None:
    with pytest.raises(CannotEstimateError, match="no cell for trust_rating at chain0"):
        recoded(MIXED, [worlds.row("new", "chain0", "trust_rating", [1])])


def test_cells_are_only_where_the_construct_can_be_read() -> None:
    units = small.inside(small.periods("a", 2), "firm", ["a1"])
    world = small.theory(Edge("x", "y", "+"), constructs=[Construct("x", units=("firm",)), Construct("y")])
    rows = [worlds.row("r", "a1.firm0", "x_rating", [1])]
    assert cells_for(world, small.rated("x", "y"), units, rows, ["x_rating", "y_rating"]) == (("a1.firm0", "x_rating"),)


def test_cells_come_in_the_codebooks_order_whatever_the_order_of_a_set() -> None:
    """Else every process would lay a model out anew, and no kept refit would ever be found again."""
    units = small.periods("ab")
    rows = small.ratings(units, "x", "y")
    world, book = small.theory(Edge("x", "y", "+")), small.rated("x", "y")
    one, other = (
        cells_for(world, book, units, rows, names) for names in (("x_rating", "y_rating"), ("y_rating", "x_rating"))
    )
    assert one == other
    assert [name for _, name in one] == sorted(name for _, name in one)

"""A new case is drawn as often as it takes for linear worlds to have exact moments, however many scores a theory has."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from causal.query import Effect
from causal.theory import Construct, Edge
from models.effects.drawing import FEWEST, MOST, ROOM, enough
from models.effects.interventions import open_laboratory, standardised
from tests.models.small import blueprint, inside, periods, pinned, theory


@pytest.mark.parametrize("length", [3, 40, 90])
def test_standard_deviations_and_effects_along_a_chain_of_any_length_are_exact(length: int) -> None:
    chain = theory(*(Edge(f"c{i}", f"c{i + 1}") for i in range(length)))
    blue = blueprint(chain, periods("a"))
    lab = open_laboratory(blue, periods("a"), pinned(blue, dict.fromkeys((e.name for e in chain.edges), 0.8)), _rng())
    variance = (1 - 0.8 ** (2 * (length + 1))) / (1 - 0.8**2)
    assert lab.case.sd(f"c{length}").item() == pytest.approx(np.sqrt(variance), abs=1e-9)
    (found,) = standardised(lab, Effect("c0", f"c{length}"))
    assert found.item() == pytest.approx(0.8**length / np.sqrt(variance), abs=1e-9)


def test_scores_inside_other_units_that_no_outcome_depends_on_take_no_replicates() -> None:
    units = inside(periods("a"), "firm", ["a1"], each=2)
    blue = blueprint(theory(Edge("x", "y"), constructs=[Construct("y", units=("period", "firm"))]), units)
    case = open_laboratory(blue, units, pinned(blue, {"x->y": 0.5}), _rng()).case
    nodes = [case.structure.nodes[n] for n in sorted(case.readable)]
    assert {node.construct for node in nodes} == {"x", "y"}
    assert len(nodes) == 2
    unread = [n for n in range(len(case.structure.nodes)) if n not in case.readable]
    assert unread
    assert (case.noise[:, unread] == 0).all()


@given(st.integers(1, 1000))
def test_there_are_more_pairs_than_columns_up_to_a_limit(columns: int) -> None:
    assert FEWEST <= enough(columns) <= MOST
    assert enough(columns) % 2 == 0
    assert enough(columns) >= 2 * ROOM * columns or enough(columns) == MOST


def _rng() -> np.random.Generator:
    return np.random.default_rng(1)

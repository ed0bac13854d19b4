"""Which implied independences are negative controls, which are instruments."""

from causal.controls import CONTROLS, control, fear, speaking_to
from causal.implications import Independence, implied_independences
from causal.theory import Construct, Edge, Theory

WORLD = Theory(
    "world",
    "world",
    tuple(map(Construct, ("season", "rain", "harvest", "price", "distant_harvest"))),
    (Edge("season", "rain"), Edge("rain", "harvest"), Edge("harvest", "price")),
)


def test_what_is_neither_before_nor_after_the_cause_is_a_negative_control() -> None:
    assert control(WORLD, "rain", "harvest", Independence("rain", "distant_harvest")) == "negative control"
    assert control(WORLD, "rain", "harvest", Independence("rain", "price", ("harvest",))) == "independence"


def test_what_moves_the_cause_and_reaches_the_effect_only_through_it_is_an_instrument() -> None:
    assert control(WORLD, "rain", "harvest", Independence("season", "harvest", ("rain",))) == "instrument"
    assert control(WORLD, "harvest", "price", Independence("season", "price", ("rain",))) == "independence"


def test_an_effect_that_the_theory_denies_is_neither() -> None:
    assert control(WORLD, "season", "price", Independence("season", "price", ("rain",))) == "independence"


def test_controls_come_first_and_what_touches_neither_end_not_at_all() -> None:
    found = speaking_to(WORLD, "rain", "harvest", implied_independences(WORLD), most=4)
    kinds = [control(WORLD, "rain", "harvest", i) for i in found]
    assert kinds == sorted(kinds, key=CONTROLS.index)
    assert kinds[:2] == ["negative control", "instrument"]
    assert all({i.a, i.b} & {"rain", "harvest"} for i in found)
    assert len(found) == 4


def test_every_kind_answers_a_worry_of_its_own() -> None:
    assert len({fear(kind, "rain", "harvest") for kind in CONTROLS}) == len(CONTROLS)

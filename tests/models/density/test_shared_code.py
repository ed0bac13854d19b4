"""What is data and what is code: theories, poolings and studies of one kind have one machine code. Nothing is compiled here."""

from dataclasses import replace
from pathlib import Path

import pytest

from causal.theory import Theory
from models.blueprint import Blueprint, draw_blueprint
from models.checks.pooling import within_and_between
from models.compile import pymc_model
from models.density.callbacks import outline
from models.density.machine_code import code_key
from models.study import Study, load_study

STUDY = Path(__file__).resolve().parents[3] / "data" / "starter"


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(STUDY)


def key(blueprint: Blueprint) -> str:
    return code_key(outline(pymc_model(blueprint)))


def laid_out(study: Study, theory: Theory) -> Blueprint:
    return draw_blueprint(theory, study.codebook, study.cases.units, study.cases.observations)


@pytest.fixture(scope="module")
def own(study: Study) -> str:
    return key(laid_out(study, study.theory))


def test_a_theory_with_an_edge_dropped_is_other_data_for_the_same_code(study: Study, own: str) -> None:
    plain = [edge for edge in study.theory.edges if edge.moderator is None]
    for dropped in (plain[0], plain[-1]):
        edges = tuple(edge for edge in study.theory.edges if edge is not dropped)
        assert key(laid_out(study, replace(study.theory, edges=edges))) == own, dropped.name


def test_every_rival_runs_on_the_code_of_the_main_theory(study: Study, own: str) -> None:
    assert {name: key(laid_out(study, theory)) for name, theory in study.theories.items()} == dict.fromkeys(
        study.theories, own
    )


def test_slopes_within_and_between_cases_run_on_it_too(study: Study, own: str) -> None:
    assert key(within_and_between(study)) == own

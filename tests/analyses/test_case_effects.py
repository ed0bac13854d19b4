"""Counterfactuals in named cases: which are asked, what stands in the table, what the report says."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from analyses.case_effects import COLUMNS, case_effects_table, counterfactuals
from analyses.chapters.case_effects import chapter
from analyses.results import Results
from causal.hypotheses import Hypothesis
from causal.query import CaseCounterfactual, parse_claim
from causal.theory import Edge
from data.cases import Cases
from models.effects.answers import Laboratories
from models.effects.interventions import open_laboratory
from models.structure.reading import Node
from models.study import Study
from tests.models import small

WORLD = small.theory(Edge("x", "y", "+"))
UNITS = small.periods("ab", 2)
STUDY = Study(
    Path("pair"), WORLD, {}, small.rated("x", "y"), Cases(UNITS, small.ratings(UNITS, "x", "y")), (), {}, {}
)  # fmt: skip
HYPOTHESES = tuple(
    Hypothesis(name, "", parse_claim(claim))
    for name, claim in {
        "h1": "counterfactual(x -> y | case = a) > 0",
        "h2": "effect(x -> y) > 0",
        "h3": "effect(y -> x) > 0",
    }.items()
)

ROW = dict.fromkeys(COLUMNS, "") | {
    "case": "a", "unit": "a2", "cause": "x", "effect": "y", "instead": "as before", "mean": "0.5", "hdi_low": "-0.1",
    "hdi_high": "1.2", "indicator": "y_rating", "read": "Medium", "necessity": "0.31", "necessity_level": "Medium",
}  # fmt: skip


def test_declared_counterfactuals_come_first_then_a_low_cause_in_every_case() -> None:
    assert counterfactuals(STUDY, HYPOTHESES) == (
        CaseCounterfactual("a", "x", "y"),
        CaseCounterfactual("a", "x", "y", "low"),
        CaseCounterfactual("b", "x", "y", "low"),
    )


def test_each_has_its_difference_and_its_chances() -> None:
    blue = small.blueprint(WORLD, UNITS)
    theta = small.pinned(blue, {"x->y": 1.0}, samples=40)
    theta["disturbance"] = np.random.default_rng(1).normal(size=theta["disturbance"].shape)
    lab = open_laboratory(blue, UNITS, theta, np.random.default_rng(1))
    estimate = SimpleNamespace(labs=Laboratories(lab, lab), blueprint=blue)
    table = case_effects_table(STUDY, estimate, HYPOTHESES).set_index("estimand")  # type: ignore[arg-type]
    row = table.loc["counterfactual(x = low -> y | case = b)"]
    x, sd = lab.own.actual[blue.structure.index[Node("b2", "x")]], lab.case.sd("y")[:, 0]
    assert row["mean"] == pytest.approx(((x + lab.case.sd("x")[:, 0]) / sd).mean())
    assert (row["unit"], row["indicator"], row["read"]) == ("b2", "y_rating", "Medium")
    assert 0 < row["necessity"] < 1
    assert 0 < row["sufficiency"] < 1
    assert row["sufficiency_level"] == "High"
    assert row["necessity_given"] + row["sufficiency_given"] > 1  # both hold where the rating is Medium


def test_the_report_says_each_in_words() -> None:
    units = [{"name": "a2", "label": "A in the crisis: years of loss"}]
    found = chapter(Results([], [], [], [], [], {}, {}, {"units": units}, {"case_effects": [ROW]}, {}))
    assert found is not None
    (sentence,) = found.findings
    assert sentence == (
        "A in the crisis: had x stayed as it was before, y would have stood 0.50 standard deviations below where it did "
        "(difference 0.50, "
        "90 % −0.10 to 1.20). Y rating, read as Medium, would have been below Medium with probability 0.31 (necessity)."
    )
    assert chapter(Results([], [], [], [], [], {}, {}, {}, {}, {})) is None

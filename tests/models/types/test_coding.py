"""A study's rows become levels of constructs, with the doubt of coding and cut carried along."""

from pathlib import Path

import numpy as np
import pytest

from models.study import Study, load_study
from models.types.coding import code, expected_signs, theory_graph
from models.types.cuts import Cut, parse_cut
from models.types.graph import TypesError
from tests.studies import read_table, table_text, write_study


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("lakes"), cases=3, periods=2)


@pytest.fixture(scope="module")
def study(root: Path) -> Study:
    return load_study(root)


def with_rows(root: Path, tmp_path: Path, *rows: dict[str, str]) -> Study:
    """The study with these rows only."""
    columns, old = read_table(root / "observations.csv")
    pattern = next(row for row in old if row["unit"] == "Chala 1" and row["value"])
    made = [
        {**pattern, "n": "", "observation": f"r{i}", "evidence_group": "", "role": "", **row}
        for i, row in enumerate(rows)
    ]
    copied = write_study(tmp_path, cases=3, periods=2)
    (copied / "observations.csv").write_text(table_text(columns, made), encoding="utf-8")
    return load_study(copied)


def high(study: Study, unit: str, node: str, cut: Cut) -> float:
    """How probable what was read is, were the construct high."""
    (case,) = [case for case in code(study, cut).cases if case.name == unit]
    return case.seen[node][1]


def test_every_outermost_unit_is_a_case_and_a_lagged_cause_a_node(study: Study) -> None:
    coded = code(study, Cut())
    assert [case.name for case in coded.cases] == [n for n, u in study.cases.units.items() if u.within is None]
    assert "stock_before" in coded.graph.nodes
    assert coded.graph.parents["compliance"] == ("market_access", "monitoring")
    before = {case.name: case.seen for case in coded.cases}
    assert before["Chala 2"]["stock_before"] == before["Chala 1"]["stock"]
    assert "stock_before" not in before["Chala 1"]
    assert coded.passed > 0


def test_a_rating_is_its_position_and_a_range_any_of_its_levels(root: Path, tmp_path: Path) -> None:
    row = {"unit": "Chala 1", "indicator": "leaders_followed", "confidence": "1"}
    sure = Cut((0.6,), sd=0.0)
    for value, expected in {"High": 1.0, "Medium": 0.0, "Low": 0.0, "Medium..High": 0.5}.items():
        one = with_rows(root, tmp_path / value, {**row, "value": value})
        assert high(one, "Chala 1", "leadership", sure) == pytest.approx(expected, abs=0.03)
        at_the_rating = Cut((0.5,), sd=0.0)
        if value == "Medium":
            assert high(one, "Chala 1", "leadership", at_the_rating) == pytest.approx(0.5, abs=0.03)


def test_a_row_without_confidence_says_nothing_and_a_reversed_one_the_opposite(root: Path, tmp_path: Path) -> None:
    row = {"unit": "Chala 1", "indicator": "leaders_contested", "value": "1", "confidence": "1"}
    assert high(with_rows(root, tmp_path / "a", row), "Chala 1", "leadership", Cut()) == 0.0
    doubtful = with_rows(root, tmp_path / "b", {**row, "confidence": "0.1"})
    assert high(doubtful, "Chala 1", "leadership", Cut()) == pytest.approx(0.45, abs=0.03)


def test_rows_of_one_evidence_group_count_once(root: Path, tmp_path: Path) -> None:
    yes = {
        "unit": "Chala 1",
        "indicator": "leaders_contested",
        "value": "1",
        "confidence": "1",
        "evidence_group": "one",
    }
    followed = {"unit": "Chala 1", "indicator": "leaders_followed", "value": "High", "confidence": "1"}
    village = {"unit": "Chala 1 north", "indicator": "leaders_contested", "value": "1", "confidence": "1"}
    together = with_rows(root, tmp_path / "a", yes, followed, {**village, "evidence_group": "one"})
    apart = with_rows(root, tmp_path / "b", yes, followed, {**village, "evidence_group": "two"})
    assert high(together, "Chala 1", "leadership", Cut(sd=0.0)) == pytest.approx(0.5, abs=0.04)
    assert high(apart, "Chala 1", "leadership", Cut(sd=0.0)) < 0.35


def test_two_cuts_make_three_levels(study: Study) -> None:
    coded = code(study, Cut((0.3, 0.7)))
    assert set(coded.graph.levels.values()) == {3}
    assert all(
        len(weights) == 3 and sum(weights) == pytest.approx(1) for c in coded.cases for weights in c.seen.values()
    )


def test_a_construct_may_be_cut_elsewhere_than_the_others_and_its_lagged_node_with_it(study: Study) -> None:
    coded = code(study, parse_cut(["0.4", "stock=0.7", "stock=0.3"], 0.05))
    assert {node for node, levels in coded.graph.levels.items() if levels == 3} == {"stock", "stock_before"}
    alone = code(study, Cut((0.4,)))
    for one, other in zip(coded.cases, alone.cases, strict=True):
        assert one.seen["leadership"] == other.seen["leadership"]
        assert len(one.seen["stock"]) == 3
    with pytest.raises(TypesError, match="a cut is given for 'fish'; constructs are"):
        code(study, parse_cut(["fish=0.5"], 0.05))
    with pytest.raises(TypesError, match="'stock=high' is no cut"):
        parse_cut(["stock=high"], 0.05)


def test_an_uncertain_cut_is_tried_with_the_mean_and_spread_that_it_has() -> None:
    tried = Cut((0.5,), 0.05, own={"stock": (0.3, 0.7)}).tried()
    weights, first = [w for w, _ in tried], np.array([c.of("stock_before") for _, c in tried])
    assert np.average(first, axis=0, weights=weights) == pytest.approx([0.3, 0.7])
    assert np.average((first - [0.3, 0.7]) ** 2, axis=0, weights=weights) == pytest.approx([0.05**2] * 2)
    assert str(tried[0][1]) == "0.50, stock 0.30 and 0.70"


def test_the_theorys_signs_are_restrictions_but_for_moderated_edges(study: Study) -> None:
    assert expected_signs(study.theory) == [
        "increasing(leadership -> monitoring)",
        "decreasing(market_access -> compliance)",
        "increasing(compliance -> stock)",
        "increasing(stock_before -> stock)",
    ]
    assert theory_graph(study.theory).nodes[0] == "leadership"


@pytest.mark.parametrize("at", [(), (0.0,), (0.7, 0.3), (0.2, 0.4, 0.6, 0.8)])
def test_cuts_that_make_no_levels_are_refused(at: tuple[float, ...]) -> None:
    with pytest.raises(TypesError, match="rising positions"):
        Cut(at)

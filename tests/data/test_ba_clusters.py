"""The first study: every cell of the thesis's tables, every figure and every rating is where the inventory says.

The tables are typed here a second time, as printed, and the coded rows are held against this copy.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from data.cases import Cases, Observation, load_cases
from data.codebook import Codebook, load_codebook
from data.files import Problems, read_csv, read_toml
from data.rows import Names
from data.sources import load_sources
from models.study import load_study
from tests.data.printed import (
    BEYOND_INVENTORY,
    CELLS_PER_TABLE,
    CHAINS,
    CLUSTERS,
    CONTEXT,
    INCONSISTENT,
    INVENTORY,
    SECOND_CODER,
    SIZES,
    TABLE_1,
    TABLE_2,
    TABLE_3,
    TABLE_4,
    TABLE_6,
    TABLE_6_N,
    TABLE_7,
    TABLE_8,
)

STUDY = Path(__file__).parents[2] / "data" / "ba_clusters"
PAGE = Path(__file__).parents[2] / "docs" / "ba_clusters.md"
FIRST_CODER = "A"


def table(name: str, columns: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """A table of the study by its first column, which names each row once."""
    problems = Problems()
    rows = read_csv(STUDY / name, STUDY, columns, (), problems)
    problems.raise_if_any()
    by_name = {row.cells[columns[0]]: row.cells for row in rows}
    assert len(by_name) == len(rows)
    return by_name


@pytest.fixture(scope="module")
def codebook() -> Codebook:
    problems = Problems()
    found = load_codebook(STUDY / "codebook.toml", STUDY, problems)
    problems.raise_if_any()
    assert found
    return found


@pytest.fixture(scope="module")
def cases(codebook: Codebook) -> Cases:
    problems = Problems()
    sources = load_sources(STUDY / "sources.bib", STUDY, problems)
    found = load_cases(STUDY, codebook, problems, Names(frozenset(sources or ())))
    problems.raise_if_any()
    return found


@pytest.fixture(scope="module")
def rows(cases: Cases) -> dict[str, Observation]:
    """Rows of the first coder, by name."""
    return {row.name: row for row in cases.observations if row.coder == FIRST_CODER}


@pytest.fixture(scope="module")
def inventory() -> dict[str, dict[str, str]]:
    return table("inventory.csv", INVENTORY)


@pytest.fixture(scope="module")
def context() -> dict[str, dict[str, str]]:
    return table("context.csv", CONTEXT)


@pytest.fixture(scope="module")
def ratings() -> tuple[str, ...]:
    """Indicators that the codebook marks as period ratings."""
    text = (STUDY / "codebook.toml").read_text(encoding="utf-8")
    return tuple(re.findall(r"^\[indicators\.(\w+)\].*\[period rating\]", text, re.MULTILINE))


def level_range(words: str) -> str:
    """A rating as the study writes it, from the words a table prints: "Medium to Low" is Low..Medium."""
    order = ("Low", "Medium", "High")
    parts = [part.replace("medium high", "medium") for part in words.lower().split(" to ")]
    found = sorted({order.index(part.capitalize()) for part in parts})
    return "..".join(order[position] for position in found)


def at(rows: dict[str, Observation], unit: str, indicator: str, prefix: str) -> Observation:
    """The one row of a table about a unit."""
    (row,) = (r for r in rows.values() if (r.unit, r.indicator) == (unit, indicator) and r.name.startswith(prefix))
    return row


def test_the_study_and_all_its_theories_load() -> None:
    study = load_study(STUDY)
    assert set(study.rivals) == {
        "long",
        "porter_presence",
        "governance_only",
        "crisis_common_cause",
        "state_led",
        "macro",
        "reverse_milieu",
        "large_firm_lobbying",
        "composition",
    }
    for theory in study.theories.values():
        assert all(edge.because and edge.source for edge in theory.edges), theory.name


def test_every_row_names_its_source_and_the_place_in_it(cases: Cases) -> None:
    for row in cases.observations:
        assert row.source, row.name
        assert row.locator, row.name
        place = row.locator if row.source == "thesis" else row.locator.removeprefix("thesis ")
        assert re.match(r"s\d|table \d|note \d", place), f"{row.name}: {row.locator}"
        assert row.source == "thesis" or row.locator.startswith("thesis "), f"{row.name} was read in the thesis"


def test_what_the_inventory_plans_is_coded_and_nothing_else(
    rows: dict[str, Observation], inventory: dict[str, dict[str, str]], cases: Cases
) -> None:
    planned = {i: (c["planned_unit"], c["planned_indicator"]) for i, c in inventory.items() if c["planned_indicator"]}
    assert {name: (row.unit, row.indicator) for name, row in rows.items()} == planned
    outside = {
        (row.coder, row.unit, row.indicator)
        for row in cases.observations
        if (row.unit, row.indicator) not in set(planned.values())
    }
    listed = {(SECOND_CODER, unit, name) for name, units in BEYOND_INVENTORY.items() for unit in units.split()}
    assert outside == listed


def test_what_carries_no_row_says_why_and_context_keeps_its_value(
    inventory: dict[str, dict[str, str]], context: dict[str, dict[str, str]]
) -> None:
    unplanned = {item: cells["status_note"] for item, cells in inventory.items() if not cells["planned_indicator"]}
    assert all(unplanned.values())
    assert {item for item, note in unplanned.items() if note.startswith("context")} == set(context)
    for item, cells in context.items():
        assert all(cells[column] for column in ("unit", "value", "source", "locator")), item
    for item, note in unplanned.items():
        if match := re.search(r"exact figure behind (\w+)", note):
            assert match[1] in inventory, item


def test_context_cites_sources_that_exist(context: dict[str, dict[str, str]]) -> None:
    sources = load_sources(STUDY / "sources.bib", STUDY, Problems())
    assert sources
    assert {cells["source"] for cells in context.values()} <= set(sources)


def test_tables_have_as_many_items_as_cells(inventory: dict[str, dict[str, str]]) -> None:
    counted = Counter(cells["table_or_section"] for cells in inventory.values())
    # the one cell of table 5 that speaks of two associations is two items
    assert {number: counted[f"table {number}"] for number in CELLS_PER_TABLE} == CELLS_PER_TABLE
    assert [f"figure_{number}" in inventory for number in range(1, 11)] == [True] * 10


def test_table_1_is_kept_cell_by_cell_with_the_sum_that_does_not_add_up(context: dict[str, dict[str, str]]) -> None:
    columns = (("rs", "firms"), ("rs", "workers"), ("sinos", "firms"), ("sinos", "workers"))
    for position, (region, what) in enumerate(columns):
        printed = {sector: numbers[position] for sector, numbers in TABLE_1.items()}
        kept = {sector: int(context[f"t1_{region}_{sector}_{what}"]["value"]) for sector in TABLE_1}
        assert kept == printed
        difference = printed["total"] - sum(number for sector, number in printed.items() if sector != "total")
        assert difference == (50 if (region, what) == ("rs", "workers") else 0)
    assert "133,627" in context["t1_rs_total_workers"]["note"]


def test_table_2_tells_the_two_associations_apart_on_all_five_traits(rows: dict[str, Observation]) -> None:
    for indicator, printed in TABLE_2.items():
        for value, (unit, words) in enumerate(zip(("abicalcados_p2", "assintecal_p2"), printed, strict=True)):
            row = at(rows, unit, indicator, "t2_")
            assert (row.value, row.note) == (value, f"printed: {words}")


def test_table_3_is_kept_cell_by_cell(context: dict[str, dict[str, str]]) -> None:
    for association, printed in TABLE_3.items():
        kept = tuple(context[f"t3_{association}_{column}"]["value"] for column in ("industry", "year", "status"))
        assert kept == printed
        assert context[f"t3_{association}_name"]["value"]


def test_table_4_is_coded_by_chain_with_its_ranges(
    rows: dict[str, Observation], context: dict[str, dict[str, str]]
) -> None:
    for line, printed in TABLE_4.items():
        for chain, words in zip(CHAINS, printed, strict=True):
            if line == "market":
                assert context[f"t4_{chain}_market"]["value"] == words
            else:
                assert at(rows, f"sinos_{chain}_p3", line, "t4_").text == level_range(words), (line, chain)


def test_table_5_is_coded_as_printed_and_its_doubtful_cell_is_trusted_least(rows: dict[str, Observation]) -> None:
    printed = {
        ("sinos_survey_1997", "horizontal_bilateral_change"): "Little change",
        ("sinos_survey_1997", "vertical_bilateral_change"): "Rose by a third or more",
        ("sinos_survey_1997", "vertical_multilateral_change"): "Fell..Rose",
        ("assintecal_p2", "multilateral_action"): "High",
        ("abicalcados_p2", "multilateral_action"): "High",
    }
    assert {cell: at(rows, *cell, "t5_").text for cell in printed} == printed
    doubtful = rows["t5_horizontal_multilateral_abicalcados"]
    assert doubtful.confidence == min(row.confidence for row in rows.values())


def test_table_6_counts_give_the_printed_percentages(rows: dict[str, Observation]) -> None:
    for indicator, printed in TABLE_6.items():
        by_size = [at(rows, f"sialkot_survey_{size}", indicator, "t6_") for size in SIZES]
        for row, percent, n in zip(by_size, printed, TABLE_6_N, strict=True):
            assert row.n == n
            assert row.value is not None
            assert 100 * row.value / n == pytest.approx(percent, abs=0.06), row.name
        assert [row.role for row in by_size] == ["summary", "test", "test", "test"]
        total = by_size[0].value or 0
        missing = total - sum(row.value or 0 for row in by_size[1:])
        assert missing == (1 if indicator == "supplier_stability" else 0)
    assert sum(TABLE_6_N[1:]) == TABLE_6_N[0]


def test_table_7_counts_give_the_printed_percentages(rows: dict[str, Observation]) -> None:
    for indicator, (home, home_n, abroad, abroad_n) in TABLE_7.items():
        for market, percent, n in (("domestic", home, home_n), ("international", abroad, abroad_n)):
            row = at(rows, f"guadalajara_survey_{market}", indicator, "t7_")
            assert row.n == n
            assert row.value is not None
            assert 100 * row.value / n == pytest.approx(percent, abs=0.06), row.name


def test_table_8_is_coded_as_the_authors_own_rating(rows: dict[str, Observation]) -> None:
    for indicator, printed in TABLE_8.items():
        for cluster, words in zip(CLUSTERS, printed, strict=True):
            row = at(rows, f"{cluster}_p3", indicator, "t8_")
            assert row.text == level_range(words)
            assert row.role == "build"


def test_each_period_of_each_cluster_has_a_row_for_every_rating(
    rows: dict[str, Observation], ratings: tuple[str, ...], codebook: Codebook
) -> None:
    periods = [f"{cluster}_p{period}" for cluster in CLUSTERS for period in (1, 2, 3)]
    names = {f"r_{indicator}_{period}" for indicator in ratings for period in periods}
    assert names == {name for name in rows if name.startswith("r_")}
    # every construct is rated by period; the presence of associations is a fact, not a rating
    rated = {codebook.indicators[indicator].measures for indicator in ratings}
    assert rated == {indicator.measures for indicator in codebook.indicators.values()} - {"ba_presence"}


def test_each_initiative_has_an_outcome_or_a_read_and_silent_source(cases: Cases, rows: dict[str, Observation]) -> None:
    initiatives = [unit.name for unit in cases.units.values() if unit.kind == "initiative"]
    failed = {row.unit for row in rows.values() if row.indicator == "initiative_outcome" and row.value == 0}
    assert failed == {
        "sinos_industrial_chamber",
        "sinos_quality_programme",
        "sinos_shoes_programme",
        "sinos_programme_revival",
        "sinos_leather_tax",
        "sialkot_us_negotiation",
    }
    silent = {row.unit for row in rows.values() if row.indicator == "initiative_outcome" and row.missing}
    assert silent == {"sialkot_market_defence"}
    assert {row.unit for row in rows.values() if row.indicator == "initiative_outcome"} == set(initiatives)


def test_what_only_restates_other_rows_has_rows_to_restate(cases: Cases, codebook: Codebook) -> None:
    def period(unit: str) -> str:
        return (unit, *cases.ancestors(unit))[-1]

    spoken = {(codebook.indicators[r.indicator].measures, period(r.unit)) for r in cases.observations if r.is_evidence}
    for row in cases.observations:
        if row.role == "summary":
            assert (codebook.indicators[row.indicator].measures, period(row.unit)) in spoken, row.name


def test_a_statement_printed_twice_counts_once(rows: dict[str, Observation]) -> None:
    quoted = [rows[f"f_sialkot_member_quote_{number}"] for number in (1, 2)]
    assert quoted[0].evidence_group == quoted[1].evidence_group
    assert [row.is_evidence for row in quoted] == [True, False]


def test_conflicting_reports_of_one_share_are_readings_of_one_cell(rows: dict[str, Observation]) -> None:
    reports = [row for row in rows.values() if row.indicator == "main_buyer_share"]
    assert len(reports) == 5
    assert {row.unit for row in reports} == {"sinos_us_p2"}
    assert len({row.evidence_group for row in reports}) == 1


def test_confidence_follows_the_rule_of_the_codebook(rows: dict[str, Observation]) -> None:
    text = (STUDY / "codebook.toml").read_text(encoding="utf-8")
    steps = {float(step) for step in re.findall(r"^#   (0\.\d+)  ", text, re.MULTILINE)}
    assert {row.confidence for row in rows.values()} == steps


def test_rows_that_an_inconsistency_touches_say_so(rows: dict[str, Observation]) -> None:
    assert [name for name in INCONSISTENT if len(rows[name].note) < 20] == []


def test_blank_rows_say_that_the_text_was_read(rows: dict[str, Observation]) -> None:
    assert [row.name for row in rows.values() if row.missing and not row.note.startswith("read")] == []


def test_sinos_failed_in_crisis_and_sialkot_acted_before_its_board_changed(
    rows: dict[str, Observation], cases: Cases
) -> None:
    failures = [r for r in rows.values() if r.indicator == "initiative_outcome" and r.value == 0]
    assert sum(cases.units[row.unit].case == "sinos" for row in failures) == 5
    delegation, board = cases.units["sialkot_delegation"], cases.units["sialkot_board_1995"]
    assert delegation.start < board.start
    assert rows["i_sialkot_delegation_outcome"].value == rows["i_sialkot_board_1995_outcome"].value == 1


def test_the_overview_page_counts_the_rows_there_are(
    rows: dict[str, Observation], cases: Cases, codebook: Codebook, inventory: dict[str, dict[str, str]]
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"{len(codebook.indicators)} indicators" in page
    assert f"{len(inventory)} items" in page
    for kind in cases.kinds:
        coded = [row for row in rows.values() if cases.units[row.unit].kind == kind]
        numbers = (
            sum(unit.kind == kind for unit in cases.units.values()),
            len(coded),
            sum(row.is_evidence for row in coded),
            sum(row.role == "summary" for row in coded),
            sum(row.missing for row in coded),
        )
        assert f"| {kind} | {' | '.join(map(str, numbers))} |" in page, kind


def test_the_overview_page_counts_rows_by_construct(
    rows: dict[str, Observation], cases: Cases, codebook: Codebook
) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for construct in {indicator.measures for indicator in codebook.indicators.values()}:
        spoken = [
            row for row in rows.values() if codebook.indicators[row.indicator].measures == construct and row.is_evidence
        ]
        counted = Counter(cases.units[row.unit].case for row in spoken)
        blank = sum(row.missing for row in rows.values() if codebook.indicators[row.indicator].measures == construct)
        numbers = " | ".join(map(str, (*(counted[cluster] for cluster in CLUSTERS), len(spoken), blank)))
        assert f"| {construct} | {numbers} |" in page, construct


def test_hypotheses_state_a_smallest_effect(cases: Cases) -> None:
    document = read_toml(STUDY / "hypotheses.toml", STUDY, Problems())
    assert document
    hypotheses = document.data["hypotheses"]
    assert all(entry["smallest_effect"] > 0 for entry in hypotheses)
    turns = [entry["claim"] for entry in hypotheses if "case = " in entry["claim"]]
    assert [claim.split("case = ")[1].split("_")[0] for claim in turns] == list(cases.cases)

"""The two readers of the first study: how the second's rows were put beside the first's, and the numbers the page quotes."""

import csv
import re
from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

from data.cases import Cases, Observation, by_cell
from data.codebook import Codebook, Indicator
from data.coders import agreement_by, construct, disagreement_table, kind, own_indicator, silence
from data.units import Unit
from models.study import Study, load_study

STUDY = Path(__file__).parents[2] / "data" / "ba_clusters"
PAGE = (Path(__file__).parents[2] / "docs" / "ba_clusters.md").read_text(encoding="utf-8")
CODERS = ("A", "B")
LEVELS = ("Low", "Medium", "High")

# Rows of the second coder that rest on another fact than the first coder's row of the cell, or on a cell of its own.
OWN_FACT = {
    ("sialkot_p2", "ba_service_use"): "nadvi_survey_services",
    ("guadalajara_p1", "ba_service_use"): "camara_members_1994",
    ("guadalajara_p3", "ba_service_use"): "camara_members_2008",
    ("sinos_p3", "trust_among_firms"): "verdict_trust",
    ("sialkot_p3", "ba_respect"): "sima_member_quote",
    ("guadalajara_us_p1", "functional_upgrading"): "guadalajara_us_design",
    ("guadalajara_us_p2", "functional_upgrading"): "guadalajara_us_design",
    ("guadalajara_us_p3", "functional_upgrading"): "guadalajara_us_design",
    ("guadalajara_domestic_p1", "process_product_upgrading"): "guadalajara_own_quality",
    ("sinos_us_p2", "unequal_division"): "sinos_us_dependence",
}


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study(STUDY)


@pytest.fixture(scope="module")
def cases(study: Study) -> Cases:
    return study.cases


@pytest.fixture(scope="module")
def codebook(study: Study) -> Codebook:
    return study.codebook


@pytest.fixture(scope="module")
def shared(cases: Cases) -> list[tuple[tuple[Observation, ...], Observation]]:
    """The rows of the first coder and the row of the second, for each cell that both judged."""
    first = by_cell(row for row in cases.observations if row.coder == "A")
    second = {(row.unit, row.indicator): row for row in cases.observations if row.coder == "B"}
    return [(first[cell], row) for cell, row in second.items() if cell in first]


def of_kind(cases: Cases, name: str) -> Cases:
    return Cases(cases.units, tuple(row for row in cases.observations if cases.units[row.unit].kind == name))


def rating_codes() -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """What both say of each period rating that both answer, lowest and highest level, read from the file itself."""
    with (STUDY / "observations.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["value"]]
    ratings = {(r["unit"], r["indicator"]): r["value"] for r in rows if r["observation"].startswith("r_")}
    second = {(r["unit"], r["indicator"]): r["value"] for r in rows if r["coder"] == "B"}

    def ends(text: str) -> tuple[int, int]:
        levels = [LEVELS.index(part) for part in text.split("..")]
        return levels[0], levels[-1]

    return [(ends(ratings[cell]), ends(second[cell])) for cell in ratings if cell in second]


def furthest(one: tuple[int, int], other: tuple[int, int]) -> list[tuple[int, int]]:
    """The pairs of levels, one from each code, that are furthest apart; in order, so that mirror images are one."""
    pairs = {(min(a, b), max(a, b)) for a, b in product(range(one[0], one[1] + 1), range(other[0], other[1] + 1))}
    most = max(b - a for a, b in pairs)
    return sorted((a, b) for a, b in pairs if b - a == most)


def ordinal_alpha(pairs: list[tuple[int, int]]) -> float:
    """Krippendorff's alpha of two complete coders from its definition: observed over expected squared rank distance."""
    values = [value for pair in pairs for value in pair]
    count = np.bincount(values, minlength=len(LEVELS)).astype(float)

    def distance(one: int, other: int) -> float:
        low, high = sorted((one, other))
        return float((count[low : high + 1].sum() - (count[low] + count[high]) / 2) ** 2)

    observed = np.mean([distance(*pair) for pair in pairs])
    expected = np.mean([distance(*pair) for pair in combinations(values, 2)])
    return float(1 - observed / expected)


def test_the_second_coder_speaks_where_the_first_does_and_summarises_where_the_first_does(
    shared: list[tuple[tuple[Observation, ...], Observation]],
) -> None:
    for first, row in shared:
        telling = [r for r in first if r.is_evidence] or [r for r in first if not r.missing]
        allowed = {r.role for r in telling} or {"test", "build"}
        # what the second coder draws from the verdict of the thesis stays marked as such
        assert row.role in allowed or (row.role == "build" and allowed == {"test"}), row.name


def test_readings_of_one_fact_share_their_error_whoever_read(
    cases: Cases, shared: list[tuple[tuple[Observation, ...], Observation]]
) -> None:
    cells: dict[str, set[tuple[str, str]]] = {}
    for row in cases.observations:
        if row.coder == "A" and row.evidence_group != row.name:
            cells.setdefault(row.evidence_group, set()).add((row.unit, row.indicator))
    expected = dict(OWN_FACT)
    for first, row in shared:
        telling = [r for r in first if r.is_evidence] or [r for r in first if not r.missing]
        named = {r.evidence_group for r in telling if len(cells.get(r.evidence_group, ())) > 1}
        if named and not row.missing:
            expected.setdefault((row.unit, row.indicator), *named)
    found = {
        (row.unit, row.indicator): row.evidence_group
        for row in cases.observations
        if row.coder == "B" and row.evidence_group != row.name
    }
    assert found == expected
    assert set(OWN_FACT.values()) <= set(cells)


def test_the_breadth_of_no_shock_is_no_fact_of_its_own(cases: Cases) -> None:
    for coder, unit in product(CODERS, ("sinos_p1", "sialkot_p1", "guadalajara_p1")):
        severity, breadth = (
            next(r for r in cases.observations if (r.coder, r.unit, r.indicator) == (coder, unit, indicator))
            for indicator in ("shock_severity", "shock_breadth")
        )
        assert severity.text == breadth.text == "Low"
        assert severity.evidence_group == breadth.evidence_group != severity.name


def test_a_cell_that_only_the_second_coder_judged_does_not_let_one_statement_speak_twice(cases: Cases) -> None:
    first = {(row.unit, row.indicator) for row in cases.observations if row.coder == "A"}
    alone = [row for row in cases.observations if row.coder == "B" and (row.unit, row.indicator) not in first]
    assert len(alone) == 45
    speaking = {(row.unit, row.indicator) for row in alone if row.is_evidence}
    assert speaking == {cell for cell in OWN_FACT if cell not in first} | {("sinos_us_p2", "intermediary_dependence")}


def test_both_readings_of_a_disagreement_are_kept(cases: Cases, codebook: Codebook) -> None:
    table = disagreement_table(cases, codebook)
    coded = {(row.coder, row.unit, row.indicator): row for row in cases.observations}
    for entry in table.to_dict("records"):
        for coder in CODERS:
            assert coded[coder, entry["unit"], entry["indicator"]].text in entry[coder].split(" / ")


def whole(_unit: Unit, _indicator: Indicator) -> str:
    """Part a study into one part."""
    return "all"


def two(number: float) -> str:
    return f"{number:.2f}"


def spread(near: object, far: object) -> str:
    """Ranges read apart, then together, as the page writes them."""
    return " | ".join("" if value is None or value != value else two(float(str(value))) for value in (far, near))


def test_the_page_quotes_the_agreement_of_each_part(cases: Cases, codebook: Codebook) -> None:
    for part in (whole, kind, construct, own_indicator):
        table = agreement_by(part, cases, codebook).replace({np.nan: None}).astype(object)
        for row in table.to_dict("records"):
            row = {name: None if str(value) in ("<NA>", "nan") else value for name, value in row.items()}
            line = (
                f"| {row['part']} | {row['of']} | {row['cells']} | {two(row['identical'])} | {two(row['agreeing'])}"
                f" | {spread(row['alpha_near'], row['alpha_far'])} | {spread(row['nominal_near'], row['nominal_far'])} |"
            )
            assert re.sub(r"\|\s+\|", "| |", line) in re.sub(r"\|\s+\|", "| |", PAGE), line


def test_the_page_quotes_the_agreement_of_the_whole(cases: Cases, codebook: Codebook) -> None:
    table = agreement_by(whole, cases, codebook)
    cells = int(table["cells"].sum())
    identical = float((table["identical"] * table["cells"]).sum())
    assert (table["agreeing"] == 1).all()
    assert f"Of {cells} cells that both could code" in PAGE
    assert f"{identical:.0f} are coded identically ({100 * identical / cells:.0f} %)" in PAGE


def test_the_page_quotes_where_one_reader_found_the_text_silent(cases: Cases) -> None:
    for name, rows in {
        "all": cases,
        **{k: of_kind(cases, k) for k in ("cluster_period", "association", "chain")},
    }.items():
        found = silence(rows, CODERS)
        numbers = (found.cells, found.both_spoke, found.both_silent, found.only["A"], found.only["B"])
        alpha = two(found.alpha if found.alpha is not None else float("nan"))
        assert f"| {name} | {' | '.join(map(str, numbers))} | {two(found.agreeing)} | {alpha} |" in PAGE


def test_the_page_counts_the_disagreements_of_each_construct(cases: Cases, codebook: Codebook) -> None:
    table = disagreement_table(cases, codebook)
    assert f"{len(table)} cells are read differently" in PAGE
    for name, rows in table.groupby("construct"):
        one_silent, overlapping, apart = (
            int((rows["difference"] == d).sum()) for d in ("one silent", "overlapping", "apart")
        )
        assert f"| {name} | {one_silent} | {overlapping} | {apart} |" in PAGE


def test_the_ratings_agree_as_their_definition_says(cases: Cases, codebook: Codebook) -> None:
    codes = rating_codes()
    table = agreement_by(kind, cases, codebook)
    (row,) = table[(table["part"] == "cluster_period") & (table["of"] == "rating")].to_dict("records")
    assert int(row["cells"]) == len(codes)
    assert float(row["identical"]) == pytest.approx(np.mean([one == other for one, other in codes]))
    assert all(one[0] <= other[1] and other[0] <= one[1] for one, other in codes)
    # a range over the whole scale is as far from its middle at either end: then either reading may be the one taken
    choices = [furthest(*code) for code in codes]
    assert any(float(row["alpha_far"]) == pytest.approx(ordinal_alpha(list(taken))) for taken in product(*choices))


def test_no_pair_of_single_levels_differs(cases: Cases) -> None:
    singles = [(one, other) for one, other in rating_codes() if one[0] == one[1] and other[0] == other[1]]
    assert f"{len(singles)} cells where both give a single level" in PAGE
    assert all(one == other for one, other in singles)

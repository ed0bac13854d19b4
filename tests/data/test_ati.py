"""The annotation table: nothing coded is missing from it, and each row leads back to the page it rests on."""

from pathlib import Path

import pandas as pd
import pytest

from data.ati import COLUMNS, SILENT, annotations
from data.cases import Cases, Observation
from data.codebook import Codebook, Indicator, Scale
from data.sources import Source
from data.units import Unit
from models.study import load_study

STUDY = Path(__file__).parents[2] / "data" / "ba_clusters"
CODEBOOK = Codebook(
    {"two": Scale("two", ("no", "yes"))},
    {
        "warmth": Indicator("warmth", "x", "ordinal", "two", question="Is it warm?", rule="yes: above\nten degrees."),
        "share": Indicator("share", "x", "binomial"),
    },
)
UNITS = {"u": Unit("u", "alp", 1, "valley")}
SOURCES = {"k": Source("k", "Ada Lovelace", "1843", "Notes"), "bare": Source("bare", title="Leaflet")}


def row(name: str, indicator: str, text: str, source: str, note: str = "") -> Observation:
    levels, value, n = ((1,), None, None) if indicator == "warmth" else ((), float(text or 0), 60)
    return Observation(
        name, "u", indicator, levels, value, n, not text, text, "A", 0.9, source, "p. 3", name, "test", note
    )  # fmt: skip


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    rows = (
        row("a", "warmth", "yes", "k", "said twice"),
        row("b", "warmth", "", "bare"),
        row("c", "share", "37", "unlisted"),
    )
    return annotations(Cases(UNITS, rows), CODEBOOK, SOURCES).set_index("observation")


def test_an_annotation_names_the_claim_the_place_and_the_reasoning(small: pd.DataFrame) -> None:
    found = small.loc["a"]
    assert (found["case"], found["unit"], found["question"], found["value"]) == ("alp", "u", "Is it warm?", "yes")
    assert found["excerpt_location"] == "Ada Lovelace (1843). Notes: p. 3"
    assert found["analytic_note"] == "Note: said twice\nRule: yes: above ten degrees."


def test_silence_is_said_and_a_share_keeps_its_denominator(small: pd.DataFrame) -> None:
    assert small.loc["b", "value"] == SILENT
    assert (small.loc["c", "value"], small.loc["c", "n"]) == ("37", 60)
    assert small["n"].isna().to_list() == [True, True, False]


def test_a_source_is_cited_by_as_much_as_is_known_of_it(small: pd.DataFrame) -> None:
    assert list(small["citation"]) == ["Ada Lovelace (1843). Notes", "Leaflet", "unlisted"]


def test_a_study_without_rows_has_the_columns_and_no_annotation() -> None:
    assert tuple(annotations(Cases(UNITS, ()), CODEBOOK, SOURCES).columns) == COLUMNS


def test_the_first_study_has_an_annotation_for_every_row_and_survives_a_file(tmp_path: Path) -> None:
    study = load_study(STUDY)
    table = annotations(study.cases, study.codebook, study.sources)
    assert list(table["observation"]) == [r.name for r in study.cases.observations]
    assert (table[["source", "citation", "locator", "excerpt_location", "analytic_note", "coder"]] != "").all().all()
    assert set(table["coder"]) == {"A", "B"}
    table.to_csv(tmp_path / "ati.csv", index=False)
    read = pd.read_csv(tmp_path / "ati.csv", keep_default_na=False, dtype=str)
    assert list(read["analytic_note"]) == list(table["analytic_note"])

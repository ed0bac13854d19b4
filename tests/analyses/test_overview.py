"""``casewise check`` has something to say of every theory of every study, lagged ones included."""

from pathlib import Path

import pytest

import data
from analyses.overview import overview
from models.study import load_study
from tests.studies import write_study

CLUSTERS = Path(data.__file__).parent / "ba_clusters"


@pytest.mark.parametrize("theory", sorted(path.stem for path in (CLUSTERS / "rivals").glob("*.toml")))
def test_every_rival_of_the_first_study_can_be_checked(theory: str) -> None:
    study = load_study(CLUSTERS, theory)
    sections = overview(study).as_json
    assert any(line.startswith("crisis: ") for line in sections["Rows by construct"])
    asked = [line for line in sections["Hypotheses"] if "not a question to this theory" not in line]
    assert len(asked) == len(study.hypotheses) - len(study.unaskable)


def test_what_is_counted_adds_up_to_the_rows_of_the_study(tmp_path: Path) -> None:
    study = load_study(write_study(tmp_path / "lakes"))
    sections = overview(study).as_json
    for title in ("Rows by kind of unit", "Rows by case and period"):
        counted = [int(word) for line in sections[title] for word in line.replace(",", "").split() if word.isdigit()]
        periods = [int(line.split("period ")[1].split(":")[0]) for line in sections[title] if "period " in line]
        assert sum(counted) == len(study.cases.observations)
        assert all(period > 0 for period in periods)


def test_a_lagged_independence_is_counted_on_the_construct_it_lags() -> None:
    sections = overview(load_study(CLUSTERS, "long")).as_json
    lagged = [line for line in sections["Implied independences"] if "[-1]" in line]
    assert lagged
    assert all("units have rows on all of it" in line for line in lagged)

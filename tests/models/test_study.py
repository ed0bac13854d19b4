"""A study is loaded whole: theories, cases and hypotheses that fit one another, or every reason why they do not."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from data.files import StudyError
from models.study import Study, load_study
from tests.studies import OBSERVATION_COLUMNS, read_table, table_text, write_study


@pytest.fixture
def lakes(tmp_path: Path) -> Path:
    return write_study(tmp_path / "lakes", cases=3, periods=2)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return load_study(write_study(tmp_path_factory.mktemp("lakes"), cases=3, periods=2))


def change(study: Path, file: str, old: str, new: str) -> int:
    """Replace the first occurrence of a text in a file; gives the line it stood on."""
    text = (study / file).read_text(encoding="utf-8")
    assert old in text
    (study / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems(study: Path, theory: str | None = None) -> list[tuple[str, int | None, str]]:
    with pytest.raises(StudyError) as raised:
        load_study(study, theory)
    return [(problem.file, problem.line, problem.message) for problem in raised.value.problems]


def test_the_sample_study_has_every_kind_of_thing_a_study_can_have(study: Study) -> None:
    families = {indicator.family for indicator in study.codebook.indicators.values()}
    assert families == {"ordinal", "binary", "binomial", "count", "continuous"}
    rows = study.cases.observations
    assert any(len(row.levels) > 1 for row in rows)
    assert any(row.missing for row in rows)
    assert {row.role for row in rows} == {"test", "build", "summary"}
    assert {row.coder for row in rows} == {"", "AB", "CD"}
    groups = [row.evidence_group for row in rows]
    assert len(set(groups)) < len(groups)
    assert any(edge.lag for edge in study.theory.edges)
    assert any(edge.moderator for edge in study.theory.edges)
    assert study.cases.kinds == ("lake_period", "village", "survey")
    assert len(study.hypotheses) == 3
    assert len(study.sources) == 3


def test_the_same_seed_gives_the_same_study_and_another_seed_other_values(tmp_path: Path) -> None:
    one, same, other = (write_study(tmp_path / name, seed) for name, seed in [("a", 5), ("b", 5), ("c", 6)])
    assert load_study(one).hashes == load_study(same).hashes
    changed = {file for file, found in load_study(other).hashes.items() if found != load_study(one).hashes[file]}
    assert changed == {"observations.csv"}


def test_rows_are_counted_by_construct_leaving_out_silence_and_summaries(study: Study, tmp_path: Path) -> None:
    _, rows = read_table(write_study(tmp_path, cases=3, periods=2) / "observations.csv")
    measured = {name: indicator.measures for name, indicator in study.codebook.indicators.items()}
    speaking = [measured[row["indicator"]] for row in rows if row["value"] and row["role"] != "summary"]
    assert study.rows == {name: speaking.count(name) for name in study.theory.names}
    assert [row.name for row in study.silent] == [row["observation"] for row in rows if not row["value"]]
    assert study.unmeasured == ()


def test_a_construct_about_which_every_source_is_silent_is_unmeasured(lakes: Path) -> None:
    columns, rows = read_table(lakes / "observations.csv")
    for row in rows:
        if row["indicator"] in ("leaders_followed", "leaders_contested"):
            row["value"] = ""
    (lakes / "observations.csv").write_text(table_text(columns, rows), encoding="utf-8")
    loaded = load_study(lakes)
    assert loaded.unmeasured == ("leadership",)
    assert loaded.rows["leadership"] == 0


def test_all_theories_have_every_construct_with_rows_so_that_they_score_the_same_rows(study: Study) -> None:
    main, gear = study.theories.values()
    assert set(main.names) == set(gear.names) == {i.measures for i in study.codebook.indicators.values()}
    assert main.names[-1] == "gear"
    assert gear.names == ("gear", "market_access", "stock", "leadership", "monitoring", "compliance")
    assert {name for edge in main.edges for name in (edge.cause, edge.effect)} == set(main.names) - {"gear"}
    assert gear.construct("compliance") == main.construct("compliance")
    assert gear.graph.degree("compliance") == 0


def test_a_construct_of_a_rival_that_has_no_rows_stays_out_of_the_main_theory(lakes: Path) -> None:
    columns, rows = read_table(lakes / "observations.csv")
    rows = [row for row in rows if row["indicator"] != "mesh_width"]
    (lakes / "observations.csv").write_text(table_text(columns, rows), encoding="utf-8")
    loaded = load_study(lakes)
    assert "gear" not in loaded.theory.names
    assert "gear" in loaded.rivals["gear"].names


@pytest.mark.parametrize("name", ["gear", "Nets"])
def test_a_rival_can_be_the_main_theory_by_its_name_or_its_file(lakes: Path, name: str) -> None:
    (lakes / "rivals/gear.toml").rename(lakes / "rivals/Nets.toml")
    loaded = load_study(lakes, name)
    assert loaded.theory.name == "gear"
    assert list(loaded.rivals) == ["lake_fisheries"]
    assert {h.id for h in loaded.unaskable} == {"leaders", "rules", "roads"}


def test_the_theory_of_theory_toml_is_the_main_one_by_default_or_by_name(lakes: Path) -> None:
    for name in (None, "theory", "lake_fisheries"):
        assert load_study(lakes, name).theory.name == "lake_fisheries"


def test_a_theory_that_is_not_there_is_answered_with_those_that_are(lakes: Path) -> None:
    ((file, line, message),) = problems(lakes, "gaer")
    assert (file, line) == ("rivals", None)
    assert "Did you mean 'gear'?" in message


def test_every_input_file_is_hashed(study: Study) -> None:
    assert set(study.hashes) == {
        "theory.toml", "rivals/gear.toml", "codebook.toml", "units.csv", "observations.csv", "sources.bib",
        "hypotheses.toml", "CHANGES.md",
    }  # fmt: skip
    for file, found in study.hashes.items():
        assert found == hashlib.sha256((study.root / file).read_bytes()).hexdigest()


def test_hypotheses_rivals_and_changes_are_optional(lakes: Path) -> None:
    for file in ("hypotheses.toml", "CHANGES.md", "rivals/gear.toml"):
        (lakes / file).unlink()
    change(lakes, "codebook.toml", 'measures = "gear"', 'measures = "leadership"')
    loaded = load_study(lakes)
    assert (loaded.hypotheses, loaded.rivals) == ((), {})


def test_every_file_that_a_study_needs_is_missed_at_once(tmp_path: Path) -> None:
    assert [(file, message) for file, _, message in problems(tmp_path)] == [
        (file, "the file is missing. Create it.")
        for file in ("codebook.toml", "observations.csv", "sources.bib", "theory.toml", "units.csv")
    ]


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_what_is_no_folder_is_no_study(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    ((file, _, message),) = problems(tmp_path / name)
    assert file == (tmp_path / name).as_posix()
    assert "no such study folder" in message


def test_a_claim_that_only_a_rival_can_be_asked_is_kept_and_known_as_mute_in_the_main_theory(lakes: Path) -> None:
    change(lakes, "hypotheses.toml", "effect(leadership -> stock) > 0", "effect(gear -> stock) > 0")
    assert [h.id for h in load_study(lakes).unaskable] == ["leaders"]
    assert [h.id for h in load_study(lakes, "gear").unaskable] == ["rules", "roads"]


def test_a_claim_may_name_a_case_or_a_unit_of_the_study(lakes: Path) -> None:
    change(lakes, "hypotheses.toml", "stock) > 0", "stock | case = Chala) > 0")
    assert len(load_study(lakes).hypotheses) == 3
    line = change(lakes, "hypotheses.toml", "case = Chala", "case = Chalu")
    ((file, found, message),) = problems(lakes)
    assert (file, found) == ("hypotheses.toml", line)
    assert "Did you mean 'Chala'?" in message


def test_without_a_main_source_no_bare_section_can_be_cited(lakes: Path) -> None:
    change(lakes, "theory.toml", 'main_source = "okafor2012"\n', "\n")
    found = problems(lakes)
    text = (lakes / "theory.toml").read_text(encoding="utf-8").splitlines()
    bare = [number for number, line in enumerate(text, 1) if line.startswith('source = "s')]
    rival = (lakes / "rivals/gear.toml").read_text(encoding="utf-8").splitlines().index('source = "s2.2"') + 1
    assert [(file, line) for file, line, _ in found] == [
        ("rivals/gear.toml", rival),
        *(("theory.toml", line) for line in bare),
    ]
    assert all("no main_source" in message for _, _, message in found)


def test_a_row_must_be_about_a_unit_that_has_or_is_within_one_that_has_the_construct(lakes: Path) -> None:
    change(lakes, "theory.toml", 'units = ["lake_period", "village"]', 'units = ["village"]')
    _, rows = read_table(lakes / "observations.csv")
    kinds = {row["unit"]: row["kind"] for row in read_table(lakes / "units.csv")[1]}
    about = {"rules_kept", "households_complying"}
    lost = [i + 2 for i, row in enumerate(rows) if row["indicator"] in about and kinds[row["unit"]] != "village"]
    found = problems(lakes)
    assert [line for file, line, _ in found if file == "observations.csv"] == lost
    # nor can the stock of a lake be moved by what only its villages have
    assert [(file, "'compliance' varies on village" in message) for file, _, message in found[len(lost) :]] == [
        ("theory.toml", True)
    ]


def test_an_observed_construct_has_one_column_of_data(lakes: Path) -> None:
    line = change(lakes, "theory.toml", "[constructs.stock]\n", '[constructs.stock]\nkind = "observed"\n') + 1
    ((file, found, message),) = problems(lakes)
    assert (file, found) == ("theory.toml", line)
    assert "2 indicators (catch_per_effort, stock_rating)" in message
    change(lakes, "codebook.toml", 'measures = "stock"\nfamily = "ordinal"', 'measures = "gear"\nfamily = "ordinal"')
    assert load_study(lakes).theory.construct("stock").kind == "observed"


def test_slopes_are_declared_only_for_kinds_of_unit_on_which_the_effect_varies(lakes: Path) -> None:
    change(lakes, "theory.toml", 'effect = "monitoring"\n', 'effect = "monitoring"\nunits = ["village"]\n')
    ((file, _, message),) = problems(lakes)
    assert file == "theory.toml"
    assert "'monitoring' does not vary on the kind of unit 'village'. Kinds are lake_period." in message


def test_a_row_is_reported_once_however_many_theories_it_fails(lakes: Path) -> None:
    (lakes / "rivals/copy.toml").write_bytes((lakes / "rivals/gear.toml").read_bytes())
    change(lakes, "rivals/copy.toml", '"gear"', '"copy"')
    columns, rows = read_table(lakes / "observations.csv")
    rows.append({"observation": "odd", "unit": "Chala 1", "indicator": "mesh", "value": "Low"})
    (lakes / "observations.csv").write_text(table_text(columns, rows), encoding="utf-8")
    assert [(file, line) for file, line, _ in problems(lakes)] == [("observations.csv", len(rows) + 1)]
    assert tuple(columns) == OBSERVATION_COLUMNS


def test_joining_a_study_loads_no_sampler_and_no_data_frames() -> None:
    heavy = ["arviz", "bibtexparser", "dowhy", "matplotlib", "pandas", "pymc", "pytensor", "scipy"]
    program = f"import sys, models.study; print([name for name in {heavy} if name in sys.modules])"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_monotone_edge_has_a_cause_with_steps(lakes: Path) -> None:
    line = change(lakes, "theory.toml", 'because = "Closed seasons protect spawning."', "monotone = true")
    ((file, found, message),) = problems(lakes)
    assert (file, found) == ("theory.toml", line)
    assert (
        "compliance->stock is monotone, but 'compliance' is not an observed ordinal construct of three or more"
        in message
    )

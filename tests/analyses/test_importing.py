"""A wide table and a theory become a study that loads, checks and says what it took each column for."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from analyses.cli import app
from analyses.importing import import_table
from data.column_families import ColumnChoices, family_of
from data.problems import StudyError
from data.widetable import TableChoices
from models.blueprint import draw_blueprint
from models.study import load_study

THEORY = """\
name = "schools"
title = "Does a school meal help?"

[constructs.meal]

[constructs.attendance]
label = "Attendance"

[constructs.marks]
kind = "observed"

[constructs.books]

[[edges]]
cause = "meal"
effect = "attendance"
sign = "+"

[[edges]]
cause = "attendance"
effect = "marks"
sign = "+"
because = "Who is there learns."

[[edges]]
cause = "books"
effect = "marks"
sign = "?"
"""

TABLE = """\
school,meal,attendance,marks,books,teacher
Nord,1,Often,3.5,12,A
Süd,0,Rarely,2.25,7,B
"West, old",1,Sometimes,,9,C
Ost,0,Often,4.0,NA,D
"""

CHOICES = TableChoices(
    ColumnChoices({"books": "count"}, {"attendance": ("Rarely", "Sometimes", "Often")}), unit="school", missing=("NA",)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "theory.toml").write_text(THEORY, encoding="utf-8")
    (tmp_path / "schools.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


def made(folder: Path, choices: TableChoices = CHOICES) -> Path:
    import_table(folder / "schools.csv", folder / "theory.toml", folder / "study", choices)
    return folder / "study"


def refused(folder: Path, choices: TableChoices = CHOICES) -> str:
    with pytest.raises(StudyError) as error:
        made(folder, choices)
    assert not (folder / "study").exists()
    return str(error.value)


def test_every_cell_of_the_table_is_an_observation_at_its_line(folder: Path) -> None:
    study = load_study(made(folder))
    assert list(study.cases.units) == ["Nord", "Süd", "West, old", "Ost"]
    cells = {(r.unit, r.indicator): r for r in study.cases.observations}
    assert len(cells) == 16
    assert cells["Süd", "attendance"].levels == (0,)
    assert cells["Nord", "marks"].value == 3.5
    assert cells["West, old", "marks"].missing
    assert cells["Ost", "books"].missing
    assert (cells["Ost", "meal"].source, cells["Ost", "meal"].locator) == ("table", "line 5")
    assert all(r.confidence == 1.0 for r in cells.values())


def test_constructs_with_a_column_are_observed_and_families_stand_in_the_codebook(folder: Path) -> None:
    study = load_study(made(folder))
    assert {c.kind for c in study.theory.constructs} == {"observed"}
    families = {name: spec.family for name, spec in study.codebook.indicators.items()}
    assert families == {"meal": "binary", "attendance": "ordinal", "marks": "continuous", "books": "count"}
    assert study.codebook.levels("attendance") == ("Rarely", "Sometimes", "Often")


def test_signed_edges_become_hypotheses_and_rows_of_their_own_are_not_pooled(folder: Path) -> None:
    study = load_study(made(folder))
    assert [str(h.claim) for h in study.hypotheses] == [
        "direct(meal -> attendance) > 0",
        "direct(attendance -> marks) > 0",
    ]
    assert [h.statement for h in study.hypotheses] == [
        "More of “meal” brings more of “Attendance” directly, whatever lies between.",
        "More of “Attendance” brings more of “marks” directly, whatever lies between.",
    ]
    assert study.theory.model.pooling == "complete"


def test_what_was_imported_can_be_estimated_but_for_a_missing_cause_that_cannot_be_summed_over(folder: Path) -> None:
    from models.measurement.columns import CannotEstimateError

    study = load_study(made(folder))
    with pytest.raises(CannotEstimateError, match="books is missing at Ost"):
        draw_blueprint(study.theory, study.codebook, study.cases.units, study.cases.observations)
    (folder / "schools.csv").write_text(TABLE.replace("NA", "4"), encoding="utf-8")
    import_table(folder / "schools.csv", folder / "theory.toml", folder / "other", CHOICES)
    study = load_study(folder / "other")
    blue = draw_blueprint(study.theory, study.codebook, study.cases.units, study.cases.observations)
    assert set(blue.columns) == {"meal", "attendance", "marks", "books"}


def test_periods_of_a_case_follow_one_another_and_pool(folder: Path) -> None:
    table = "case,year,meal,marks\na,2001,1,2.5\na,1999,0,1.5\nb,1999,1,0.5\n"
    (folder / "schools.csv").write_text(table, encoding="utf-8")
    text = THEORY.split("[[edges]]")[0] + '[[edges]]\ncause = "meal"\neffect = "marks"\nlag = 1\nsign = "-"\n'
    (folder / "theory.toml").write_text(text, encoding="utf-8")
    study = load_study(made(folder, TableChoices(case="case", period="year")))
    assert study.cases.units["a 2001"].previous == "a 1999"
    assert study.theory.model.pooling == "partial"
    assert study.theory.construct("books").kind == "latent"
    assert len(study.hypotheses) == 1


CITING = THEORY.replace('because = "Who', 'source = "roe1998, p. 3"\nbecause = "Who')


def test_what_a_theory_cites_is_looked_for_beside_it(folder: Path) -> None:
    (folder / "theory.toml").write_text(CITING, encoding="utf-8")
    line = CITING.splitlines().index('source = "roe1998, p. 3"') + 1
    unknown = f"theory.toml line {line}: the source 'roe1998' is no key of sources.bib"
    place = f"sources.bib: is looked for beside the theory, as {folder / 'sources.bib'}"
    message = refused(folder)
    assert unknown in message
    assert f"{place}, where there is none. Have there what the theory cites." in message
    (folder / "sources.bib").write_text("@misc{doe1997,\n  title = {Meals},\n}\n", encoding="utf-8")
    message = refused(folder)
    assert unknown in message
    assert f"{place}. Have" in message
    (folder / "sources.bib").write_text("@misc{roe1998,\n  title = {Meals},\n}\n", encoding="utf-8")
    assert set(load_study(made(folder)).sources) == {"roe1998", "table"}


def test_a_table_is_imported_again_with_the_theory_that_an_import_wrote(folder: Path) -> None:
    again = import_table(folder / "schools.csv", made(folder) / "theory.toml", folder / "again", CHOICES)
    assert set(load_study(again.out).sources) == {"table"}


def test_bad_cells_are_reported_together_at_their_lines(folder: Path) -> None:
    (folder / "schools.csv").write_text(TABLE.replace("7", "-7").replace("Sometimes", "Mostly"), encoding="utf-8")
    message = refused(folder)
    assert "schools.csv line 3: books is '-7'; it is a count" in message
    assert "schools.csv line 4: attendance is 'Mostly'; its levels are Rarely, Sometimes, Often." in message


def test_a_column_in_doubt_is_an_error_that_says_which_option_to_give(folder: Path) -> None:
    message = refused(folder, TableChoices(unit="school", missing=("NA",)))
    assert "--levels attendance=..., with all of its words from least to most" in message
    assert "(Often, Rarely, Sometimes)" in message
    assert "--family books=count or --family books=ordinal or --family books=continuous" in message
    assert "or --trials books=COLUMN" in message


def test_rows_of_one_name_need_a_column_that_tells_them_apart(folder: Path) -> None:
    (folder / "schools.csv").write_text(TABLE.replace("Ost", "Nord"), encoding="utf-8")
    assert "line 5: the unit 'Nord' is already on line 2. Name a column that tells them apart" in refused(folder)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("school,meal,attendance,marks,books\n", "no rows"),
        (
            "school,attendance,books\nNord,Often,3\n",
            "no column is named 'marks' as the construct is; columns are school, attendance",
        ),
        ("school;meal;marks\nNord;1;2,5\nOst;0;3,5\n", "only commas are read"),
        ("school,meal,attendance,marks,books,meal\nNord,1,Often,2,3,1\n", "the column 'meal' occurs 2 times"),
    ],
)
def test_a_table_without_rows_or_columns_is_refused_with_one_message(folder: Path, table: str, said: str) -> None:
    (folder / "schools.csv").write_text(table, encoding="utf-8")
    message = refused(folder)
    assert said in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        (TableChoices(ColumnChoices(families={"bookz": "count"})), "--family bookz=count: no column is named 'bookz'"),
        (TableChoices(ColumnChoices(levels={"bookz": ("a", "b")})), "--levels bookz=a,b: no column is named 'bookz'"),
        (TableChoices(ColumnChoices(trials={"bookz": "marks"})), "--trials bookz=marks: no column is named 'bookz'"),
        (TableChoices(ColumnChoices(trials={"marks": "bookz"})), "--trials marks=bookz: no column is named 'bookz'"),
        (TableChoices(unit="bookz"), "--unit bookz: no column is named 'bookz'"),
        (TableChoices(case="bookz"), "--case bookz: no column is named 'bookz'"),
        (TableChoices(period="bookz"), "--period bookz: no column is named 'bookz'"),
    ],
)
def test_an_option_that_names_no_column_is_an_error(folder: Path, choices: TableChoices, said: str) -> None:
    columns = "columns are school, meal, attendance, marks, books, teacher"
    assert refused(folder, choices) == f"schools.csv line 1: {said}; {columns}. Did you mean 'books'?"


def test_an_option_for_a_column_that_is_left_aside_is_an_error(folder: Path) -> None:
    message = refused(folder, TableChoices(ColumnChoices({"teacher": "ordinal"})))
    assert "--family teacher=ordinal: the column 'teacher' is named as no construct of the theory" in message


@pytest.mark.parametrize("column", ["Books", "BOOKS", "boo ks", "bo_oks"])
def test_a_column_all_but_named_as_a_construct_is_not_left_aside(folder: Path, column: str) -> None:
    (folder / "schools.csv").write_text(TABLE.replace("books", column), encoding="utf-8")
    message = refused(folder)
    assert "no column is named 'books' as the construct is" in message
    assert f"Did you mean '{column}'? Rename one or the other." in message
    assert "\n" not in message


def test_a_column_that_names_the_units_may_be_called_all_but_as_a_construct(folder: Path) -> None:
    (folder / "schools.csv").write_text("Books,meal,marks\na,1,2.5\nb,0,1.5\n", encoding="utf-8")
    assert list(load_study(made(folder, TableChoices(unit="Books"))).cases.units) == ["a", "b"]


def test_a_table_with_no_construct_says_what_either_has(folder: Path) -> None:
    (folder / "theory.toml").write_text(THEORY.replace('kind = "observed"', ""), encoding="utf-8")
    (folder / "schools.csv").write_text("x,y\n1,2\n", encoding="utf-8")
    known = "no column is named as a construct of the theory (meal, attendance, marks, books); columns are x, y."
    assert known in refused(folder, TableChoices())


@pytest.mark.parametrize(
    ("values", "family"),
    [
        (["0", "1", "1"], "binary"),
        (["yes", "No", "no"], "binary"),
        (["1.5", "2"], "continuous"),
        (["-0.5", "1e3"], "continuous"),
    ],
)
def test_a_column_is_read_without_asking_only_where_its_values_leave_no_doubt(values: list[str], family: str) -> None:
    found = family_of("x", values, ColumnChoices())
    assert not isinstance(found, str)
    assert found.family == family


@pytest.mark.parametrize(
    ("values", "option"),
    [
        (["0", "1", "2"], "--family x=count or"),
        (["-1", "0", "1"], "--family x=ordinal or --family x=continuous"),
        (["1", "1"], "--family x=FAMILY"),
        (["0", "0"], "--family x=FAMILY"),
        (["low", "high"], "--levels x=..., with all of its words from least to most"),
        (["98,5", "97"], "'98,5'; a number has a decimal point and no comma"),
        (["98,5", "1,200"], "'98,5'; a number has a decimal point and no comma"),
        (["yes", "no", "NA"], "--missing NA"),
        (["low", "high", "."], "--missing ."),
        (["1", "2", "n/a"], "--missing n/a"),
        ([], "no values"),
    ],
)
def test_a_doubtful_column_names_the_option_that_settles_it(values: list[str], option: str) -> None:
    found = family_of("x", values, ColumnChoices())
    assert isinstance(found, str)
    assert option in found


def test_the_option_that_a_message_shows_is_no_scale_when_it_is_pasted(folder: Path) -> None:
    columns = ColumnChoices({"books": "count"}, {"attendance": ("...",)})
    assert "--levels attendance=..., with" in refused(folder, TableChoices(columns, unit="school", missing=("NA",)))


def test_a_share_needs_the_column_of_its_n(folder: Path) -> None:
    table = "meal,marks,of,attendance,books\n1,3,10,a,2.5\n0,7,8,b,1.5\n"
    (folder / "schools.csv").write_text(table, encoding="utf-8")
    choices = ColumnChoices({}, {"attendance": ("a", "b")}, {"marks": "of"})
    study = load_study(made(folder, TableChoices(choices)))
    assert [(r.value, r.n) for r in study.cases.observations if r.indicator == "marks"] == [(3.0, 10), (7.0, 8)]
    assert list(study.cases.units) == ["row 1", "row 2"]
    with_no_n = TableChoices(ColumnChoices({"marks": "binomial"}, {"attendance": ("a", "b")}))
    with pytest.raises(StudyError, match="--trials marks=COLUMN"):
        import_table(folder / "schools.csv", folder / "theory.toml", folder / "other", with_no_n)


def test_whole_numbers_as_levels_include_those_between_that_nobody_gave() -> None:
    found = family_of("x", ["1", "5", "2"], ColumnChoices({"x": "ordinal"}))
    assert not isinstance(found, str)
    assert found.levels == ("1", "2", "3", "4", "5")


def test_the_command_makes_a_study_that_casewise_check_reads(folder: Path) -> None:
    options = ["--family", "books=count", "--levels", "attendance=Rarely,Sometimes,Often", "--unit", "school"]
    args = [str(folder / "schools.csv"), "--theory", str(folder / "theory.toml"), "--out", str(folder / "study")]
    found = CliRunner().invoke(app, ["import", *args, *options, "--missing", "NA"])
    assert found.exit_code == 0, found.output
    assert "attendance: ordinal (Rarely, Sometimes, Often)" in found.output
    assert "columns left aside: teacher" in found.output
    checked = CliRunner().invoke(app, ["check", str(folder / "study")])
    assert checked.exit_code == 0, checked.output
    again = CliRunner().invoke(app, ["import", *args, *options, "--missing", "NA"])
    assert again.exit_code == 1
    assert "not an empty folder" in again.output
    wrong = CliRunner().invoke(app, ["import", *args, "--family", "books"])
    assert wrong.exit_code == 2


def test_the_numbers_of_a_table_come_through_unchanged(folder: Path) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=20)
    lines = "".join(f"{i % 2},{float(v)!r}\n" for i, v in enumerate(values))
    (folder / "schools.csv").write_text("meal,marks\n" + lines, encoding="utf-8")
    study = load_study(made(folder, TableChoices()))
    assert [r.value for r in study.cases.observations if r.indicator == "marks"] == values.tolist()

"""Reading files: every line number is true, and nothing that is wrong goes unsaid."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.files import Problem, Problems, Row, StudyError, read_csv, read_toml

BOM = "\ufeff"
NAMES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8).map(
    lambda text: unicodedata.normalize("NFC", text)
)
# what a spreadsheet may hold: quotes, commas, line breaks, any script; outer blanks are stripped, controls are not text
CELLS = st.text(st.characters(exclude_categories=("C",), include_characters="\n"), max_size=12).map(
    lambda text: unicodedata.normalize("NFC", text.strip())
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def found(problems: Problems) -> list[tuple[int | None, str]]:
    return [(problem.line, problem.message) for problem in problems.found]


def table(folder: Path, text: str | bytes, required: str = "a b", optional: str = "c") -> tuple[list[Row], Problems]:
    (folder / "t.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    problems = Problems()
    return read_csv(folder / "t.csv", folder, required.split(), optional.split(), problems), problems


# ---------------------------------------------------------------------------------------------------------- problems


def test_an_error_lists_every_problem_once_by_file_and_line() -> None:
    problems = Problems()
    problems.raise_if_any()
    for file, line in [("b.csv", 3), ("b.csv", None), ("a.csv", 10), ("a.csv", 9), ("a.csv", 10)]:
        problems.add(file, line, "wrong")
    with pytest.raises(StudyError) as raised:
        problems.raise_if_any()
    lines = ["a.csv line 9: wrong", "a.csv line 10: wrong", "b.csv: wrong", "b.csv line 3: wrong"]
    assert str(raised.value).splitlines() == lines
    assert raised.value.problems[0] == Problem("a.csv", 9, "wrong")


# -------------------------------------------------------------------------------------------------------------- TOML

VALUES: tuple[Callable[[str], str], ...] = (
    lambda text: json.dumps(text, ensure_ascii=False),
    lambda text: f"[\n  1, # {text}\n  2,\n]",
    lambda text: f'"""\n[{json.dumps(text, ensure_ascii=False)}]\nkey = 1\n"""',
    lambda text: "'''\n[[edges]]\n'''",
    lambda text: f"{{ inner = {json.dumps(text, ensure_ascii=False)} }}",
)


@st.composite
def toml_texts(draw: st.DrawFn) -> tuple[str, dict[tuple[str | int, ...], int]]:
    """A TOML text and the true line of each of its keys, counted while writing it."""
    lines: list[str] = []
    truth: dict[tuple[str | int, ...], int] = {}

    def write(text: str, *keys: str | int) -> None:
        lines.extend([""] * draw(st.integers(0, 2)) + ["# [edges]"] * draw(st.integers(0, 1)))
        for length in range(1, len(keys) + 1):
            truth.setdefault(keys[:length], len(lines) + 1)
        lines.extend(text.split("\n"))

    def write_keys(*table: str | int) -> None:
        for key in draw(st.lists(NAMES, unique=True, max_size=3)):
            value = draw(st.sampled_from(VALUES))(draw(NAMES))
            write(f"{json.dumps(key, ensure_ascii=False)} = {value}", *table, key)

    write("first = 1", "first")
    for name in draw(st.lists(NAMES, unique=True, max_size=3)):
        write(f"[constructs.{json.dumps(name, ensure_ascii=False)}]", "constructs", name)
        write_keys("constructs", name)
    for position in range(draw(st.integers(0, 3))):
        write("[[edges]]  # one more", "edges", position)
        write_keys("edges", position)
        for inner in range(draw(st.integers(0, 2))):
            write("[[edges.parts]]", "edges", position, "parts", inner)
            write_keys("edges", position, "parts", inner)
    return "\n".join(lines) + "\n", truth


@given(toml_texts(), st.booleans(), st.booleans())
def test_every_key_of_a_toml_file_is_found_on_the_line_it_stands_on(
    folder: Path, written: tuple[str, dict[tuple[str | int, ...], int]], bom: bool, crlf: bool
) -> None:
    text, truth = written
    (folder / "t.toml").write_bytes((BOM * bom + text.replace("\n", "\r\n" if crlf else "\n")).encode())
    problems = Problems()
    document = read_toml(folder / "t.toml", folder, problems)
    assert document is not None, found(problems)
    for keys, line in truth.items():
        assert document.line(*keys) == line
        assert document.line(*keys, "no such key") == line


def test_a_key_that_is_nowhere_has_no_line(folder: Path) -> None:
    (folder / "t.toml").write_text("a.b = 1\n")
    document = read_toml(folder / "t.toml", folder, Problems())
    assert document is not None
    assert (document.line("c"), document.line(), document.line("a", "b")) == (None, None, 1)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (b"a = 1\nb = \nc = 2\n", 2, "not valid TOML: Invalid value"),
        (b"\xef\xbb\xbfa = 1\r\na = 2\r\n", 2, "not valid TOML"),
        (b"[t]\nx = 1\n[t]\n", 3, "not valid TOML: Cannot declare"),
        (b'a = 1\nb = """never\nclosed\n\n', 3, "not valid TOML"),
        (b"a = 1\nb = 'caf\xe9'\n", 2, "not UTF-8 (byte 0xe9)"),
        ("a = 1\n".encode("utf-16"), 1, "UTF-16"),
        (b"", None, "the file is empty"),
        (b"\xef\xbb\xbf \r\n\r\n", None, "the file is empty"),
        (None, None, "the file is missing"),
    ],
)
def test_a_broken_toml_file_is_one_problem_at_its_line(
    tmp_path: Path, text: bytes | None, line: int | None, said: str
) -> None:
    (tmp_path / "rivals").mkdir()
    if text is not None:
        (tmp_path / "rivals/t.toml").write_bytes(text)
    problems = Problems()
    assert read_toml(tmp_path / "rivals/t.toml", tmp_path, problems) is None
    (problem,) = problems.found
    assert (problem.file, problem.line) == ("rivals/t.toml", line)
    assert said in problem.message


def test_a_folder_in_the_place_of_a_file_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "theory.toml").mkdir()
    problems = Problems()
    assert read_toml(tmp_path / "theory.toml", tmp_path, problems) is None
    assert "cannot be read" in problems.found[0].message


# --------------------------------------------------------------------------------------------------------------- CSV


@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS).filter(any), min_size=1, max_size=6),
    columns=st.permutations(["name", "größe", "c"]),
    bom=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
    blanks=st.integers(0, 2),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_a_table_reads_back_as_written_each_row_at_its_first_line(
    folder: Path,
    rows: list[tuple[str, str, str]],
    columns: list[str],
    bom: bool,
    end: str,
    blanks: int,
    quoting: int,
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(columns)
    starts = []
    for row in rows:
        text.write(end * blanks)
        starts.append(text.getvalue().count("\n") + 1)
        writer.writerow(row)
    got, problems = table(folder, BOM * bom + text.getvalue(), "name größe", "c")
    assert found(problems) == []
    assert got == [
        Row(line, {"name": "", "größe": "", "c": ""} | dict(zip(columns, row, strict=True)))
        for line, row in zip(starts, rows, strict=True)
    ]


def test_an_optional_column_may_be_absent_and_reads_as_blank(folder: Path) -> None:
    rows, problems = table(folder, "b,a\n2,1\n")
    assert (rows, problems.found) == ([Row(2, {"a": "1", "b": "2", "c": ""})], ())


def test_a_name_is_the_same_however_its_accents_were_typed(folder: Path) -> None:
    composed, _ = table(folder, "a,b\ncafé,1\n")
    decomposed, _ = table(folder, "a,b\ncafe\u0301,1\n")
    assert composed == decomposed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,c\n1,2\n", [(1, "the column 'b' is missing")]),
        ("a,b,b\n1,2,3\n", [(1, "the column 'b' occurs 2 times")]),
        ("a,b,\n1,2,3\n", [(1, "a column has no name")]),
        ("A,B\n1,2\n", [(1, "'a' is missing"), (1, "'b' is missing"), (1, "'A' is unknown"), (1, "'B' is unknown")]),
        ("a;b;c\n1;2;3\n", [(1, "semicolons or tabs")]),
        ("a\tb\n1\t2\n", [(1, "semicolons or tabs")]),
        ("a,b\n1,2,3\n4,5\n6\n", [(2, "3 cells; the header has 2"), (4, "1 cells; the header has 2")]),
        ('a,b\n"x\ny",1\n1\n', [(4, "1 cells")]),
        ("a,b\n1,2\n,\n", [(3, "every cell of this row is blank")]),
        ('a,b\n1,2\n3,"open\n5,6\n', [(3, "not valid CSV")]),
        ('a,b\n1,2\n"x"y,2\n', [(3, "not valid CSV")]),
        (b"a,b\n1,\xff\n", [(2, "not UTF-8")]),
        ("", [(None, "the file is empty")]),
    ],
)
def test_what_is_wrong_with_a_table_is_said_at_its_line(
    folder: Path, text: str | bytes, expected: list[tuple[int | None, str]]
) -> None:
    _, problems = table(folder, text)
    said = found(problems)
    assert [line for line, _ in said] == [line for line, _ in expected]
    for (_, message), (_, part) in zip(said, expected, strict=True):
        assert part in message


def test_a_misspelt_column_is_one_problem_that_names_the_right_one(folder: Path) -> None:
    _, problems = table(folder, "observaton,b\n1,2\n", "observation b")
    ((_, message),) = found(problems)
    assert "the column 'observation' is missing" in message
    assert "Rename the column 'observaton'." in message
    _, problems = table(folder, "a,b,confidnce\n1,2,3\n", "a b", "confidence")
    ((_, message),) = found(problems)
    assert "the column 'confidnce' is unknown" in message
    assert "Did you mean 'confidence'?" in message


def test_rows_beside_a_ragged_one_are_still_read_so_that_their_problems_are_found_too(folder: Path) -> None:
    rows, _ = table(folder, "a,b\n1\n3,4\n")
    assert [row.line for row in rows] == [3]

"""A codebook says how each construct is read off the world, and is refused where it does not."""

from pathlib import Path

import pytest

from data.codebook import Codebook, Indicator, Scale, load_codebook
from data.files import Problems

GOOD = """\
default_confidence = 0.8

[scales.rating]
levels = ["Low", "Medium", "High"]

[indicators."Übernutzung"]
measures = "use"
family = "ordinal"
scale = "rating"
reversed = true
question = " How much? "
rule = "High if much."

[indicators.boats]
measures = "use"
family = "count"
"""


def load(folder: Path, text: str) -> tuple[Codebook | None, list[tuple[int | None, str]]]:
    (folder / "codebook.toml").write_text(text, encoding="utf-8")
    problems = Problems()
    codebook = load_codebook(folder / "codebook.toml", folder, problems)
    return codebook, [(problem.line, problem.message) for problem in problems.found]


def test_a_codebook_keeps_its_indicators_in_file_order_with_their_lines(tmp_path: Path) -> None:
    codebook, problems = load(tmp_path, GOOD)
    assert problems == []
    assert codebook is not None
    assert codebook.default_confidence == 0.8
    assert codebook.scales == {"rating": Scale("rating", ("Low", "Medium", "High"))}
    assert list(codebook.indicators.values()) == [
        Indicator("Übernutzung", "use", "ordinal", "rating", True, "How much?", "High if much.", 6),
        Indicator("boats", "use", "count", line=14),
    ]
    assert codebook.levels("Übernutzung") == ("Low", "Medium", "High")
    assert codebook.levels("boats") == ()


def test_confidence_is_nine_tenths_where_a_codebook_does_not_say(tmp_path: Path) -> None:
    codebook, _ = load(tmp_path, GOOD.removeprefix("default_confidence = 0.8\n"))
    assert codebook is not None
    assert codebook.default_confidence == 0.9


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("= 0.8", "= 0", 1, "must be a number above 0"),
        ("= 0.8", "= 1.2", 1, "at most 1"),
        ("= 0.8", '= "high"', 1, "must be a number"),
        ('["Low", "Medium", "High"]', '["Low"]', 4, "needs two or more"),
        ('["Low", "Medium", "High"]', '["Low", "Low", "High"]', 4, "twice"),
        ('["Low", "Medium", "High"]', '["Low..", "High"]', 4, "marks a range"),
        ('["Low", "Medium", "High"]', "[1, 2]", 4, "must be a list of texts"),
        ('["Low", "Medium", "High"]', "[]", 4, "needs two or more"),
        ('measures = "use"\nfamily = "ordinal"', 'family = "ordinal"', 6, "has no 'measures'"),
        ('"ordinal"', '"ordnal"', 8, "Did you mean 'ordinal'?"),
        ('"rating"\nrev', '"ratings"\nrev', 9, "Did you mean 'rating'?"),
        ('scale = "rating"\n', "", 6, "an ordinal indicator needs a scale"),
        ("reversed = true", 'reversed = "yes"', 10, "must be true or false"),
        ("reversed = true", "reverse = true", 10, "Did you mean 'reversed'?"),
        ('family = "count"', 'family = "count"\nscale = "rating"', 17, "only ordinal indicators have one"),
        ('"Übernutzung"]', '" Übernutzung"]', 6, "outer blanks"),
        ("[indicators.boats]", '[indicators."Übernutzung"]', 14, "not valid TOML"),
    ],
)
def test_one_mistake_in_a_codebook_is_one_problem_at_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, said: str
) -> None:
    assert GOOD.count(right) >= 1
    _, problems = load(tmp_path, GOOD.replace(right, wrong, 1))
    ((at, message),) = problems
    assert at == line
    assert said in message


def test_a_table_of_scales_under_another_name_leaves_their_indicators_without(tmp_path: Path) -> None:
    _, problems = load(tmp_path, GOOD.replace("[scales.rating]", "[scale.rating]"))
    assert [line for line, _ in problems] == [3, 9]
    assert "Did you mean 'scales'?" in problems[0][1]
    assert "scale 'rating' is unknown; there are none" in problems[1][1]


def test_a_broken_indicator_counts_as_declared_and_leaves_the_others_usable(tmp_path: Path) -> None:
    codebook, _ = load(tmp_path, GOOD.replace('"ordinal"', '"nominal"'))
    assert codebook is not None
    assert list(codebook.indicators) == ["boats"]
    assert "Übernutzung" in codebook.names
    assert "nets" not in codebook.names


def test_a_codebook_without_indicators_measures_nothing(tmp_path: Path) -> None:
    _, problems = load(tmp_path, '[scales.s]\nlevels = ["a", "b"]\n')
    assert [message for _, message in problems] == [
        "there are no indicators. Add a table [indicators.<name>] for each."
    ]

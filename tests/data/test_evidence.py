"""Qualitative evidence is read as written, and everything wrong with it is said with its line."""

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.evidence import Item, check_evidence, load_evidence
from data.files import Problems
from data.sources import Source

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
RATIOS = st.tuples(st.floats(1e-6, 1e6), st.floats(1.0, 100.0)).map(lambda x: (x[0], x[0] * x[1]))
ITEMS = st.builds(
    Item,
    id=NAMES,
    statement=TEXTS,
    source=TEXTS,
    group=NAMES,
    ratios=st.dictionaries(NAMES, RATIOS, min_size=1, max_size=3),
    reliability=st.floats(0.01, 1.0),
    role=st.sampled_from(["test", "build"]),
)
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)

GOOD = """\
[[evidence]]
id = "minutes"
statement = "The minutes mention the association before the ban."
source = "roe1998, p. 4"
reliability = 0.9
ratios = { state = [2, 5] }
"""


def text(value: str) -> str:
    """A TOML basic string."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def written(item: Item) -> str:
    ratios = "".join(f"{name} = [{low!r}, {high!r}]\n" for name, (low, high) in item.ratios.items())
    return (
        f"[[evidence]]\nid = {text(item.id)}\nstatement = {text(item.statement)}\nsource = {text(item.source)}\n"
        f"group = {text(item.group)}\nreliability = {item.reliability!r}\nrole = {text(item.role)}\n"
        f"[evidence.ratios]\n{ratios}"
    )


def load(folder: Path, content: str) -> tuple[tuple[Item, ...] | None, Problems]:
    (folder / "evidence.toml").write_text(content, encoding="utf-8")
    problems = Problems()
    return load_evidence(folder / "evidence.toml", folder, problems), problems


@QUIET
@given(st.lists(ITEMS, min_size=1, max_size=4, unique_by=lambda item: item.id))
def test_what_is_written_is_what_is_read(tmp_path: Path, items: list[Item]) -> None:
    found, problems = load(tmp_path, "\n".join(map(written, items)))
    assert problems.found == ()
    assert found is not None
    for item, wanted in zip(found, items, strict=True):
        assert (item.id, item.group, item.ratios, item.role) == (wanted.id, wanted.group, wanted.ratios, wanted.role)
        assert item.reliability == wanted.reliability


@QUIET
@given(
    st.one_of(st.text(max_size=80), ITEMS.map(written).flatmap(lambda s: st.integers(0, len(s)).map(lambda n: s[:n])))
)
def test_no_text_breaks_the_reader_and_none_is_read_in_silence(tmp_path: Path, content: str) -> None:
    found, problems = load(tmp_path, content)
    assert (found is None) == bool(problems.found)
    assert found is None or found


@QUIET
@given(st.one_of(st.floats(max_value=0.0), st.just(math.inf), st.just(math.nan)), st.booleans())
def test_a_ratio_is_a_range_of_numbers_above_zero(tmp_path: Path, wrong: float, first: bool) -> None:
    pair = [repr(wrong), "2.0"] if first else ["1.0", repr(wrong)]
    found, problems = load(tmp_path, GOOD.replace("[2, 5]", f"[{', '.join(pair)}]"))
    assert found is None
    (problem,) = problems.found
    assert problem.line == 6
    assert "lowest and the highest" in problem.message


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('id = "minutes"\n', "", 1, "no 'id'"),
        ("reliability = 0.9", "reliability = 1.5", 5, "at most 1"),
        ("reliability = 0.9", "reliability = 0", 5, "above 0"),
        ("[2, 5]", "[5, 2]", 6, "lowest and the highest"),
        ("[2, 5]", "3", 6, "such as [2, 5]"),
        ("{ state = [2, 5] }", "{}", 6, "one line for each rival"),
        ("reliability", "reliabilty", 5, "Did you mean 'reliability'?"),
        ('source = "roe1998, p. 4"', 'source = ""', 4, "not blank"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    found, problems = load(tmp_path, GOOD.replace(old, new))
    assert found is None
    assert [(p.line, said in p.message) for p in problems.found] == [(line, True)]


def test_two_items_of_one_name_are_refused(tmp_path: Path) -> None:
    found, problems = load(tmp_path, GOOD + GOOD)
    assert found is None
    assert [p.line for p in problems.found] == [8]


def test_an_item_without_a_group_is_a_group_of_its_own(tmp_path: Path) -> None:
    found, _ = load(tmp_path, GOOD)
    assert found is not None
    assert found[0].group == "minutes"
    assert found[0].ratios == {"state": (2.0, 5.0)}


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Item("i", "s", "roe1998", "i", {"stat": (1, 2)}), "Did you mean 'state'?"),
        (Item("i", "s", "roe1998", "i", {"main": (1, 2)}), "Give ratios for rivals only"),
        (Item("i", "s", "roe1999", "i", {"state": (1, 2)}), "Did you mean 'roe1998'?"),
        (Item("i", "s", "s3.2", "i", {"state": (1, 2)}), "a place in no source"),
    ],
)
def test_items_speak_of_theories_and_sources_of_the_study(item: Item, said: str) -> None:
    problems = Problems()
    check_evidence([item], "main", ["state", "macro"], {"roe1998": Source("roe1998")}, "", problems)
    (problem,) = problems.found
    assert said in problem.message
    assert problem.file == "evidence.toml"

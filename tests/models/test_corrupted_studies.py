"""A study spoilt in one place has one problem, there; a study spoilt in many places has all of them at once."""

import random
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.files import Problem, StudyError
from models.study import load_study
from tests.models.corruptions import CORRUPTIONS, Choose, Corruption
from tests.studies import write_study


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("sound"), cases=3, periods=2)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spoilt")


def fresh(sound: Path, spoilt: Path) -> Path:
    return Path(shutil.copytree(sound, spoilt, dirs_exist_ok=True))


def problems(root: Path) -> tuple[Problem, ...]:
    with pytest.raises(StudyError) as raised:
        load_study(root)
    return raised.value.problems


def chooser(seed: int) -> Choose:
    return random.Random(seed).choice


def test_the_study_that_is_to_be_spoilt_is_sound(sound: Path) -> None:
    assert len(load_study(sound).cases.observations) > 80


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=[corruption.name for corruption in CORRUPTIONS])
@given(seed=st.integers(0, 10**9))
@settings(max_examples=4)
def test_one_corruption_is_one_problem_that_names_its_file_and_line(
    sound: Path, spoilt: Path, corruption: Corruption, seed: int
) -> None:
    root = fresh(sound, spoilt)
    line = corruption.spoil(root, chooser(seed))
    found = problems(root)
    assert [(problem.file, problem.line) for problem in found] == [(corruption.file, line)], "\n".join(map(str, found))
    assert corruption.said in found[0].message


TOGETHER = [corruption for corruption in CORRUPTIONS if not corruption.alone]


@given(
    corruptions=st.lists(st.sampled_from(TOGETHER), unique_by=lambda c: c.name, min_size=2, max_size=6),
    seed=st.integers(0, 10**9),
)
@settings(max_examples=100)
def test_corruptions_of_several_files_are_all_reported_at_once(
    sound: Path, spoilt: Path, corruptions: list[Corruption], seed: int
) -> None:
    root, choose = fresh(sound, spoilt), chooser(seed)
    files = {corruption.file: corruption for corruption in corruptions}  # one a file, so that none undoes another
    expected = {(file, corruption.spoil(root, choose)) for file, corruption in files.items()}
    assert expected <= {(problem.file, problem.line) for problem in problems(root)}


def test_a_study_with_a_mistake_in_every_file_lists_them_all_in_order(sound: Path, spoilt: Path) -> None:
    root = fresh(sound, spoilt)
    by_name = {corruption.name: corruption for corruption in CORRUPTIONS}
    chosen = [
        "an unknown family",
        "a claim without end",
        "a range upside down",
        "an unknown key in a rival",
        "a source twice",
        "a cycle",
        "a period in words",
    ]
    expected = [(by_name[name].file, by_name[name].spoil(root, chooser(1))) for name in chosen]
    assert [(problem.file, problem.line) for problem in problems(root)] == expected

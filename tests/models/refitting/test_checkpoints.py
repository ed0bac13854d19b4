"""Kept results come back exactly, and half-written ones are no results."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.refitting.checkpoints import Checkpoints
from models.refitting.digests import digest


@dataclass(frozen=True)
class Inner:
    value: float


@dataclass(frozen=True)
class Result:
    name: str
    inner: dict[str, Inner]


@given(value=st.floats(allow_nan=False, allow_infinity=False), name=st.text())
def test_every_number_comes_back_exactly(value: float, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    result = Result(name, {"a": Inner(value)})
    folder = tmp_path_factory.mktemp("kept")
    Checkpoints(folder).save("key", result)
    assert Checkpoints(folder, resume=True).load("key", Result) == result


def test_without_resume_nothing_is_taken_up(tmp_path: Path) -> None:
    Checkpoints(tmp_path).save("key", Result("r", {}))
    assert Checkpoints(tmp_path).load("key", Result) is None
    assert Checkpoints(tmp_path, resume=True).load("other", Result) is None


def test_a_half_written_file_is_no_result(tmp_path: Path) -> None:
    Checkpoints(tmp_path).save("key", Result("r", {}))
    path = tmp_path / "key.json"
    path.write_text(path.read_text()[:-5])
    assert Checkpoints(tmp_path, resume=True).load("key", Result) is None


def test_a_digest_sees_every_value_its_type_and_its_shape() -> None:
    values = (
        np.zeros(4), np.zeros((2, 2)), np.zeros(4, dtype=int), {"a": np.zeros(4)}, {"b": np.zeros(4)}, (0, 0), "(0, 0)",
    )  # fmt: skip
    assert len({digest(value) for value in values}) == len(values)


def test_a_digest_does_not_depend_on_the_order_of_a_mapping_or_on_memory_layout() -> None:
    square = np.arange(6.0).reshape(2, 3)
    assert digest({"a": 1, "b": square}) == digest({"b": square.copy(order="F"), "a": 1})


def test_what_prints_its_address_has_no_digest() -> None:
    with pytest.raises(ValueError, match="no lasting text"):
        digest(object())

"""A C callback as object code, and the process it is linked into."""

import ctypes
from dataclasses import replace

import numba
import numpy as np
import pytest
from numba import types

from models.density.native import link, native_code, pack, unpack

CALLBACK = types.double(types.double)


@numba.njit
def waves(x, height):  # type: ignore[no-untyped-def]
    """Long enough that LLVM calls it instead of inlining it."""
    total = 0.0
    for i in range(9):
        total += np.sin(x + i) * np.exp(-np.cos(x * i)) + np.log1p(np.exp(x - i)) * np.tanh(x) + np.arctan(i * x)
        total += np.sinh(x / (i + 1)) * np.cos(x - i) + np.sqrt(1.0 + i * x * x) - np.expm1(-i * x * x)
        total += (
            np.sin(2 * x + i) * np.exp(-np.cos(x - i)) + np.log1p(np.exp(x + i)) * np.tanh(x * i) + np.arctan(i + x)
        )
        total += np.sinh(x / (i + 2)) * np.cos(x + i) + np.sqrt(2.0 + i * x * x) - np.expm1(-i - x * x)
    return height * total


def twice(x):  # type: ignore[no-untyped-def]
    return waves(x, 2.0) + waves(x + 1.0, 2.0)


def test_code_that_is_linked_leaves_what_numba_compiles_later_alone() -> None:
    """Within the callback the height is always 2, so that its own copy of the helper need not read it."""
    assert link(native_code(twice, CALLBACK)).address

    @numba.njit
    def later(x):  # type: ignore[no-untyped-def]
        return waves(x, 3.0) - waves(x + 1.0, 5.0)

    expected = waves.py_func(0.3, 3.0) - waves.py_func(1.3, 5.0)
    assert later(0.3) == pytest.approx(expected, rel=1e-9)


def test_linked_code_computes_what_its_source_says_also_after_it_was_packed() -> None:
    code = native_code(twice, CALLBACK)
    again = unpack(pack([code]))[0]
    assert again == code
    call = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)(link(again).address)
    assert call(0.3) == pytest.approx(2.0 * (waves.py_func(0.3, 1.0) + waves.py_func(1.3, 1.0)), rel=1e-9)


def test_linking_twice_links_once() -> None:
    code = native_code(twice, CALLBACK)
    assert link(code) is link(unpack(pack([code]))[0])


def test_code_that_needs_what_the_process_lacks_is_refused() -> None:
    code = native_code(twice, CALLBACK)
    with pytest.raises(ValueError, match="nobody_has_this"):
        link(replace(code, needs=("nobody_has_this",)))

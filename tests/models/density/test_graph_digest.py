"""A digest of a graph differs whenever what the graph computes could."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op

from models.density.graph_digest import CannotDigestError, graph_digest

type Graph = Callable[[Any, Any], Any]

GRAPHS: dict[str, Graph] = {
    "sum": lambda x, y: x + y,
    "difference": lambda x, y: x - y,
    "difference the other way": lambda x, y: y - x,
    "with a constant": lambda x, y: x + 1.0,
    "with another constant": lambda x, y: x + 2.0,
    "with an array": lambda x, y: x[:2] + np.array([1.0, 2.0]),
    "with another array": lambda x, y: x[:2] + np.array([1.0, 3.0]),
    "a slice": lambda x, y: x[1:],
    "another slice": lambda x, y: x[2:],
    "a total": lambda x, y: pt.sum(x),
    "a maximum": lambda x, y: pt.max(x),
    "a cast": lambda x, y: x.astype("float32"),
    "another cast": lambda x, y: x.astype("int32"),
}


def _digest(graph: Graph, names: str = "xy") -> str:
    x, y = (pt.vector(name) for name in names)
    return graph_digest([x, y], [graph(x, y)])


def test_no_two_different_graphs_share_a_digest() -> None:
    found = {name: _digest(graph) for name, graph in GRAPHS.items()}
    assert len(set(found.values())) == len(GRAPHS)


@pytest.mark.parametrize("name", GRAPHS)
def test_the_same_graph_built_again_under_other_names_has_the_same_digest(name: str) -> None:
    assert _digest(GRAPHS[name]) == _digest(GRAPHS[name], "ab")


def test_the_type_of_an_input_counts() -> None:
    x, y = pt.vector("x"), pt.vector("x", dtype="float32")
    assert graph_digest([x], [x.sum()]) != graph_digest([y], [y.sum()])


def test_another_process_finds_the_same_digest() -> None:
    script = "from tests.models.density.test_graph_digest import GRAPHS, _digest; print(*map(_digest, GRAPHS.values()))"
    root = Path(__file__).resolve().parents[3]
    found = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.split() == [_digest(graph) for graph in GRAPHS.values()]


def test_a_graph_that_reads_something_undeclared_is_refused() -> None:
    x, y = pt.vector("x"), pt.vector("y")
    with pytest.raises(CannotDigestError, match="neither an input"):
        graph_digest([x], [x + y])


def test_an_operation_that_does_not_declare_its_properties_is_refused() -> None:
    x = pt.vector("x")
    total = pytensor.scan(lambda a, s: s + a, sequences=x, outputs_info=pt.zeros(()), return_updates=False)
    with pytest.raises(CannotDigestError, match="does not declare its properties"):
        graph_digest([x], [total])


def test_an_operation_of_unknown_origin_is_refused() -> None:
    class Home(Op):
        __props__ = ()

        def make_node(self, x: Any) -> Apply[Any]:
            return Apply(self, [x], [x.type()])

        def perform(self, *args: Any) -> None:
            raise NotImplementedError

    x = pt.vector("x")
    with pytest.raises(CannotDigestError, match="Home"):
        graph_digest([x], [Home()(x)])

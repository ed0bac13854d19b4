"""The structural equations as one PyTensor operation: from disturbances and coefficients to scores.

A study unrolls into nodes (unit, construct) in causal order and arcs between them. One operation walks the nodes once, so the
graph that is compiled has the same size for five constructs and nine units as for fifty and ten thousand, and another theory or
another number of periods is other data for the same machine code. Its derivative is the same walk backwards.

    eta[k, n] = base[n] + sum over arcs a into n of  weight[a] * slope[slope[a]] * z[k, source[a]] * (z[k, moderator[a]] or 1)
    z[k, n]   = given[k, n] if is_given[n] else eta[k, n]

The worlds k differ in the values of observed constructs that are missing (``gaps``); without such there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
import pytensor.tensor as pt
from pytensor.gradient import DisconnectedType
from pytensor.graph.basic import Apply, Variable
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_default_op_cache_key

from models.density.sources import MARK

ARC_INPUTS = ("arc_first", "arc_source", "arc_moderator", "arc_slope", "arc_weight")

type Tensor = Variable[Any, Any]
type Node = Apply[Any]
type Values = Sequence[np.ndarray[Any, Any]]
type Cells = list[list[np.ndarray[Any, Any] | None]]


def _walk(base, slopes, given, is_given, first, source, moderator, slope, weight):  # type: ignore[no-untyped-def]
    eta, z = np.empty_like(given), np.empty_like(given)
    for k in range(given.shape[0]):
        for n in range(base.shape[0]):
            eta[k, n] = base[n]
            for a in range(first[n], first[n + 1]):
                term = weight[a] * slopes[slope[a]] * z[k, source[a]]
                if moderator[a] >= 0:
                    term *= z[k, moderator[a]]
                eta[k, n] += term
            z[k, n] = given[k, n] if is_given[n] else eta[k, n]
    return z, eta


def _walk_back(z, d_z, d_eta, slopes, is_given, first, source, moderator, slope, weight):  # type: ignore[no-untyped-def]
    d_score, d_linear = d_z.copy(), d_eta.copy()
    d_given = np.zeros_like(d_z)
    d_slopes = np.zeros_like(slopes)
    d_base = np.zeros(z.shape[1])
    for k in range(z.shape[0]):
        for n in range(z.shape[1] - 1, -1, -1):
            if is_given[n]:
                d_given[k, n] = d_score[k, n]
            else:
                d_linear[k, n] += d_score[k, n]
            d_base[n] += d_linear[k, n]
            for a in range(first[n], first[n + 1]):
                flow = weight[a] * d_linear[k, n]
                s, p, m = slope[a], source[a], moderator[a]
                if m < 0:
                    d_slopes[s] += flow * z[k, p]
                    d_score[k, p] += flow * slopes[s]
                else:
                    d_slopes[s] += flow * z[k, p] * z[k, m]
                    d_score[k, p] += flow * slopes[s] * z[k, m]
                    d_score[k, m] += flow * slopes[s] * z[k, p]
    return d_base, d_slopes, d_given


walk = numba.njit(_walk)
walk_back = numba.njit(_walk_back)


class _WalkBack(Op):
    """Vector-Jacobian product of :class:`Walk`; not itself differentiable."""

    __props__ = ()

    def make_node(self, *inputs: Tensor) -> Node:
        z, _, _, slopes, *_ = inputs
        base = pt.TensorType("float64", shape=(z.type.shape[1],))()
        return Apply(self, list(inputs), [base, slopes.type(), z.type()])

    def perform(self, node: Node, inputs: Values, outputs: Cells) -> None:
        for cell, value in zip(outputs, walk_back(*inputs), strict=True):
            cell[0] = value


class Walk(Op):
    """Scores and linear predictors of every node; see the module docstring for the recursion."""

    __props__ = ()

    def make_node(self, *inputs: Tensor) -> Node:
        base, slopes, given, is_given, *arcs = map(pt.as_tensor_variable, inputs)
        outputs = [pt.TensorType("float64", shape=(given.type.shape[0], *base.type.shape))() for _ in range(2)]
        return Apply(self, [base, slopes, given, is_given, *arcs], outputs)

    def perform(self, node: Node, inputs: Values, outputs: Cells) -> None:
        for cell, value in zip(outputs, walk(*inputs), strict=True):
            cell[0] = value

    def connection_pattern(self, node: Node) -> list[list[bool]]:
        return [[i < 3, i < 3] for i in range(len(node.inputs))]

    def pullback(
        self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], cotangents: Sequence[Tensor]
    ) -> list[Tensor]:
        _, slopes, _, is_given, *arcs = inputs
        d_z, d_eta = (
            pt.zeros_like(outputs[0]) if isinstance(c.type, DisconnectedType) else pt.as_tensor_variable(c)
            for c in cotangents
        )
        derivatives = _WalkBack().make_node(outputs[0], d_z, d_eta, slopes, is_given, *arcs).outputs
        return [*derivatives, *(DisconnectedType()() for _ in (is_given, *arcs))]


def scores(base: Tensor, slopes: Tensor, given: Tensor, is_given: Tensor, arcs: Sequence[Tensor]) -> list[Any]:
    """Scores and linear predictors of every node, a row per world of ``given``; ``arcs`` in the order of ARC_INPUTS."""
    return list(Walk().make_node(base, slopes, given, is_given, *arcs).outputs)


@register_funcify_default_op_cache_key(Walk)
def _numba_walk(op: Walk, **kwargs: object):  # type: ignore[no-untyped-def]
    return walk, MARK


@register_funcify_default_op_cache_key(_WalkBack)
def _numba_walk_back(op: _WalkBack, **kwargs: object):  # type: ignore[no-untyped-def]
    return walk_back, MARK

"""The log likelihood of cells whose candidates are the values read, as one PyTensor operation.

It is ``families.reading_log_likelihood`` in one pass: the share of each candidate in the sum is its slope, and a cell with one
candidate and no doubt, as every cell of an observed column is, needs neither exponential nor logarithm.

    log likelihood = log [ sum over candidates t of exp(log p[t] + log reading[t])  +  exp(log null) ]
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

type Tensor = Variable[Any, Any]
type Node = Apply[Any]
type Values = Sequence[np.ndarray[Any, Any]]
type Cells = list[list[np.ndarray[Any, Any] | None]]

NEGLIGIBLE = -50.0
"""A term this far below another, in natural logarithms, is lost to the rounding of their sum."""


def _sums(log_probability, log_reading, log_null):  # type: ignore[no-untyped-def]
    found, share = np.empty(log_probability.shape[:2]), np.empty_like(log_probability)
    for k in range(found.shape[0]):
        for c in range(found.shape[1]):
            top, best = log_null[c], -1
            for t in range(share.shape[2]):
                share[k, c, t] = log_probability[k, c, t] + log_reading[c, t]
                if share[k, c, t] > top:
                    top, best = share[k, c, t], t
            total = 1.0 if best < 0 else (0.0 if log_null[c] - top <= NEGLIGIBLE else np.exp(log_null[c] - top))
            for t in range(share.shape[2]):
                below = share[k, c, t] - top
                share[k, c, t] = (
                    1.0 if t == best else (0.0 if below <= NEGLIGIBLE else np.exp(below))
                )  # not a number stays one
                total += share[k, c, t]
            found[k, c] = top
            if total != 1.0:
                found[k, c] += np.log(total)
                for t in range(share.shape[2]):
                    share[k, c, t] /= total
    return found, share


sums = numba.njit(_sums, error_model="numpy")


class Sums(Op):
    """Log likelihoods (worlds, cells), and their derivatives by the log probability of every candidate."""

    __props__ = ()

    def make_node(self, *inputs: Tensor) -> Node:
        log_probability, log_reading, log_null = map(pt.as_tensor_variable, inputs)
        found = pt.TensorType("float64", shape=log_probability.type.shape[:2])()
        return Apply(self, [log_probability, log_reading, log_null], [found, log_probability.type()])

    def perform(self, node: Node, inputs: Values, outputs: Cells) -> None:
        for cell, value in zip(outputs, sums(*inputs), strict=True):
            cell[0] = value

    def connection_pattern(self, node: Node) -> list[list[bool]]:
        return [[True, False], [False, False], [False, False]]

    def pullback(
        self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], cotangents: Sequence[Tensor]
    ) -> list[Tensor]:
        flow = pt.as_tensor_variable(cotangents[0])
        return [flow[..., None] * outputs[1], DisconnectedType()(), DisconnectedType()()]


def reading_log_likelihood(log_probability: Any, log_reading: Any, log_null: Any) -> Any:
    """Log likelihood of cells: ``log_probability`` without its last axis, (cells, candidates) or with worlds before."""
    if log_probability.ndim == 3:
        return Sums().make_node(log_probability, log_reading, log_null).outputs[0]
    return pt.squeeze(Sums().make_node(log_probability[None], log_reading, log_null).outputs[0], axis=0)


@register_funcify_default_op_cache_key(Sums)
def _numba_sums(op: Sums, **kwargs: object):  # type: ignore[no-untyped-def]
    return sums, MARK

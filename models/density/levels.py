"""The log likelihood of ordinal (and binary) cells as one PyTensor operation: most of a gradient's time would go here.

It is ``families.level_log_likelihood`` with one exponential per cutpoint in reach: a chance and its slope need the same one, so
both are worked out in one pass, and the derivative only weighs what is there.

    P[t] = S(cut[t] - eta) - S(cut[t - 1] - eta),  S logistic;  log likelihood = log sum over t of P[t] * reading[t]
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
from models.families import PAD

type Tensor = Variable[Any, Any]
type Node = Apply[Any]
type Values = Sequence[np.ndarray[Any, Any]]
type Cells = list[list[np.ndarray[Any, Any] | None]]

OUT_OF_REACH = 0.5 * PAD


@numba.njit
def _says_nothing(reading, cuts):  # type: ignore[no-untyped-def]
    """Whether a cell's rows are as probable at every level it has: cells kept empty for other rows are many, and cost nothing."""
    for t in range(len(cuts)):
        if cuts[t] > OUT_OF_REACH:
            break
        if reading[t + 1] != reading[t]:
            return False
    return True


def _levels(reading, eta, cuts):  # type: ignore[no-untyped-def]
    found, d_eta = np.empty_like(eta), np.zeros_like(eta)
    d_cuts = np.zeros((eta.shape[0], cuts.shape[0], cuts.shape[1]))
    for k in range(eta.shape[0]):
        for c in range(eta.shape[1]):
            total, here = 0.0, reading[k, c, 0]
            if _says_nothing(reading[k, c], cuts[c]):
                found[k, c] = np.log(here)
                continue
            under, over, score_is_above = 0.0, 1.0, True  # the cutpoint below level 0 lies at minus infinity
            for t in range(cuts.shape[1]):
                if cuts[c, t] > OUT_OF_REACH:
                    break
                u = cuts[c, t] - eta[k, c]
                e = np.exp(-abs(u))
                near = 1.0 / (1.0 + e)
                far = e * near
                # the difference of whichever two are small, so that digits are lost only where two cutpoints nearly meet
                if u <= 0.0:
                    chance, under, over = far - under, far, near
                else:
                    chance = near - under if score_is_above else over - far
                    under, over, score_is_above = near, far, False
                following = reading[k, c, t + 1]
                total += (
                    max(chance, 0.0) * here
                )  # of two cutpoints that nearly meet, rounding may leave less than nothing
                d_cuts[k, c, t] = (here - following) * near * far
                here = following
            total += over * here
            found[k, c] = np.log(total)
            for t in range(cuts.shape[1]):
                d_cuts[k, c, t] /= total
                d_eta[k, c] -= d_cuts[k, c, t]
    return found, d_eta, d_cuts


def _weigh(flow, d_eta, d_cuts):  # type: ignore[no-untyped-def]
    eta, cuts = flow * d_eta, np.zeros((d_cuts.shape[1], d_cuts.shape[2]))
    for k in range(flow.shape[0]):
        for c in range(flow.shape[1]):
            for t in range(cuts.shape[1]):
                cuts[c, t] += flow[k, c] * d_cuts[k, c, t]
    return eta, cuts


# Python's ZeroDivisionError would stop the evaluation of a point; an infinite slope makes the sampler reject it as it should
levels = numba.njit(_levels, error_model="numpy")
weigh = numba.njit(_weigh)


class _Weigh(Op):
    """Vector-Jacobian product of :class:`Levels`; not itself differentiable."""

    __props__ = ()

    def make_node(self, *inputs: Tensor) -> Node:
        _, d_eta, d_cuts = inputs
        return Apply(self, list(inputs), [d_eta.type(), pt.TensorType("float64", shape=d_cuts.type.shape[1:])()])

    def perform(self, node: Node, inputs: Values, outputs: Cells) -> None:
        for cell, value in zip(outputs, weigh(*inputs), strict=True):
            cell[0] = value


class Levels(Op):
    """Log likelihoods (worlds, cells), and their derivatives by ``eta`` and by every cutpoint, of which no more are to be had."""

    __props__ = ()

    def make_node(self, *inputs: Tensor) -> Node:
        reading, eta, cuts = map(pt.as_tensor_variable, inputs)
        d_cuts = pt.TensorType("float64", shape=(eta.type.shape[0], *cuts.type.shape))()
        return Apply(self, [reading, eta, cuts], [eta.type(), eta.type(), d_cuts])

    def perform(self, node: Node, inputs: Values, outputs: Cells) -> None:
        for cell, value in zip(outputs, levels(*inputs), strict=True):
            cell[0] = value

    def connection_pattern(self, node: Node) -> list[list[bool]]:
        return [[False, False, False], [True, False, False], [True, False, False]]

    def pullback(
        self, inputs: Sequence[Tensor], outputs: Sequence[Tensor], cotangents: Sequence[Tensor]
    ) -> list[Tensor]:
        flow = pt.as_tensor_variable(cotangents[0])
        return [DisconnectedType()(), *_Weigh().make_node(flow, outputs[1], outputs[2]).outputs]


def level_log_likelihood(reading: Any, eta: Any, cuts: Any) -> Any:
    """Log likelihood of ordinal cells, shape of ``eta``: (cells,) or (worlds, cells), ``reading`` with levels behind.

    cuts : (cells, levels - 1), increasing, those that a scale does not have out of reach
    """
    if eta.ndim == 2:
        return Levels().make_node(reading, eta, cuts).outputs[0]
    return pt.squeeze(Levels().make_node(reading[None], eta[None], cuts).outputs[0], axis=0)


@register_funcify_default_op_cache_key(Levels)
def _numba_levels(op: Levels, **kwargs: object):  # type: ignore[no-untyped-def]
    return levels, MARK


@register_funcify_default_op_cache_key(_Weigh)
def _numba_weigh(op: _Weigh, **kwargs: object):  # type: ignore[no-untyped-def]
    return weigh, MARK

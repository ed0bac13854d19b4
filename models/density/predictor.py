"""From parameters to predictors and log likelihoods: one set of formulas for PyTensor (in the model) and numpy (on draws).

``theta`` maps parameter names to arrays with any leading sample dimensions (none inside the model); ``data`` are a blueprint's
arrays. ``xp`` is numpy or pytensor.tensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models import families
from models.families import Algebra

type Tensor = Any
type Tensors = Mapping[str, Tensor]


def all_slopes(xp: Any, theta: Tensors, data: Tensors) -> Tensor:
    """Free coefficients, those of fixed sign, and the constant 1, shape (..., slopes + 1)."""
    parts = [theta["slope"]] if "slope" in theta else []
    if "signed_slope" in theta:
        parts.append(data["fixed_sign"] * theta["signed_slope"])
    one = xp.ones_like(theta["disturbance"][..., :1])
    return xp.concatenate([*parts, one], axis=-1)


def case_components(theta: Tensors) -> Tensor:
    """a[case, construct]: partially pooled with sd ``case_sd``, or zero-sum over cases when slopes are within cases only."""
    deviation = theta["case_deviation"]
    if "case_sd" in theta:
        return theta["case_sd"][..., None, :] * deviation
    return deviation - deviation.mean(axis=-2, keepdims=True)


def _or_nothing(xp: Any, theta: Tensors, name: str) -> Tensor:
    """A parameter with a 0 behind its last entry, for what does not have one."""
    nothing = xp.zeros_like(theta["disturbance"][..., :1])
    return xp.concatenate([theta[name], nothing], axis=-1) if name in theta else nothing


def base_scores(xp: Any, theta: Tensors, data: Tensors) -> Tensor:
    """What a score is before its causes: case component plus scaled disturbance, shape (..., nodes)."""
    disturbance = theta["disturbance"][..., data["disturbance_index"]]
    one = xp.ones_like(theta["disturbance"][..., :1])
    scales = [one, 0.0 * one] + [theta[name] for name in ("kind_sd", "residual_sd") if name in theta]
    base = xp.concatenate(scales, axis=-1)[..., data["scale_index"]] * disturbance
    base = base + data["node_direction"] * _or_nothing(xp, theta, "shift")[..., data["node_shift"]]
    if "case_deviation" in theta:
        component = case_components(theta)
        flat = component.reshape((*component.shape[:-2], -1)) if component.ndim > 2 else component.ravel()
        base = base + xp.concatenate([flat, 0.0 * one], axis=-1)[..., data["component"]]
    return base


def given_scores(xp: Any, theta: Tensors, data: Tensors) -> Tensor:
    """Values of the given nodes, (worlds, nodes): what was read, and of monotone effects the cumulated steps up to it."""
    sizes = [name for name in theta if name.startswith("steps_")]
    if not sizes:
        return data["given"]
    nothing = xp.zeros_like(theta["disturbance"][..., :1])
    reached = [nothing]
    for name in sizes:
        steps = theta[name]
        cumulated = xp.concatenate([xp.zeros_like(steps[..., :1]), xp.cumsum(steps, axis=-1)], axis=-1)
        reached.append(cumulated.reshape((-1,)))
    return data["given"] + data["step_gain"] * xp.concatenate(reached)[data["step_place"]]


def cell_predictors(xp: Any, theta: Tensors, data: Tensors, z: Tensor, eta: Tensor) -> Tensor:
    """Linear predictor of every cell: offset + shift + direction * loading * score + noise + group errors.

    Shape (..., cells); scores may have axes before those of ``theta``.
    """
    one = xp.ones_like(theta["disturbance"][..., :1])
    latent = xp.concatenate([z, eta], axis=-1)[..., data["latent"]]
    predictor = data["offset"] + _or_nothing(xp, theta, "shift")[..., data["cell_shift"]]
    predictor = predictor + cell_gains(xp, theta, data) * latent
    if "noise" in theta:
        noise = theta["noise_sd"][..., data["survey_index"]] * theta["noise"]
        predictor = predictor + xp.concatenate([noise, 0.0 * one], axis=-1)[..., data["noise_index"]]
    if "group_error" in theta:
        errors = xp.concatenate([theta["group_error"], 0.0 * one], axis=-1)
        predictor = predictor + (data["group_share"] * errors[..., data["group_index"]]).sum(axis=-1)
    return predictor


def cell_gains(xp: Any, theta: Tensors, data: Tensors) -> Tensor:
    """What the predictor of every cell gains per unit of the score it reads, shape (..., cells)."""
    one = xp.ones_like(theta["disturbance"][..., :1])
    loadings = xp.concatenate([theta["loading"], one], axis=-1) if "loading" in theta else one
    return data["direction"] * loadings[..., data["cell_loading"]]


def scale_cuts(xp: Any, theta: Tensors, data: Tensors, levels: int) -> Tensor:
    """Cutpoints of the scales with so many levels, shape (..., scales, levels - 1)."""
    below = xp.cumsum(theta[f"category_{levels}"], axis=-1)[..., :-1]
    return data[f"cut_stretch_{levels}"][:, None] * (xp.log(below) - xp.log1p(-below))


def cutpoints(xp: Any, theta: Tensors, data: Tensors, sizes: tuple[int, ...], width: int) -> Tensor:
    """Cutpoints of every scale, padded out of reach, shape (..., 1 + scales, width); row 0 is a binary indicator's single 0."""
    one = xp.ones_like(theta["disturbance"][..., :1])
    binary = [0.0 * one[..., None] + families.PAD * k for k in range(width)]
    rows = [xp.concatenate(binary, axis=-1)]
    for levels in sizes:
        cuts = scale_cuts(xp, theta, data, levels)
        pads = [cuts[..., -1:] + families.PAD * (k + 1) for k in range(width - levels + 1)]
        rows.append(xp.concatenate([cuts, *pads], axis=-1))
    return xp.concatenate(rows, axis=-2)


def binomial_log_likelihood(
    ops: Algebra, value: Tensor, eta: Tensor, trials: Tensor, constant: Tensor, log_reading: Tensor, log_null: Tensor
) -> Tensor:
    log_probability = families.binomial_log_probability(ops, eta, value, trials, constant)
    return ops.reading_log_likelihood(log_probability, log_reading, log_null)


def count_log_likelihood(
    ops: Algebra, value: Tensor, eta: Tensor, constant: Tensor, log_reading: Tensor, log_null: Tensor
) -> Tensor:
    log_probability = families.count_log_probability(ops, eta, value, constant)
    return ops.reading_log_likelihood(log_probability, log_reading, log_null)


def continuous_log_likelihood(
    ops: Algebra, value: Tensor, eta: Tensor, sd: Tensor, log_reading: Tensor, log_null: Tensor
) -> Tensor:
    log_probability = families.continuous_log_probability(ops, eta, value, sd)
    return ops.reading_log_likelihood(log_probability, log_reading, log_null)


def block_log_likelihood(ops: Algebra, family: str, data: Tensors, theta: Tensors, eta: Tensor, cuts: Tensor) -> Tensor:
    """Log likelihood of the cells of one block; ``cuts`` has a row per ordinal cell."""
    if family == "ordinal":
        return ops.level_log_likelihood(data["ordinal_reading"], eta, cuts)
    rest = [data[f"{family}_{name}"] for name in ("log_reading", "log_null")]
    match family:
        case "binomial":
            trials, constant = data["binomial_trials"], data["binomial_constant"]
            return binomial_log_likelihood(ops, data["binomial_value"], eta, trials, constant, *rest)
        case "count":
            return count_log_likelihood(ops, data["count_value"], eta, data["count_constant"], *rest)
        case _:
            sd = theta["residual_sd"][..., data["residual_index"]]
            return continuous_log_likelihood(ops, data["continuous_value"], eta, sd, *rest)


def gap_log_likelihood(xp: Any, ops: Algebra, data: Tensors, cells: Tensor) -> Tensor:
    """Log likelihood of every gap, summed over its worlds; ``cells`` has shape (worlds, cells), returns (gaps,)."""
    worlds = gap_worlds(xp, data, cells) + data["gap_weight"]
    top = ops.maximum_of(worlds, axis=0, keepdims=True)
    return top[0] + ops.log(ops.exp(worlds - top).sum(axis=0))


def gap_worlds(xp: Any, data: Tensors, cells: Tensor) -> Tensor:
    """Log likelihood of every gap in every world, (..., gaps); a missing value's own term is a prior, so it has weight 1."""
    weight = data["is_missing"] + (1.0 - data["is_missing"]) * data["cell_weight"]
    weighed = xp.concatenate([weight * cells, 0.0 * cells[..., :1]], axis=-1)
    return weighed[..., data["gap_cells"]].sum(axis=-1)

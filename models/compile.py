"""The PyMC model of a blueprint, and its machine code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from models import families
from models.blueprint import Blueprint
from models.density import predictor
from models.density.candidates import reading_log_likelihood
from models.density.levels import level_log_likelihood
from models.density.scores import ARC_INPUTS, scores
from models.draft import Parameter
from models.families import Algebra
from models.priors import Dirichlet, HalfNormal, HalfStudentT, LogNormal, Normal, StudentT

if TYPE_CHECKING:
    from nutpie.compile_pymc import CompiledPyMCModel

    from models.density.code_store import Store

type Tensor = Any
type Array = np.ndarray[Any, np.dtype[np.float64]]

PYTENSOR = Algebra(pt.exp, pt.log, pt.softplus, pt.max, level_log_likelihood, reading_log_likelihood)


def pymc_model(blueprint: Blueprint) -> pm.Model:
    """The generative model: every prior a named random variable, every block of cells an observed one.

    Observed variables are named after their family; each has a row per cell and a column per candidate value, so that a
    range of levels is data, not a guess. Cells with weight 0 are left out of the likelihood, their scores are not.
    """
    with pm.Model(coords={name: list(values) for name, values in blueprint.coords.items() if len(values)}) as model:
        data = {name: pm.Data(name, value) for name, value in blueprint.data.items()}
        theta = {parameter.name: _declare(parameter, data) for parameter in blueprint.parameters}
        base, slopes = predictor.base_scores(pt, theta, data), predictor.all_slopes(pt, theta, data)
        given, arcs = predictor.given_scores(pt, theta, data), [data[name] for name in ARC_INPUTS]
        z, eta = scores(base, slopes, given, data["is_given"], arcs)
        weight, where = data["cell_weight"], _spans(model, blueprint)
        if blueprint.sums_over_gaps:
            _observe_gaps(blueprint, where, predictor.cell_predictors(pt, theta, data, z, eta), theta, data)
            weight = weight * data["settled"]
        cells = predictor.cell_predictors(pt, theta, data, z[0], eta[0])
        for family, span in where.items():
            _OBSERVE[family](blueprint, cells[span], weight[span], theta, data)
    return model


def _spans(model: pm.Model, blueprint: Blueprint) -> dict[str, slice]:
    """Where each family's cells lie in the vector of all cells, in lengths that are data: see ``models.density.callbacks``."""
    spans: dict[str, slice] = {}
    end: Tensor = 0
    for block in blueprint.blocks:
        start, end = end, end + model.dim_lengths[f"{block.family}_cell"]
        spans[block.family] = slice(start, end)
    return spans


def _observe_gaps(
    blueprint: Blueprint, where: dict[str, slice], cells: Tensor, theta: dict[str, Tensor], data: dict[str, Tensor]
) -> None:
    """The cells that missing levels touch, summed over the worlds of their gap, as one observed variable with a row per gap."""
    width = blueprint.data["ordinal_reading"].shape[1] - 1
    cuts = predictor.cutpoints(pt, theta, data, blueprint.cut_sizes, width)[data["cut_row"]]
    in_worlds = data | {"ordinal_reading": data["world_reading"]}
    by_block = [
        predictor.block_log_likelihood(PYTENSOR, family, in_worlds, theta, cells[..., span], cuts)
        for family, span in where.items()
    ]
    total = predictor.gap_log_likelihood(pt, PYTENSOR, data, pt.concatenate(by_block, axis=-1))
    pm.CustomDist("missing", total, logp=_as_given, random=_nothing, observed=data["gap_value"])


def _as_given(value: Tensor, total: Tensor) -> Tensor:
    return total + 0.0 * value


def _nothing(total: Array, rng: np.random.Generator | None = None, size: object = None) -> Array:
    return np.zeros_like(total)


def machine_code(model: pm.Model, store: Store | Literal["configured"] | None = "configured") -> CompiledPyMCModel:
    """Machine code for nutpie, loaded if its like was compiled before; refit on other data with ``with_data``.

    store : where code is kept; by default as the environment says (``models.density.code_store``), None for nowhere.
        The draws are the same either way
    """
    from models.density.binding import bind
    from models.density.callbacks import outline
    from models.density.code_store import configured
    from models.density.machine_code import obtain

    outlined = outline(model)
    return bind(model, outlined, obtain(outlined, configured() if store == "configured" else store))


def _declare(parameter: Parameter, data: dict[str, Tensor]) -> Tensor:
    reads = [data[name] for name in parameter.reads]
    name, dims = parameter.name, parameter.dims
    match parameter.prior:
        case StudentT(nu=nu):
            return pm.StudentT(name, nu=nu, mu=reads[0], sigma=reads[1], dims=dims)
        case HalfStudentT(nu=nu):
            return pm.HalfStudentT(name, nu=nu, sigma=reads[0], dims=dims)
        case Normal():
            return pm.Normal(name, 0.0, reads[0], dims=dims)
        case HalfNormal(scale=scale):
            return pm.HalfNormal(name, scale, dims=dims)
        case LogNormal(sd=sd):
            return pm.LogNormal(name, mu=reads[0], sigma=sd, dims=dims)
        case Dirichlet(concentration=concentration):
            return pm.Dirichlet(name, a=np.full(parameter.shape[-1], concentration), dims=dims)


def _observe_ordinal(
    blueprint: Blueprint, eta: Tensor, weight: Tensor, theta: dict[str, Tensor], data: dict[str, Tensor]
) -> None:
    width = blueprint.data["ordinal_reading"].shape[1] - 1
    cuts = predictor.cutpoints(pt, theta, data, blueprint.cut_sizes, width)[data["cut_row"]]

    def logp(value: Tensor, eta: Tensor, cuts: Tensor, weight: Tensor, _: Tensor) -> Tensor:
        return weight * level_log_likelihood(value, eta, cuts)

    def random(
        eta: Array, cuts: Array, weight: Array, _: Array, rng: np.random.Generator, size: object = None
    ) -> Array:
        level = families.draw_category(rng, eta, cuts)[..., None]
        return np.asarray(level == np.arange(width + 1), dtype=float)

    pm.CustomDist(
        "ordinal", eta, cuts, weight, data["ordinal_reading"], logp=logp, random=random,
        signature="(),(k),(),(l)->(l)", observed=data["ordinal_reading"],
    )  # fmt: skip


def _observe_binomial(
    blueprint: Blueprint, eta: Tensor, weight: Tensor, theta: dict[str, Tensor], data: dict[str, Tensor]
) -> None:
    def logp(value: Tensor, eta: Tensor, weight: Tensor, *rest: Tensor) -> Tensor:
        return weight * predictor.binomial_log_likelihood(PYTENSOR, value, eta, *rest)

    def random(
        eta: Array, weight: Array, trials: Array, *rest: Any, rng: np.random.Generator, size: object = None
    ) -> Array:
        return np.broadcast_to(families.draw_binomial(rng, eta, trials[..., 0])[..., None], trials.shape)

    extra = [data[f"binomial_{name}"] for name in ("trials", "constant", "log_reading", "log_null")]
    pm.CustomDist(
        "binomial", eta, weight, *extra, logp=logp, random=random, signature="(),(),(r),(r),(r),()->(r)",
        observed=data["binomial_value"],
    )  # fmt: skip


def _observe_count(
    blueprint: Blueprint, eta: Tensor, weight: Tensor, theta: dict[str, Tensor], data: dict[str, Tensor]
) -> None:
    def logp(value: Tensor, eta: Tensor, weight: Tensor, *rest: Tensor) -> Tensor:
        return weight * predictor.count_log_likelihood(PYTENSOR, value, eta, *rest)

    def random(
        eta: Array, weight: Array, constant: Array, *rest: Any, rng: np.random.Generator, size: object = None
    ) -> Array:
        return np.broadcast_to(families.draw_count(rng, eta)[..., None], constant.shape)

    extra = [data[f"count_{name}"] for name in ("constant", "log_reading", "log_null")]
    pm.CustomDist(
        "count", eta, weight, *extra, logp=logp, random=random, signature="(),(),(r),(r),()->(r)",
        observed=data["count_value"],
    )  # fmt: skip


def _observe_continuous(
    blueprint: Blueprint, eta: Tensor, weight: Tensor, theta: dict[str, Tensor], data: dict[str, Tensor]
) -> None:
    def logp(value: Tensor, eta: Tensor, weight: Tensor, *rest: Tensor) -> Tensor:
        return weight * predictor.continuous_log_likelihood(PYTENSOR, value, eta, *rest)

    def random(
        eta: Array, weight: Array, sd: Array, reading: Array, *rest: Any, rng: np.random.Generator, size: object = None
    ) -> Array:
        return np.broadcast_to(families.draw_continuous(rng, eta, sd)[..., None], reading.shape)

    sd = theta["residual_sd"][data["residual_index"]]
    extra = [data["continuous_log_reading"], data["continuous_log_null"]]
    pm.CustomDist(
        "continuous", eta, weight, sd, *extra, logp=logp, random=random, signature="(),(),(),(r),()->(r)",
        observed=data["continuous_value"],
    )  # fmt: skip


_OBSERVE = {
    "ordinal": _observe_ordinal,
    "binomial": _observe_binomial,
    "count": _observe_count,
    "continuous": _observe_continuous,
}

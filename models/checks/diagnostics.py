"""Did the chains converge: R-hat, effective sample size, divergences and energy, each against its stated threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.special import ndtri

from causal.digits import apart
from models.simulation.rebuild import OF_UNITS

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as converged (Vehtari et al. 2021 for R-hat and ESS; Betancourt 2016 for E-BFMI)."""

    r_hat: float = 1.01
    ess: float = 400.0
    divergent_share: float = 0.001
    e_bfmi: float = 0.3


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """The worst of each diagnostic over everything reported, and where it was found."""

    worst_r_hat: float
    worst_r_hat_at: str
    least_ess_bulk: float
    least_ess_bulk_at: str
    least_ess_tail: float
    least_ess_tail_at: str
    divergences: int
    divergent_share: float
    least_e_bfmi: float
    draws: int
    target_accept: float
    attempts: int
    limits: Limits
    not_finite_at: str = ""
    """The first variable with draws that are no finite numbers."""
    turned: tuple[str, ...] = ()
    """Constructs whose sign is held so weakly that they were sampled together with their mirror image (``models.sides``)."""

    @property
    def failures(self) -> tuple[str, ...]:
        """What did not converge, a sentence each; empty when all is well."""
        limits = self.limits
        bulk, tail = (f"{which} ESS of" for which in ("bulk", "tail"))
        worst = f"R-hat of {self.worst_r_hat_at} is {apart(self.worst_r_hat, limits.r_hat, 3)}, above {limits.r_hat}"
        energy = f"E-BFMI is {apart(self.least_e_bfmi, limits.e_bfmi, 2)}, below {limits.e_bfmi}"
        diverged = f"{self.divergences} of {self.draws} draws diverged, above {limits.divergent_share:.1%}"
        checks = (  # "not <=" so that nan fails
            (f"draws of {self.not_finite_at} are not finite numbers", bool(self.not_finite_at)),
            (worst, not self.worst_r_hat <= limits.r_hat),
            (
                f"{bulk} {_below(self.least_ess_bulk_at, self.least_ess_bulk, limits.ess)}",
                not self.least_ess_bulk >= limits.ess,
            ),
            (
                f"{tail} {_below(self.least_ess_tail_at, self.least_ess_tail, limits.ess)}",
                not self.least_ess_tail >= limits.ess,
            ),
            (diverged, not self.divergent_share <= limits.divergent_share),
            (energy, not self.least_e_bfmi >= limits.e_bfmi),
        )
        return tuple(sentence for sentence, failed in checks if failed)

    @property
    def converged(self) -> bool:
        return not self.failures


def diagnose(
    tree: xr.DataTree,
    target_accept: float,
    attempts: int = 1,
    limits: Limits | None = None,
    turned: tuple[str, ...] = (),
) -> Diagnostics:
    """Diagnostics of a posterior group and its sampler statistics; errors count through the scores that they make up."""
    import arviz as az

    limits = limits or Limits()
    reported = _unknown(tree["posterior"].to_dataset().drop_vars(OF_UNITS, errors="ignore"))
    with np.errstate(invalid="ignore", divide="ignore"):  # an effect that the theory fixes at 0 never varies
        mixed, sizes = r_hat_and_ess(reported)
        r_hat, r_hat_at = _extreme(mixed, np.nanmax)
        bulk, bulk_at = _extreme(sizes, np.nanmin)
        tail, tail_at = _extreme(az.ess(reported, method="tail"), np.nanmin)
    diverging = tree["sample_stats"]["diverging"].to_numpy()
    energy = az.bfmi(tree)["energy"].to_numpy()
    return Diagnostics(
        worst_r_hat=r_hat, worst_r_hat_at=r_hat_at,
        least_ess_bulk=bulk, least_ess_bulk_at=bulk_at,
        least_ess_tail=tail, least_ess_tail_at=tail_at,
        divergences=int(diverging.sum()), divergent_share=float(diverging.mean()),
        least_e_bfmi=float(energy.min()), draws=int(diverging.size),
        target_accept=target_accept, attempts=attempts, limits=limits,
        turned=turned,
        not_finite_at=next((str(k) for k, v in reported.data_vars.items() if not np.isfinite(v).all()), ""),
    )  # fmt: skip


def r_hat_and_ess(draws: xr.Dataset) -> tuple[xr.Dataset, xr.Dataset]:
    """R-hat and bulk ESS of every quantity, the numbers of ``arviz.rhat`` and ``arviz.ess``, which both rank the draws anew."""
    found = xr.apply_ufunc(
        _ranked,
        draws,
        input_core_dims=[["chain", "draw"]],
        output_core_dims=[[], []],
        vectorize=True,
        output_dtypes=[float, float],
    )
    return found[0], found[1]


def _ranked(draws: Floats) -> tuple[float, float]:
    """R-hat and bulk ESS of one quantity, shape (chains, draws)."""
    from arviz_stats.base.array import array_stats

    length = draws.shape[1]
    halved = np.delete(draws, length // 2, axis=1) if length % 2 else draws
    bulk, folded = (_normal_scores(values) for values in (halved, abs(halved - np.median(halved))))
    r_hat = max(float(array_stats.rhat(scores, method="split")) for scores in (bulk, folded))
    return r_hat, float(array_stats.ess(bulk, method="mean"))


def _normal_scores(draws: Floats) -> Floats:
    """Normal quantiles of ranks among all draws, equal ones sharing theirs (Vehtari et al. 2021, equation 14)."""
    _, place, times = np.unique(draws, return_inverse=True, return_counts=True)
    rank = (np.cumsum(times) - (times - 1) / 2)[place]
    return np.where(np.isnan(draws), np.nan, ndtri((rank - 3 / 8) / (draws.size + 1 / 4)))


def _unknown(posterior: xr.Dataset) -> xr.Dataset:
    """Without the scores that are known values, which may be thousands."""
    if "node" not in posterior.dims:
        return posterior
    score = posterior["score"].to_numpy()
    return posterior.isel(node=np.flatnonzero((score != score[:1, :1]).any(axis=(0, 1))))


def _below(where: str, size: float, least: float) -> str:
    return f"{where} is {apart(size, least, 0)}, below {least:.0f}"


def _extreme(values: xr.Dataset, pick: object) -> tuple[float, str]:
    """The most extreme finite value over all variables and where it stands; quantities that never move have no diagnostic."""
    found = []
    for name, array in values.data_vars.items():
        flat = array.to_numpy().ravel()
        if np.isfinite(flat).any():
            at = int(np.nanargmax(flat) if pick is np.nanmax else np.nanargmin(flat))
            where = np.unravel_index(at, array.shape)
            labels = [str(array[dim].to_numpy()[i]) for dim, i in zip(array.dims, where, strict=True)]
            found.append((float(flat[at]), f"{name}[{', '.join(labels)}]" if labels else str(name)))
    if not found:
        return float("nan"), "nothing"
    return max(found) if pick is np.nanmax else min(found)

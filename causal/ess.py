"""Effective sample size of Markov chain draws.

Split chains, the combined autocorrelation, and Geyer's initial monotone sequence, as in Vehtari, Gelman, Simpson,
Carpenter and Bürkner (2021), "Rank-normalization, folding, and localization", section 3.2; equation numbers are theirs.
"""

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.floating]

FEWEST = 20  # draws per chain below which no autocorrelation is estimated
SOON = 16  # lags that are looked at first: the sequence of most chains has ended by then


def effective_sample_size(draws: Floats) -> float:
    """Number of independent draws whose mean would be as precise as that of `draws`, shape (chains, draws).

    Draws that never vary, or are too few to tell, count as independent.
    """
    return float(effective_sample_sizes(draws[None])[0])


def effective_sample_sizes(draws: Floats) -> Floats:
    """``effective_sample_size`` of several quantities at once: shape (quantities, chains, draws) to (quantities,)."""
    sizes = np.full(len(draws), float(draws.shape[1] * draws.shape[2]))
    varies = draws.max(axis=(1, 2)) > draws.min(axis=(1, 2))
    if draws.shape[2] >= FEWEST and varies.any():
        sizes[varies] = _sizes(draws if varies.all() else draws[varies])
    return sizes


def _sizes(draws: Floats) -> Floats:
    means, centred = _halves(draws)
    spread, half = means.var(axis=1, ddof=1), draws.shape[2] // 2
    correlation = _autocorrelation(_first_lags(centred, half), spread, half)
    time = _integrated_time(correlation)
    goes_on = ~(_pairs(correlation)[:, : _most(correlation)] < 0).any(axis=1)
    if goes_on.any():
        time[goes_on] = _integrated_time(_autocorrelation(_all_lags(centred[goes_on], half), spread[goes_on], half))
    total = means.shape[1] * half
    return np.asarray(total / np.maximum(time, 1 / np.log10(total)))


def _halves(draws: Floats) -> tuple[Floats, Floats]:
    """Means of the halves of all chains, and the halves about them with ``SOON`` zeros behind each."""
    several, chains, length = draws.shape
    half = length // 2
    padded = np.zeros((several, 2 * chains, half + SOON))
    inside = padded[..., :half]
    inside[:, :chains], inside[:, chains:] = draws[..., :half], draws[..., -half:]
    means = inside.mean(axis=2)
    inside -= means[..., None]
    return means, padded


def _autocorrelation(covariance: Floats, spread: Floats, half: int) -> Floats:
    """By quantity and lag, of all halves together; spread : variance between the means of halves."""
    within = covariance[:, :1] * half / (half - 1)
    pooled = covariance[:, :1] + spread[:, None]  # (3), (4)
    correlation = np.asarray(1 - (within - covariance) / pooled)  # (10)
    correlation[:, 0] = 1.0
    return correlation


def _first_lags(centred: Floats, half: int) -> Floats:
    """Biased autocovariance by quantity and lag, its mean over halves, up to ``SOON``: one by one."""
    rows, lags = centred.reshape(len(centred), -1), min(SOON, half)  # the zeros keep the products of two halves apart
    lagged = np.stack([np.correlate(row, row[: 1 - lags], "valid") for row in rows])
    return np.asarray(lagged / (centred.shape[1] * half))


def _all_lags(centred: Floats, half: int) -> Floats:
    """The same at every lag: by way of the spectrum."""
    spectrum = np.fft.rfft(centred[..., :half], n=2 * half)
    lagged = np.fft.irfft((spectrum.real**2 + spectrum.imag**2).sum(axis=1), n=2 * half)[:, :half]
    return np.asarray(lagged / (centred.shape[1] * half))


def _pairs(correlation: Floats) -> Floats:
    """Sums of neighbouring lags."""
    even = correlation[:, : correlation.shape[1] // 2 * 2]
    return np.asarray(even[:, 0::2] + even[:, 1::2])


def _most(correlation: Floats) -> int:
    """Pairs that may be kept: the last lags rest on too few products."""
    return int(correlation.shape[1] - 3) // 2


def _integrated_time(correlation: Floats) -> Floats:
    """(11): pairs, kept while positive and made to fall."""
    pairs, most, each = _pairs(correlation), _most(correlation), np.arange(len(correlation))
    kept = np.cumprod(pairs[:, :most] >= 0, axis=1).sum(axis=1)
    falling = np.minimum.accumulate(pairs[:, :most], axis=1)
    even_left_out = correlation[each, 2 * kept]  # of the first pair left out
    last = np.where(pairs[each, kept] < 0, np.maximum(even_left_out, 0.0), even_left_out)
    return np.asarray(-1 + 2 * np.where(np.arange(most) < kept[:, None], falling, 0.0).sum(axis=1) + last)


def kish(weights: Floats) -> float:
    """Effective number of independent draws that carry importance weights (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())

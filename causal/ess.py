"""Effective sample size of Markov chain draws.

Split chains, the combined autocorrelation, and Geyer's initial monotone sequence, as in Vehtari, Gelman, Simpson,
Carpenter and Bürkner (2021), "Rank-normalization, folding, and localization", section 3.2; equation numbers are theirs.
"""

import numpy as np
from numpy.typing import NDArray

FEWEST = 20  # draws per chain below which no autocorrelation is estimated


def effective_sample_size(draws: NDArray[np.floating]) -> float:
    """Number of independent draws whose mean would be as precise as that of `draws`, shape (chains, draws).

    Draws that never vary, or are too few to tell, count as independent.
    """
    length = draws.shape[1]
    if length < FEWEST or np.ptp(draws) == 0:
        return float(draws.size)
    half = length // 2
    split = np.concatenate([draws[:, :half], draws[:, -half:]]).astype(float)
    covariance = _autocovariance(split).mean(axis=0)
    within = covariance[0] * half / (half - 1)
    pooled = covariance[0] + split.mean(axis=1).var(ddof=1)  # (3), (4)
    correlation = 1 - (within - covariance) / pooled  # (10)
    correlation[0] = 1.0
    total = split.size
    time = max(_integrated_time(correlation), 1 / np.log10(total))
    return float(total / time)


def _autocovariance(draws: NDArray[np.floating]) -> NDArray[np.floating]:
    """Biased autocovariance by lag, along the last axis."""
    length = draws.shape[-1]
    centred = draws - draws.mean(axis=-1, keepdims=True)
    spectrum = np.fft.rfft(centred, n=2 * length)
    lagged: NDArray[np.floating] = np.fft.irfft(spectrum * spectrum.conj(), n=2 * length)[..., :length] / length
    return lagged


def _integrated_time(correlation: NDArray[np.floating]) -> float:
    """(11): sums of neighbouring lags, kept while positive and made to fall."""
    even = correlation[: len(correlation) // 2 * 2]
    pairs = even[0::2] + even[1::2]
    negative = np.flatnonzero(pairs < 0)
    kept = min([(len(correlation) - 3) // 2, *negative.tolist()[:1]])  # the last lags rest on too few products
    falling = np.minimum.accumulate(pairs[:kept])
    even_left_out = float(even[2 * kept])  # of the first pair left out
    last = max(even_left_out, 0.0) if pairs[kept] < 0 else even_left_out
    return float(-1 + 2 * falling.sum() + last)


def kish(weights: NDArray[np.floating]) -> float:
    """Effective number of independent draws that carry importance weights (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())

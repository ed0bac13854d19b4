"""Effective sample size of Markov chain draws.

Split chains, the combined autocorrelation, and Geyer's initial monotone sequence, as in Vehtari, Gelman, Simpson,
Carpenter and Bürkner (2021), "Rank-normalization, folding, and localization", section 3.2; equation numbers are theirs.
"""

import numpy as np
from numpy.typing import NDArray

FEWEST = 20  # draws per chain below which no autocorrelation is estimated
SOON = 32  # lags that are looked at first: the sequence of most chains has ended by then


def effective_sample_size(draws: NDArray[np.floating]) -> float:
    """Number of independent draws whose mean would be as precise as that of `draws`, shape (chains, draws).

    Draws that never vary, or are too few to tell, count as independent.
    """
    length = draws.shape[1]
    if length < FEWEST or np.ptp(draws) == 0:
        return float(draws.size)
    half = length // 2
    split = np.concatenate([draws[:, :half], draws[:, -half:]], dtype=float)
    correlation = _autocorrelation(split, min(SOON, half))
    if not (_pairs(correlation)[: _most(correlation)] < 0).any():
        correlation = _autocorrelation(split, half)
    total = split.size
    time = max(_integrated_time(correlation), 1 / np.log10(total))
    return float(total / time)


def _autocorrelation(split: NDArray[np.floating], lags: int) -> NDArray[np.floating]:
    """By lag, of all chains together."""
    half = split.shape[1]
    covariance = _autocovariance(split, lags)
    within = covariance[0] * half / (half - 1)
    pooled = covariance[0] + split.mean(axis=1).var(ddof=1)  # (3), (4)
    correlation = np.asarray(1 - (within - covariance) / pooled)  # (10)
    correlation[0] = 1.0
    return correlation


def _autocovariance(split: NDArray[np.floating], lags: int) -> NDArray[np.floating]:
    """Biased autocovariance by lag, its mean over chains: a few lags one by one, many by way of the spectrum."""
    chains, half = split.shape
    padded = np.zeros((chains, half + (lags if lags <= SOON else half)))
    np.subtract(split, split.mean(axis=1, keepdims=True), out=padded[:, :half])
    if lags <= SOON:
        in_a_row = padded.ravel()
        lagged = np.correlate(in_a_row, in_a_row[: 1 - lags], "valid")
    else:
        spectrum = np.fft.rfft(padded)
        lagged = np.fft.irfft((spectrum.real**2 + spectrum.imag**2).sum(axis=0), n=2 * half)[:lags]
    return np.asarray(lagged / (chains * half))


def _pairs(correlation: NDArray[np.floating]) -> NDArray[np.floating]:
    """Sums of neighbouring lags."""
    even = correlation[: len(correlation) // 2 * 2]
    return np.asarray(even[0::2] + even[1::2])


def _most(correlation: NDArray[np.floating]) -> int:
    """Pairs that may be kept: the last lags rest on too few products."""
    return (len(correlation) - 3) // 2


def _integrated_time(correlation: NDArray[np.floating]) -> float:
    """(11): pairs, kept while positive and made to fall."""
    pairs = _pairs(correlation)
    kept = min([_most(correlation), *np.flatnonzero(pairs < 0).tolist()[:1]])
    falling = np.minimum.accumulate(pairs[:kept])
    even_left_out = float(correlation[2 * kept])  # of the first pair left out
    last = max(even_left_out, 0.0) if pairs[kept] < 0 else even_left_out
    return float(-1 + 2 * falling.sum() + last)


def kish(weights: NDArray[np.floating]) -> float:
    """Effective number of independent draws that carry importance weights (Kish 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())

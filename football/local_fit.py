"""Velocity from noisy positions at a steady rate: the local polynomial fit of Savitzky and Golay.

"Smoothing and differentiation of data by simplified least squares procedures", Analytical Chemistry 36, 1964. Around
every sample a polynomial is fitted to a window of samples; its slope at the sample is the velocity. The slope is a
weighted sum of positions, so how much of their jitter is left in it follows from the weights alone.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MAX_NEIGHBOURS = 0.9
_NEIGHBOUR_STEPS = 18  # of 0.05


@dataclass(frozen=True, slots=True)
class Jitter:
    """Position noise of a track: standard deviation of a coordinate, and the correlation of neighbouring samples.

    A tracker smooths its boxes, which ties the errors of neighbouring samples together (modelled as a first-order
    autoregressive process); such noise survives averaging longer than independent noise of the same size.
    """

    sigma_m: float
    neighbours: float  # 0 to MAX_NEIGHBOURS


@dataclass(frozen=True, slots=True)
class Velocities:
    """``values`` (N, 2) in m/s; ``slopes`` are the weights (in 1/s) that made them, one row for each kind of sample.

    ``kinds`` (N,) is the row of ``slopes`` that stands behind each value.
    """

    values: FloatArray
    slopes: FloatArray
    kinds: NDArray[np.int64]

    def noise_mps(self, jitter: Jitter) -> FloatArray:
        """Standard deviation of a component of each velocity, shape (N,)."""
        together = _correlations(self.slopes.shape[1], _nearest_step(jitter.neighbours))
        variances = np.sum((self.slopes @ together) * self.slopes, axis=1)
        return np.asarray(jitter.sigma_m * np.sqrt(variances)[self.kinds], dtype=np.float64)


def fit_windows(points_m: FloatArray, interval_s: float, half: int) -> Velocities:
    """Velocities at all N samples from windows of ``half`` samples on either side; N is at least a window.

    Cubic in the middle of a window. The first and last ``half`` samples stand at the edge of the first and the last
    window, where a cubic's slope is four times as noisy as in its middle; there a quadratic serves.
    """
    offsets = np.arange(-half, half + 1) / half  # scaled: powers of whole numbers condition badly
    quadratic = _polynomial_weights(half, 2)
    first = quadratic[1] + 2.0 * offsets[:half, None] * quadratic[2]
    middle = _polynomial_weights(half, 3)[1]
    slopes = np.vstack([first, middle, -first[::-1, ::-1]]) / (half * interval_s)
    values = np.concatenate(
        [
            slopes[:half] @ points_m[: 2 * half + 1],
            _correlate(points_m, slopes[half]),
            slopes[half + 1 :] @ points_m[-2 * half - 1 :],
        ]
    )
    kinds = np.concatenate(
        [np.arange(half), np.full(len(points_m) - 2 * half, half), np.arange(half + 1, 2 * half + 1)]
    )
    return Velocities(values, slopes, kinds)


def fit_accelerations(points_m: FloatArray, interval_s: float, half: int) -> FloatArray:
    """Size of the acceleration of the quadratic fit at all N samples, m/s2; at the edges that of the nearest window."""
    weights = 2.0 * _polynomial_weights(half, 2)[2] / (half * interval_s) ** 2
    return np.pad(np.linalg.norm(_correlate(points_m, weights), axis=1), half, mode="edge")


def fit_line(points_m: FloatArray, interval_s: float) -> Velocities:
    """One velocity for all N samples, at least two: the least-squares line."""
    offsets = (np.arange(len(points_m)) - (len(points_m) - 1) / 2.0) * interval_s
    slopes = (offsets / (offsets @ offsets))[None, :]
    kinds = np.zeros(len(points_m), dtype=np.int64)
    return Velocities((slopes @ points_m)[kinds], slopes, kinds)


def window_residuals(points_m: FloatArray, half: int) -> FloatArray:
    """Positions minus the fit in the middle of their windows, shape (N - 2 half, 2)."""
    return np.asarray(points_m[half:-half] - _correlate(points_m, _polynomial_weights(half, 3)[0]), dtype=np.float64)


def line_residuals(points_m: FloatArray) -> FloatArray:
    """Positions minus their least-squares line over the sample number, shape (N, 2); each axis lost two freedoms."""
    offsets = np.arange(len(points_m)) - (len(points_m) - 1) / 2.0
    slope = offsets @ points_m / (offsets @ offsets)
    return np.asarray(points_m - points_m.mean(axis=0) - offsets[:, None] * slope, dtype=np.float64)


def estimate_jitter(residuals_m: list[FloatArray], half: int) -> Jitter:
    """The noise that leaves such residuals (each (M, 2), of one stretch) behind :func:`window_residuals`.

    The fit swallows part of the noise, the more so the more neighbours have in common, so the correlation of the
    residuals is looked up in what the fit makes of each correlation of the noise. The size comes from the mean
    absolute residual, which a few mistakes in the track sway less than the mean square.
    """
    together = np.concatenate(residuals_m)
    variance = float(np.mean(together**2))
    if variance == 0.0:
        return Jitter(0.0, 0.0)
    products = np.concatenate([part[1:] * part[:-1] for part in residuals_m])
    shares, correlations = _residual_model(half)
    steps = np.linspace(0.0, MAX_NEIGHBOURS, _NEIGHBOUR_STEPS + 1)
    correlation = float(np.sum(products)) / max(products.size, 1) / variance
    neighbours = float(np.interp(correlation, correlations, steps))
    sigma_m = float(np.mean(np.abs(together))) * np.sqrt(np.pi / 2.0) / np.sqrt(np.interp(neighbours, steps, shares))
    return Jitter(float(sigma_m), neighbours)


@lru_cache(maxsize=64)
def _polynomial_weights(half: int, order: int) -> FloatArray:
    """Row k: what each sample of a window weighs in the k-th coefficient, for offsets scaled to -1 to 1."""
    offsets = np.arange(-half, half + 1) / half
    return np.asarray(np.linalg.pinv(np.vander(offsets, order + 1, increasing=True)), dtype=np.float64)


@lru_cache(maxsize=64)
def _residual_model(half: int) -> tuple[FloatArray, FloatArray]:
    """For each step of the correlation of the noise: variance of the residuals as a share of the noise's, and the
    correlation of neighbouring residuals."""
    weights = -_polynomial_weights(half, 3)[0]
    weights[half] += 1.0
    shares, correlations = [], []
    for step in range(_NEIGHBOUR_STEPS + 1):
        wide = _correlations(len(weights) + 1, step)
        shares.append(weights @ wide[:-1, :-1] @ weights)
        correlations.append(weights @ wide[:-1, 1:] @ weights / shares[-1])
    return np.array(shares), np.array(correlations)


@lru_cache(maxsize=256)
def _correlations(count: int, step: int) -> FloatArray:
    """Correlation matrix (count, count) of a first-order autoregressive process."""
    neighbours = MAX_NEIGHBOURS * step / _NEIGHBOUR_STEPS
    times = np.arange(count)
    return np.asarray(neighbours ** np.abs(np.subtract.outer(times, times)), dtype=np.float64)


def _nearest_step(neighbours: float) -> int:
    return round(neighbours / MAX_NEIGHBOURS * _NEIGHBOUR_STEPS)


def _correlate(points_m: FloatArray, weights: FloatArray) -> FloatArray:
    return np.column_stack([np.correlate(points_m[:, axis], weights, mode="valid") for axis in (0, 1)])

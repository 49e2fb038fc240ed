"""A Kalman filter for the foot points of people in the picture, with constant velocity.

How people may move is told by :mod:`engine.tracking.mobility`; how boxes err is set in body heights, so that one figure
serves people near and far. All functions take one person, or many at once: then each argument has the people in front.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_MEASUREMENT = 0.06  # a foot point by the lower edge of a blob, body heights
_OBSERVE = np.eye(2, 4)
_IDENTITY = np.eye(4)


@dataclass(frozen=True, slots=True)
class KalmanState:
    """``mean`` (..., 4) is x, y, vx, vy in pixels and pixels per second, ``covariance`` (..., 4, 4)."""

    mean: FloatArray
    covariance: FloatArray

    @classmethod
    def of_all(cls, states: Sequence["KalmanState"]) -> "KalmanState":
        """At least one person each."""
        return cls(np.array([one.mean for one in states]), np.array([one.covariance for one in states]))

    def split(self) -> list["KalmanState"]:
        """Person by person."""
        return [KalmanState(mean, covariance) for mean, covariance in zip(self.mean, self.covariance, strict=True)]


def start_state(foot: FloatArray, body_px: float, unknown: FloatArray) -> KalmanState:
    """State of a person first seen at ``foot`` (2,), ``body_px`` tall; ``unknown`` (2, 2) is the covariance of the
    velocity."""
    covariance = np.zeros((4, 4))
    covariance[:2, :2], covariance[2:, 2:] = (_MEASUREMENT * body_px) ** 2 * np.eye(2), unknown
    return KalmanState(np.concatenate([foot, np.zeros(2)]), covariance)


def predict(state: KalmanState, elapsed_s: float, change: FloatArray) -> KalmanState:
    """State after ``elapsed_s``; ``change`` (..., 2, 2) is the covariance of the change of velocity within a second.

    The acceleration is white noise, so frame rates do not matter.
    """
    transition = _IDENTITY.copy()
    transition[0, 2] = transition[1, 3] = elapsed_s
    covariance = transition @ state.covariance @ transition.T
    covariance[..., :2, :2] += elapsed_s**3 / 3 * change
    covariance[..., :2, 2:] += elapsed_s**2 / 2 * change
    covariance[..., 2:, :2] += elapsed_s**2 / 2 * change
    covariance[..., 2:, 2:] += elapsed_s * change
    return KalmanState(state.mean @ transition.T, covariance)


def correct(
    state: KalmanState, foot: FloatArray, body_px: float | FloatArray, *, doubt: float | FloatArray = 1.0
) -> KalmanState:
    """State after a measurement; ``doubt`` multiplies the measurement's standard deviation."""
    variance = _each(_MEASUREMENT * doubt * body_px) ** 2
    spread = state.covariance[..., :2, :2] + variance * np.eye(2)
    gain = np.linalg.solve(spread, state.covariance[..., :2, :]).swapaxes(-1, -2)
    mean = state.mean + (gain @ (foot - state.mean[..., :2])[..., np.newaxis])[..., 0]
    keep = _IDENTITY - gain @ _OBSERVE
    # Joseph's form stays symmetric.
    covariance = keep @ state.covariance @ keep.swapaxes(-1, -2) + variance * (gain @ gain.swapaxes(-1, -2))
    return KalmanState(mean, covariance)


def weigh_offsets(
    states: Sequence[KalmanState], offsets: FloatArray, body_px: FloatArray, doubts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """How far M measured foot points lie from N predicted ones: squared Mahalanobis distances (N, M).

    The determinants (N, M) of the covariances behind them come with them. ``offsets`` (N, M, 2); ``body_px`` (N, 1);
    ``doubts`` (M,) of the measurements.
    """
    noise = (_MEASUREMENT * doubts * body_px) ** 2
    covariances = np.array([state.covariance[:2, :2] for state in states])[:, np.newaxis]
    across, both, along = covariances[..., 0, 0] + noise, covariances[..., 0, 1], covariances[..., 1, 1] + noise
    x, y = offsets[..., 0], offsets[..., 1]
    determinants = across * along - both**2
    return (along * x**2 - 2 * both * x * y + across * y**2) / determinants, determinants


def move(state: KalmanState, motion: FloatArray) -> KalmanState:
    """State in the picture of a camera that turned: ``motion`` (2, 3) maps old pixels to new ones."""
    linear = np.zeros((4, 4))
    linear[:2, :2] = linear[2:, 2:] = motion[:, :2]
    mean = state.mean @ linear.T
    mean[..., :2] += motion[:, 2]
    return KalmanState(mean, linear @ state.covariance @ linear.T)


def _each(values: float | FloatArray) -> FloatArray:
    """Of each person, (..., 1, 1)."""
    return np.asarray(values, dtype=np.float64)[..., np.newaxis, np.newaxis]

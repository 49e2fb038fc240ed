"""A Kalman filter for the foot point of one person in the picture, with constant velocity.

Noise is set in body heights, so that one set of figures serves people near and far: a body height is 1.78 m.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_BODY_M = 1.78
RESTLESSNESS = 3.0 / _BODY_M
"""Standard deviation of the change of speed within a second, body heights per second. Footballers brake and turn with
up to 6 m/s^2. Raising it follows turns sooner and lets the estimate jitter."""
_FIRST_SPEED = 3.0 / _BODY_M  # standard deviation of the unknown speed of a new track, body heights per second
_MEASUREMENT = 0.06  # a foot point by the lower edge of a blob, body heights
_OBSERVE = np.eye(2, 4)
_IDENTITY = np.eye(4)


@dataclass(frozen=True, slots=True)
class KalmanState:
    """``mean`` is (x, y, vx, vy) in pixels and pixels per second, ``covariance`` (4, 4)."""

    mean: FloatArray
    covariance: FloatArray


def start_state(foot: FloatArray, body_px: float) -> KalmanState:
    """State of a person first seen at ``foot`` (2,), ``body_px`` tall."""
    deviations = body_px * np.array([_MEASUREMENT, _MEASUREMENT, _FIRST_SPEED, _FIRST_SPEED])
    return KalmanState(np.concatenate([foot, np.zeros(2)]), np.diag(deviations**2))


def predict(state: KalmanState, elapsed_s: float, body_px: float) -> KalmanState:
    """State after ``elapsed_s``; the acceleration is white noise, so frame rates do not matter."""
    transition = _IDENTITY.copy()
    transition[0, 2] = transition[1, 3] = elapsed_s
    density = (RESTLESSNESS * body_px) ** 2
    place, cross, speed = density * elapsed_s**3 / 3, density * elapsed_s**2 / 2, density * elapsed_s
    push = np.array(
        [[place, 0.0, cross, 0.0], [0.0, place, 0.0, cross], [cross, 0.0, speed, 0.0], [0.0, cross, 0.0, speed]]
    )
    covariance = transition @ state.covariance @ transition.T + push
    return KalmanState(transition @ state.mean, covariance)


def correct(state: KalmanState, foot: FloatArray, body_px: float, *, doubt: float = 1.0) -> KalmanState:
    """State after a measurement; ``doubt`` multiplies the measurement's standard deviation."""
    noise = np.eye(2) * (_MEASUREMENT * doubt * body_px) ** 2
    gain = np.linalg.solve(state.covariance[:2, :2] + noise, _OBSERVE @ state.covariance).T
    mean = state.mean + gain @ (foot - state.mean[:2])
    keep = _IDENTITY - gain @ _OBSERVE
    return KalmanState(mean, keep @ state.covariance @ keep.T + gain @ noise @ gain.T)  # Joseph form stays symmetric


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
    mean = linear @ state.mean
    mean[:2] += motion[:, 2]
    return KalmanState(mean, linear @ state.covariance @ linear.T)

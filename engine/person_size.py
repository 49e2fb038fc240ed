"""How tall a person looks at a place in the picture: from the calibration, or learnt from the people seen."""

from collections import deque
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.ground import Ground
from football.camera import PitchCamera

FloatArray = NDArray[np.float64]

PERSON_HEIGHT_M = 1.78
"""Mean height of male professionals; women, youths and crouching people lie within the tolerance of the detector."""


class PersonSize(Protocol):
    """Expected height of a standing person."""

    def heights_at(self, feet: FloatArray) -> FloatArray:
        """Heights (N,) in picture pixels of people whose feet are at ``feet`` (N, 2), picture pixels."""
        ...


class CalibratedSize:
    """Heights from a camera that looks at the pitch.

    Around a foot point the camera is nearly a scaled orthographic one (weak perspective). A metre across the view
    then has the larger singular value of the Jacobian of metres to pixels, a metre along the view the smaller; their
    ratio is the sine of the camera's elevation over the ground, and an upright metre is shortened by its cosine.
    """

    def __init__(self, camera: PitchCamera, scale: float) -> None:
        self._ground = Ground(camera, scale)

    def heights_at(self, feet: FloatArray) -> FloatArray:
        jacobians = self._ground.metres_of_pixel(feet)  # whose singular values are the inverses of those wanted
        seen = np.isfinite(jacobians).all(axis=(1, 2))
        heights = np.full(len(feet), np.nan)
        if seen.any():
            m_per_px = np.linalg.svd(jacobians[seen], compute_uv=False)
            sine = np.clip(m_per_px[:, 1] / m_per_px[:, 0], 0.0, 1.0)
            heights[seen] = PERSON_HEIGHT_M / m_per_px[:, 1] * np.sqrt(1.0 - sine**2)
        return heights


class LearntSize:
    """Heights as a plane over the picture, fitted to upright blobs: a flat pitch under a pinhole gives a plane.

    ``learn`` may be called for ever; only the latest samples count, so that it follows a zoom.
    """

    def __init__(self, picture_size: tuple[int, int]) -> None:
        self._width, self._height = picture_size
        self._samples: deque[tuple[float, float, float]] = deque(maxlen=_KEPT_SAMPLES)
        self._plane = np.array([0.07 * self._height, 0.06 * self._height, 0.0])

    def learn(self, feet: FloatArray, heights: FloatArray) -> None:
        """Take upright blobs: foot points (N, 2) and their heights (N,), picture pixels."""
        self._samples.extend(zip(feet[:, 0], feet[:, 1], heights, strict=True))
        if len(self._samples) >= _ENOUGH_SAMPLES:
            samples = np.array(self._samples)
            balance = _balance_rows(samples[:, 1] / self._height)
            self._plane = _fit_plane(self._terms(samples[:, :2]), samples[:, 2], balance)

    def heights_at(self, feet: FloatArray) -> FloatArray:
        floor = 0.012 * self._height
        return np.asarray(np.maximum(self._terms(feet) @ self._plane, floor), dtype=np.float64)

    def _terms(self, feet: FloatArray) -> FloatArray:
        rows = feet[:, 1] / self._height - 0.5
        columns = feet[:, 0] / self._width - 0.5
        return np.column_stack([np.ones(len(feet)), rows, columns])


def _balance_rows(rows: FloatArray) -> FloatArray:
    """Weights (N,) that let a few people near the camera count as much as the many far away."""
    tenths = np.clip((rows * 10).astype(np.int64), 0, 9)
    return np.asarray(1.0 / np.bincount(tenths, minlength=10)[tenths], dtype=np.float64)


def _fit_plane(terms: FloatArray, heights: FloatArray, balance: FloatArray) -> FloatArray:
    """Plane (3,) that most samples agree with: the best of many through few samples (RANSAC), then refined by Cauchy
    weights. A weak prior holds the slopes while people stand in one place."""
    random = np.random.default_rng(0)  # the same video must give the same rows
    planes = []
    for _ in range(_PLANES_TRIED):
        few = random.choice(len(heights), 4, replace=False, p=balance / balance.sum())
        planes.append(_solve(terms[few], heights[few], np.ones(4)))
    best = max(planes, key=lambda plane: float(balance @ _agreement(terms, heights, plane)))
    for _ in range(6):
        best = _solve(terms, heights, balance * _agreement(terms, heights, best))
    return best


def _agreement(terms: FloatArray, heights: FloatArray, plane: FloatArray) -> FloatArray:
    """Cauchy weights (N,) of relative misfits: people differ by a tenth, crouch and jump."""
    expected = np.maximum(terms @ plane, 1.0)
    return np.asarray(1.0 / (1.0 + ((heights - expected) / (0.12 * expected)) ** 2), dtype=np.float64)


def _solve(terms: FloatArray, heights: FloatArray, weights: FloatArray) -> FloatArray:
    # Relative errors count, not absolute ones. Across the picture heights change less than from top to bottom.
    weights = weights / heights**2
    prior = np.diag([0.0, 0.002, 0.02]) * weights.sum()
    normal = terms.T @ (terms * weights[:, None]) + prior
    return np.linalg.solve(normal, terms.T @ (weights * heights))


_KEPT_SAMPLES = 400
_ENOUGH_SAMPLES = 12
_PLANES_TRIED = 60

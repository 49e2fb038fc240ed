"""A camera that looks at the pitch: pixels to metres and back.

The lens is the one-parameter division model (Fitzgibbon, "Simultaneous linear estimation of multiple view geometry and
lens distortion", CVPR 2001): an undistorted point is ``d / (1 + k1 * |d|^2)`` for a distorted point ``d`` measured from
the centre of distortion. It undistorts in closed form, which is the direction that every frame needs. A homography then
takes undistorted points to metres on the pitch plane.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from football.pitch import STANDARD_PITCH, Pitch

FloatArray = NDArray[np.float64]

MIN_POINTS = 4
MAX_MEDIAN_ERROR_M = 2.0  # beyond this the pairs contradict each other: a swapped or misread point
_K1_STARTS = (0.0, -0.1, -0.2, -0.3, -0.4)  # the cost has local minima in k1; barrel distortion is negative
_POINTS_FOR_RADIAL = 8
_POINTS_FOR_CENTRE = 12
_BEHIND_THE_CAMERA_M = 1e3  # residual of a point that a trial camera cannot see


class CalibrationError(ValueError):
    """The point pairs do not describe a camera; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Lens:
    """Radial distortion about a centre. ``scale_px`` makes ``k1`` independent of the resolution."""

    centre_px: tuple[float, float]
    scale_px: float
    k1: float = 0.0

    def undistort(self, points_px: FloatArray) -> FloatArray:
        """Distorted pixels, shape (N, 2), to undistorted coordinates in units of ``scale_px`` about the centre."""
        d = (points_px - np.asarray(self.centre_px)) / self.scale_px
        return np.asarray(d / (1.0 + self.k1 * np.sum(d**2, axis=1, keepdims=True)), dtype=np.float64)

    def distort(self, points: FloatArray) -> FloatArray:
        """Inverse of :meth:`undistort`; NaN where no pixel maps to the point (strong pincushion distortion)."""
        radius2 = np.sum(points**2, axis=1, keepdims=True)
        with np.errstate(invalid="ignore"):
            # d = u (1 + k1 |d|^2), solved for |d|; this form has no division by a small k1 |u|^2.
            factor = 2.0 / (1.0 + np.sqrt(1.0 - 4.0 * self.k1 * radius2))
        return np.asarray(points * factor * self.scale_px + np.asarray(self.centre_px), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class PitchCamera:
    """A lens and the homography from its undistorted coordinates to metres of ``pitch``, all fixed for a video.

    ``homography`` has shape (3, 3) and is scaled so that points in front of the camera have a positive third
    coordinate.
    """

    lens: Lens
    homography: FloatArray
    pitch: Pitch = STANDARD_PITCH

    def to_pitch(self, points_px: FloatArray) -> FloatArray:
        """Pixels (N, 2) to metres (N, 2); NaN for points on or above the horizon."""
        return _project(self.homography, self.lens.undistort(points_px))

    def to_image(self, points_m: FloatArray) -> FloatArray:
        """Metres (N, 2) to pixels (N, 2); NaN for points that the lens cannot show."""
        homogeneous = _homogeneous(points_m) @ np.linalg.inv(self.homography).T
        return self.lens.distort(homogeneous[:, :2] / homogeneous[:, 2:])


@dataclass(frozen=True, slots=True)
class CameraFit:
    """A fitted camera and how far, in metres, it leaves each of the points it was fitted to, shape (N,)."""

    camera: PitchCamera
    errors_m: FloatArray

    @property
    def median_error_m(self) -> float:
        return float(np.median(self.errors_m))

    @property
    def max_error_m(self) -> float:
        return float(np.max(self.errors_m))


def fit_camera(points_px: FloatArray, points_m: FloatArray, *, frame_size: tuple[int, int]) -> CameraFit:
    """Fit a camera to pairs of pixel and pitch points, each of shape (N, 2), N at least 4.

    The model grows with the evidence: a bare homography for few points, one radial term from 8 points on, a free
    centre of distortion from 12 on (wide cameras are often crops of a larger picture). ``frame_size`` is (width,
    height) in pixels.

    Raises:
        CalibrationError: too few points, points on one line, or pairs that no camera can satisfy.
    """
    _check_pairs(points_px, points_m)
    fit = _fit_lens_and_homography(points_px, points_m, frame_size)
    if not np.isfinite(fit.errors_m).all() or fit.median_error_m > MAX_MEDIAN_ERROR_M:
        raise CalibrationError(
            "The calibration points contradict each other: half of them are off by more than "
            f"{MAX_MEDIAN_ERROR_M:g} m. Check for swapped or misread points."
        )
    return fit


def fit_homography(points_px: FloatArray, points_m: FloatArray) -> FloatArray:
    """Least-squares homography (3, 3) from pixels to metres, for engines that know no lens.

    Direct linear transform on normalised points (Hartley and Zisserman, "Multiple View Geometry", algorithm 4.2).
    """
    source_norm, target_norm = _normalisation(points_px), _normalisation(points_m)
    source, target = _project(source_norm, points_px), _project(target_norm, points_m)
    ones, zeros = np.ones(len(source)), np.zeros((len(source), 3))
    rows = np.column_stack([source, ones])
    upper = np.hstack([rows, zeros, -rows * target[:, :1]])
    lower = np.hstack([zeros, rows, -rows * target[:, 1:]])
    solution = np.linalg.svd(np.vstack([upper, lower]))[2][-1].reshape(3, 3)
    return _oriented(np.linalg.inv(target_norm) @ solution @ source_norm, points_px)


@dataclass(frozen=True, slots=True)
class _FreeParameters:
    """Which numbers of the lens are fitted, and the camera that a vector of parameters describes.

    A vector is the free ones of (k1, centre x, centre y), the centre in units of the scale, then eight entries of the
    homography.
    """

    middle_px: tuple[float, float]
    scale_px: float
    of_lens: int  # 0: none, 1: k1, 3: k1 and the centre

    @classmethod
    def for_evidence(cls, points: int, frame_size: tuple[int, int]) -> "_FreeParameters":
        width, height = frame_size
        of_lens = 0 if points < _POINTS_FOR_RADIAL else 1 if points < _POINTS_FOR_CENTRE else 3
        return cls((width / 2.0, height / 2.0), max(width, height) / 2.0, of_lens)

    def lens(self, parameters: FloatArray) -> Lens:
        k1, x, y = (float(value) for value in (*parameters[: self.of_lens], *(0.0,) * (3 - self.of_lens)))
        centre_px = (self.middle_px[0] + x * self.scale_px, self.middle_px[1] + y * self.scale_px)
        return Lens(centre_px, self.scale_px, k1)

    def camera(self, parameters: FloatArray, seen_px: FloatArray) -> PitchCamera:
        lens = self.lens(parameters)
        homography = np.append(parameters[self.of_lens :], 1.0).reshape(3, 3)
        return PitchCamera(lens, _oriented(homography, lens.undistort(seen_px)))

    def starts(self, points_px: FloatArray, points_m: FloatArray) -> list[FloatArray]:
        """One start for each k1 that is worth trying, with the homography that suits it best."""
        vectors = []
        for k1 in _K1_STARTS if self.of_lens else (0.0,):
            of_lens = np.array([k1, 0.0, 0.0])[: self.of_lens]
            homography = fit_homography(self.lens(of_lens).undistort(points_px), points_m)
            vectors.append(np.concatenate([of_lens, (homography / homography[2, 2]).ravel()[:8]]))
        return vectors


def _fit_lens_and_homography(points_px: FloatArray, points_m: FloatArray, frame_size: tuple[int, int]) -> CameraFit:
    # Imported by whoever fits a camera, not by every server that starts: it takes a third of a second.
    from scipy.optimize import least_squares  # noqa: PLC0415

    free = _FreeParameters.for_evidence(len(points_px), frame_size)

    def residuals(parameters: FloatArray) -> FloatArray:
        difference = free.camera(parameters, points_px).to_pitch(points_px) - points_m
        return np.nan_to_num(difference, nan=_BEHIND_THE_CAMERA_M).ravel()

    solutions = [least_squares(residuals, start, method="lm") for start in free.starts(points_px, points_m)]
    best = min(solutions, key=lambda solution: float(solution.cost))
    camera = free.camera(best.x, points_px)
    return CameraFit(camera, np.linalg.norm(camera.to_pitch(points_px) - points_m, axis=1))


def _check_pairs(points_px: FloatArray, points_m: FloatArray) -> None:
    if len(points_px) != len(points_m) or len(points_px) < MIN_POINTS:
        raise CalibrationError(f"A calibration needs at least {MIN_POINTS} pairs of points, got {len(points_px)}.")
    for points in (points_px, points_m):
        if not np.isfinite(points).all():
            raise CalibrationError("A calibration point is not a finite number.")
        if len(np.unique(points, axis=0)) < len(points):
            raise CalibrationError("Two calibration points are the same.")
        if _flatness(points) < 0.01:
            raise CalibrationError("The calibration points lie on one line; spread them over the pitch.")


def _flatness(points: FloatArray) -> float:
    """Spread of the points across their main direction over the spread along it: 0 for points on one line."""
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return float(spread[1] / spread[0])


def _oriented(homography: FloatArray, seen: FloatArray) -> FloatArray:
    """The same homography with its sign chosen so that the points ``seen`` lie in front of the camera."""
    depth = _homogeneous(seen) @ homography[2]
    scaled = homography / np.abs(homography).max()
    return np.asarray(-scaled if np.median(depth) < 0 else scaled, dtype=np.float64)


def _normalisation(points: FloatArray) -> FloatArray:
    centre = points.mean(axis=0)
    scale = np.sqrt(2.0) / np.mean(np.linalg.norm(points - centre, axis=1))
    return np.array([[scale, 0.0, -scale * centre[0]], [0.0, scale, -scale * centre[1]], [0.0, 0.0, 1.0]])


def _homogeneous(points: FloatArray) -> FloatArray:
    return np.column_stack([points, np.ones(len(points))])


def _project(homography: FloatArray, points: FloatArray) -> FloatArray:
    projected = _homogeneous(points) @ homography.T
    depth = np.where(projected[:, 2:] > 1e-12, projected[:, 2:], np.nan)
    return np.asarray(projected[:, :2] / depth, dtype=np.float64)

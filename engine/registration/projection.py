"""How a camera puts the pitch into a picture, and which ways there are for one that stands around it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from football.camera import MIN_POINTS, CalibrationError, Lens, PitchCamera, fit_homography
from football.pitch import STANDARD_PITCH, Pitch

FloatArray = NDArray[np.float64]

_LEAST_PX_PER_M, _MOST_PX_PER_M = 0.002, 0.15
"""How long a metre on the ground may be, in widths of the picture: the whole pitch seen from far, and a close-up."""
_STEEPEST = 12.0  # a metre along the touchline against one across it: the camera is no lower than about 5 degrees
_FAR_SIDE = 0.7  # sine of the angle by which down in the picture may lead away from the near side
_LOOKED_AT = np.array([(x, y) for x in (0.1, 0.5, 0.9) for y in (0.6, 0.75, 0.9)])  # of the picture, (width, height)
_STRONGEST_BARREL, _STRONGEST_CUSHION = -0.25, 0.06  # of k1 in half widths; the wide feed has about -0.04


_COMPARED_ALONG, _BESIDE_THE_PITCH_M = 24, 10.0
"""Places along each side of a picture by which two cameras are compared, as far as they lie on the pitch or near."""


@dataclass(frozen=True, slots=True)
class PictureView:
    """``to_plane`` (3, 3) takes metres of ``pitch`` to the undistorted picture, in half widths from its middle, with
    positive depth for what is in front of the camera; a lens with the radial term ``k1``
    (:class:`football.camera.Lens`) bends that into a picture of ``size`` (width, height)."""

    to_plane: FloatArray
    size: tuple[int, int]
    k1: float = 0.0
    pitch: Pitch = STANDARD_PITCH

    @property
    def lens(self) -> Lens:
        return Lens((self.size[0] / 2, self.size[1] / 2), self.size[0] / 2, self.k1)

    def project(self, points_m: FloatArray) -> FloatArray:
        """Metres (N, 2) to pixels (N, 2); NaN for points behind the camera or on the horizon."""
        return self.lens.distort(_through(self.to_plane, points_m))

    def locate(self, points_px: FloatArray) -> FloatArray:
        """Pixels (N, 2) to metres (N, 2); NaN above the horizon."""
        return _through(_invert(self.to_plane), self.lens.undistort(points_px))

    def move(self, motion: FloatArray) -> "PictureView":
        """The view after a similarity (2, 3) of the picture, which is what a small pan, tilt or zoom looks like."""
        to_plane = np.array([[1, 0, -self.size[0] / 2], [0, 1, -self.size[1] / 2], [0, 0, self.size[0] / 2]])
        of_plane = to_plane @ np.vstack([motion, [0.0, 0.0, 1.0]]) @ _invert(to_plane)
        return replace(self, to_plane=np.asarray(of_plane @ self.to_plane, np.float64))

    def turn_round(self) -> "PictureView":
        """The same view by the other naming of the pitch, whose lines are the same after half a turn."""
        length, width = self.pitch.length_m, self.pitch.width_m
        renamed = np.array([[-1.0, 0.0, length], [0.0, -1.0, width], [0.0, 0.0, 1.0]])
        return replace(self, to_plane=np.asarray(self.to_plane @ renamed, np.float64))

    def to_camera(self, scale: float) -> PitchCamera:
        """The same for video pixels; ``scale`` is picture pixels per video pixel."""
        lens, (x, y) = self.lens, self.lens.centre_px
        of_video = Lens((x / scale, y / scale), lens.scale_px / scale, lens.k1)
        return PitchCamera(of_video, _invert(self.to_plane), self.pitch)


def view_like(camera: PitchCamera, size: tuple[int, int], scale: float) -> PictureView:
    """The view of pictures of ``size`` (width, height) that comes closest to ``camera``, whose lens may have its centre
    elsewhere; ``scale`` is picture pixels per video pixel.

    Raises:
        CalibrationError: the camera shows too little of the pitch.
    """
    columns, rows = np.meshgrid(*(np.linspace(0, side, _COMPARED_ALONG) for side in size))
    places = np.column_stack([columns.ravel(), rows.ravel()])
    metres = camera.to_pitch(places / scale)
    seen = np.isfinite(metres).all(axis=1) & camera.pitch.contains(metres, margin_m=_BESIDE_THE_PITCH_M)
    if seen.sum() < MIN_POINTS:
        raise CalibrationError("Through this calibration the picture shows too little of the pitch.")

    def fit(k1: float) -> PictureView:
        bent = PictureView(np.eye(3), size, k1, camera.pitch)
        return replace(bent, to_plane=fit_homography(metres[seen], bent.lens.undistort(places[seen])))

    def miss(k1: float) -> float:
        offsets = np.linalg.norm(fit(k1).project(metres[seen]) - places[seen], axis=1)
        return float(np.mean(np.nan_to_num(offsets, nan=size[0]) ** 2))

    best = minimize_scalar(miss, bounds=(_STRONGEST_BARREL, _STRONGEST_CUSHION), method="bounded")
    return fit(float(best.x))


def orient(homography: FloatArray, seen: FloatArray) -> FloatArray:
    """The same homography, of length 1 and with the sign that puts the points ``seen`` (N, 2) before the camera."""
    depths = np.column_stack([seen, np.ones(len(seen))]) @ homography[2]
    sign = -1.0 if np.median(depths) < 0 else 1.0
    return np.asarray(sign * homography / np.linalg.norm(homography), dtype=np.float64)


def is_plausible(view: PictureView) -> bool:
    """Whether a camera around the pitch, above the ground and about upright, can see it so.

    A pitch looks the same after half a turn. The far side is that away from the camera, so views from there are
    refused; a camera behind a goal may have either name.
    """
    if not np.isfinite(view.to_plane).all() or abs(np.linalg.det(view.to_plane)) < 1e-15:
        return False
    if not _STRONGEST_BARREL < view.k1 < _STRONGEST_CUSHION:
        return False
    looked_at = view.locate(_LOOKED_AT * np.array(view.size))
    on_pitch = np.isfinite(looked_at).all(axis=1) & view.pitch.contains(looked_at, margin_m=5.0)
    return bool(on_pitch.sum() >= 2 and _are_seen_well(view, looked_at[on_pitch]).all())


def _are_seen_well(view: PictureView, places: FloatArray) -> NDArray[np.bool_]:
    """Whether the ground at each of ``places`` (N, 2) is seen from above, with metres of a likely length, and whether
    what is lower in the picture is nearer to the camera, and not on the far side."""
    steps = np.array([[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]])
    start, *ends = view.project((places + steps[:, np.newaxis]).reshape(-1, 2)).reshape(3, -1, 2)
    of_metre = 2 * (np.stack(ends, axis=2) - start[:, :, np.newaxis]) / view.size[0]  # (N, 2, 2): widths by metres
    lengths = np.linalg.norm(of_metre, axis=1)
    least, most = lengths.min(axis=1), lengths.max(axis=1)
    is_likely = (most < _MOST_PX_PER_M) & (most > _LEAST_PX_PER_M) & (most < _STEEPEST * least)
    is_from_above = of_metre[:, 0, 0] * of_metre[:, 1, 1] > of_metre[:, 0, 1] * of_metre[:, 1, 0]
    # Down in the picture is this way on the ground, (x, y) up to a positive factor, by the inverse of a 2 x 2 matrix.
    down = np.stack([-of_metre[:, 0, 1], of_metre[:, 0, 0]], axis=1)
    is_nearer = down @ view.to_plane[2, :2] < 0
    is_near_side = down[:, 1] > -_FAR_SIDE * np.linalg.norm(down, axis=1)
    return np.asarray(is_from_above & is_likely & is_nearer & is_near_side)


def _through(homography: FloatArray, points: FloatArray) -> FloatArray:
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ homography.T
    depth = np.where(homogeneous[:, 2:] > 1e-9, homogeneous[:, 2:], np.nan)
    return np.asarray(homogeneous[:, :2] / depth, dtype=np.float64)


def _invert(homography: FloatArray) -> FloatArray:
    """The way back; depths that were positive stay so."""
    return np.asarray(np.linalg.inv(homography), dtype=np.float64)

"""Points through homographies, and which homographies a camera beside a pitch can have."""

import numpy as np
from numpy.typing import NDArray

from football.camera import Lens, PitchCamera
from football.pitch import STANDARD_PITCH

FloatArray = NDArray[np.float64]

_LEAST_PX_PER_M, _MOST_PX_PER_M = 0.002, 0.15
"""How long a metre on the ground may be, in widths of the picture: the whole pitch seen from far, and a close-up."""
_STEEPEST = 12.0  # a metre along the touchline against one across it: the camera is no lower than about 5 degrees
_LOOKED_AT = np.array([(x, y) for x in (0.1, 0.5, 0.9) for y in (0.6, 0.75, 0.9)])  # of the picture, (width, height)


def project(homography: FloatArray, points: FloatArray) -> FloatArray:
    """Points (N, 2) through a homography (3, 3); NaN for those behind the camera or on the horizon."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ homography.T
    depth = np.where(homogeneous[:, 2:] > 1e-9, homogeneous[:, 2:], np.nan)
    return np.asarray(homogeneous[:, :2] / depth, dtype=np.float64)


def orient(homography: FloatArray, seen: FloatArray) -> FloatArray:
    """The same homography, of length 1 and with the sign that puts the points ``seen`` (N, 2) before the camera."""
    depths = np.column_stack([seen, np.ones(len(seen))]) @ homography[2]
    sign = -1.0 if np.median(depths) < 0 else 1.0
    return np.asarray(sign * homography / np.linalg.norm(homography), dtype=np.float64)


def invert(homography: FloatArray) -> FloatArray:
    """The way back; depths that were positive stay so."""
    return np.asarray(np.linalg.inv(homography), dtype=np.float64)


def is_plausible(to_picture: FloatArray, size: tuple[int, int]) -> bool:
    """Whether a camera at the near touchline, above the ground and about upright, can see a pitch so.

    ``to_picture`` (3, 3) takes metres to pixels of a picture of ``size`` (width, height).
    """
    if not np.isfinite(to_picture).all() or abs(np.linalg.det(to_picture)) < 1e-15:
        return False
    looked_at = project(invert(to_picture), _LOOKED_AT * np.array(size))
    on_pitch = np.isfinite(looked_at).all(axis=1) & STANDARD_PITCH.contains(looked_at, margin_m=5.0)
    return bool(on_pitch.sum() >= 2) and all(_is_seen_well(to_picture, place, size) for place in looked_at[on_pitch])


def _is_seen_well(to_picture: FloatArray, place: FloatArray, size: tuple[int, int]) -> bool:
    """Whether right is right and near is low at ``place`` (2,), with metres of a likely length."""
    start, along, across = project(to_picture, place + np.array([[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]]))
    right, near = 2 * (along - start) / size[0], 2 * (across - start) / size[0]
    if not np.isfinite([right, near]).all() or right[0] <= 0 or near[1] <= 0:
        return False
    lengths = np.linalg.norm([right, near], axis=1)
    area = right[0] * near[1] - right[1] * near[0]
    least, most = lengths.min(), lengths.max()
    return bool(area > 0 and most < _MOST_PX_PER_M and most > _LEAST_PX_PER_M and most < _STEEPEST * least)


def to_camera(to_picture: FloatArray, scale: float) -> PitchCamera:
    """A camera of video pixels; ``scale`` is picture pixels per video pixel."""
    to_pitch = invert(to_picture) @ np.diag([scale, scale, 1.0])
    return PitchCamera(Lens((0.0, 0.0), 1.0), np.asarray(to_pitch, dtype=np.float64))

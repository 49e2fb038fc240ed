"""Where the pitch lies in one picture, and whether that can be relied on."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.registration.alignment import Alignment, Points, align
from engine.registration.line_search import to_grey
from engine.registration.projection import is_plausible, orient, project
from engine.registration.sight import PitchSight, Sight
from engine.video import Picture
from football.markings import PITCH_POINTS

FloatArray = NDArray[np.float64]

LEAST_CHANCE = 0.3
"""Chance from which a point that the network sees is used at all."""
_LEAST_POINTS = 5
_INLIER = 0.008  # widths of the picture: 15 px of 1920
_LEAST_AGREEING = 0.6  # share of the points seen that must agree with one homography
_LEAST_ON_LINE = 0.35
"""Share of the places on projected lines that must show a line there. Raising it refuses pitches with worn lines, and
crowded ones; a homography that is wrong by some metres finds lines at a quarter of them."""
_LEAST_ON_COURSE = 0.25  # the same of lines along the touchlines, along the goal lines, and of bent ones, each
_LEAST_AGREEMENT = 0.6  # share of the lines found nearby that must lie where they should: about 0.4 when wrong
_FEW_SAMPLES = 60


@dataclass(frozen=True, slots=True)
class Registration:
    """``to_picture`` (3, 3) takes metres to pixels of the picture, scaled so that what is seen has positive depth.

    ``error_px`` is how far, in the median, lines of the pitch are from those in the picture; None if not measured.
    """

    to_picture: FloatArray
    error_px: float | None


class Registrar:
    """Registers picture by picture, without memory."""

    def __init__(self, sight: PitchSight) -> None:
        self._sight = sight

    def register(self, picture: Picture) -> Registration | None:
        """None where the picture does not tell where the pitch is."""
        sight = self._sight.see(picture, least=LEAST_CHANCE)
        size = (picture.shape[1], picture.shape[0])
        start = fit_points(sight, size)
        if start is None or not is_plausible(start, size):
            return None
        points = Points(PITCH_POINTS[sight.numbers], sight.places)
        alignment = align(start, to_grey(picture), points)
        if not is_plausible(alignment.to_picture, size) or not is_supported(alignment):
            return None
        return Registration(alignment.to_picture, alignment.error_px)


def fit_points(sight: Sight, size: tuple[int, int]) -> FloatArray | None:
    """The homography (3, 3) from metres to pixels that most points agree with; None where too few do."""
    if len(sight.numbers) < _LEAST_POINTS:
        return None
    metres, within = PITCH_POINTS[sight.numbers], _INLIER * size[0]
    found, _ = cv2.findHomography(metres, sight.places, cv2.RANSAC, within)
    if found is None:
        return None
    homography = orient(np.asarray(found, np.float64), metres)
    errors = np.linalg.norm(project(homography, metres) - sight.places, axis=1)
    agreeing = int((errors <= within).sum())
    return homography if agreeing >= max(_LEAST_POINTS, _LEAST_AGREEING * len(metres)) else None


def is_supported(alignment: Alignment) -> bool:
    """Whether enough of the lines found in the picture lie where they should."""
    return (
        alignment.samples >= _FEW_SAMPLES
        and alignment.on_line >= _LEAST_ON_LINE * alignment.samples
        and alignment.weakest >= _LEAST_ON_COURSE
        and alignment.agreement >= _LEAST_AGREEMENT
    )

"""Where the pitch lies in one picture, and whether that can be relied on."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from engine.registration.alignment import Alignment, Points, align
from engine.registration.line_search import Grey, to_grey
from engine.registration.projection import PictureView, is_plausible, orient
from engine.registration.sight import PitchSight, Sight
from engine.video import Picture
from football.markings import locate_points
from football.pitch import STANDARD_PITCH, Pitch

LEAST_CHANCE = 0.3
"""Chance from which a point that the network sees is used at all."""
_LEAST_POINTS = 5
_INLIER = 0.010  # widths of the picture: 19 px of 1920
_LEAST_AGREEING = 0.4  # share of the points seen that must agree with one homography; lines decide in the end
_OTHER_LENSES = (-0.03,)  # k1 to begin with, beside 0: the cost has local minima in it; barrel distortion is negative
_GOOD_SUPPORT = 0.8
_LEAST_ON_LINE = 0.35
"""Share of the places on projected lines that must show a line there. Raising it refuses pitches with worn lines, and
crowded ones; a homography that is wrong by some metres finds lines at a quarter of them."""
_LEAST_ON_COURSE = 0.25  # the same of lines along the touchlines, along the goal lines, and of bent ones, each
_LEAST_AGREEMENT = 0.5  # share of the lines found nearby that must lie where they should: about 0.4 when wrong
_FEW_SAMPLES = 60
_SOME_LINES, _HARDLY_ANY = 0.25, 0.2  # shares of the places on projected lines
_MOST_DOUBT = 0.0026  # widths of the picture: 5 px of 1920


@dataclass(frozen=True, slots=True)
class Registration:
    """``support``: share of the places on projected lines that show a line there. ``error_px`` is how far, in the
    median, lines of the pitch are from those in the picture; None if not measured. ``shot`` is another number where the
    view has jumped since the last picture, as at a cut."""

    view: PictureView
    support: float
    error_px: float | None
    shot: int = 0


class Registrar:
    """Registers picture by picture, without memory. ``pitch`` is the size of that which the pictures show."""

    def __init__(self, sight: PitchSight, pitch: Pitch = STANDARD_PITCH) -> None:
        self._sight = sight
        self._pitch = pitch

    def register(self, picture: Picture) -> Registration | None:
        """None where the picture does not tell where the pitch is."""
        sight = self._sight.see(picture, least=LEAST_CHANCE)
        start = fit_points(sight, (picture.shape[1], picture.shape[0]), self._pitch)
        if start is None or not is_plausible(start):
            return None
        points = Points(locate_points(self._pitch)[sight.numbers], sight.places)
        alignment = _align_lens(start, to_grey(picture), points)
        if not is_plausible(alignment.view) or not is_supported(alignment) or is_doubtful(alignment):
            return None
        return Registration(alignment.view, alignment.support, alignment.error_px)


def _align_lens(start: PictureView, grey: Grey, points: Points) -> Alignment:
    """The best alignment of those with each lens to begin with; one that is good enough ends the search."""
    best = align(start, grey, points)
    for k1 in _OTHER_LENSES:
        if best.support < _GOOD_SUPPORT:
            best = max(best, align(replace(start, k1=k1), grey, points), key=lambda one: one.support)
    return best


def fit_points(sight: Sight, size: tuple[int, int], pitch: Pitch = STANDARD_PITCH) -> PictureView | None:
    """The view that most points agree with, through a perfect lens; None where too few do."""
    if len(sight.numbers) < _LEAST_POINTS:
        return None
    metres, places = locate_points(pitch)[sight.numbers], (2 * sight.places - np.array(size)) / size[0]
    found, _ = cv2.findHomography(metres, places, cv2.RANSAC, 2 * _INLIER)
    if found is None:
        return None
    view = PictureView(orient(np.asarray(found, np.float64), metres), size, pitch=pitch)
    errors = np.linalg.norm(view.project(metres) - sight.places, axis=1)
    agreeing = int((errors <= _INLIER * size[0]).sum())
    return view if agreeing >= max(_LEAST_POINTS, _LEAST_AGREEING * len(metres)) else None


def is_supported(alignment: Alignment) -> bool:
    """Whether enough of the lines found in the picture lie where they should."""
    return (
        alignment.samples >= _FEW_SAMPLES
        and alignment.support >= _LEAST_ON_LINE
        and alignment.weakest >= _LEAST_ON_COURSE
        and alignment.agreement >= _LEAST_AGREEMENT
    )


def is_contradicted(alignment: Alignment) -> bool:
    """Whether there are lines nearby, and they lie elsewhere: after a cut, and not where something covers them."""
    return alignment.clear >= _SOME_LINES * alignment.samples and alignment.support < _HARDLY_ANY


def is_doubtful(alignment: Alignment) -> bool:
    """Whether the lines leave the view free; those of a video's next frame may, for what they leave free was known."""
    return alignment.doubt_px > _MOST_DOUBT * alignment.view.size[0]

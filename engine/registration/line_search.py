"""Lines of the pitch in a picture, looked for near where a homography says that they are.

In the manner of Harris and Stennett, "RAPID, a video rate object tracker" (BMVC 1990): from points along the projected
lines, across them, to the nearest ridge that is lighter than the grass on both sides.
"""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.registration.projection import PictureView
from engine.video import Picture
from football.markings import trace_lines
from football.pitch import Pitch

FloatArray = NDArray[np.float64]
Grey = NDArray[np.uint8]

_LINE_WIDTH_M = 0.12  # the most that Law 1 allows
_MOST_SAMPLES = 200
_LEAST_CONTRAST = 5.0  # grey levels by which a line is lighter than what lies on either side of it
_MARGIN = 0.008  # of the width; samples nearer to the edge of the picture are left out
_STEPS = 12  # places that are tried on either side
_LEAST_STEP = 0.5  # pixels between two of them
_ASIDE_M = 0.2


@dataclass(frozen=True, slots=True)
class _Lines:
    """Points (N, 2) on lines and directions (N, 2) along them, metres, and the courses (N,) of the lines."""

    points: FloatArray
    directions: FloatArray
    courses: NDArray[np.int64]


@lru_cache(maxsize=16)
def _sample_lines(pitch: Pitch) -> _Lines:
    points, directions, courses = [], [], []
    for whole in trace_lines(pitch):
        line = whole[:: 1 if len(whole) < _SHORT else 2]
        points.append((line[:-1] + line[1:]) / 2)
        steps = np.diff(line, axis=0)
        directions.append(steps / np.linalg.norm(steps, axis=1, keepdims=True))
        is_flat = (np.ptp(line[:, 1]) < _FLAT_M, np.ptp(line[:, 0]) < _FLAT_M)
        courses += [is_flat.index(True) if any(is_flat) else COURSES - 1] * len(steps)
    return _Lines(np.concatenate(points), np.concatenate(directions), np.array(courses, dtype=np.int64))


COURSES = 3
_FLAT_M = 1e-6
_SHORT = 60  # points; longer lines need not be sampled as densely


@dataclass(frozen=True, slots=True)
class Samples:
    """Of projected lines: ``places`` (N, 2) and unit ``normals`` (N, 2) in pixels; ``metres`` (N,) of the ground
    across the line, in pixels.

    ``courses`` (N,): whether the line runs along the touchlines (0), along the goal lines (1), or bends (2).
    """

    places: FloatArray
    normals: FloatArray
    metres: FloatArray
    courses: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ridges:
    """What lies at samples: whether a line ``is_clear`` (N,), and its signed distance along the normal (N,), pixels."""

    is_clear: NDArray[np.bool_]
    offsets: FloatArray


def to_grey(picture: Picture) -> Grey:
    """A slightly smoothed lightness (height, width)."""
    return np.asarray(cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (3, 3), 0), dtype=np.uint8)


def project_lines(view: PictureView) -> Samples:
    """Samples that lie in the picture, spread evenly over the lines in it."""
    lines = _sample_lines(view.pitch)
    places = view.project(lines.points)
    margin = _MARGIN * view.size[0]
    with np.errstate(invalid="ignore"):
        inside = np.flatnonzero(((places > margin) & (places < np.array(view.size) - margin)).all(axis=1))
    ahead = view.project(lines.points[inside] + 0.25 * lines.directions[inside]) - places[inside]
    lengths = np.linalg.norm(ahead, axis=1)
    is_drawn = lengths > 0  # and no NaN, where a strong lens has no place for the next point
    inside, ahead, lengths = inside[is_drawn], ahead[is_drawn], lengths[is_drawn]
    if not len(inside):
        return Samples(np.empty((0, 2)), np.empty((0, 2)), np.empty(0), np.empty(0, np.int64))
    chosen = _choose_evenly(lengths)
    inside, ahead = inside[chosen], ahead[chosen] / lengths[chosen, np.newaxis]
    normals = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    aside = lines.directions[inside][:, ::-1] * np.array([-1.0, 1.0])
    across = view.project(lines.points[inside] + _ASIDE_M * aside) - places[inside]
    metres = np.abs(np.sum(across * normals, axis=1))
    return Samples(places[inside], normals, metres / _ASIDE_M, lines.courses[inside])


def _choose_evenly(lengths: FloatArray) -> NDArray[np.int64]:
    """Places so that those chosen are about equally far apart in the picture; ``lengths`` are those of their steps."""
    run = np.cumsum(lengths)
    count = min(_MOST_SAMPLES, len(lengths))
    places = np.searchsorted(run, np.linspace(0, run[-1], count, endpoint=False) + 1e-9)
    return np.asarray(places[np.diff(places, prepend=-1) > 0], dtype=np.int64)


def find_ridges(grey: Grey, samples: Samples, *, reaches: FloatArray) -> Ridges:
    """The strongest ridge within ``reaches`` (N,) pixels of each sample."""
    if not len(reaches):  # which OpenCV would refuse
        return Ridges(np.empty(0, np.bool_), np.empty(0))
    step = np.maximum(reaches / _STEPS, _LEAST_STEP)[:, np.newaxis]
    steps = np.arange(-_STEPS, _STEPS + 1.0) * step
    aside = np.clip(_LINE_WIDTH_M * samples.metres, 1.0, 12.0)[:, np.newaxis] + 1.5
    contrast = _sample(grey, samples, steps)
    contrast = contrast - np.maximum(_sample(grey, samples, steps - aside), _sample(grey, samples, steps + aside))
    best = contrast.argmax(axis=1)
    rows = np.arange(len(best))
    peak = contrast[rows, best]
    before = contrast[rows, np.maximum(best - 1, 0)]
    after = contrast[rows, np.minimum(best + 1, 2 * _STEPS)]
    bend = np.maximum(2 * peak - before - after, 1e-6)
    shift = np.clip((after - before) / (2 * bend), -0.5, 0.5)  # the top of a parabola through the three
    at_end = (best == 0) | (best == 2 * _STEPS)
    return Ridges((peak >= _LEAST_CONTRAST) & ~at_end, steps[rows, best] + step[:, 0] * shift)


def _sample(grey: Grey, samples: Samples, steps: FloatArray) -> FloatArray:
    """Lightness (N, K) at ``steps`` (N, K) along the normals."""
    x = samples.places[:, :1] + steps * samples.normals[:, :1] - 0.5
    y = samples.places[:, 1:] + steps * samples.normals[:, 1:] - 0.5
    found = cv2.remap(
        grey, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(found, dtype=np.float64)

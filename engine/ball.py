"""The ball: a small bright blob that moves over the pitch. Rows are made only when that is beyond doubt."""

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.person_size import PERSON_HEIGHT_M, PersonSize
from engine.pitch_colour import Lab
from engine.pitch_mask import PitchRegion

Mask = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

BALL_DIAMETER_M = 0.22  # Law 2: a circumference of 68 to 70 cm
_BALL_IN_BODIES = BALL_DIAMETER_M / PERSON_HEIGHT_M
_MIN_BRIGHTNESS = 130  # OpenCV lightness, 0 to 255: match balls are mostly white or yellow
_SMALLEST, _LARGEST = 0.5, 2.6  # of the diameter; motion blur draws the ball out
_MAX_SPEED = 36.0 / PERSON_HEIGHT_M  # body heights per second: hard shots leave the foot with about 35 m/s
_FORGET_S = 0.4
_SURE_AFTER_HITS = 8
_SURE_AFTER_PATH = 2.0  # body heights moved: spots, spare balls and socks of people who stand do not go that far


@dataclass(frozen=True, slots=True)
class BallCandidate:
    """A blob like a ball: ``centre`` (2,) in picture pixels, and the height of a person standing there."""

    centre: FloatArray
    body_px: float


@dataclass(slots=True)
class _Path:
    points: deque[tuple[float, FloatArray]]
    body_px: float
    start: FloatArray
    hits: int = 1
    farthest: float = 0.0
    velocity: FloatArray = field(default_factory=lambda: np.zeros(2))

    @property
    def seen_s(self) -> float:
        return self.points[-1][0]

    @property
    def is_ball(self) -> bool:
        return self.hits >= _SURE_AFTER_HITS and self.farthest >= _SURE_AFTER_PATH

    @property
    def confidence(self) -> float:
        return float(min(1.0, self.hits / 25) * min(1.0, self.farthest / 5))


def find_candidates(
    lab: Lab, foreground: Mask, size: PersonSize, region: PitchRegion, people: list[tuple[float, float, float, float]]
) -> list[BallCandidate]:
    """Blobs of ``foreground`` of the ball's size and brightness on the pitch and apart from ``people`` (boxes)."""
    count, _, stats, middles = cv2.connectedComponentsWithStats(foreground.astype(np.uint8), connectivity=8)
    if count < 2:
        return []
    boxes, centres = np.asarray(stats[1:], dtype=np.float64), np.asarray(middles[1:], dtype=np.float64)
    heights = size.heights_at(centres)
    diameters = _BALL_IN_BODIES * heights
    longer, shorter = boxes[:, 2:4].max(axis=1), boxes[:, 2:4].min(axis=1)
    fits = (longer <= _LARGEST * diameters + 1) & (shorter >= _SMALLEST * diameters) & (longer <= 3 * shorter)
    fits &= boxes[:, 4] >= 0.5 * boxes[:, 2] * boxes[:, 3]
    fits &= region.contains(centres) & ~_inside_any(centres, people)
    found = []
    for number in np.flatnonzero(fits):
        left, top, width, height = boxes[number, :4].astype(int)
        if lab[top : top + height, left : left + width, 0].max() >= _MIN_BRIGHTNESS:
            found.append(BallCandidate(centres[number], float(heights[number])))
    return found


def _inside_any(centres: FloatArray, people: list[tuple[float, float, float, float]]) -> Mask:
    inside = np.zeros(len(centres), np.bool_)
    for x_min, y_min, x_max, y_max in people:
        x, y = centres[:, 0], centres[:, 1]
        inside |= (x > x_min) & (x < x_max) & (y > y_min) & (y < y_max)
    return inside


@dataclass(frozen=True, slots=True)
class BallSighting:
    """The ball at ``centre`` (2,), picture pixels."""

    centre: FloatArray
    confidence: float


class BallTracker:
    """Follows all candidates and tells which one is the ball, once one has travelled. One per video."""

    def __init__(self) -> None:
        self._paths: list[_Path] = []
        self._time_s = 0.0

    def update(
        self, candidates: list[BallCandidate], time_s: float, *, motion: FloatArray | None = None
    ) -> BallSighting | None:
        """Take the next frame; return the ball if it is seen in it."""
        if motion is not None:
            self._move(motion)
        free = list(candidates)
        for path in sorted(self._paths, key=lambda one: -one.hits):
            nearest = _nearest(path, free, time_s)
            if nearest is not None:
                free = [one for one in free if one is not nearest]
                _extend(path, nearest, time_s)
        self._paths += [_Path(deque([(time_s, one.centre)], maxlen=5), one.body_px, one.centre) for one in free]
        self._paths = [path for path in self._paths if time_s - path.seen_s <= _FORGET_S]
        return self._choose(time_s)

    def _choose(self, time_s: float) -> BallSighting | None:
        balls = [path for path in self._paths if path.is_ball]
        if not balls:
            return None
        best = max(balls, key=lambda path: (path.confidence, path.hits))
        return BallSighting(best.points[-1][1], best.confidence) if best.seen_s == time_s else None

    def _move(self, motion: FloatArray) -> None:
        for path in self._paths:
            path.points = deque(((at, motion[:, :2] @ point + motion[:, 2]) for at, point in path.points), maxlen=5)
            path.start = motion[:, :2] @ path.start + motion[:, 2]


def _nearest(path: _Path, candidates: list[BallCandidate], time_s: float) -> BallCandidate | None:
    elapsed_s = time_s - path.seen_s
    expected = path.points[-1][1] + path.velocity * elapsed_s
    reach = path.body_px * (0.25 + (0.3 if path.hits > 2 else 1.0) * _MAX_SPEED * elapsed_s)
    within = [one for one in candidates if float(np.hypot(*(one.centre - expected))) <= reach]
    return min(within, key=lambda one: float(np.hypot(*(one.centre - expected))), default=None)


def _extend(path: _Path, candidate: BallCandidate, time_s: float) -> None:
    path.points.append((time_s, candidate.centre))
    path.hits += 1
    path.body_px = candidate.body_px
    first_s, first = path.points[0]
    if time_s > first_s:
        path.velocity = (candidate.centre - first) / (time_s - first_s)
    path.farthest = max(path.farthest, float(np.hypot(*(candidate.centre - path.start))) / candidate.body_px)

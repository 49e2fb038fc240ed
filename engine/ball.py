"""The ball: a small bright blob that moves over the pitch. Rows are made only when that is beyond doubt."""

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.blobs import Blobs
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
_SURE_WITHIN_S = 0.6  # in which the hits must lie
_SURE_AFTER_WAY = (
    1.0  # body heights moved in that time, at least 3 m/s; spots, spare balls and socks do not go that far
)
_SURE_EVENNESS = 0.5  # usual speed over greatest: a ball slows down, but little within half a second
_SURE_STRAIGHTNESS = 0.8  # way over length of the path: glints that come and go hop to and fro


@dataclass(frozen=True, slots=True)
class BallCandidate:
    """A blob like a ball: ``centre`` (2,) in picture pixels, and the height of a person standing there.

    ``confidence`` is that of a network; colours tell none. Something like it ``stood`` there before, or a mark does.
    """

    centre: FloatArray
    body_px: float
    confidence: float = 0.0
    stood: bool = False


@dataclass(slots=True)
class _Path:
    """The last places of one candidate, with their times."""

    points: deque[tuple[float, FloatArray]]
    body_px: float
    hits: int = 1

    @property
    def seen_s(self) -> float:
        return self.points[-1][0]

    @property
    def straightness(self) -> float:
        """Way over length, 0 to 1, of a path that went far and evenly enough to be judged; else 0."""
        (first_s, first), (last_s, last) = self.points[0], self.points[-1]
        way = float(np.hypot(*(last - first)))
        if len(self.points) < _SURE_AFTER_HITS or last_s - first_s > _SURE_WITHIN_S:
            return 0.0
        if way < _SURE_AFTER_WAY * self.body_px:
            return 0.0
        places, times = np.array([place for _, place in self.points]), np.array([at for at, _ in self.points])
        steps = np.hypot(*np.diff(places, axis=0).T)
        speeds = steps / np.diff(times)
        # A spot that lies still and is then mistaken for another one has moved straight, but not evenly.
        is_even = float(np.median(speeds)) >= _SURE_EVENNESS * float(speeds.max())
        return way / float(steps.sum()) if is_even else 0.0

    @property
    def confidence(self) -> float:
        return self.straightness * min(1.0, self.hits / 16)

    def predict(self, time_s: float) -> FloatArray:
        """Expected place (2,), from the last places."""
        (first_s, first), (last_s, last) = self.points[max(-3, -len(self.points))], self.points[-1]
        if last_s <= first_s:
            return last
        return np.asarray(last + (last - first) * (time_s - last_s) / (last_s - first_s), dtype=np.float64)


def find_candidates(
    lab: Lab, blobs: Blobs, size: PersonSize, region: PitchRegion, people: list[tuple[float, float, float, float]]
) -> list[BallCandidate]:
    """Those of the ball's size and brightness on the pitch and apart from ``people`` (boxes)."""
    if not len(blobs.boxes):
        return []
    centres, sides = blobs.centres, blobs.boxes[:, 2:] - blobs.boxes[:, :2]
    heights = size.heights_at(centres)
    diameters = _BALL_IN_BODIES * heights
    longer, shorter = sides.max(axis=1), sides.min(axis=1)
    fits = (longer <= _LARGEST * diameters + 1) & (shorter >= _SMALLEST * diameters) & (longer <= 3 * shorter)
    fits &= blobs.areas >= 0.5 * longer * shorter
    fits &= region.contains(centres) & ~_inside_any(centres, people)
    found = []
    for number in np.flatnonzero(fits):
        left, top, right, bottom = blobs.boxes[number].astype(int)
        if lab[top:bottom, left:right, 0].max() >= _MIN_BRIGHTNESS:
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
    """Follows all candidates and tells which one is the ball, while one travels. One per video.

    A ball that lies or dribbles close to somebody is not told: it looks like a spot, or like a foot.
    """

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
        self._paths += [_Path(deque([(time_s, one.centre)], maxlen=_SURE_AFTER_HITS), one.body_px) for one in free]
        self._paths = [path for path in self._paths if time_s - path.seen_s <= _FORGET_S]
        return self._choose(time_s)

    def _choose(self, time_s: float) -> BallSighting | None:
        balls = [path for path in self._paths if path.seen_s == time_s and path.straightness >= _SURE_STRAIGHTNESS]
        if not balls:
            return None
        best = max(balls, key=lambda path: (path.confidence, path.hits))
        return BallSighting(best.points[-1][1], best.confidence)

    def _move(self, motion: FloatArray) -> None:
        for path in self._paths:
            moved = ((at, motion[:, :2] @ place + motion[:, 2]) for at, place in path.points)
            path.points = deque(moved, maxlen=_SURE_AFTER_HITS)


def _nearest(path: _Path, candidates: list[BallCandidate], time_s: float) -> BallCandidate | None:
    elapsed_s = time_s - path.seen_s
    expected = path.predict(time_s)
    # A path of two points has no sure direction yet, so the next point may lie anywhere that a shot reaches.
    reach = path.body_px * (0.25 + (0.3 if path.hits > 2 else 1.0) * _MAX_SPEED * elapsed_s)
    within = [one for one in candidates if float(np.hypot(*(one.centre - expected))) <= reach]
    return min(within, key=lambda one: float(np.hypot(*(one.centre - expected))), default=None)


def _extend(path: _Path, candidate: BallCandidate, time_s: float) -> None:
    path.points.append((time_s, candidate.centre))
    path.hits += 1
    path.body_px = candidate.body_px

"""What takes the rows of many frames: how fast people run, which team a goalkeeper plays for, where a ball was that was
seen before and after.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import takewhile
from math import hypot

import numpy as np

from engine.chunks import FrameRows
from engine.results import BallRow, Place, PlayerRow
from engine.sides import Sides
from football.pitch import STANDARD_PITCH, Pitch

HALF_WINDOW_S = 0.24
"""A speed is that of the places this far to either side. They are smoothed already; a longer window would cut the top
off short sprints."""
FASTEST_MPS = 12.0
"""Above, two people were taken for one; no human has run so fast."""

LONGEST_BRIDGE_S = 0.5
"""Between two sightings that are at most so far apart, the ball is told where the straight line between them has it.
Raising it fills more gaps, with places where the ball was not: it may have been played on in between."""
FASTEST_BALL_MPS = 36.0

_HOLD_S = LONGEST_BRIDGE_S + 0.05  # and a frame, so that the end of a gap is seen before its beginning is told
_LEAST_SPAN_S = 0.1
_REACH_S = HALF_WINDOW_S + 1e-6  # as many places before as after, however times are rounded


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a track was: seconds and metres."""

    time_s: float
    x_m: float
    y_m: float


class Finisher:
    """Holds rows back for some half a second and completes them. One per video."""

    def __init__(self, pitch: Pitch = STANDARD_PITCH) -> None:
        self._held: deque[FrameRows] = deque()
        self._places: dict[int, deque[_Place]] = defaultdict(deque)
        self._sides = Sides(pitch)

    def add(self, frames: Iterable[FrameRows]) -> Iterator[FrameRows]:
        """Take the rows of frames in order; yield those that are complete."""
        for frame in frames:
            self._take(frame)
            while self._held[0].time_s < frame.time_s - _HOLD_S:
                yield self._complete(self._held.popleft())

    def finish(self) -> Iterator[FrameRows]:
        """Yield what is left."""
        while self._held:
            yield self._complete(self._held.popleft())

    def _take(self, frame: FrameRows) -> None:
        for row in frame.players:
            if row.foot.x_m is not None and row.foot.y_m is not None:
                self._places[row.track].append(_Place(row.time_s, row.foot.x_m, row.foot.y_m))
        self._held.append(replace(frame, players=self._sides.tell_teams(frame.players)))
        if frame.ball is not None:
            self._bridge(frame.ball)

    def _complete(self, frame: FrameRows) -> FrameRows:
        players = tuple(replace(row, speed_mps=self._measure_speed(row)) for row in frame.players)
        self._forget(frame.time_s - _REACH_S)
        return replace(frame, players=players)

    def _bridge(self, ball: BallRow) -> None:
        """Fill the gap that ends with ``ball``, in the frame taken last."""
        gap = list(takewhile(lambda index: self._held[index].ball is None, range(len(self._held) - 2, -1, -1)))
        before = len(self._held) - 2 - len(gap)
        last = self._held[before].ball if before >= 0 else None
        if not gap or last is None or not _is_bridge(last, ball):
            return
        for index in gap:
            frame = self._held[index]
            self._held[index] = replace(frame, ball=_interpolate(last, ball, frame))

    def _measure_speed(self, row: PlayerRow) -> float | None:
        """Slope of the places by least squares; None where there are too few, or where nobody can run like that."""
        near = [place for place in self._places.get(row.track, ()) if abs(place.time_s - row.time_s) <= _REACH_S]
        if row.foot.x_m is None or not near or near[-1].time_s - near[0].time_s < _LEAST_SPAN_S:
            return None
        times_s = np.array([place.time_s for place in near])
        offsets = times_s - times_s.mean()
        places_m = np.array([(place.x_m, place.y_m) for place in near])
        speed = float(np.hypot(*(offsets @ places_m / (offsets @ offsets))))
        return speed if speed <= FASTEST_MPS else None

    def _forget(self, before_s: float) -> None:
        for track in list(self._places):
            places = self._places[track]
            while places and places[0].time_s < before_s:
                places.popleft()
            if not places:
                del self._places[track]


def _is_bridge(last: BallRow, ball: BallRow) -> bool:
    elapsed_s = ball.time_s - last.time_s
    places = (last.place.x_m, last.place.y_m, ball.place.x_m, ball.place.y_m)
    if elapsed_s > LONGEST_BRIDGE_S:
        return False
    if None in places:
        return True
    x, y, later_x, later_y = (float(place or 0.0) for place in places)
    return hypot(later_x - x, later_y - y) <= FASTEST_BALL_MPS * elapsed_s


def _interpolate(last: BallRow, ball: BallRow, frame: FrameRows) -> BallRow:
    share = (frame.time_s - last.time_s) / (ball.time_s - last.time_s)

    def between(first: float | None, second: float | None) -> float | None:
        return None if first is None or second is None else first + share * (second - first)

    x_px, y_px = (
        first + share * (second - first)
        for first, second in ((last.place.x_px, ball.place.x_px), (last.place.y_px, ball.place.y_px))
    )
    x_m, y_m = between(last.place.x_m, ball.place.x_m), between(last.place.y_m, ball.place.y_m)
    confidence = min(last.confidence, ball.confidence)
    return BallRow(frame.frame, frame.time_s, Place(x_px, y_px, x_m, y_m), confidence, is_interpolated=True)

"""What the network should answer for a crop."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.networks.points import BALL_STRIDE, PEOPLE_STRIDE
from training.detector.crops import CROP_SIZE, Crop

FloatArray = NDArray[np.float32]

_BALL_SPREAD = 0.8  # standard deviation of the spot that a ball leaves on the heat map, in cells
_LEAST_SPREAD = 0.55  # the same of a person who is far away
_NEAR = 0.4
"""Cells whose heat is above this learn box and role as well: a middle that is found a cell off still has a good box."""


@dataclass(frozen=True, slots=True)
class Targets:
    """``people`` (1, H, W): heat, 1 at the middles; ``learnt`` (1, H, W): 0 where nobody knows. Where ``weight`` (H, W)
    is above 0, ``sides`` (4, H, W) and ``roles`` (H, W) are those of the nearest person. ``ball`` (1, h, w), ``shift``
    (2, h, w) and ``ball_weight`` (h, w): the same on the finer grid of the ball.
    """

    people: FloatArray
    learnt: FloatArray
    sides: FloatArray
    roles: NDArray[np.int64]
    weight: FloatArray
    ball: FloatArray
    shift: FloatArray
    ball_weight: FloatArray


@dataclass(frozen=True, slots=True)
class _Grid:
    """Middles of cells (H, W), in cells."""

    columns: FloatArray
    rows: FloatArray

    @classmethod
    def of(cls, stride: int) -> "_Grid":
        rows, columns = np.mgrid[: CROP_SIZE[1] // stride, : CROP_SIZE[0] // stride].astype(np.float32) + 0.5
        return cls(columns, rows)

    def zeros(self, channels: int) -> FloatArray:
        return np.zeros((channels, *self.rows.shape), np.float32)

    def spot(self, middle: tuple[float, float], spread: tuple[float, float]) -> FloatArray:
        """A bell over the cells, 1 in the cell that holds its middle."""
        x, y = (np.floor(place) + 0.5 for place in middle)
        exponent = ((self.columns - x) / spread[0]) ** 2 + ((self.rows - y) / spread[1]) ** 2
        return np.asarray(np.exp(-exponent / 2), dtype=np.float32)


_PEOPLE, _BALL = _Grid.of(PEOPLE_STRIDE), _Grid.of(BALL_STRIDE)


def make_targets(crop: Crop) -> Targets:
    targets = Targets(
        people=_PEOPLE.zeros(1),
        learnt=1 - _PEOPLE.zeros(1),
        sides=_PEOPLE.zeros(4),
        roles=np.zeros(_PEOPLE.rows.shape, np.int64),
        weight=_PEOPLE.zeros(1)[0],
        ball=_BALL.zeros(1),
        shift=_BALL.zeros(2),
        ball_weight=_BALL.zeros(1)[0],
    )
    for left, top, right, bottom in crop.doubtful / PEOPLE_STRIDE:
        across = (_PEOPLE.columns > left - 0.5) & (_PEOPLE.columns < right + 0.5)
        targets.learnt[0, across & (_PEOPLE.rows > top - 0.5) & (_PEOPLE.rows < bottom + 0.5)] = 0
    for box, role in zip(crop.boxes / PEOPLE_STRIDE, crop.roles, strict=True):
        _add_person(targets, box, int(role))
    for ball in crop.balls / BALL_STRIDE:
        _add_ball(targets, ball)
    return targets


def _add_person(targets: Targets, box: FloatArray, role: int) -> None:
    left, top, right, bottom = box
    spread = (max(_LEAST_SPREAD, (right - left) / 6), max(_LEAST_SPREAD, (bottom - top) / 6))
    heat = _PEOPLE.spot(((left + right) / 2, (top + bottom) / 2), spread)
    near = (heat > targets.people[0]) & (heat > _NEAR)
    targets.people[0] = np.maximum(targets.people[0], heat)
    columns, rows = _PEOPLE.columns, _PEOPLE.rows
    targets.sides[:, near] = np.stack([columns - left, rows - top, right - columns, bottom - rows])[:, near]
    targets.roles[near] = role
    targets.weight[near] = heat[near]


def _add_ball(targets: Targets, ball: FloatArray) -> None:
    x, y = ball
    heat = _BALL.spot((x, y), (_BALL_SPREAD, _BALL_SPREAD))
    near = (heat > targets.ball[0]) & (heat > _NEAR)
    targets.ball[0] = np.maximum(targets.ball[0], heat)
    targets.shift[:, near] = np.stack([x - _BALL.columns, y - _BALL.rows])[:, near]
    targets.ball_weight[near] = heat[near]

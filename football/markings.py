"""The lines of a pitch, and the points of them that can be told apart, in metres by the axes of :mod:`football.pitch`.

Law 1 of the IFAB Laws of the Game.
"""

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from football.pitch import (
    CENTRE_CIRCLE_RADIUS_M,
    GOAL_AREA_DEPTH_M,
    GOAL_AREA_WIDTH_M,
    PENALTY_AREA_DEPTH_M,
    PENALTY_AREA_WIDTH_M,
    PENALTY_MARK_DISTANCE_M,
    STANDARD_PITCH,
    Pitch,
)

FloatArray = NDArray[np.float64]

_ARC_HALF_ANGLE = math.acos((PENALTY_AREA_DEPTH_M - PENALTY_MARK_DISTANCE_M) / CENTRE_CIRCLE_RADIUS_M)
_STEP_M = 0.5


def trace_lines(pitch: Pitch = STANDARD_PITCH) -> list[FloatArray]:
    """Each line as points (N, 2) about half a metre apart."""
    length, width = pitch.length_m, pitch.width_m
    middle = width / 2
    straight = [((0, 0), (length, 0)), ((0, width), (length, width)), ((length / 2, 0), (length / 2, width))]
    for goal, inwards in ((0.0, 1.0), (length, -1.0)):
        straight.append(((goal, 0), (goal, width)))
        for depth, across in (
            (PENALTY_AREA_DEPTH_M, PENALTY_AREA_WIDTH_M), (GOAL_AREA_DEPTH_M, GOAL_AREA_WIDTH_M),
        ):  # fmt: skip
            front, far, near = goal + inwards * depth, middle - across / 2, middle + across / 2
            straight += [((front, far), (front, near)), ((goal, far), (front, far)), ((goal, near), (front, near))]
    return [_straight(*ends) for ends in straight] + list(_round_lines(pitch))


def _round_lines(pitch: Pitch) -> Iterator[FloatArray]:
    middle = pitch.width_m / 2
    yield _arc((pitch.length_m / 2, middle), 0.0, 2 * math.pi)
    yield _arc((PENALTY_MARK_DISTANCE_M, middle), -_ARC_HALF_ANGLE, _ARC_HALF_ANGLE)
    yield _arc((pitch.length_m - PENALTY_MARK_DISTANCE_M, middle), math.pi - _ARC_HALF_ANGLE, math.pi + _ARC_HALF_ANGLE)


def _straight(start: tuple[float, float], end: tuple[float, float]) -> FloatArray:
    count = max(2, round(math.dist(start, end) / _STEP_M) + 1)
    return np.linspace(start, end, count)


def _arc(centre: tuple[float, float], start: float, end: float) -> FloatArray:
    angles = np.linspace(start, end, round(CENTRE_CIRCLE_RADIUS_M * (end - start) / _STEP_M) + 1)
    return np.asarray(centre) + CENTRE_CIRCLE_RADIUS_M * np.column_stack([np.cos(angles), np.sin(angles)])


@lru_cache(maxsize=16)
def locate_points(pitch: Pitch) -> FloatArray:
    """The 32 points of the public labels in their order, and eleven more, (43, 2); not to be written to."""
    length, width, middle = pitch.length_m, pitch.width_m, pitch.width_m / 2
    box, goal = PENALTY_AREA_WIDTH_M / 2, GOAL_AREA_WIDTH_M / 2
    arc, circle = CENTRE_CIRCLE_RADIUS_M * math.sin(_ARC_HALF_ANGLE), CENTRE_CIRCLE_RADIUS_M
    of_goal_line = [0.0, middle - box, middle - goal, middle + goal, middle + box, width]
    of_box = [middle - box, middle - arc, middle + arc, middle + box]
    halfway = length / 2
    points = [(0.0, y) for y in of_goal_line]
    points += [(GOAL_AREA_DEPTH_M, middle - goal), (GOAL_AREA_DEPTH_M, middle + goal)]
    points += [(PENALTY_MARK_DISTANCE_M, middle)]
    points += [(PENALTY_AREA_DEPTH_M, y) for y in of_box]
    points += [(halfway, y) for y in (0.0, middle - circle, middle + circle, width)]
    points += [(length - PENALTY_AREA_DEPTH_M, y) for y in of_box]
    points += [(length - PENALTY_MARK_DISTANCE_M, middle)]
    points += [(length - GOAL_AREA_DEPTH_M, middle - goal), (length - GOAL_AREA_DEPTH_M, middle + goal)]
    points += [(length, y) for y in of_goal_line]
    points += [(halfway - circle, middle), (halfway + circle, middle)]
    located = np.array(points + _locate_more_points(pitch))
    located.flags.writeable = False
    return located


def _locate_more_points(pitch: Pitch) -> list[tuple[float, float]]:
    """The centre mark, the tops of the arcs, the circle's diagonals, and touchlines level with the penalty areas."""
    halfway, middle = pitch.length_m / 2, pitch.width_m / 2
    diagonal, top = CENTRE_CIRCLE_RADIUS_M / math.sqrt(2), PENALTY_MARK_DISTANCE_M + CENTRE_CIRCLE_RADIUS_M
    points = [(halfway, middle), (top, middle), (pitch.length_m - top, middle)]
    points += [(halfway + x, middle + y) for x in (-diagonal, diagonal) for y in (-diagonal, diagonal)]
    boxes = (PENALTY_AREA_DEPTH_M, pitch.length_m - PENALTY_AREA_DEPTH_M)
    return points + [(x, y) for x in boxes for y in (0.0, pitch.width_m)]


LABELLED_POINTS = 32
"""So many of :data:`PITCH_POINTS` are those that people label."""
PITCH_POINTS: FloatArray = locate_points(STANDARD_PITCH)
"""(43, 2) of a standard pitch."""


def _find_mirrored(points: FloatArray, pitch: Pitch) -> NDArray[np.int64]:
    mirrored = points * np.array([-1.0, 1.0]) + np.array([pitch.length_m, 0.0])
    distances = np.linalg.norm(mirrored[:, np.newaxis] - points, axis=2)
    return np.asarray(distances.argmin(axis=1), dtype=np.int64)


MIRRORED_POINTS: NDArray[np.int64] = _find_mirrored(PITCH_POINTS, STANDARD_PITCH)
"""(43,): which point each becomes in a picture that is mirrored left to right. The far side stays far."""

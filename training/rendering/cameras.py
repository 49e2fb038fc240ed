"""Cameras around a pitch, of the kinds that film matches."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.registration.projection import PictureView, orient
from football.camera import Lens
from football.pitch import STANDARD_PITCH

FloatArray = NDArray[np.float64]

_MIDDLE = np.array([STANDARD_PITCH.length_m, STANDARD_PITCH.width_m]) / 2
_BEHIND_GOAL = math.radians(25.0)
_NAMED = np.array([-math.sin(_BEHIND_GOAL), math.cos(_BEHIND_GOAL)])
_NEAREST_M = 0.5  # to the plane of the lens; what is nearer is not drawn


@dataclass(frozen=True, slots=True)
class Camera:
    """``position`` and ``target`` (3,) in metres: x and y of the pitch, and height. ``focal`` in half widths of a
    picture of ``size`` (width, height). ``roll`` in radians, clockwise in the picture. ``k1`` as in :class:`Lens`."""

    position: FloatArray
    target: FloatArray
    focal: float
    size: tuple[int, int]
    roll: float = 0.0
    k1: float = 0.0

    def turn(self) -> FloatArray:
        """Rows (3, 3): right and down in the picture, and forward. From above, y points down as in a picture."""
        forward = self.target - self.position
        forward = forward / np.linalg.norm(forward)
        down = np.array([0.0, 0.0, -1.0]) - forward * -forward[2]
        down /= np.linalg.norm(down)
        right = np.cross(forward, down)  # the axes x, y, height are left-handed, and so are these
        cos, sin = math.cos(self.roll), math.sin(self.roll)
        return np.stack([cos * right + sin * down, cos * down - sin * right, forward])

    def view(self) -> PictureView:
        """How it sees the ground."""
        turn = self.turn()
        of_ground = np.column_stack([turn[:, 0], turn[:, 1], -turn @ self.position])
        to_plane = np.diag([self.focal, self.focal, 1.0]) @ of_ground
        return PictureView(orient(to_plane, self.target[np.newaxis, :2]), self.size, self.k1)

    def project(self, points: FloatArray) -> FloatArray:
        """Places (N, 3) in metres to pixels (N, 2); NaN behind the camera."""
        seen = (points - self.position) @ self.turn().T
        depth = np.where(seen[:, 2:] > _NEAREST_M, seen[:, 2:], np.nan)
        half = self.size[0] / 2
        return Lens((half, self.size[1] / 2), half, self.k1).distort(self.focal * seen[:, :2] / depth)

    def turn_round(self) -> "Camera":
        """The same camera by the other naming of the pitch, which is symmetric under half a turn."""
        position, target = (np.append(2 * _MIDDLE - place[:2], place[2]) for place in (self.position, self.target))
        return Camera(position, target, self.focal, self.size, self.roll, self.k1)


def name_sides(camera: Camera) -> Camera:
    """Of the two equivalent namings of the pitch, the one in which the camera is at the near touchline.

    A camera behind a goal, that is within 25 degrees of the line through both goals as seen from the middle of the
    pitch, is behind the left one.
    """
    return camera if (camera.position[:2] - _MIDDLE) @ _NAMED >= 0 else camera.turn_round()


def choose_camera(size: tuple[int, int], random: np.random.Generator) -> Camera:
    """A camera of a kind by chance, named by convention."""
    kinds = (_at_main_stand, _behind_goal, _at_corner, _low_at_halfway, _anywhere)
    position, target = kinds[int(random.choice(len(kinds), p=_SHARES))](random)
    shown_m = float(random.uniform(*_SHOWN_M))
    half_angle = min(math.atan(shown_m / 2 / np.linalg.norm(target - position)), _WIDEST / 2)
    roll = math.radians(random.normal(0, 1.5))
    k1 = -abs(random.normal(0, 0.05)) if random.random() < 0.6 else 0.0
    return name_sides(Camera(position, target, 1 / math.tan(half_angle), size, roll, k1))


_SHARES = (0.22, 0.45, 0.13, 0.1, 0.1)
_SHOWN_M = (28.0, 105.0)  # across the picture, where the camera looks
_WIDEST = math.radians(95)
_Place = tuple[FloatArray, FloatArray]
"""Position and target (3,) in metres."""


def _at_main_stand(random: np.random.Generator) -> _Place:
    beyond = random.uniform(10, 60)
    position = np.array([52.5 + random.normal(0, 8), 68 + beyond, beyond * random.uniform(0.25, 0.7) + 3])
    return position, _aim((52.5, 50), (34, 17), random)


def _behind_goal(random: np.random.Generator) -> _Place:
    beyond = random.uniform(6, 85)
    position = np.array([-beyond, 34 + random.normal(0, 8), beyond * random.uniform(0.2, 0.75) + random.uniform(3, 12)])
    return position, _aim((42, 35), (34, 18), random)


def _at_corner(random: np.random.Generator) -> _Place:
    side, away = random.choice([-1.0, 1.0]), random.uniform(3, 35, 2)
    position = np.array([52.5 + side * (52.5 + away[0]), 68 + away[1], random.uniform(4, 30)])
    return position, _aim((52.5, 28), (34, 18), random)


def _low_at_halfway(random: np.random.Generator) -> _Place:
    position = np.array([52.5 + random.normal(0, 8), 68 + random.uniform(3, 14), random.uniform(2.5, 9)])
    return position, _aim((52.5, 42), (30, 16), random)


def _anywhere(random: np.random.Generator) -> _Place:
    bearing, distance = random.uniform(0, 2 * math.pi), random.uniform(8, 50)
    away = (_MIDDLE + distance) * np.array([math.cos(bearing), math.sin(bearing)])
    return np.append(_MIDDLE + away, random.uniform(5, 40)), _aim((52.5, 32), (34, 22), random)


def _aim(along: tuple[float, float], across: tuple[float, float], random: np.random.Generator) -> FloatArray:
    """A place (3,) on the ground; for each axis the middle and the reach are given."""
    x, y = (middle + reach * random.uniform(-1, 1) for middle, reach in (along, across))
    return np.array([x, y, 0.0])

"""What stands around the pitch: goals with nets, boards, dug-outs, and crowds behind them."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from football.pitch import GOAL_WIDTH_M, STANDARD_PITCH
from training.rendering.cameras import Camera
from training.rendering.ground import Colours, FloatArray

Picture = NDArray[np.uint8]

_GOAL_HEIGHT_M = 2.44
_SAG = 0.9  # height of a net behind against that of the bar
_POST_M = 0.12
_MESH_M = 0.4
_BOARD_STEP_M = 6.0
_MOST_PIXELS = 3  # beside the picture, in sizes of it, to which OpenCV draws


def paint_crowd(size: tuple[int, int], random: np.random.Generator) -> Colours:
    """Blue, green, red (H, W, 3) of people in rows, of empty seats, of a wood or of sky."""
    width, height = size
    base = (random.uniform(20, 140) + random.normal(0, 1, 3) * random.choice([8, 30])).astype(np.float32)
    strength = np.float32(random.choice([4, 25, 60]))
    grain = int(random.integers(2, 6))
    specks = random.standard_normal((height // grain + 1, width // grain + 1, 3), dtype=np.float32)
    specks = 0.4 * specks + 0.9 * specks[..., :1]
    crowd = cv2.resize(base + strength * specks, size, interpolation=cv2.INTER_LINEAR)
    if random.random() < 0.6:  # rows of seats, and blocks between stairs
        slope, period = random.normal(0, 0.25), random.uniform(5, 18)
        rows, columns = np.mgrid[:height, :width].astype(np.float32)
        crowd *= (1 + 0.25 * np.sign(np.sin(2 * np.pi / period * (rows + slope * columns))))[..., np.newaxis]
    shade = np.linspace(random.uniform(0.3, 1.1), random.uniform(0.6, 1.1), height, dtype=np.float32)
    return np.asarray(crowd * shade[:, np.newaxis, np.newaxis], np.float32)


@dataclass(frozen=True, slots=True)
class _Wall:
    """An upright rectangle: ``corners`` (4, 3) in metres, and its ``colour`` (3,)."""

    corners: FloatArray
    colour: FloatArray


def draw_boards(picture: Picture, camera: Camera, aprons: FloatArray, random: np.random.Generator) -> None:
    """Boards around the pitch, with blocks of colour on them, half a metre before what stands around it; dug-outs."""
    far, right, near, left = np.maximum(aprons - 0.5, 1.0)
    length, width = STANDARD_PITCH.length_m, STANDARD_PITCH.width_m
    corners = np.array([(-left, -far), (length + right, -far), (length + right, width + near), (-left, width + near)])
    colours, walls = random.uniform(0, 255, (4, 3)), []
    colours[-1] = random.choice([0.0, 255.0])
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if random.random() < 0.75:
            walls += _line_up(start, end, colours, random)
    if random.random() < 0.5:
        walls += _set_up_dugouts(random)
    if walls:
        places = camera.project(np.concatenate([one.corners for one in walls])).reshape(-1, 4, 2)
        for place, wall in zip(places, walls, strict=True):
            if _can_be_drawn(place, camera.size):
                cv2.fillPoly(picture, [np.round(place).astype(np.int32)], wall.colour.tolist())


def _line_up(start: FloatArray, end: FloatArray, colours: FloatArray, random: np.random.Generator) -> list[_Wall]:
    """Boards from ``start`` to ``end``, (2,) each, with a block on each that stands for a name."""
    count = max(2, round(float(np.linalg.norm(end - start)) / _BOARD_STEP_M) + 1)
    feet, height = np.linspace(start, end, count), random.uniform(0.6, 1.3)
    walls = []
    for one, other in pairwise(feet):
        base, name = random.integers(len(colours), size=2)
        walls.append(_Wall(_stand_up(one, other, 0.0, height), colours[base]))
        left, right = random.uniform(0.1, 0.35), random.uniform(0.6, 0.9)
        inner = one + left * (other - one), one + right * (other - one)
        walls.append(_Wall(_stand_up(*inner, 0.3 * height, 0.75 * height), colours[name]))
    return walls


def _set_up_dugouts(random: np.random.Generator) -> list[_Wall]:
    y, outwards = (0.0, -1.0) if random.random() < 0.5 else (STANDARD_PITCH.width_m, 1.0)
    y += outwards * float(random.uniform(2.5, 5.5))
    colour = random.uniform(0, 200, 3)
    middles = STANDARD_PITCH.length_m / 2 + np.array([-1, 1]) * random.uniform(8, 16)
    return [_Wall(_stand_up(np.array([x - 4, y]), np.array([x + 4, y]), 0.0, 2.0), colour) for x in middles]


def _stand_up(start: FloatArray, end: FloatArray, low: float, high: float) -> FloatArray:
    return np.array([[*start, low], [*end, low], [*end, high], [*start, high]])


def draw_goals(picture: Picture, camera: Camera, random: np.random.Generator) -> None:
    """Posts, bars and nets, lighter than what is behind them."""
    mesh = np.zeros(picture.shape[:2], np.uint8)
    depth, lightness = random.uniform(1.2, 2.0), int(random.integers(20, 130))
    for x, outwards in ((0.0, -1.0), (STANDARD_PITCH.length_m, 1.0)):
        ropes = _net(x, outwards * depth)
        places = camera.project(ropes.reshape(-1, 3)).reshape(-1, ropes.shape[1], 2)
        drawn = [np.round(place).astype(np.int32) for place in places if _can_be_drawn(place, camera.size)]
        cv2.polylines(mesh, drawn, isClosed=False, color=lightness)
        frame = camera.project(_frame(x))
        if _can_be_drawn(frame, camera.size):
            thick = max(1, round(float(np.linalg.norm(frame[1] - frame[0])) / _GOAL_HEIGHT_M * _POST_M))
            cv2.polylines(mesh, [np.round(frame).astype(np.int32)], False, 255, thick, cv2.LINE_AA)
    rows, columns = np.nonzero(mesh)
    lighter = picture[rows, columns] + mesh[rows, columns, np.newaxis].astype(np.uint16)
    picture[rows, columns] = np.minimum(lighter, 245)


def _frame(x: float) -> FloatArray:
    """From the foot of one post over the bar to that of the other (4, 3)."""
    one, other = STANDARD_PITCH.width_m / 2 + np.array([-0.5, 0.5]) * GOAL_WIDTH_M
    return np.array([[x, one, 0], [x, one, _GOAL_HEIGHT_M], [x, other, _GOAL_HEIGHT_M], [x, other, 0]])


def _net(x: float, depth: float) -> FloatArray:
    """Ropes (N, 4, 3) of the roof, the back and both sides; the back stands ``depth`` behind ``x``."""
    one, other = STANDARD_PITCH.width_m / 2 + np.array([-0.5, 0.5]) * GOAL_WIDTH_M
    high, back = _GOAL_HEIGHT_M, x + depth
    across = np.linspace(one, other, round(GOAL_WIDTH_M / _MESH_M) + 1)
    up = np.linspace(0, _SAG * high, round(high / _MESH_M) + 1)
    falling = [[[x, y, high], [back, y, _SAG * high], [back, y, 0], [back, y, 0]] for y in across]
    round_it = [[[x, one, z], [back, one, z], [back, other, z], [x, other, z]] for z in up]
    return np.array(falling + round_it)


def _can_be_drawn(places: FloatArray, size: tuple[int, int]) -> bool:
    return bool(np.isfinite(places).all() and (np.abs(places) < _MOST_PIXELS * max(size)).all())

"""A pitch as a camera beside it sees it, drawn; where it lies is known."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.registration.projection import PictureView, orient
from football.markings import trace_lines
from football.pitch import STANDARD_PITCH, Pitch

FloatArray = NDArray[np.float64]
Picture = NDArray[np.uint8]

SIZE = (960, 540)
GRASS, LINE, STAND = (60, 120, 70), (225, 230, 228), (70, 60, 75)
_CAMERA = np.array([52.5, 105.0, 22.0])  # beyond the near touchline, 22 m up
_FAR_EDGE = np.array([[-60.0, -6.0], [165.0, -6.0]])


def look_at(
    x: float,
    y: float = 36.0,
    *,
    focal: float = 1.4,
    size: tuple[int, int] = SIZE,
    k1: float = 0.0,
    pitch: Pitch = STANDARD_PITCH,
) -> PictureView:
    """A camera that looks at the place (x, y); ``focal`` in widths of the picture."""
    forward = np.array([x, y, 0.0]) - _CAMERA
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, -1.0])  # y points to the camera, so z up makes the axes left-handed
    right = -right / np.linalg.norm(right) * np.sign(-right[0])
    down = np.array([0.0, 0.0, -1.0]) - forward * np.dot([0.0, 0.0, -1.0], forward)
    down /= np.linalg.norm(down)
    turn = np.stack([right, down, forward])
    of_ground = np.column_stack([turn[:, 0], turn[:, 1], -turn @ _CAMERA])
    return PictureView(orient(np.diag([2 * focal, 2 * focal, 1.0]) @ of_ground, np.array([[x, y]])), size, k1, pitch)


def draw_view(view: PictureView, *, seed: int = 1) -> Picture:
    """Grass with lines, and a stand behind it."""
    picture = np.full((view.size[1], view.size[0], 3), GRASS, np.uint8)
    for line in trace_lines(view.pitch):
        _draw_line(picture, view, line)
    edge = view.project(_FAR_EDGE)
    stand = np.array([edge[0], edge[1], [edge[1, 0], -1e4], [edge[0, 0], -1e4]])
    cv2.fillPoly(picture, [np.clip(stand, -1e4, 1e4).astype(np.int32)], STAND)
    noise = np.random.default_rng(seed).normal(0, 3, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def _draw_line(picture: Picture, view: PictureView, line: FloatArray) -> None:
    places = view.project(line)
    metre = np.linalg.norm(view.project(line + np.array([0.5, 0.0])) - places, axis=1) * 2
    for start, end, length in zip(places[:-1], places[1:], metre, strict=False):
        if np.isfinite([*start, *end]).all() and np.abs([*start, *end]).max() < 1e4:
            width = max(1, round(0.1 * length))
            corners = [tuple(round(16 * float(value - 0.5)) for value in point) for point in (start, end)]
            cv2.line(picture, *corners, LINE, width, cv2.LINE_AA, 4)


def error_px(found: PictureView, true: PictureView) -> float:
    """How far, at most, places in the middle of the picture are from where they should be."""
    places = np.array([(x, y) for x in (0.2, 0.5, 0.8) for y in (0.45, 0.75)]) * np.array(true.size)
    return float(np.linalg.norm(found.project(true.locate(places)) - places, axis=1).max())


def shake(true: PictureView, seed: int, *, by: float) -> PictureView:
    """The same view, a little moved, turned, scaled and tilted: by about 5 px for 0.005."""
    warp = np.eye(3) + np.append(np.random.default_rng(seed).normal(0, by, 8), 0).reshape(3, 3)
    return replace(true, to_plane=warp @ true.to_plane)

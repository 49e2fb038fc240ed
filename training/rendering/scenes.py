"""Whole pictures, and where in them the points of the pitch lie."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from football.markings import PITCH_POINTS
from training.rendering.cameras import Camera, choose_camera
from training.rendering.ground import FloatArray, draw_lines, locate_ground, paint_ground
from training.rendering.people import draw_people
from training.rendering.structures import draw_boards, draw_goals, paint_crowd

Picture = NDArray[np.uint8]

_FINENESS = 2  # lines and people are drawn on so many times finer a grid than the ground
_LEAST_POINTS = 6  # a picture that shows fewer teaches little
_TRIES = 50


@dataclass(frozen=True, slots=True)
class Scene:
    """``points`` (43, 2) in pixels of ``picture``; those outside are NaN."""

    picture: Picture
    camera: Camera
    points: FloatArray


def render_scene(size: tuple[int, int], random: np.random.Generator) -> Scene:
    """A picture of ``size`` (width, height) by a camera by chance; the same for the same state of ``random``."""
    camera = _choose_showing(size, random)
    return Scene(render(camera, random), camera, _see_points(camera))


def render(camera: Camera, random: np.random.Generator) -> Picture:
    """What the camera sees, in surroundings by chance."""
    fine = replace(camera, size=(_FINENESS * camera.size[0], _FINENESS * camera.size[1]))
    aprons = random.uniform(3.5, 14, 4)
    ground = locate_ground(camera.view(), aprons)
    below = paint_ground(ground, random)
    behind = paint_crowd(camera.size, random)
    whole = np.clip(np.where(ground.is_beyond[..., np.newaxis], behind, below), 0, 255).astype(np.uint8)
    picture = np.asarray(cv2.resize(whole, fine.size, interpolation=cv2.INTER_LINEAR), np.uint8)
    draw_boards(picture, fine, aprons, random)
    _whiten(picture, draw_lines(fine, random), random)
    draw_goals(picture, fine, random)
    draw_people(picture, fine, random)
    small = np.asarray(cv2.resize(picture, camera.size, interpolation=cv2.INTER_AREA), np.uint8)
    return _lay_over(small, random)


def _choose_showing(size: tuple[int, int], random: np.random.Generator) -> Camera:
    """A camera that shows enough of the pitch."""
    for _ in range(_TRIES):
        camera = choose_camera(size, random)
        if np.isfinite(_see_points(camera)).all(axis=1).sum() >= _LEAST_POINTS:
            return camera
    raise RuntimeError(f"None of {_TRIES} cameras showed {_LEAST_POINTS} points of the pitch.")


def _see_points(camera: Camera) -> FloatArray:
    places = camera.view().project(PITCH_POINTS)
    with np.errstate(invalid="ignore"):
        inside = ((places >= 0) & (places < np.array(camera.size))).all(axis=1)
    return np.where(inside[:, np.newaxis], places, np.nan)


def _whiten(picture: Picture, lines: NDArray[np.uint8], random: np.random.Generator) -> None:
    strength = float(random.uniform(0.35, 0.98))
    white = random.uniform(200, 255) * np.ones(3) + random.normal(0, 5, 3)
    rows, columns = np.nonzero(lines)
    share = strength / 255 * lines[rows, columns, np.newaxis]
    picture[rows, columns] = np.clip(picture[rows, columns] * (1 - share) + share * white, 0, 255)


def _lay_over(picture: Picture, random: np.random.Generator) -> Picture:
    """A score box, and the badge of a channel."""
    laid, (height, width) = picture.copy(), picture.shape[:2]
    if random.random() < 0.4:
        left, top = round(random.uniform(0.02, 0.6) * width), round(random.choice([0.04, 0.88]) * height)
        right, bottom = left + round(random.uniform(0.1, 0.3) * width), top + round(0.06 * height)
        cv2.rectangle(laid, (left, top), (right, bottom), random.uniform(0, 255, 3).tolist(), -1)
        cv2.putText(laid, "ABC 1-0 DEF", (left + 3, bottom - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (255, 255, 255), 1)
    if random.random() < 0.5:
        at = round(random.uniform(0.75, 0.92) * width), round(random.uniform(0.07, 0.14) * height)
        over = laid.copy()
        cv2.putText(over, "TV", at, cv2.FONT_HERSHEY_DUPLEX, random.uniform(0.4, 0.9), (250, 250, 250), 2, cv2.LINE_AA)
        laid = cv2.addWeighted(over, 0.75, laid, 0.25, 0)
    return np.asarray(laid, np.uint8)

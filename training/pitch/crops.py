"""Views of labelled frames, made to look like other cameras, other light and other grass."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.evaluation.pitch_labels import LabelledPitch, read_pitch_labels
from engine.registration.projection import PictureView
from football.markings import LABELLED_POINTS, MIRRORED_POINTS, PITCH_POINTS
from training.detector.crops import change_look

FloatArray = NDArray[np.float64]
Picture = NDArray[np.uint8]

VIEW_SIZE = (512, 288)
WIDEST, CLOSEST = 0.85, 2.6
"""Range of scales: a view shows between more than the whole frame and less than half of its width."""
_MOST_ERROR_PX = 12.0
"""Frames whose labels are further than this from any homography, in the median, are mislabelled and left out."""
_INLIER_PX = 12.0


@dataclass(frozen=True, slots=True)
class View:
    """``to_view`` (3, 3) takes metres to pixels of ``picture``, which a lens of ``k1`` in half widths then bends;
    ``points`` (43, 2) are where those of the pitch lie.

    ``is_known`` (43,) is false where nobody knows whether a point can be seen; others that are outside are NaN.
    """

    picture: Picture
    to_view: FloatArray
    points: FloatArray
    is_known: NDArray[np.bool_]
    k1: float = 0.0

    def project(self, points_m: FloatArray) -> FloatArray:
        """Metres (N, 2) to pixels (N, 2); NaN behind the camera."""
        width, height = VIEW_SIZE
        to_half_widths = np.array([[2 / width, 0, -1], [0, 2 / width, -height / width], [0, 0, 1]])
        return PictureView(to_half_widths @ self.to_view, VIEW_SIZE, self.k1).project(points_m)


def split_by_match(root: Path, *, fold: int, folds: int) -> tuple[list[LabelledPitch], list[LabelledPitch]]:
    """Frames to learn from, and those of other matches to score on; fold -1 keeps none back."""
    pictures = read_pitch_labels(root)
    sizes: dict[str, int] = {}
    for one in pictures:
        sizes[one.match] = sizes.get(one.match, 0) + 1
    held: list[set[str]] = [set() for _ in range(folds)]
    for match in sorted(sizes, key=lambda name: (-sizes[name], name)):
        min(held, key=lambda names: sum(sizes[name] for name in names)).add(match)
    kept_back = held[fold] if fold >= 0 else set()
    return [one for one in pictures if one.match not in kept_back], [one for one in pictures if one.match in kept_back]


def fit_labels(points: FloatArray) -> tuple[FloatArray, float]:
    """The homography (3, 3) from metres to pixels of labelled ``points`` (32, 2), and its median error in pixels."""
    seen = np.isfinite(points).all(axis=1)
    metres = PITCH_POINTS[:LABELLED_POINTS][seen]
    homography, _ = cv2.findHomography(metres, points[seen], cv2.RANSAC, _INLIER_PX)
    projected = cv2.perspectiveTransform(metres[np.newaxis], homography)[0]
    return np.asarray(homography, np.float64), float(np.median(np.linalg.norm(projected - points[seen], axis=1)))


class ViewMaker:
    """Keeps the frames in memory, as they are stored: about a megabyte each."""

    def __init__(self, pictures: Sequence[LabelledPitch]) -> None:
        fits = [fit_labels(one.points) for one in pictures]
        good = [index for index, (_, error) in enumerate(fits) if error <= _MOST_ERROR_PX]
        self._labelled = [pictures[index] for index in good]
        self._from_pitch = [fits[index][0] for index in good]
        self._stored = [one.load() for one in self._labelled]

    def __len__(self) -> int:
        return len(self._labelled)

    def make(self, index: int, random: np.random.Generator) -> View:
        """A view of frame ``index``."""
        labelled, stored = self._labelled[index], self._stored[index]
        to_view = choose_view(labelled.size, random)
        unstretch = np.diag([labelled.size[0] / stored.shape[1], labelled.size[1] / stored.shape[0], 1.0])
        moved = _between_middles(to_view @ unstretch)
        picture = cv2.warpPerspective(stored, moved, VIEW_SIZE, borderMode=cv2.BORDER_REPLICATE)
        looked = change_look(cover(np.asarray(picture, np.uint8), random), random)
        return _label(looked, to_view, self._from_pitch[index], labelled)


def choose_view(size: tuple[int, int], random: np.random.Generator) -> FloatArray:
    """A map (3, 3) from a frame of ``size`` to the view: scale, mirror, a slight turn and a slight tilt."""
    fitting = VIEW_SIZE[0] / size[0]
    scale = fitting * np.exp(random.uniform(np.log(WIDEST), np.log(CLOSEST)) * random.choice([0.3, 1.0]))
    shape = np.exp(random.normal(0, 0.04))
    angle = np.deg2rad(random.normal(0, 2.5))
    mirror = random.choice([-1.0, 1.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([mirror * scale * shape, scale / shape])
    room = np.clip(1 - fitting / scale, 0.06, 1.0) / 2
    middle = np.array(size) * (0.5 + random.uniform(-room, room, 2) * np.array([1.0, 0.8]))
    where = np.array(VIEW_SIZE) / 2
    affine = np.vstack([np.column_stack([linear, where - linear @ middle]), [0.0, 0.0, 1.0]])
    centred = np.array([[1.0, 0.0, where[0]], [0.0, 1.0, where[1]], [0.0, 0.0, 1.0]])
    tilt = np.vstack([np.eye(2, 3), [*random.normal(0, 0.12, 2) / VIEW_SIZE[0], 1.0]])
    return np.asarray(centred @ tilt @ np.linalg.inv(centred) @ affine, np.float64)


def _between_middles(homography: FloatArray) -> FloatArray:
    """The same map for OpenCV, which counts from the middle of the first pixel and not from its corner."""
    to_corner = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
    return np.asarray(np.linalg.inv(to_corner) @ homography @ to_corner, np.float64)


def _label(picture: Picture, to_view: FloatArray, from_pitch: FloatArray, labelled: LabelledPitch) -> View:
    in_frame = _project(from_pitch, PITCH_POINTS)
    in_view = _project(to_view, in_frame)
    inside = _lie_in(in_frame, labelled.size) & _lie_in(in_view, VIEW_SIZE)
    is_labelled = np.isfinite(labelled.points).all(axis=1)
    is_known = np.append(is_labelled, np.ones(len(PITCH_POINTS) - LABELLED_POINTS, np.bool_)) | ~inside
    points = np.where((inside & is_known)[:, np.newaxis], in_view, np.nan)
    if np.linalg.det(to_view) < 0:
        mirrored = np.diag([-1.0, 1.0, 1.0])
        mirrored[0, 2] = PITCH_POINTS[:, 0].max()
        return View(picture, to_view @ from_pitch @ mirrored, points[MIRRORED_POINTS], is_known[MIRRORED_POINTS])
    return View(picture, to_view @ from_pitch, points, is_known)


def _project(homography: FloatArray, points: FloatArray) -> FloatArray:
    """Points (N, 2) through a homography; NaN where they lie behind the camera."""
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ homography.T
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(homogeneous[:, 2:] > 0, homogeneous[:, :2] / homogeneous[:, 2:], np.nan)


def _lie_in(points: FloatArray, size: tuple[int, int]) -> NDArray[np.bool_]:
    return np.asarray(((points >= 0) & (points < np.array(size))).all(axis=1))


def cover(picture: Picture, random: np.random.Generator) -> Picture:
    """Now and then something stands in front, as a score bug does, or a shadow falls."""
    covered = picture.copy()
    if random.random() < 0.3:
        left, top = random.uniform(0, VIEW_SIZE, 2).astype(int)
        width, height = random.uniform(20, 140, 2).astype(int)
        covered[top : top + height, left : left + width] = random.integers(0, 255, 3)
    if random.random() < 0.25:
        corners = random.uniform((0, 0), VIEW_SIZE, (4, 2)).astype(np.int32)
        shadow = cv2.fillConvexPoly(np.zeros(covered.shape[:2], np.float32), cv2.convexHull(corners), 1.0)
        darkness = 1 - random.uniform(0.2, 0.6) * cv2.GaussianBlur(shadow, (0, 0), 3)
        covered = (covered * darkness[..., np.newaxis]).astype(np.uint8)
    return covered

"""Crops of labelled frames, made to look like other cameras, other light, other grass and other shirts."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.evaluation.labels import LabelledPicture, read_wide_feed
from engine.kinds import PEOPLE, Kind

FloatArray = NDArray[np.float64]
Picture = NDArray[np.uint8]

CROP_SIZE = (512, 320)
SMALLEST, LARGEST = 0.3, 1.0
"""Range of scales, in pixels of a crop per pixel at 1080p: people of about 11 to 80 px."""
_LEAST_VISIBLE = 0.4
"""Share of a box that must lie in the crop for it to be learnt."""


@dataclass(frozen=True, slots=True)
class Crop:
    """``boxes`` (N, 4) of people in pixels and their ``roles`` (N,) as places in PEOPLE; ``balls`` (M, 2) are centres.

    ``doubtful`` (K, 4) are boxes of people who are mostly outside: nothing is learnt there.
    """

    picture: Picture
    boxes: FloatArray
    roles: NDArray[np.int64]
    balls: FloatArray
    doubtful: FloatArray


def split_by_match(root: Path, *, fold: int, folds: int) -> tuple[list[LabelledPicture], list[LabelledPicture]]:
    """Frames to learn from, and those of other matches to score on; fold -1 keeps none back."""
    pictures = read_wide_feed(root)
    sizes: dict[str, int] = {}
    for one in pictures:
        sizes[one.match] = sizes.get(one.match, 0) + 1
    held: list[set[str]] = [set() for _ in range(folds)]
    for match in sorted(sizes, key=lambda name: (-sizes[name], name)):
        min(held, key=lambda names: sum(sizes[name] for name in names)).add(match)
    kept_back = held[fold] if fold >= 0 else set()
    return [one for one in pictures if one.match not in kept_back], [one for one in pictures if one.match in kept_back]


class CropMaker:
    """Keeps the frames in memory: as they are stored, about 5 MB each."""

    def __init__(self, pictures: list[LabelledPicture]) -> None:
        self._labelled = pictures
        self._stored = [one.load() for one in pictures]

    def __len__(self) -> int:
        return len(self._labelled)

    def make(self, index: int, random: np.random.Generator) -> Crop:
        """A crop somewhere in frame ``index``."""
        labelled, stored = self._labelled[index], self._stored[index]
        to_crop = _choose_place(labelled, random)
        unstretch = np.diag([labelled.size[0] / stored.shape[1], labelled.size[1] / stored.shape[0], 1.0])
        picture = cv2.warpAffine(
            stored, (to_crop @ unstretch)[:2], CROP_SIZE, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
        )
        boxes = np.concatenate([_move(to_crop, labelled.boxes[kind]) for kind in PEOPLE])
        roles = np.repeat(np.arange(len(PEOPLE)), [len(labelled.boxes[kind]) for kind in PEOPLE])
        visible = _visible_share(boxes)
        inside = visible >= _LEAST_VISIBLE
        centres = _move(to_crop, labelled.boxes[Kind.BALL]).reshape(-1, 2, 2).mean(axis=1)
        balls = centres[((centres >= 0) & (centres < CROP_SIZE)).all(axis=1)]
        doubtful = boxes[(visible > 0) & ~inside]
        return Crop(change_look(np.asarray(picture, np.uint8), random), boxes[inside], roles[inside], balls, doubtful)


def _choose_place(labelled: LabelledPicture, random: np.random.Generator) -> FloatArray:
    """An affine map (3, 3) from the frame to the crop: scale, mirror, a slight turn and another shape of pixels."""
    scale = np.exp(random.uniform(np.log(SMALLEST), np.log(LARGEST)))
    shape = np.exp(random.normal(0, 0.06))
    angle = np.deg2rad(random.normal(0, 2.0))
    mirror = random.choice([-1.0, 1.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([mirror * scale * shape, scale / shape])
    wanted = _choose_middle(labelled, random)
    where = random.uniform(0.1, 0.9, 2) * CROP_SIZE
    return np.vstack([np.column_stack([linear, where - linear @ wanted]), [0, 0, 1]])


def _choose_middle(labelled: LabelledPicture, random: np.random.Generator) -> FloatArray:
    """A point (2,) of the frame that the crop shows: mostly something that is seldom seen, sometimes any."""
    kinds: tuple[Kind, ...] = (Kind.BALL, Kind.GOALKEEPER, Kind.REFEREE) if random.random() < 0.5 else (Kind.PLAYER,)
    boxes = np.concatenate([labelled.boxes[kind] for kind in kinds])
    if len(boxes) and random.random() < 0.9:
        return np.asarray(boxes[random.integers(len(boxes))].reshape(2, 2).mean(axis=0), dtype=np.float64)
    return random.uniform((0, 0), labelled.size)


def _move(matrix: FloatArray, boxes: FloatArray) -> FloatArray:
    """Upright boxes around the moved ones."""
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2 @ matrix[:2, :2].T + matrix[:2, 2]
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2 * np.hypot(matrix[0, :2], matrix[1, :2])
    return np.asarray(np.concatenate([middles - halves, middles + halves], axis=1), dtype=np.float64)


def _visible_share(boxes: FloatArray) -> FloatArray:
    sides = np.minimum(boxes[:, 2:], CROP_SIZE) - np.maximum(boxes[:, :2], 0.0)
    return np.asarray(np.prod(np.clip(sides, 0, None), axis=1) / np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))


def change_look(picture: Picture, random: np.random.Generator) -> Picture:
    """Other grass and shirts, other light, another lens, another codec."""
    looked = _change_colours(picture, random)
    if random.random() < 0.35:
        looked = cv2.GaussianBlur(looked, (0, 0), random.uniform(0.4, 1.3))
    if random.random() < 0.25:
        factor = random.uniform(0.5, 0.9)
        small = cv2.resize(looked, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        looked = cv2.resize(small, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    if random.random() < 0.2:
        noise = random.standard_normal(looked.shape, dtype=np.float32) * np.float32(random.uniform(1, 8))
        looked = np.clip(looked + noise, 0, 255).astype(np.uint8)
    if random.random() < 0.5:
        _, coded = cv2.imencode(".jpg", looked, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 90))])
        looked = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    return np.asarray(looked, dtype=np.uint8)


def _change_colours(picture: Picture, random: np.random.Generator) -> Picture:
    hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV).astype(np.float32)
    is_grass = (hsv[..., 0] > 30) & (hsv[..., 0] < 90) & (hsv[..., 1] > 40)
    hsv[..., 0] += np.where(is_grass, random.normal(0, 7), 0.0)
    if random.random() < 0.4:  # other shirts: all that is no grass, so that equals stay equals
        hsv[..., 0] += np.where(is_grass, 0.0, random.uniform(0, 180))
    hsv[..., 0] %= 180
    hsv[..., 1] *= np.where(is_grass, np.exp(random.normal(0, 0.3)), np.exp(random.normal(0, 0.2)))
    colours = cv2.cvtColor(np.clip(hsv, 0, 255).astype(np.uint8), cv2.COLOR_HSV2BGR).astype(np.float32)
    colours *= np.exp(random.normal(0, 0.06, 3)).astype(np.float32)  # white balance
    if random.random() < 0.05:
        colours[:] = colours.mean(axis=2, keepdims=True)
    gamma, gain, lift = np.exp(random.normal(0, 0.2)), np.exp(random.normal(0, 0.12)), random.normal(0, 10)
    curve = np.clip(255 * (np.arange(256) / 255) ** gamma * gain + lift, 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(np.clip(colours, 0, 255).astype(np.uint8), curve), dtype=np.uint8)

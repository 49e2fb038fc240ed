"""People as upright shapes with shirts, shorts, legs and shadows: enough to cover lines as people do."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from football.pitch import STANDARD_PITCH
from training.rendering.cameras import Camera, FloatArray

Picture = NDArray[np.uint8]

_SKINS = ((120, 160, 205), (90, 125, 175), (50, 75, 110), (35, 50, 75))  # blue, green, red
_LEAST_PIXELS, _MOST_PIXELS = 4.0, 400.0


@dataclass(frozen=True, slots=True)
class _Person:
    """``place`` (2,) in metres; ``shirt`` and ``shorts`` (3,)."""

    place: FloatArray
    shirt: FloatArray
    shorts: FloatArray


def draw_people(picture: Picture, camera: Camera, random: np.random.Generator) -> None:
    """Two teams, referees and those beside the pitch, the far ones first."""
    people = _gather(random)
    places = np.array([one.place for one in people])
    feet = camera.project(np.column_stack([places, np.zeros(len(places))]))
    heads = camera.project(np.column_stack([places, random.uniform(1.65, 1.95, len(places))]))
    shadow = random.normal(0, 0.6, 2)
    darkness = float(random.uniform(0.0, 0.5))
    for index in np.argsort(np.nan_to_num(feet[:, 1])):
        height = float(np.nan_to_num(feet[index, 1] - heads[index, 1]))
        if _LEAST_PIXELS < height < _MOST_PIXELS and _is_inside(feet[index], picture):
            _cast_shadow(picture, feet[index], height, shadow, darkness)
            _draw_person(picture, feet[index], height, people[index], random)


def _gather(random: np.random.Generator) -> list[_Person]:
    crowded = random.uniform((0, 0), (STANDARD_PITCH.length_m, STANDARD_PITCH.width_m))
    spread = random.uniform(10, 40)
    people = []
    for size in (random.integers(6, 12), random.integers(6, 12), 1, 1, 3):
        shirt, shorts = random.uniform(0, 255, (2, 3))
        places = crowded + random.normal(0, spread, (size, 2)) * np.array([1.0, 0.7])
        people += [_Person(place, shirt, shorts) for place in places]
    beside = STANDARD_PITCH.width_m / 2 + random.choice([-1, 1]) * random.uniform(36, 41, random.integers(0, 14))
    along = random.normal(STANDARD_PITCH.length_m / 2, 18, len(beside))
    staff = [np.array(place) for place in zip(along, beside, strict=True)]
    return people + [_Person(place, *random.uniform(0, 200, (2, 3))) for place in staff]


def _cast_shadow(picture: Picture, foot: FloatArray, height: float, towards: FloatArray, darkness: float) -> None:
    length = height * float(np.linalg.norm(towards))
    middle = foot + height * towards * np.array([0.5, 0.2])
    part = _around(middle, length / 2 + 0.3 * height, picture)
    seen = picture[part]
    if not seen.size:
        return
    mask = np.zeros(seen.shape[:2], np.uint8)
    at = middle - np.array([part[1].start, part[0].start])
    angle = float(np.degrees(np.arctan2(0.4 * towards[1], towards[0])))
    cv2.ellipse(mask, (tuple(at), (max(length, 0.3 * height), 0.13 * height), angle), 255, -1, cv2.LINE_AA)
    picture[part] = (seen * (1 - darkness / 255 * mask[..., np.newaxis])).astype(np.uint8)


def _draw_person(
    picture: Picture, foot: FloatArray, height: float, person: _Person, random: np.random.Generator
) -> None:
    """Legs, shorts, shirt, arms and head; the step is wide or narrow."""
    skin = _SKINS[int(random.integers(len(_SKINS)))]
    step, lean = random.uniform(0.02, 0.16), random.normal(0, 0.03)
    hip, neck = foot + height * np.array([lean, -0.47]), foot + height * np.array([2 * lean, -0.84])
    thick = max(1, round(0.075 * height))
    for side in (-1, 1):
        _draw_limb(picture, hip, foot + height * np.array([side * step, 0.0]), skin, thick)
        arm = neck + height * np.array([side * random.uniform(0.1, 0.2), random.uniform(0.1, 0.35)])
        _draw_limb(picture, neck, arm, skin, max(1, round(0.05 * height)))
    _draw_limb(picture, hip, hip + height * np.array([0.0, 0.14]), person.shorts.tolist(), max(1, round(0.17 * height)))
    _draw_limb(picture, neck + height * np.array([0, 0.07]), hip, person.shirt.tolist(), max(1, round(0.21 * height)))
    head = neck - height * np.array([0.0, 0.08])
    cv2.circle(picture, _to_pixel(head), max(1, round(0.065 * height)), skin, -1, cv2.LINE_AA)


def _draw_limb(picture: Picture, start: FloatArray, end: FloatArray, colour: Sequence[float], thickness: int) -> None:
    cv2.line(picture, _to_pixel(start), _to_pixel(end), colour, thickness, cv2.LINE_AA)


def _to_pixel(place: FloatArray) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))


def _around(middle: FloatArray, reach: float, picture: Picture) -> tuple[slice, slice]:
    """The part of the picture within ``reach`` pixels of a place, rows first."""
    low, high = np.floor(middle - reach).astype(int), np.ceil(middle + reach).astype(int)
    limits = picture.shape[1::-1]
    low, high = np.clip(low, 0, limits), np.clip(high, 0, limits)
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def _is_inside(foot: FloatArray, picture: Picture) -> bool:
    height, width = picture.shape[:2]
    return bool(-50 < foot[0] < width + 50 and 0 < foot[1] < height + 200)

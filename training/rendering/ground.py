"""What lies flat: grass, mown in stripes, lines, and what is around the pitch."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.registration.projection import PictureView
from football.markings import PITCH_POINTS, trace_lines
from football.pitch import STANDARD_PITCH
from training.rendering.cameras import Camera

Colours = NDArray[np.float32]
FloatArray = NDArray[np.float64]

_TILE = 256  # side of a noise picture, in its pixels
_NOISE_M = 0.25  # a pixel of noise on the ground
_FAR_M = 1000.0
_STEP = 4  # points of a straight line that one piece spans
_FAINTEST = 0.15
_MARKS = [8, 21, 32]  # both penalty marks and the centre, of PITCH_POINTS
_MARK_M = 0.13
_SUBPIXEL = 4  # bits of a coordinate after the point, for OpenCV


@dataclass(frozen=True, slots=True)
class Ground:
    """Of each pixel: ``x`` and ``y`` (H, W) in metres, NaN above the horizon, and whether it ``is_beyond`` (H, W) the
    apron, where a stand or a wood begins."""

    x: Colours
    y: Colours
    is_beyond: NDArray[np.bool_]


def locate_ground(view: PictureView, aprons: FloatArray) -> Ground:
    """``aprons`` (4,): metres from the far, right, near and left lines to what stands around the pitch."""
    x, y = _locate_pixels(view)
    far, right, near, left = aprons
    with np.errstate(invalid="ignore"):
        along = (x > -left) & (x < STANDARD_PITCH.length_m + right)
        is_near = along & (y > -far) & (y < STANDARD_PITCH.width_m + near)
    return Ground(x, y, ~is_near)


def _locate_pixels(view: PictureView) -> tuple[Colours, Colours]:
    """The same as :meth:`PictureView.locate` of all pixels, in a quarter of its time."""
    width, height = view.size
    across = (2 * np.arange(width, dtype=np.float32) + 1 - width) / width
    down = ((2 * np.arange(height, dtype=np.float32) + 1 - height) / width)[:, np.newaxis]
    bend = 1 + np.float32(view.k1) * (across * across + down * down)
    (a, b, c), (d, e, f), (g, h, i) = np.linalg.inv(view.to_plane).astype(np.float32)
    depth = g * across + h * down + i * bend
    depth[depth <= 0] = np.nan
    return (a * across + b * down + c * bend) / depth, (d * across + e * down + f * bend) / depth


def paint_ground(ground: Ground, random: np.random.Generator) -> Colours:
    """Blue, green, red (H, W, 3) of grass, and of the apron outside a rim of grass."""
    x, y = (np.nan_to_num(axis, nan=_FAR_M).clip(-_FAR_M, _FAR_M) for axis in (ground.x, ground.y))
    rim = float(random.uniform(1.5, 9))
    outside = np.maximum(np.maximum(-x, x - STANDARD_PITCH.length_m), np.maximum(-y, y - STANDARD_PITCH.width_m))
    light = _mow(x, y, random) * _vary(x, y, random)
    colours = light[..., np.newaxis] * _grass_colour(random)
    if random.random() < 0.6:
        colours = np.where((outside > rim)[..., np.newaxis], light[..., np.newaxis] * _apron_colour(random), colours)
    return np.asarray(colours * _shade(x, y, random)[..., np.newaxis], np.float32)


def _grass_colour(random: np.random.Generator) -> Colours:
    hsv = np.array([[[random.uniform(32, 62), random.uniform(70, 200), random.uniform(70, 165)]]], np.uint8)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)[0, 0].astype(np.float32)


def _apron_colour(random: np.random.Generator) -> Colours:
    tracks = ((55, 75, 150), (120, 120, 120), (60, 60, 60), (140, 90, 50), (90, 110, 110), (50, 90, 60))
    return np.asarray(tracks[int(random.integers(len(tracks)))] * np.exp(random.normal(0, 0.2, 3)), np.float32)


def _mow(x: Colours, y: Colours, random: np.random.Generator) -> Colours:
    """Light (H, W) of stripes along one direction or both, or of none."""
    light = np.ones_like(x)
    for along, chance in ((x, 0.6), (y, 0.4)):
        if random.random() < chance:
            width = float(random.uniform(3.5, 9))
            wave = np.sin(np.pi / width * (along + np.float32(random.uniform(0, width))))
            light += np.float32(random.uniform(0.01, 0.09)) * np.clip(6 * wave, -1, 1)
    return light


def _vary(x: Colours, y: Colours, random: np.random.Generator) -> Colours:
    """Light (H, W) of patches and blades, which stay where they are on the ground."""
    light = np.ones_like(x)
    for size_m, strength in ((_NOISE_M, 0.06), (12 * _NOISE_M, 0.05)):
        columns, rows = (
            (axis / np.float32(size_m) + np.float32(random.uniform(0, _TILE))) % (_TILE - 1) for axis in (x, y)
        )
        noise = cv2.remap(_make_noise(), columns, rows, cv2.INTER_LINEAR)
        light += np.float32(strength * random.uniform(0, 2)) * noise
    return light


@cache
def _make_noise() -> Colours:
    """A picture (_TILE, _TILE) with the mean 0; made when it is needed, for OpenCV's threads do not outlive a fork."""
    noise = np.random.default_rng(0).standard_normal((_TILE, _TILE), dtype=np.float32)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.5), np.float32)


def _shade(x: Colours, y: Colours, random: np.random.Generator) -> Colours:
    """Light (H, W) that falls from one side, and now and then the shadow of a stand."""
    slope = random.normal(0, 0.15, 2) / np.array([STANDARD_PITCH.length_m, STANDARD_PITCH.width_m])
    light = np.clip(1 + slope[0] * (x - 52.5) + slope[1] * (y - 34), 0.5, 1.5)
    if random.random() < 0.25:
        normal = random.normal(0, 1, 2)
        normal /= np.linalg.norm(normal)
        side = normal[0] * (x - random.uniform(0, 105)) + normal[1] * (y - random.uniform(0, 68))
        light *= 1 - np.float32(random.uniform(0.2, 0.6)) * np.clip(side + 0.5, 0, 1)
    return np.asarray(light, np.float32)


@dataclass(frozen=True, slots=True)
class _Strips:
    """Pieces of lines: ``middles`` (N, 2, 2) are their ends, ``asides`` (N, 2, 2) unit vectors across them there."""

    middles: FloatArray
    asides: FloatArray


def _cut(lines: list[FloatArray]) -> _Strips:
    """Short pieces, so that each is straight in the picture."""
    middles, asides = [], []
    for line in lines:
        steps = np.gradient(line, axis=0)
        aside = steps[:, ::-1] * np.array([-1.0, 1.0]) / np.linalg.norm(steps, axis=1, keepdims=True)
        middles.append(np.stack([line[:-1], line[1:]], axis=1))
        asides.append(np.stack([aside[:-1], aside[1:]], axis=1))
    return _Strips(np.concatenate(middles), np.concatenate(asides))


def _thin(line: FloatArray) -> FloatArray:
    is_straight = bool((np.ptp(np.diff(line, axis=0), axis=0) < 1e-6).all())
    return np.vstack([line[: -1 : _STEP if is_straight else 2], line[-1:]])


_PITCH = _cut([_thin(line) for line in trace_lines()])


def draw_lines(camera: Camera, random: np.random.Generator) -> NDArray[np.uint8]:
    """How much of a pixel is white (H, W), as lines, marks and what is worn off them make it; 255 is all of it."""
    canvas = np.zeros(camera.size[::-1], np.uint8)
    _draw_strips(canvas, camera, _PITCH, float(random.uniform(0.08, 0.13)))
    if random.random() < 0.3:
        _draw_strips(canvas, camera, _dash_technical_areas(random), 0.1)
    angles = np.linspace(0, 2 * np.pi, 10, endpoint=False)
    rim = _MARK_M * np.column_stack([np.cos(angles), np.sin(angles)])
    _fill(canvas, camera.view().project((PITCH_POINTS[_MARKS, np.newaxis] + rim).reshape(-1, 2)).reshape(-1, 10, 2))
    if random.random() < 0.4:
        worn = cv2.resize(random.uniform(0.3, 1.3, (9, 16)).astype(np.float32), camera.size)
        canvas = (canvas * np.minimum(worn, 1.0)).astype(np.uint8)
    return canvas


def _draw_strips(canvas: NDArray[np.uint8], camera: Camera, strips: _Strips, width: float) -> None:
    """Lines that are ``width`` metres wide."""
    sides = np.stack([strips.middles + side * width / 2 * strips.asides for side in (-1, 1)], axis=1)
    places = camera.view().project(sides.reshape(-1, 2)).reshape(-1, 4, 2)
    _fill(canvas, places[:, [0, 1, 3, 2]])


def _fill(canvas: NDArray[np.uint8], polygons: FloatArray) -> None:
    """Polygons (N, K, 2) in pixels; the fainter, the narrower they are than a pixel."""
    drawn = polygons[_are_near(polygons, canvas.shape[1::-1]).all(axis=1)]
    across = np.linalg.norm(drawn[:, 0] - drawn[:, -1], axis=1)
    shades = 255 * np.clip(across, _FAINTEST, 1.0)
    fixed = np.round((drawn - 0.5) * 2**_SUBPIXEL).astype(np.int32)
    for index in np.argsort(shades, kind="stable"):
        cv2.fillConvexPoly(canvas, fixed[index], float(shades[index]), cv2.LINE_AA, _SUBPIXEL)


def _dash_technical_areas(random: np.random.Generator) -> _Strips:
    """Lines beside one touchline that are none of the pitch."""
    y, outwards = (0.0, -1.0) if random.random() < 0.5 else (STANDARD_PITCH.width_m, 1.0)
    y += outwards * float(random.uniform(1.0, 4.0))
    middles = STANDARD_PITCH.length_m / 2 + np.array([-1, 1]) * random.uniform(10, 18)
    starts = (middles[:, np.newaxis] + np.arange(-8, 8, 1.2)).ravel()
    return _cut([np.array([(start, y), (start + 0.6, y)]) for start in starts])


def _are_near(places: FloatArray, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Whether places (..., 2) are in the picture or beside it, so that OpenCV can draw to them."""
    with np.errstate(invalid="ignore"):
        return np.asarray((np.abs(places - np.array(size) / 2) < 1.5 * np.array(size)).all(axis=-1))

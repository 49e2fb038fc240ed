"""What everybody in a picture wears, at once: only pixels in and around their boxes are looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.pitch_colour import Lab, PixelNoise, measure_unlikeness, to_lab
from engine.teams import SHIRT_BOTTOM, SHIRT_TOP, erode_across, to_cie_lab
from engine.video import Picture

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

BODY_DEVIATIONS = 6.0
"""How far, in standard deviations of grass, a pixel must be from the pitch colour around it to be part of a person.
Raising it loses kits that resemble grass, lowering it turns worn grass into people."""

PARTS = ("shirt", "shorts", "socks", "head")
_BANDS = ((SHIRT_TOP, SHIRT_BOTTOM), (0.50, 0.65), (0.70, 0.90), (0.00, 0.14))
"""Where the parts are, of the box's height from its top."""

_WHOLE = (0.0, 1.0)
_AROUND_SOLES = (0.97, 1.15)
_LEAST_LEG_PX, _MOST_LEG = 2, 0.75
"""How many pixels of a row, and what share of the box's width at most, are a leg or two."""

_SIDE = 24
"""Rows and columns at most that are looked at of each part; of larger ones, every second or third."""
_GRASS_REACH_PX, _GRASS_STEP_PX = 56, 8  # a window of 112 px, wider than a person near the camera
_LEAST_PX = 6


def measure_shirts(picture: Picture, boxes: FloatArray, noise: PixelNoise) -> FloatArray:
    """Median colours (N, 3) in CIE Lab of the shirts in ``boxes`` (N, 4) of x_min, y_min, x_max, y_max, pixels.

    Of each shirt, only what is unlike the grass around the person's feet counts, and of that the inner pixels where
    there are enough: the rim of a small figure is half grass.
    """
    return _measure(picture, boxes, noise, _BANDS[:1])[:, 0]


def find_soles(picture: Picture, boxes: FloatArray, noise: PixelNoise) -> FloatArray:
    """Lower edges (N,) of ``boxes`` (N, 4), moved down to where the legs end that they cut off.

    What goes on from the last rows of a box without a gap, and is narrower than the box, is a leg; a line of the pitch
    or another person is wider.
    """
    edges = boxes[:, 3]
    if not len(boxes):
        return edges
    lab, inside = _cut_out(picture, boxes, _AROUND_SOLES)
    body = _find_body(lab, _find_grass(picture, boxes), noise) & inside
    wide, found = inside.any(axis=1).sum(axis=1), body.sum(axis=2)
    is_leg = (found >= _LEAST_LEG_PX) & (found <= _MOST_LEG * wide[:, np.newaxis])
    length = np.logical_and.accumulate(is_leg, axis=1).sum(axis=1)
    rows, is_row = _spread(*_find_ends(boxes, _AROUND_SOLES), picture.shape[0])
    end = rows[np.arange(len(boxes)), np.minimum(length, _SIDE - 1)]
    return np.where((length > 0) & (length < is_row.sum(axis=1)), np.maximum(end, edges), edges)


@dataclass(frozen=True, slots=True)
class Fill:
    """Of the pixels of each box (N,): how many are unlike grass ``within`` some mask and ``beside`` it; of the latter
    there are ``most``."""

    within: NDArray[np.int64]
    beside: NDArray[np.int64]
    most: NDArray[np.int64]


def measure_fill(picture: Picture, boxes: FloatArray, noise: PixelNoise, *, mask: Mask) -> Fill:
    """``boxes`` (N, 4), at least one; ``mask`` (height, width)."""
    lab, inside = _cut_out(picture, boxes, _WHOLE)
    (rows, _), (columns, _) = _choose_pixels(boxes, _WHOLE, picture.shape[:2])
    masked = mask[rows[:, :, np.newaxis], columns[:, np.newaxis, :]]
    body = _find_body(lab, _find_grass(picture, boxes), noise) & inside
    counts = (part.sum(axis=(1, 2)) for part in (body & masked, body & ~masked, inside & ~masked))
    return Fill(*counts)


def measure_outfits(picture: Picture, boxes: FloatArray, noise: PixelNoise) -> FloatArray:
    """The same (N, 4, 3) of all :data:`PARTS`; the first are the shirts."""
    return _measure(picture, boxes, noise, _BANDS)


def _measure(
    picture: Picture, boxes: FloatArray, noise: PixelNoise, bands: Sequence[tuple[float, float]]
) -> FloatArray:
    if not len(boxes):
        return np.empty((0, len(bands), 3))
    grass = _find_grass(picture, boxes)
    return np.stack([_measure_band(picture, boxes, grass, noise, band) for band in bands], axis=1)


def _measure_band(
    picture: Picture, boxes: FloatArray, grass: Lab, noise: PixelNoise, band: tuple[float, float]
) -> FloatArray:
    lab, inside = _cut_out(picture, boxes, band)
    body = _find_body(lab, grass, noise) & inside
    inner = erode_across(body.reshape(-1, _SIDE)).reshape(inside.shape)
    return to_cie_lab(_find_medians(lab, _choose_enough(inner, body, inside)))


def _find_body(lab: Lab, grass: Lab, noise: PixelNoise) -> Mask:
    """Which pixels of each person (N, side, side, 3) are none of the ``grass`` (N, 3) there."""
    people = lab.reshape(len(lab), -1, 3)  # one in a row: what is measured row by row then has long rows
    unlike = measure_unlikeness(people, np.repeat(grass[:, np.newaxis], people.shape[1], axis=1), noise)
    return np.asarray(unlike > BODY_DEVIATIONS**2).reshape(lab.shape[:3])


def _cut_out(picture: Picture, boxes: FloatArray, band: tuple[float, float]) -> tuple[Lab, Mask]:
    """That part of each person (N, side, side, 3), and which pixels belong to it, (N, side, side)."""
    (rows, is_row), (columns, is_column) = _choose_pixels(boxes, band, picture.shape[:2])
    pixels = picture[rows[:, :, np.newaxis], columns[:, np.newaxis, :]]
    lab = to_lab(pixels.reshape(-1, _SIDE, 3)).reshape(pixels.shape)
    return lab, is_row[:, :, np.newaxis] & is_column[:, np.newaxis, :]


def _choose_pixels(
    boxes: FloatArray, band: tuple[float, float], size: tuple[int, ...]
) -> tuple[tuple[NDArray[np.int64], Mask], tuple[NDArray[np.int64], Mask]]:
    """Rows and columns of that part, as :func:`_spread` gives them; ``size`` is (height, width)."""
    return _spread(*_find_ends(boxes, band), size[0]), _spread(boxes[:, 0], boxes[:, 2], size[1])


def _find_ends(boxes: FloatArray, band: tuple[float, float]) -> tuple[FloatArray, FloatArray]:
    """First and last row (N,) of the part."""
    heights = boxes[:, 3] - boxes[:, 1]
    return boxes[:, 1] + band[0] * heights, boxes[:, 1] + band[1] * heights


def _spread(first: FloatArray, last: FloatArray, length: int) -> tuple[NDArray[np.int64], Mask]:
    """Up to ``_SIDE`` pixels from ``first`` to ``last`` (N,) each, (N, side), and which of them lie between these."""
    begin = np.clip(first, 0, length - 1).astype(np.int64)
    end = np.clip(last, begin, length - 1).astype(np.int64)
    step = (end - begin) // _SIDE + 1
    places = begin[:, np.newaxis] + step[:, np.newaxis] * np.arange(_SIDE)
    return np.minimum(places, length - 1), places <= end[:, np.newaxis]


def _find_grass(picture: Picture, boxes: FloatArray) -> Lab:
    """The colour that dominates around the feet of each person, (N, 3): people and lines are narrower than the window
    of the median."""
    offsets = np.arange(-_GRASS_REACH_PX, _GRASS_REACH_PX + 1, _GRASS_STEP_PX)
    rows = np.clip(boxes[:, 3, np.newaxis] + offsets, 0, picture.shape[0] - 1).astype(np.int64)
    columns = (boxes[:, 0, np.newaxis] + boxes[:, 2, np.newaxis]) / 2 + offsets
    columns = np.clip(columns, 0, picture.shape[1] - 1).astype(np.int64)
    around = picture[rows[:, :, np.newaxis], columns[:, np.newaxis, :]].reshape(len(boxes), -1, 3)
    return np.asarray(np.median(to_lab(around), axis=1), dtype=np.uint8)


def _choose_enough(inner: Mask, body: Mask, inside: Mask) -> Mask:
    """For each person the narrowest choice that has pixels enough."""
    for_inner, for_body = (mask.sum(axis=(1, 2), keepdims=True) >= _LEAST_PX for mask in (inner, body))
    return np.where(for_inner, inner, np.where(for_body, body, inside))


def _find_medians(lab: Lab, chosen: Mask) -> FloatArray:
    """Medians (N, 3) of the ``chosen`` pixels, at least one each."""
    values = np.where(chosen[..., np.newaxis], lab, np.float32(np.inf)).reshape(len(lab), -1, 3)
    values.sort(axis=1)
    counts = chosen.sum(axis=(1, 2))
    people = np.arange(len(lab))
    lower, upper = values[people, (counts - 1) // 2], values[people, counts // 2]
    return np.asarray((lower + upper) / 2, dtype=np.float64)

"""What the network should answer for a view."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.registration.sight import POINT_STRIDE
from football.markings import PITCH_POINTS, trace_lines
from training.pitch.crops import VIEW_SIZE, View

FloatArray = NDArray[np.float32]

_SPREAD = 0.9  # standard deviation of a point on its map, in cells
_FINER = 4  # lines are drawn on so many times finer a grid, and then averaged
_LINE_WIDTH_CELLS = 1.0


@dataclass(frozen=True, slots=True)
class Targets:
    """``places`` (43, H * W + 1): how likely each point lies in each cell; the last place stands for none.

    ``known`` (43,): 0 where nothing is to be learnt. ``lines`` (1, H, W): the share of a cell that a line covers.
    """

    places: FloatArray
    known: FloatArray
    lines: FloatArray


def make_targets(view: View) -> Targets:
    columns, rows = VIEW_SIZE[0] // POINT_STRIDE, VIEW_SIZE[1] // POINT_STRIDE
    places = np.zeros((len(PITCH_POINTS), rows * columns + 1), np.float32)
    for place, (x, y) in zip(places, view.points / POINT_STRIDE, strict=True):
        if np.isnan(x):
            place[-1] = 1.0
        else:
            across, down = _bell(columns, x), _bell(rows, y)
            place[:-1] = np.outer(down, across).ravel()
    return Targets(places, view.is_known.astype(np.float32), _draw_lines(view)[np.newaxis])


def _bell(cells: int, middle: float) -> FloatArray:
    """Weights (cells,) with the sum 1."""
    weights = np.exp(-(((np.arange(cells) + 0.5 - middle) / _SPREAD) ** 2) / 2)
    return np.asarray(weights / weights.sum(), np.float32)


def _draw_lines(view: View) -> FloatArray:
    size = np.array(VIEW_SIZE) // POINT_STRIDE
    fine = np.zeros(size[::-1] * _FINER, np.uint8)
    for line in trace_lines():
        pixels = view.project(line)
        with np.errstate(invalid="ignore"):
            near = (np.abs(pixels - np.array(VIEW_SIZE) / 2) < 2 * np.array(VIEW_SIZE)).all(axis=1)
        drawn = np.round(pixels[near] * _FINER / POINT_STRIDE).astype(np.int32)
        cv2.polylines(fine, [drawn], isClosed=False, color=255, thickness=round(_FINER * _LINE_WIDTH_CELLS))
    averaged = cv2.resize(fine, tuple(size.tolist()), interpolation=cv2.INTER_AREA)
    return np.asarray(averaged / 255, np.float32)

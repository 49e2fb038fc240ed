"""Pieces of lines that a network takes for people, such as the sides of a goal area from behind the goal."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.outfits import measure_fill
from engine.pitch_colour import PixelNoise
from engine.registration.line_mask import draw_lines
from engine.registration.registrar import Registration
from engine.video import Picture

FloatArray = NDArray[np.float64]
Mask = NDArray[np.bool_]

MOST_BESIDE = 0.2
"""What share of a box may be unlike grass beside the lines of the pitch. Raising it drops people in dark kits who
crouch on a line."""
LEAST_ON_LINES = 0.7
"""What share of all that is unlike grass in a box must lie on lines. Lowering it drops people on a line who wear the
colour of grass."""


def are_pieces_of_lines(
    picture: Picture, boxes: FloatArray, registration: Registration | None, noise: PixelNoise
) -> NDArray[np.bool_]:
    """Which ``boxes`` (N, 4), in pixels of the picture, hold a line of the pitch and hardly anything else.

    None does for all that is known where lines of the pitch have not been measured in this picture.
    """
    pieces = np.zeros(len(boxes), np.bool_)
    if registration is None or registration.error_px is None or not len(boxes):
        return pieces
    lines = draw_lines(registration.view)
    crossed = np.flatnonzero(_are_crossed(boxes, lines))
    if len(crossed):
        fill = measure_fill(picture, boxes[crossed], noise, mask=lines)
        is_empty = fill.beside < MOST_BESIDE * fill.most
        pieces[crossed] = is_empty & (fill.within >= LEAST_ON_LINES * (fill.within + fill.beside))
    return pieces


def _are_crossed(boxes: FloatArray, lines: Mask) -> NDArray[np.bool_]:
    """Whether there is a line in each box."""
    sums = cv2.integral(lines.astype(np.uint8))
    corners = np.clip(np.rint(boxes), 0, np.array(lines.shape[::-1] * 2)).astype(np.int64)
    left, top, right, bottom = corners.T
    return np.asarray(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left] > 0)

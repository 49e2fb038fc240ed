"""Which pixels of a picture show lines of the pitch, by its registration."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.registration.projection import PictureView
from football.markings import trace_lines
from football.pitch import Pitch

Mask = NDArray[np.bool_]

_LINE_WIDTH_M = 0.12  # the most that Law 1 allows
_EDGES_PX = 4.0  # a blurred edge on either side, and what a good registration is off
_WIDEST_PX = 40
_MARGIN = 0.2  # of the width; pieces that end farther outside show nothing
_SUBPIXEL_BITS = 4


@lru_cache(maxsize=16)
def _cut_lines(pitch: Pitch) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Pieces (N, 2, 2) of about a metre, from here to there, and steps (N, 2) of a metre across them."""
    lines = [np.vstack([line[:-1:2], line[-1:]]) for line in trace_lines(pitch)]
    pieces = np.concatenate([np.stack([line[:-1], line[1:]], axis=1) for line in lines])
    along = pieces[:, 1] - pieces[:, 0]
    across = along[:, ::-1] * np.array([-1.0, 1.0])
    return pieces, across / np.linalg.norm(along, axis=1, keepdims=True)


def draw_lines(view: PictureView) -> Mask:
    """(height, width)."""
    of_pitch, across = _cut_lines(view.pitch)
    ends = view.project(of_pitch.reshape(-1, 2)).reshape(-1, 2, 2)
    edges = view.project(of_pitch[:, 0] + _LINE_WIDTH_M * across)
    width, height = view.size
    margin = _MARGIN * width
    widths = np.linalg.norm(edges - ends[:, 0], axis=1) + _EDGES_PX
    with np.errstate(invalid="ignore"):  # there is no place for what is behind the camera
        seen = ((ends > -margin) & (ends < np.array(view.size) + margin)).all(axis=(1, 2)) & (widths < _WIDEST_PX)
    thickness = np.rint(widths[seen]).astype(np.int64)
    pieces = np.rint((ends[seen] - 0.5) * 2**_SUBPIXEL_BITS).astype(np.int32)
    mask = np.zeros((height, width), np.uint8)
    for pixels in np.unique(thickness).tolist():
        chosen = list(pieces[thickness == pixels])
        cv2.polylines(mask, chosen, isClosed=False, color=1, thickness=pixels, shift=_SUBPIXEL_BITS)
    return mask.astype(np.bool_)

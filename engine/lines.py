"""Lines of the pitch in a mask of pixels that are not grass, where no background is known that would hold them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.person_size import PersonSize
from engine.silhouettes import Silhouette

Mask = NDArray[np.bool_]

# Lengths below are in units of the height of a person at that place.
_LONG = 2.0  # a blob longer than this in either direction is a line, with or without people on it
_LINE_WIDTH = 0.18  # a line is at most 0.12 m wide (Law 1), with blur 0.3 m; a torso is 0.4 m and more
_MIN_RADIUS = 0.1  # of the largest disc in a person; in a line it is at most half of the width above
_LIMB_ACROSS, _LIMB_ALONG = 0.3, 0.5  # how far limbs reach from the torso
_BANDS = 5


def drop_lines(foreground: Mask, strong: Mask, size: PersonSize) -> Mask:
    """Remove lines from ``foreground`` (height, width) and keep the people who stand on them.

    In long blobs, what lies near something thicker than a line stays: a torso and its limbs, with stubs of the line.
    Thickness is that of ``strong``, the pixels that are beyond doubt no grass: video stores colour at half the
    resolution, which draws a coloured fringe around every line.
    """
    long = _find_long_blobs(foreground, size)
    return (foreground & ~long) | (long & _find_near_thick(long & strong, size))


def drop_pieces_of_lines(silhouettes: list[Silhouette], strong: Mask) -> list[Silhouette]:
    """Drop the silhouettes in which ``strong`` (height, width) is nowhere as thick as a torso."""
    radii = cv2.distanceTransform(strong.astype(np.uint8), cv2.DIST_L2, 3)
    kept = []
    for found in silhouettes:
        x_min, y_min, x_max, y_max = (int(edge) for edge in found.box)
        if radii[y_min:y_max, x_min:x_max].max(initial=0.0) >= _MIN_RADIUS * found.expected_height:
            kept.append(found)
    return kept


def _find_long_blobs(foreground: Mask, size: PersonSize) -> Mask:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(foreground.astype(np.uint8), connectivity=8)
    boxes = np.asarray(stats[:count], dtype=np.float64)
    left, top, width, height = (boxes[:, column] for column in range(4))
    persons = size.heights_at(np.column_stack([left + width / 2, top + height]))
    is_long = np.maximum(width, height) > _LONG * np.nan_to_num(persons, nan=np.inf)
    is_long[0] = False  # label 0 is all that is not foreground
    return np.asarray(is_long[labels], dtype=np.bool_)


def _find_near_thick(mask: Mask, size: PersonSize) -> Mask:
    """Done in bands, because people and lines grow towards the camera."""
    height, width = mask.shape
    near = np.zeros_like(mask)
    edges = np.linspace(0, height, _BANDS + 1).astype(int)
    middles = np.column_stack([np.full(_BANDS, width / 2), edges[1:]]).astype(np.float64)
    for top, bottom, person in zip(edges[:-1], edges[1:], size.heights_at(middles), strict=True):
        if not np.isfinite(person):
            continue
        reach = int(0.6 * person)
        around = slice(max(0, top - reach), min(height, bottom + reach))
        thick = _dilate_thick(mask[around].astype(np.uint8), float(person))
        near[top:bottom] = thick[top - around.start : bottom - around.start] > 0
    return near


def _dilate_thick(mask: NDArray[np.uint8], person: float) -> NDArray[np.uint8]:
    side = max(2, round(_LINE_WIDTH * person))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    thick = cv2.morphologyEx(mask, cv2.MORPH_OPEN, disc)
    across, along = max(1, round(_LIMB_ACROSS * person)), max(1, round(_LIMB_ALONG * person))
    return np.asarray(cv2.dilate(thick, np.ones((2 * along + 1, 2 * across + 1), np.uint8)), dtype=np.uint8)

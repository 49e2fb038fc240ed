"""People in a mask of pixels that are not pitch: fragments joined, groups parted, the rest dropped by size."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.blobs import Blobs, find_blobs
from engine.person_size import PersonSize

Mask = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

# Lengths below are in units of the expected height of a standing person at that place.
_MIN_HEIGHT = 0.5  # crouching, or half hidden
_MAX_HEIGHT = 1.3  # jumping, arms up; taller blobs are two people behind each other
_MAX_WIDTH = 0.85  # a stride with arms out; wider blobs are two people side by side
_MIN_WIDTH = 0.1
_MIN_AREA = 0.05  # of height squared; a person covers about 0.15
_BODY_WIDTH, _BODY_HEIGHT = 0.28, 0.95  # the part of a standing person's box that is mostly body
_CLAIMED_WIDTH = 0.5
_JOINED = np.array([_MAX_WIDTH, 1.15])  # fragments together are narrower and lower than this
_GAP_ACROSS, _GAP_ALONG = 0.1, 0.22  # fragments this close belong together: a leg, a head above a pale collar
_EMPTY_PENALTY = 0.35
_OUTSTANDING_PENALTY, _BELOW = 0.5, 0.25
_MIN_GAIN = 0.28  # of the visible part of the body: what a further person in a group must explain
_MIN_COVERED = 0.12  # of the whole body; less is a stray arm of somebody else
_MAX_PEOPLE_IN_GROUP = 8
_WIDEST_GROUP, _TALLEST_GROUP = 5.0, 3.5  # larger blobs are hoardings and stands, not people
_LEAST_THICKNESS = 0.1  # radius of a torso; pieces of lines have less


@dataclass(frozen=True, slots=True)
class Silhouette:
    """A blob that may be a person. ``box`` is (x_min, y_min, x_max, y_max), pixels; ``fill`` the share of it covered.

    ``expected_height`` is that of a standing person with feet at the lower edge of the box. ``is_parted`` tells that
    the box was cut out of a group, so that its edges are partly guessed.
    """

    box: tuple[float, float, float, float]
    fill: float
    expected_height: float
    is_parted: bool

    @property
    def height_ratio(self) -> float:
        return (self.box[3] - self.box[1]) / self.expected_height


def find_silhouettes(blobs: Blobs, size: PersonSize) -> list[Silhouette]:
    """Find people in the blobs of a mask."""
    if not len(blobs.boxes):
        return []
    heights = size.heights_at(_feet(blobs.boxes))
    worth = np.isfinite(heights) & (blobs.areas > 0.004 * heights**2)
    groups = list(_join_fragments(blobs.boxes, np.where(worth, heights, np.nan)))
    boxes = np.array([_surround(blobs.boxes[members]) for members in groups]).reshape(-1, 4)
    found: list[Silhouette] = []
    for members, box, height in zip(groups, boxes, size.heights_at(_feet(boxes)).tolist(), strict=True):
        found.extend(_read_group(blobs, members, size, box=box, height=height))
    return found


def find_upright_blobs(mask: Mask) -> FloatArray:
    """Boxes (N, 4) of lone blobs in ``mask`` (height, width) shaped and filled like a standing person, of any size."""
    blobs = find_blobs(mask)
    radii = np.asarray(cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3), dtype=np.float32)
    upright = [
        box
        for box, area in zip(blobs.boxes, blobs.areas, strict=True)
        if _is_shaped_like_person(box, area, len(mask)) and _thickness(radii, box) > _LEAST_THICKNESS
    ]
    return np.array(upright, dtype=np.float64).reshape(-1, 4)


def _is_shaped_like_person(box: FloatArray, area: float, picture_height: int) -> bool:
    width, height = box[2] - box[0], box[3] - box[1]
    likely_size = 0.015 * picture_height < height < 0.4 * picture_height and width >= 4
    return bool(likely_size and 1.6 * width < height < 4.5 * width and 0.35 < area / (width * height) < 0.9)


def _thickness(radii: NDArray[np.float32], box: FloatArray) -> float:
    """Radius of the largest disc in the box over the height of the box."""
    x_min, y_min, x_max, y_max = box.astype(np.int64)
    return float(radii[y_min:y_max, x_min:x_max].max()) / float(y_max - y_min)


def _feet(boxes: FloatArray) -> FloatArray:
    return np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])


def _join_fragments(boxes: FloatArray, heights: FloatArray) -> Iterator[list[int]]:
    """Groups of blob numbers. Blobs with NaN height are left out; joined ones are not taller than a person."""
    order = np.array([number for number in np.argsort(-boxes[:, 3]) if np.isfinite(heights[number])], dtype=np.int64)
    ordered = boxes[order]
    taken: set[int] = set()
    for seed in order.tolist():
        if seed in taken:
            continue
        taken.add(seed)
        members, box = [seed], boxes[seed].copy()
        for other in order[_fit_with(boxes[seed], ordered, heights[seed])].tolist():
            if other in taken or not _belongs(box, boxes[other], heights[seed]):
                continue
            taken.add(other)
            members.append(other)
            box[:2] = np.minimum(box[:2], boxes[other, :2])
            box[2:] = np.maximum(box[2:], boxes[other, 2:])
        yield members


def _fit_with(box: FloatArray, others: FloatArray, height: float) -> Mask:
    """Which of ``others`` (N, 4) could be of one person of that height with ``box``, if something joins them."""
    joined = np.maximum(box[2:], others[:, 2:]) - np.minimum(box[:2], others[:, :2])
    return np.asarray((joined < height * _JOINED).all(axis=1), dtype=np.bool_)


def _belongs(box: FloatArray, other: FloatArray, height: float) -> bool:
    across = max(box[0], other[0]) - min(box[2], other[2])
    along = max(box[1], other[1]) - min(box[3], other[3])
    if across > _GAP_ACROSS * height or along > _GAP_ALONG * height:
        return False
    joined_height = max(box[3], other[3]) - min(box[1], other[1])
    joined_width = max(box[2], other[2]) - min(box[0], other[0])
    return bool(joined_height < _JOINED[1] * height and joined_width < _JOINED[0] * height)


def _surround(boxes: FloatArray) -> FloatArray:
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def _read_group(
    blobs: Blobs, members: list[int], size: PersonSize, *, box: FloatArray, height: float
) -> list[Silhouette]:
    """The people in the blobs ``members`` within ``box``, where a person is ``height`` pixels tall."""
    area = float(blobs.areas[members].sum())
    tall, wide = (box[3] - box[1]) / height, (box[2] - box[0]) / height
    if not np.isfinite(height) or tall < _MIN_HEIGHT or wide < _MIN_WIDTH or area < _MIN_AREA * height**2:
        return []
    if wide > _WIDEST_GROUP or tall > _TALLEST_GROUP:
        return []
    if tall <= _MAX_HEIGHT and wide <= _MAX_WIDTH:
        return [_silhouette(box, area, height, is_parted=False)]
    x_min, y_min, x_max, y_max = box.astype(np.int64)
    part = np.isin(blobs.labels[y_min:y_max, x_min:x_max], np.array(members) + 1)
    return _part_group(part, (float(x_min), float(y_min)), size)


def _part_group(part: Mask, corner: tuple[float, float], size: PersonSize) -> list[Silhouette]:
    """Explain a group greedily: the place where a standing body covers most comes first, then what it leaves over.

    Somebody in front hides others and is not hidden, so a place with unexplained pixels below its feet waits.
    """
    left, claimed, people = part.copy(), np.zeros_like(part), []
    places = _Places(part.shape, corner, size)
    for _ in range(_MAX_PEOPLE_IN_GROUP):
        number, gain = places.find_best(left, claimed)
        if gain < _MIN_GAIN:
            break
        window = places.claim(number)
        box = _tighten(left, window)
        if box is not None:
            box[3] = max(box[3], places.feet_if_hidden(number, claimed))
            area, height = float(left[window].sum()), float(places.heights[number])
            people.append(_silhouette(box + np.array([*corner, *corner]), area, height, is_parted=True))
        claimed[window] |= left[window]
        left[window] = False
    return [person for person in people if person.height_ratio >= _MIN_HEIGHT]


class _Places:
    """The foot points of a group's picture part, on a grid, and the body that would stand on each."""

    def __init__(self, shape: tuple[int, ...], corner: tuple[float, float], size: PersonSize) -> None:
        rows, columns = shape[0], shape[1]
        typical = float(size.heights_at(np.array([[corner[0] + columns / 2, corner[1] + rows]]))[0])
        step = max(1, int(typical / 14))
        grid = np.stack(np.meshgrid(np.arange(0, columns + 1, step), np.arange(rows, 0, -step)), axis=-1)
        feet = grid.reshape(-1, 2).astype(np.float64)
        heights = size.heights_at(feet + np.array(corner))
        usable = np.isfinite(heights) & (feet[:, 1] > _MIN_HEIGHT * heights)
        self._feet, self.heights = feet[usable], heights[usable]
        self._shape = (rows, columns)

    def find_best(self, left: Mask, claimed: Mask) -> tuple[int, float]:
        """Number of the best place and its gain, at most 1.

        The gain is the covered share of the body, less part of the empty one and of what would stand out below the
        feet, over the share that nobody in front hides.

        Pixels ``claimed`` by others are neither covered nor empty.
        """
        if not len(self.heights):
            return 0, 0.0
        body, below = self._edges(_BODY_WIDTH, 0.0, _BODY_HEIGHT), self._edges(_BODY_WIDTH, -_BELOW, 0.0)
        area = _BODY_WIDTH * _BODY_HEIGHT * self.heights**2  # parts beyond the picture part count as empty
        covered = _sum_inside(left, body) / area
        visible = 1.0 - _sum_inside(claimed, body) / area
        outstanding = _sum_inside(left, below) / (_BODY_WIDTH * _BELOW * self.heights**2)
        gain = covered - _EMPTY_PENALTY * (visible - covered) - _OUTSTANDING_PENALTY * outstanding
        best = int(np.argmax(gain))
        return best, float(gain[best] / visible[best]) if covered[best] >= _MIN_COVERED else 0.0

    def feet_if_hidden(self, number: int, claimed: Mask) -> float:
        """Row of the place's feet where somebody in front hides them, else 0."""
        x_min, y_min, x_max, y_max = (int(edge[number]) for edge in self._edges(_BODY_WIDTH, 0.0, 0.3))
        hidden = claimed[y_min:y_max, x_min:x_max]
        return float(self._feet[number, 1]) if hidden.size and hidden.mean() > 0.15 else 0.0

    def claim(self, number: int) -> tuple[slice, slice]:
        """Rows and columns that belong to a person at the place, arms and stride included."""
        x_min, y_min, x_max, y_max = (int(edge[number]) for edge in self._edges(_CLAIMED_WIDTH, -0.05, 1.05))
        return slice(y_min, y_max), slice(x_min, x_max)

    def _edges(self, width: float, lower: float, upper: float) -> tuple[NDArray[np.int64], ...]:
        """x_min, y_min, x_max, y_max of boxes ``width`` wide ``lower`` to ``upper`` above the feet, in heights."""
        half = width / 2 * self.heights
        rows, columns = self._shape
        return (
            np.clip(np.rint(self._feet[:, 0] - half), 0, columns).astype(np.int64),
            np.clip(np.rint(self._feet[:, 1] - upper * self.heights), 0, rows).astype(np.int64),
            np.clip(np.rint(self._feet[:, 0] + half), 0, columns).astype(np.int64),
            np.clip(np.rint(self._feet[:, 1] - lower * self.heights), 0, rows).astype(np.int64),
        )


def _sum_inside(mask: Mask, edges: tuple[NDArray[np.int64], ...]) -> FloatArray:
    x_min, y_min, x_max, y_max = edges
    sums = cv2.integral(mask.astype(np.uint8)).astype(np.float64)
    return np.asarray(sums[y_max, x_max] - sums[y_min, x_max] - sums[y_max, x_min] + sums[y_min, x_min])


def _tighten(left: Mask, window: tuple[slice, slice]) -> FloatArray | None:
    inside = left[window]
    if not inside.any():
        return None
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    x, y = window[1].start, window[0].start
    return np.array([x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1], dtype=np.float64)


def _silhouette(box: FloatArray, area: float, height: float, *, is_parted: bool) -> Silhouette:
    x_min, y_min, x_max, y_max = (float(edge) for edge in box)
    fill = area / ((x_max - x_min) * (y_max - y_min))
    return Silhouette((x_min, y_min, x_max, y_max), min(1.0, fill), height, is_parted)

"""What stays in the picture of a camera that does not move: lines, painted letters, goals, advertising."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.pitch_colour import Lab, PixelNoise, find_local_colour, measure_unlikeness
from engine.silhouettes import find_upright_blobs

Mask = NDArray[np.bool_]

FIXED_EDGE_SHARE = 0.75
"""Share of a picture's edges that must be found again in the median of all pictures for the camera to count as fixed.
Players and spectators move before a fixed camera, so 1 is never reached; a pan of a few pixels leaves below half."""

EVIDENT_EDGE_SHARE = 0.6
"""A share below which it does not take more pictures to tell that the camera moves; few pictures give high shares."""

_EDGE_WIDTH = 640
_MARKING_DEVIATIONS = 4.0
_SAME_AS_BACKGROUND_DEVIATIONS = 6.0
_ROWS_AT_ONCE = 8  # of all pictures together, so that they stay in the processor's cache


class Background:
    """The empty scene: the median of sampled pictures, then kept up to date by one level per update.

    The update is the approximate median of McFarlane and Schofield, "Segmentation and tracking of piglets in images"
    (1995): light that changes over a match is followed, people who walk through are not.
    """

    def __init__(self, lab: Lab, noise: PixelNoise) -> None:
        self._lab = lab.copy()
        self._noise = noise
        self._markings = self._find_markings()

    @property
    def lab(self) -> Lab:
        return self._lab

    def is_unchanged(self, lab: Lab, part: tuple[slice, slice], *, asked: Mask) -> Mask:
        """Tell which pixels of ``lab``, the ``part`` of a picture, are markings or things that stand there always.

        Only pixels that are ``asked`` about are looked at, mostly few.

        Only pixels whose background differs from the pitch colour around them can be, and a blob shaped like a person
        is none: somebody who stands still for long must not vanish into the background.
        """
        unchanged = asked & self._markings[part]
        places = np.nonzero(unchanged)
        seen, known = (picture[places][np.newaxis] for picture in (lab, self._lab[part]))
        unchanged[places] = measure_unlikeness(seen, known, self._noise)[0] < _SAME_AS_BACKGROUND_DEVIATIONS**2
        return unchanged

    def update(self, lab: Lab) -> None:
        """Take one picture into account; call it about once per second."""
        self._lab += (lab > self._lab).astype(np.uint8)
        self._lab -= (lab < self._lab).astype(np.uint8)
        self._markings = self._find_markings()

    def _find_markings(self) -> Mask:
        unlike = measure_unlikeness(self._lab, find_local_colour(self._lab), self._noise)
        differs = unlike > _MARKING_DEVIATIONS**2
        for x_min, y_min, x_max, y_max in find_upright_blobs(differs).astype(np.int64):
            differs[y_min:y_max, x_min:x_max] = False  # somebody who has stood there all the time
        return np.asarray(cv2.dilate(differs.astype(np.uint8), np.ones((3, 3), np.uint8)), dtype=np.bool_)


def find_median(pictures: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Median over pictures of one shape, (height, width, 3). The upper one of the middle two for an even number."""
    median = np.empty_like(pictures[0])
    for top in range(0, len(median), _ROWS_AT_ONCE):
        band = np.stack([picture[top : top + _ROWS_AT_ONCE] for picture in pictures])
        _sort(band)
        median[top : top + _ROWS_AT_ONCE] = band[len(band) // 2]
    return median


def _sort(pictures: NDArray[np.uint8]) -> None:
    """Each pixel by itself, by odd-even transposition (Knuth, "The Art of Computer Programming", 5.3.4): it compares
    rows of bytes, which takes a fraction of the time that NumPy takes pixel by pixel."""
    for turn in range(len(pictures)):
        lower, upper = pictures[turn % 2 : -1 : 2], pictures[turn % 2 + 1 :: 2]
        least = np.minimum(lower, upper)
        np.maximum(lower, upper, out=upper)
        lower[...] = least


def is_fixed_camera(pictures: Sequence[NDArray[np.uint8]], median: NDArray[np.uint8]) -> bool:
    """Tell whether the edges of most pictures lie where the edges of their median lie."""
    return len(pictures) >= 3 and _share_of_lasting_edges(pictures, median) >= FIXED_EDGE_SHARE


def is_evidently_moving(pictures: Sequence[NDArray[np.uint8]]) -> bool:
    """Tell whether a few pictures are enough to see that the camera does not stay where it is."""
    small = [shrink(picture) for picture in pictures]
    return len(small) >= 3 and _share_of_lasting_edges(small, find_median(small)) < EVIDENT_EDGE_SHARE


def _share_of_lasting_edges(pictures: Sequence[NDArray[np.uint8]], median: NDArray[np.uint8]) -> float:
    lasting = cv2.dilate(_find_edges(median), np.ones((3, 3), np.uint8)) > 0
    return float(np.median([_share_within(_find_edges(picture), lasting) for picture in pictures]))


def _find_edges(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.Canny(cv2.cvtColor(shrink(picture), cv2.COLOR_BGR2GRAY), 60, 150), dtype=np.uint8)


def shrink(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As large as edges are looked for in."""
    height = max(1, round(picture.shape[0] * _EDGE_WIDTH / picture.shape[1]))
    return np.asarray(cv2.resize(picture, (_EDGE_WIDTH, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _share_within(edges: NDArray[np.uint8], lasting: Mask) -> float:
    found = edges > 0
    return float(lasting[found].mean()) if found.any() else 0.0

"""People in one picture. The :class:`Detector` seam is where a learned network takes the place of classical means."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.background import Background
from engine.ball import BallCandidate, find_candidates
from engine.blobs import Blobs, find_blobs
from engine.boxes import drop_overlapping
from engine.kinds import Kind
from engine.lines import drop_lines, drop_pieces_of_lines
from engine.outfits import BODY_DEVIATIONS
from engine.overlay import Overlay
from engine.person_size import LearntSize, PersonSize
from engine.pitch_colour import Lab, PixelNoise, find_local_colour, measure_unlikeness, to_lab
from engine.pitch_mask import ColouredRegion, PitchRegion
from engine.silhouettes import Silhouette, find_silhouettes, find_upright_blobs
from engine.teams import measure_shirt
from engine.video import Frame, Picture

Mask = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

DEFAULT_CONFIDENCE = 0.3

STRONG_DEVIATIONS = 14.0
"""The same for pixels that are beyond doubt no grass, to tell the thickness of things."""

_SAME_PERSON = 0.6  # overlap from which two boxes are of one person

LEARN_EVERY = 25
"""Pictures between two updates of the background (by one level each) and of the heights: a second of video. Fewer
follow clouds and zooms sooner; the background then takes in people who stand still."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A person in a picture. ``box`` is (x_min, y_min, x_max, y_max), picture pixels; ``shirt`` (3,) in CIE Lab.

    ``confidence`` of the classical detector says how much a blob is like one standing person: 1 for the expected
    height and a usual fill, less for crouching, half-hidden or merged people. It is not a probability. ``kind`` is None
    where nobody has told.
    """

    box: tuple[float, float, float, float]
    confidence: float
    shirt: FloatArray
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """All that a detector found in one picture, of any confidence."""

    people: list[Detection]
    balls: list[BallCandidate]


class Detector(Protocol):
    """Finds people and ball candidates, picture by picture, in the order of the video; it may learn on the way."""

    def detect(self, picture: Picture) -> Findings: ...

    def detect_all(
        self, frames: Generator[Frame | None, None, None], *, workers: int
    ) -> Generator[tuple[Frame, Findings] | None, None, None]:
        """The same of all ``frames``, with up to ``workers`` threads; yields None when they do, and closes them when it
        is closed."""
        ...


class ClassicalDetector:
    """Colour against the pitch, size by perspective, and the background when the camera is fixed."""

    def __init__(
        self, size: PersonSize, noise: PixelNoise, *, region: PitchRegion | None, background: Background | None
    ) -> None:
        self._size, self._noise = size, noise
        self._region, self._background = region, background
        self._overlay = Overlay()
        self._pictures = 0

    def detect(self, picture: Picture) -> Findings:
        lab = to_lab(picture)
        region = self._region or ColouredRegion(lab)
        foreground, strong = self._find_foreground(lab, region)
        blobs = find_blobs(foreground)
        on_pitch = _keep_on_pitch(self._find_silhouettes(foreground, strong, blobs), region)
        self._learn(lab, foreground, region)
        people = _drop_doubles(
            [Detection(found.box, _rate(found), measure_shirt(lab, foreground, found.box)) for found in on_pitch]
        )
        balls = find_candidates(lab, blobs, self._size, region, [one.box for one in people])
        return Findings(people, balls)

    def detect_all(
        self, frames: Generator[Frame | None, None, None], *, workers: int
    ) -> Generator[tuple[Frame, Findings] | None, None, None]:
        """In one thread, whatever ``workers`` says: each picture teaches something for the next."""
        with closing(frames):
            for frame in frames:
                yield None if frame is None else (frame, self.detect(frame.picture))

    def _find_silhouettes(self, foreground: Mask, strong: Mask, blobs: Blobs) -> list[Silhouette]:
        """``blobs`` are those of ``foreground``."""
        if self._background is not None:  # which holds the lines, so that they are gone
            return find_silhouettes(blobs, self._size)
        without_lines = drop_lines(foreground, strong, self._size)
        return drop_pieces_of_lines(find_silhouettes(find_blobs(without_lines), self._size), strong)

    def _find_foreground(self, lab: Lab, region: PitchRegion) -> tuple[Mask, Mask]:
        """Pixels that are not pitch, and those of them that are so beyond doubt, (height, width) each."""
        foreground, strong = np.zeros(lab.shape[:2], np.bool_), np.zeros(lab.shape[:2], np.bool_)
        part = _headroom(region.mask, self._size)
        if part is None:
            return foreground, strong
        seen = lab[part]
        unlikeness = measure_unlikeness(seen, find_local_colour(seen), self._noise)
        unlike = unlikeness > BODY_DEVIATIONS**2
        if self._background is not None:
            unlike &= ~self._background.is_unchanged(seen, part, asked=unlike)
        else:
            # Without a background, what stands behind the far touchline cannot be told from people.
            unlike &= region.mask[part]
        closed = cv2.morphologyEx(unlike.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        foreground[part] = closed > 0
        strong[part] = unlikeness > STRONG_DEVIATIONS**2
        if self._background is None:
            foreground &= ~self._overlay.find(foreground)
        return foreground, strong & foreground

    def _learn(self, lab: Lab, foreground: Mask, region: PitchRegion) -> None:
        self._pictures += 1
        if self._pictures % LEARN_EVERY:
            return
        if self._background is not None:
            self._background.update(lab)
        self._learn_size(foreground, region)

    def learn_first(self, picture: Picture) -> None:
        """Learn how tall people are from a picture out of the order of the video."""
        lab = to_lab(picture)
        region = self._region or ColouredRegion(lab)
        foreground, _ = self._find_foreground(lab, region)
        self._learn_size(foreground, region)

    def _learn_size(self, foreground: Mask, region: PitchRegion) -> None:
        if isinstance(self._size, LearntSize):
            boxes = find_upright_blobs(foreground)
            boxes = boxes[region.contains(_feet(boxes))]
            self._size.learn(_feet(boxes), boxes[:, 3] - boxes[:, 1])


def _keep_on_pitch(silhouettes: list[Silhouette], region: PitchRegion) -> list[Silhouette]:
    if not silhouettes:
        return []
    inside = region.contains(_feet(np.array([found.box for found in silhouettes])))
    return [found for found, is_inside in zip(silhouettes, inside, strict=True) if is_inside]


def _feet(boxes: FloatArray) -> FloatArray:
    """The middle of the last row of pixels of each box (N, 4)."""
    return np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3] - 1])


def _headroom(mask: Mask, size: PersonSize) -> tuple[slice, slice] | None:
    """The part of the picture that holds the pitch and the people standing at its far side."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    middle = (columns[0] + columns[-1]) / 2
    height = np.nan_to_num(size.heights_at(np.array([[middle, rows[0] + 2.0]])), nan=0.1 * len(mask))[0]
    top = max(0, int(rows[0] - 1.3 * height))
    return slice(top, int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _rate(found: Silhouette) -> float:
    width = (found.box[2] - found.box[0]) / found.expected_height
    height_fit = np.exp(-((np.log(max(found.height_ratio, 1e-3)) / 0.4) ** 2))
    fill_fit = np.clip(found.fill / 0.4, 0.0, 1.0)
    width_fit = np.clip(width / 0.2, 0.0, 1.0)
    return float(height_fit * fill_fit * width_fit * (0.8 if found.is_parted else 1.0))


def _drop_doubles(detections: list[Detection]) -> list[Detection]:
    """Of two boxes that are mostly one, keep the likelier."""
    likeliest = sorted(detections, key=lambda one: -one.confidence)
    boxes = np.array([one.box for one in likeliest]).reshape(-1, 4)
    return [likeliest[index] for index in drop_overlapping(boxes, most=_SAME_PERSON)]

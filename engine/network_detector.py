"""People and balls by a network; the colours of their shirts by what is not grass in their boxes."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.ahead import map_ahead
from engine.background import Background
from engine.ball import BallCandidate
from engine.detection import LEARN_EVERY, Detection, Findings
from engine.kinds import Kind
from engine.networks.found import Found, Network, likeliest_kinds
from engine.outfits import find_soles, measure_outfits, measure_shirts
from engine.person_size import LearntSize, PersonSize
from engine.pitch_colour import PixelNoise
from engine.pitch_mask import PitchRegion
from engine.roles import RoleTeller
from engine.video import Frame, Picture

FloatArray = NDArray[np.float64]

_LEAST_OF_BALLS = 0.2
"""Confidence from which balls are told: what is faint and goes on is believed in the end."""
_STANDING_LEAST, _STANDING_PX = 0.1, 5.0
"""From which confidence on something in the empty scene of a fixed camera is no ball, and how near to it nothing is."""
_NOWHERE = np.empty((0, 2))
_ENOUGH_TO_LEARN = 0.5  # confidence of boxes that tell how tall people are
_ENOUGH_TO_COMPARE = 0.5
"""Confidence of boxes that are compared to tell roles: false alarms look like people in kits of their own."""
_ENOUGH_FOR_SIZE = 6  # people that tell how tall people are in a picture
_SIZE_MEMORY = 0.8
_TELL_ROLES_EVERY = 8
"""Pictures between two in which roles are told. A role is voted over a whole track, so that few are enough."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A frame for the network to look at, and how tall people were of late."""

    frame: Frame
    body_px: float | None


class NetworkDetector:
    """Sees each picture by itself; only how tall people are is learnt on the way.

    People below the confidence ``least`` are not told.
    """

    def __init__(
        self,
        network: Network,
        size: PersonSize,
        noise: PixelNoise,
        *,
        region: PitchRegion | None,
        background: Background | None,
        least: float,
    ) -> None:
        self._network, self._size, self._noise, self._region = network, size, noise, region
        self._standing = _NOWHERE if background is None else _find_standing(network, background)
        self._least = least
        self._roles = RoleTeller()
        self._pictures = 0
        self._body_px: float | None = None

    def detect(self, picture: Picture) -> Findings:
        return self._read(picture, self._find(picture, self._body_px))

    def detect_all(
        self, frames: Generator[Frame | None, None, None], *, workers: int
    ) -> Generator[tuple[Frame, Findings] | None, None, None]:
        """The network looks at ``workers`` frames at a time."""
        with closing(map_ahead(self._put_questions(frames), self._ask, workers=workers)) as answers:
            for answer in answers:
                if answer is None:
                    yield None
                    continue
                question, found = answer
                yield question.frame, self._read(question.frame.picture, found)

    def _put_questions(self, frames: Generator[Frame | None, None, None]) -> Generator[_Question | None, None, None]:
        with closing(frames):
            for frame in frames:
                yield None if frame is None else _Question(frame, self._body_px)

    def _ask(self, question: _Question) -> Found:
        return self._find(question.frame.picture, question.body_px)

    def _find(self, picture: Picture, body_px: float | None) -> Found:
        return self._network.find(picture, least=min(_LEAST_OF_BALLS, self._least), body_px=body_px)

    def _read(self, picture: Picture, found: Found) -> Findings:
        self._learn_size(found)
        sure = found.choose(found.confidences >= self._least)
        soles = find_soles(picture, sure.boxes, self._noise)
        sure = replace(sure, boxes=np.column_stack([sure.boxes[:, :3], soles]))
        seen = sure.choose(self._is_on_pitch(_feet(sure.boxes)))
        shirts, kinds = self._look_at_clothes(picture, seen)
        self._pictures += 1
        people = [
            Detection((x_min, y_min, x_max, y_max), confidence, shirt, kind)
            for (x_min, y_min, x_max, y_max), confidence, shirt, kind in zip(
                seen.boxes.tolist(), seen.confidences.tolist(), shirts, kinds, strict=True
            )
        ]
        return Findings(people, self._to_candidates(seen.balls, seen.ball_confidences))

    def _look_at_clothes(self, picture: Picture, seen: Found) -> tuple[FloatArray, list[Kind | None]]:
        """Shirts (N, 3), and kinds where they are told."""
        kinds: list[Kind | None] = [None] * len(seen.boxes)
        if self._pictures % _TELL_ROLES_EVERY:
            return measure_shirts(picture, seen.boxes, self._noise), kinds
        outfits = measure_outfits(picture, seen.boxes, self._noise)
        compared = np.flatnonzero(seen.confidences >= _ENOUGH_TO_COMPARE)
        size = picture.shape[1], picture.shape[0]
        sure = seen.choose(compared)
        chances = self._roles.rate(outfits[compared], sure.boxes, size, sure.chances)
        for index, kind in zip(compared, likeliest_kinds(chances), strict=True):
            kinds[index] = kind
        return outfits[:, 0], kinds

    def _is_on_pitch(self, feet: FloatArray) -> NDArray[np.bool_]:
        return np.ones(len(feet), np.bool_) if self._region is None else self._region.contains(feet)

    def _to_candidates(self, balls: FloatArray, confidences: FloatArray) -> list[BallCandidate]:
        offsets = np.linalg.norm(balls[:, np.newaxis] - self._standing, axis=2)
        is_on_pitch = self._is_on_pitch(balls) & (offsets > _STANDING_PX).all(axis=1)
        on_pitch = balls[is_on_pitch]
        heights = self._size.heights_at(on_pitch).tolist()
        sure = confidences[is_on_pitch].tolist()
        return [BallCandidate(*one) for one in zip(on_pitch, heights, sure, strict=True)]

    def _learn_size(self, found: Found) -> None:
        boxes = found.boxes[found.confidences >= _ENOUGH_TO_LEARN]
        heights = boxes[:, 3] - boxes[:, 1]
        self._body_px = _follow_median(self._body_px, heights)
        if isinstance(self._size, LearntSize) and self._pictures % LEARN_EVERY == 0:
            self._size.learn(_feet(boxes), heights)


def _follow_median(last: float | None, heights: FloatArray) -> float | None:
    """How tall people look in the picture; None where there are too few to say."""
    if len(heights) < _ENOUGH_FOR_SIZE:
        return None
    now = float(np.median(heights))
    return now if last is None else _SIZE_MEMORY * last + (1 - _SIZE_MEMORY) * now


def _find_standing(network: Network, background: Background) -> FloatArray:
    """What the network takes for balls in the empty scene (N, 2): ends of lines, and spots."""
    empty = np.asarray(cv2.cvtColor(background.lab, cv2.COLOR_LAB2BGR), dtype=np.uint8)
    return network.find(empty, least=_STANDING_LEAST).balls


def _feet(boxes: FloatArray) -> FloatArray:
    return np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])

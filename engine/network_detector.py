"""People and balls by a network; the colours of their shirts by what is not grass in their boxes."""

import numpy as np
from numpy.typing import NDArray

from engine.ball import BallCandidate
from engine.detection import LEARN_EVERY, Detection, Findings
from engine.networks.found import Found, Network
from engine.person_size import LearntSize, PersonSize
from engine.pitch_colour import PixelNoise
from engine.pitch_mask import PitchRegion
from engine.shirts import measure_shirts
from engine.video import Picture

FloatArray = NDArray[np.float64]

_LEAST = 0.2
"""Confidence from which people and balls are told at all; the tracker and the request ask for more."""
_ENOUGH_TO_LEARN = 0.5  # confidence of boxes that tell how tall people are


class NetworkDetector:
    """Sees each picture by itself; only how tall people are is learnt on the way."""

    def __init__(self, network: Network, size: PersonSize, noise: PixelNoise, *, region: PitchRegion | None) -> None:
        self._network, self._size, self._noise, self._region = network, size, noise, region
        self._pictures = 0

    def detect(self, picture: Picture) -> Findings:
        found = self._network.find(picture, least=_LEAST)
        self._learn_size(found)
        on_pitch = self._is_on_pitch(_feet(found.boxes))
        boxes = found.boxes[on_pitch]
        shirts = measure_shirts(picture, boxes, self._noise)
        people = [
            Detection((x_min, y_min, x_max, y_max), confidence, shirt)
            for (x_min, y_min, x_max, y_max), confidence, shirt in zip(
                boxes.tolist(), found.confidences[on_pitch].tolist(), shirts, strict=True
            )
        ]
        return Findings(people, self._to_candidates(found.balls))

    def _is_on_pitch(self, feet: FloatArray) -> NDArray[np.bool_]:
        return np.ones(len(feet), np.bool_) if self._region is None else self._region.contains(feet)

    def _to_candidates(self, balls: FloatArray) -> list[BallCandidate]:
        on_pitch = balls[self._is_on_pitch(balls)]
        heights = self._size.heights_at(on_pitch).tolist()
        return [BallCandidate(centre, height) for centre, height in zip(on_pitch, heights, strict=True)]

    def _learn_size(self, found: Found) -> None:
        if isinstance(self._size, LearntSize) and self._pictures % LEARN_EVERY == 0:
            boxes = found.boxes[found.confidences >= _ENOUGH_TO_LEARN]
            self._size.learn(_feet(boxes), boxes[:, 3] - boxes[:, 1])
        self._pictures += 1


def _feet(boxes: FloatArray) -> FloatArray:
    return np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])

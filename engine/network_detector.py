"""People and balls by a network; the colours of their shirts by what is not grass in their boxes."""

import numpy as np
from numpy.typing import NDArray

from engine.ball import BallCandidate
from engine.detection import LEARN_EVERY, Detection, Findings
from engine.kinds import Kind
from engine.networks.found import Found, Network, likeliest_kinds
from engine.outfits import measure_outfits, measure_shirts
from engine.person_size import LearntSize, PersonSize
from engine.pitch_colour import PixelNoise
from engine.pitch_mask import PitchRegion
from engine.roles import RoleTeller
from engine.video import Picture

FloatArray = NDArray[np.float64]

_LEAST = 0.2
"""Confidence from which people and balls are told at all; the tracker and the request ask for more."""
_ENOUGH_TO_LEARN = 0.5  # confidence of boxes that tell how tall people are
_ENOUGH_TO_COMPARE = 0.5
"""Confidence of boxes that are compared to tell roles: false alarms look like people in kits of their own."""
_TELL_ROLES_EVERY = 5
"""Pictures between two in which roles are told. A role is voted over a whole track, so that few are enough."""


class NetworkDetector:
    """Sees each picture by itself; only how tall people are is learnt on the way."""

    def __init__(self, network: Network, size: PersonSize, noise: PixelNoise, *, region: PitchRegion | None) -> None:
        self._network, self._size, self._noise, self._region = network, size, noise, region
        self._roles = RoleTeller()
        self._pictures = 0

    def detect(self, picture: Picture) -> Findings:
        found = self._network.find(picture, least=_LEAST)
        self._learn_size(found)
        seen = found.choose(self._is_on_pitch(_feet(found.boxes)))
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
        is_on_pitch = self._is_on_pitch(balls)
        on_pitch = balls[is_on_pitch]
        heights = self._size.heights_at(on_pitch).tolist()
        sure = confidences[is_on_pitch].tolist()
        return [BallCandidate(*one) for one in zip(on_pitch, heights, sure, strict=True)]

    def _learn_size(self, found: Found) -> None:
        if isinstance(self._size, LearntSize) and self._pictures % LEARN_EVERY == 0:
            boxes = found.boxes[found.confidences >= _ENOUGH_TO_LEARN]
            self._size.learn(_feet(boxes), boxes[:, 3] - boxes[:, 1])


def _feet(boxes: FloatArray) -> FloatArray:
    return np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])

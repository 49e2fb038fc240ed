"""Registration, picture by picture: where a registration puts the points that people have labelled."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.evaluation.pitch_labels import LabelledPitch
from engine.registration.registrar import Registrar
from engine.video import VideoFacts
from football.markings import LABELLED_POINTS, PITCH_POINTS

FloatArray = NDArray[np.float64]

_HEIGHT = 1080  # errors are told in pixels of a picture of this height


@dataclass(slots=True)
class RegistrationScore:
    """Over some pictures: how many have a registration that counts as valid, and ``errors_px`` of the labelled points
    of those, at 1080p."""

    pictures: int = 0
    valid: int = 0
    errors_px: list[float] = field(default_factory=list)

    @property
    def valid_share(self) -> float:
        return self.valid / self.pictures if self.pictures else float("nan")

    def quantile_px(self, share: float) -> float:
        """NaN where nothing was valid."""
        return float(np.quantile(self.errors_px, share)) if self.errors_px else float("nan")

    def add(self, errors_px: FloatArray | None) -> None:
        """Take a picture into account; None where it has no valid registration."""
        self.pictures += 1
        if errors_px is not None:
            self.valid += 1
            # A point that a wrong registration puts behind the camera is as wrong as can be.
            self.errors_px += np.nan_to_num(errors_px, nan=np.inf).tolist()

    def __add__(self, other: "RegistrationScore") -> "RegistrationScore":
        return RegistrationScore(
            self.pictures + other.pictures, self.valid + other.valid, self.errors_px + other.errors_px
        )


def score_registration(pictures: Iterable[LabelledPitch], registrar: Registrar) -> dict[str, RegistrationScore]:
    """The score of each match. Pictures are as large as the engine makes those of a video."""
    scores: dict[str, RegistrationScore] = {}
    for labelled in pictures:
        scores.setdefault(labelled.match, RegistrationScore()).add(_measure(labelled, registrar))
    return scores


def _measure(labelled: LabelledPitch, registrar: Registrar) -> FloatArray | None:
    size = VideoFacts(*labelled.size, frames=1, duration_s=0.0).picture_size
    picture = cv2.resize(labelled.load(), size, interpolation=cv2.INTER_LINEAR)
    registration = registrar.register(np.asarray(picture, np.uint8))
    if registration is None:
        return None
    seen = np.isfinite(labelled.points).all(axis=1)
    places = registration.view.project(PITCH_POINTS[:LABELLED_POINTS][seen])
    offsets = places * labelled.size[0] / size[0] - labelled.points[seen]
    return np.asarray(np.linalg.norm(offsets, axis=1) * _HEIGHT / labelled.size[1], np.float64)

"""The first look at a video: what kind of camera, what colour of pitch, how tall are people."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.background import Background, find_median, is_fixed_camera
from engine.colour_names import find_white
from engine.detection import DEFAULT_CONFIDENCE, ClassicalDetector, Detector
from engine.errors import CalibrationInvalid
from engine.network_detector import NetworkDetector
from engine.networks.found import Network
from engine.person_size import CalibratedSize, LearntSize, PersonSize
from engine.pitch_colour import Lab, PixelNoise, find_local_colour, measure_noise, to_lab
from engine.pitch_mask import CalibratedRegion, ColouredRegion, PitchRegion
from engine.video import Picture, VideoFacts, sample_pictures
from football.camera import PitchCamera

FloatArray = NDArray[np.float64]

_SAMPLES = 25
_SAMPLES_TO_LEARN_SIZE = 10
_SAMPLES_TO_JUDGE = 3
_FEW_PEOPLE = 3
"""A network that sees fewer people per picture, and less than half of what colours see, is taken for blind: it was not
trained for what this camera shows."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What stays the same in a video. ``region`` and ``background`` are None for a moving camera, which has none that
    stays; a calibration is only valid for a fixed one. ``white`` (2,) is the chroma of white under this light. Without
    ``network``, colours tell where people are."""

    noise: PixelNoise
    size: PersonSize
    region: PitchRegion | None
    background: Background | None
    white: FloatArray
    network: Network | None = None

    @property
    def is_fixed(self) -> bool:
        return self.background is not None

    def make_detector(self) -> Detector:
        return self.make_classical_detector() if self.network is None else self._make_network_detector(self.network)

    def make_classical_detector(self) -> ClassicalDetector:
        return ClassicalDetector(self.size, self.noise, region=self.region, background=self.background)

    def is_better_seen_by(self, network: Network, pictures: list[Picture]) -> bool:
        """Whether the camera moves, and ``network`` is not blind for ``pictures``.

        With a fixed or a calibrated camera the classical detector tells to the pixel where feet are, which is what
        metres are made from.
        """
        return self.region is None and not self._is_blind(network, pictures)

    def _is_blind(self, network: Network, pictures: list[Picture]) -> bool:
        """Whether colours see people in ``pictures``, and ``network`` hardly any."""
        by_network = _count_people(self._make_network_detector(network), pictures)
        by_colour = _count_people(self.make_classical_detector(), pictures)
        return by_network < _FEW_PEOPLE * len(pictures) and by_network < by_colour / 2

    def _make_network_detector(self, network: Network) -> NetworkDetector:
        return NetworkDetector(network, self.size, self.noise, region=self.region)


def look_at_scene(
    path: Path, facts: VideoFacts, camera: PitchCamera | None, network: Network, *, insist: bool
) -> Iterator[Scene | None]:
    """Look at pictures from all over the video; yields None while at work and the scene at the end.

    Unless you ``insist``, the scene does without a ``network`` where colours see better.

    Raises:
        CalibrationInvalid: through the calibration, no pixel of the picture lies on the pitch.
    """
    pictures: list[Picture] = []
    for picture in sample_pictures(path, facts, _SAMPLES):
        pictures.append(picture)
        yield None
    if not pictures:
        pictures.append(np.zeros((*facts.picture_size[::-1], 3), np.uint8))
    median = find_median(pictures)
    yield None
    scene = _describe(pictures, median, facts, camera)
    yield None
    if isinstance(scene.size, LearntSize):
        detector = scene.make_classical_detector()
        for picture in _choose(pictures, _SAMPLES_TO_LEARN_SIZE):
            detector.learn_first(picture)
            yield None
    if insist or scene.is_better_seen_by(network, _choose(pictures, _SAMPLES_TO_JUDGE)):
        scene = replace(scene, network=network)
    yield scene


def describe_still(picture: Picture) -> Scene:
    """A scene of which there is a single picture, as if a moving camera had taken it; sizes are learnt from it."""
    scene = _describe([picture], picture, VideoFacts(picture.shape[1], picture.shape[0], 1, 0.0), None)
    scene.make_classical_detector().learn_first(picture)
    return scene


def _choose(pictures: list[Picture], count: int) -> list[Picture]:
    return pictures[:: max(1, len(pictures) // count)]


def _count_people(detector: Detector, pictures: list[Picture]) -> int:
    return sum(one.confidence >= DEFAULT_CONFIDENCE for picture in pictures for one in detector.detect(picture).people)


def _describe(pictures: list[Picture], median: Picture, facts: VideoFacts, camera: PitchCamera | None) -> Scene:
    fixed = is_fixed_camera(pictures, median)
    lab = to_lab(median if fixed else pictures[len(pictures) // 2])
    region = _find_region(facts, camera) or ColouredRegion(lab)
    noise = measure_noise(lab, find_local_colour(lab), region.mask)
    size = LearntSize(facts.picture_size) if camera is None else CalibratedSize(camera, facts.scale)
    stays = fixed or camera is not None
    background = Background(lab, noise) if fixed else None
    return Scene(noise, size, region if stays else None, background, find_white(lab, _find_bright(lab, region, noise)))


def _find_bright(lab: Lab, region: PitchRegion, noise: PixelNoise) -> NDArray[np.bool_]:
    """Pixels of the pitch far lighter than the grass around them: mostly lines, (height, width)."""
    lighter = lab[..., 0].astype(np.float32) - find_local_colour(lab)[..., 0]
    return np.asarray((lighter > 6 * noise.lightness) & region.mask, dtype=np.bool_)


def _find_region(facts: VideoFacts, camera: PitchCamera | None) -> PitchRegion | None:
    if camera is None:
        return None
    region = CalibratedRegion(camera, facts.scale, facts.picture_size)
    if not region.mask.any():
        raise CalibrationInvalid("Through this calibration the picture shows no part of the pitch.")
    return region

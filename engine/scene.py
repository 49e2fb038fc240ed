"""The first look at a video: what kind of camera, what colour of pitch, how tall are people."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.ahead import run_ahead, wait_for
from engine.background import Background, find_median, is_evidently_moving, is_fixed_camera, shrink
from engine.colour_names import find_white
from engine.detection import DEFAULT_CONFIDENCE, ClassicalDetector, Detector
from engine.errors import CalibrationInvalid
from engine.network_detector import NetworkDetector
from engine.networks.found import Network
from engine.person_size import CalibratedSize, LearntSize, PersonSize
from engine.pitch_colour import Lab, PixelNoise, find_local_colour, measure_noise, to_lab
from engine.pitch_mask import CalibratedRegion, ColouredRegion, PitchRegion
from engine.samples import sample_key_frames, sample_pictures
from engine.video import Picture, VideoFacts
from football.camera import PitchCamera

FloatArray = NDArray[np.float64]

NETWORK_SHORT_SIDE_PX = 720
"""The shorter side of pictures for a network is at most this. Our own network looks at fewer rows still; the colours of
shirts are measured here."""

LEAST_PICTURES_PER_S = 9.9
"""With a network, frames are left out as long as so many a second remain. Lowering it mistakes people for each other
where they cross; of 23.976 a second, each other one is enough."""

_SAMPLES = 25
_KEY_FRAMES = 5
_SAMPLES_AFTER_WHICH_TO_ASK = frozenset({4, 8, 12, 16})  # whether the camera evidently moves
_SAMPLES_TO_LEARN_SIZE = 10
_SAMPLES_TO_JUDGE = 3
_FEW_PEOPLE = 3
"""A network that sees fewer people per picture, and less than half of what colours see, is taken for blind: it was not
trained for what this camera shows."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What stays the same in a video. ``facts`` tell how large pictures are to be. ``region`` and ``background`` are
    None for a moving camera, which has none that stays; a calibration is that of all frames of a fixed one, and of the
    first frame of one that evidently moves. ``white`` (2,) is the chroma of white under this light. Without
    ``network``, colours tell where people are."""

    facts: VideoFacts
    noise: PixelNoise
    size: PersonSize
    region: PitchRegion | None
    background: Background | None
    white: FloatArray
    network: Network | None = None

    @property
    def is_fixed(self) -> bool:
        return self.background is not None

    @property
    def stride(self) -> int:
        """Which frames are analysed where nobody asks for more or fewer: each one, the second, the third..."""
        return 1 if self.network is None else max(1, int(self.facts.rate / LEAST_PICTURES_PER_S))

    def make_detector(self, *, least: float = DEFAULT_CONFIDENCE) -> Detector:
        """``least``: confidence of people who are told."""
        if self.network is None:
            return self.make_classical_detector()
        return NetworkDetector(
            self.network, self.size, self.noise, region=self.region, background=self.background, least=least
        )

    def make_classical_detector(self) -> ClassicalDetector:
        return ClassicalDetector(self.size, self.noise, region=self.region, background=self.background)


@dataclass(frozen=True, slots=True)
class _Samples:
    """Pictures from all over a video; their ``median`` is None where the camera moves."""

    pictures: list[Picture]
    median: Picture | None
    moves: bool = False  # the camera, evidently

    def to_size(self, size: tuple[int, int]) -> "_Samples":
        """The same, as (width, height)."""
        median = None if self.median is None else _resize(self.median, size)
        return _Samples([_resize(picture, size) for picture in self.pictures], median, self.moves)


def look_at_scene(
    path: Path, facts: VideoFacts, camera: PitchCamera | None, network: Network, *, insist: bool
) -> Generator[None, None, Scene]:
    """Look at pictures from all over the video; yields while at work.

    Unless you ``insist``, the scene does without a ``network`` that is blind for what this camera shows.

    Raises:
        CalibrationInvalid: through the calibration, no pixel of the picture lies on the pitch.
    """
    samples = yield from _look_around(path, facts)
    if samples.moves and camera is not None:
        _find_region(facts, camera)
        camera = None  # which is that of one frame
    smaller = facts.limit(NETWORK_SHORT_SIDE_PX)
    shrunk = samples.to_size(smaller.picture_size)
    by_network = replace((yield from wait_for(lambda: _describe(shrunk, smaller, camera))), network=network)
    if insist:
        return by_network
    judged = _choose(shrunk.pictures, _SAMPLES_TO_JUDGE)
    people = yield from _count_people(by_network.make_detector(), judged)
    if people >= _FEW_PEOPLE * len(judged):
        return by_network
    by_colour = yield from _describe_classically(samples, facts, camera)
    judged = _choose(samples.pictures, _SAMPLES_TO_JUDGE)
    others = yield from _count_people(by_colour.make_detector(), judged)
    return by_colour if people < others / 2 else by_network


def describe_still(picture: Picture) -> Scene:
    """A scene of which there is a single picture, as if a moving camera had taken it; sizes are learnt from it."""
    facts = VideoFacts(picture.shape[1], picture.shape[0], 1, 0.0)
    scene = _describe(_Samples([picture], None), facts, None)
    scene.make_classical_detector().learn_first(picture)
    return scene


def _look_around(path: Path, facts: VideoFacts) -> Generator[None, None, _Samples]:
    """Few pictures, where these already show that the camera moves."""
    pictures: list[Picture] = []
    yield from _collect(sample_key_frames(path, facts, _KEY_FRAMES), pictures, may_end=False)
    if (yield from wait_for(lambda: is_evidently_moving(pictures))):
        return _Samples(pictures, None, moves=True)
    pictures = []
    yield from _collect(sample_pictures(path, facts, _SAMPLES), pictures, may_end=True)
    if not pictures:
        pictures.append(np.zeros((*facts.picture_size[::-1], 3), np.uint8))
    if is_evidently_moving(pictures):
        return _Samples(pictures, None, moves=True)
    median = yield from wait_for(lambda: find_median(pictures))
    return _Samples(pictures, median if is_fixed_camera(pictures, median) else None)


def _collect(
    samples: Generator[Picture | None, None, None], pictures: list[Picture], *, may_end: bool
) -> Generator[None, None, None]:
    """Add to ``pictures``. It ``may_end`` as soon as the camera evidently moves."""
    small: list[Picture] = []
    with closing(run_ahead(samples, most=1)) as arriving:
        for picture in arriving:
            yield
            if picture is None:
                continue
            pictures.append(picture)
            small.append(shrink(picture))
            if may_end and len(small) in _SAMPLES_AFTER_WHICH_TO_ASK and is_evidently_moving(small):
                return


def _describe_classically(
    samples: _Samples, facts: VideoFacts, camera: PitchCamera | None
) -> Generator[None, None, Scene]:
    scene = yield from wait_for(lambda: _describe(samples, facts, camera))
    if isinstance(scene.size, LearntSize):
        detector = scene.make_classical_detector()
        for picture in _choose(samples.pictures, _SAMPLES_TO_LEARN_SIZE):
            detector.learn_first(picture)
            yield
    return scene


def _choose(pictures: list[Picture], count: int) -> list[Picture]:
    return pictures[:: max(1, len(pictures) // count)]


def _count_people(detector: Detector, pictures: list[Picture]) -> Generator[None, None, int]:
    people = 0
    for picture in pictures:
        people += sum(one.confidence >= DEFAULT_CONFIDENCE for one in detector.detect(picture).people)
        yield
    return people


def _resize(picture: Picture, size: tuple[int, int]) -> Picture:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _describe(samples: _Samples, facts: VideoFacts, camera: PitchCamera | None) -> Scene:
    fixed = samples.median is not None
    lab = to_lab(samples.pictures[len(samples.pictures) // 2] if samples.median is None else samples.median)
    region = _find_region(facts, camera) or ColouredRegion(lab)
    noise = measure_noise(lab, find_local_colour(lab), region.mask)
    size = LearntSize(facts.picture_size) if camera is None else CalibratedSize(camera, facts.scale)
    stays = fixed or camera is not None
    background = Background(lab, noise) if fixed else None
    white = find_white(lab, _find_bright(lab, region, noise))
    return Scene(facts, noise, size, region if stays else None, background, white)


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

"""From a video to rows: decode, detect, track, tell teams, smooth. Knows nothing of how the rows travel."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from contract.calibration_file import read_calibration
from contract.tracing import spanned
from engine.ahead import run_ahead, wait_for
from engine.ball import BallCandidate, BallTracker
from engine.ball_paths import BallPaths
from engine.burned_in import BurnedIn
from engine.camera_motion import CameraMotion
from engine.chunks import Chunk, Chunker
from engine.colour_names import name_colour, to_hex
from engine.detection import DEFAULT_CONFIDENCE, Detection, Findings
from engine.errors import CalibrationInvalid, ConfidenceThresholdInvalid, FrameStrideInvalid, PitchSizeInvalid
from engine.finishing import Finisher
from engine.ground import Ground
from engine.line_pieces import are_pieces_of_lines
from engine.networks.opening import OUR_NETWORK, open_network
from engine.off_pitch import are_on_pitch
from engine.registration.follower import PitchFollower
from engine.registration.projection import PictureView, view_like
from engine.registration.registrar import Registrar, Registration
from engine.registration.sight import PitchSight
from engine.results import Kind
from engine.scene import Scene, look_at_scene
from engine.standing import StandingPlaces
from engine.timeline import Observation, Timeline, View
from engine.tracking.stitching import Link
from engine.tracking.tracker import Sighting, Tracker
from engine.video import Decoding, Frame, Picture, VideoFacts, read_facts
from football.camera import CalibrationError, PitchCamera
from football.pitch import (
    LEAST_LENGTH_M,
    LEAST_WIDTH_M,
    MOST_LENGTH_M,
    MOST_WIDTH_M,
    STANDARD_PITCH,
    Pitch,
)

FloatArray = NDArray[np.float64]
T = TypeVar("T")

MAX_STRIDE = 25
_FRAMES_IN_STORE = 2
"""Pictures that wait between two steps of the work. More even out frames that take long, and cost memory."""


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """What to analyse. ``confidence_threshold`` 0 and ``frame_stride`` 0 stand for the engine's own; ``model`` is a
    network to use whatever the camera does. Of a ``frame_stride`` of n, each n-th frame is analysed. ``pitch`` is the
    size of the one that was filmed."""

    video: Path
    calibration: Path | None = None
    confidence_threshold: float = 0.0
    model: Path | None = None
    frame_stride: int = 0
    pitch: Pitch = STANDARD_PITCH


@dataclass(frozen=True, slots=True)
class Progress:
    """A sign of life. ``frames_total`` is an estimate, 0 when unknown."""

    frames_done: int
    frames_total: int

    @property
    def fraction(self) -> float:
        return min(1.0, self.frames_done / self.frames_total) if self.frames_total else 0.0


@dataclass(frozen=True, slots=True)
class NamedKit:
    """A shirt colour for people: ``team`` as in the CSV, ``colour_hex`` "#rrggbb", ``colour_name`` an English word."""

    team: str
    colour_hex: str
    colour_name: str


@dataclass(frozen=True, slots=True)
class Summary:
    """The last event of an analysis that went well. Of the ``frames`` of the video, so many were ``analysed``;
    ``damaged`` counts packets that could not be decoded, and frames of which parts had to be made up."""

    frames: int
    analysed: int
    damaged: int
    tracks: int
    player_rows: int
    ball_rows: int
    kits: tuple[NamedKit, ...]
    detector: str  # "network" or "classical"
    stride: int  # of each so many frames one was analysed
    pitch: Pitch  # that metres are of
    links: tuple[Link, ...] = ()
    preview_bytes: int = 0  # of the film that was sent; 0: none


Event = Progress | Chunk | Summary


def analyse(request: AnalysisRequest) -> Generator[Event, None, None]:
    """Analyse a video; yields often enough that the caller can stop within a frame. Memory does not grow with length.

    Raises:
        AnalysisFailure: the request, the video, the calibration or the model cannot be used.
    """
    threshold, stride = _check_threshold(request.confidence_threshold), _check_stride(request.frame_stride)
    pitch = _check_pitch(request.pitch)
    facts = read_facts(request.video)
    camera = None if request.calibration is None else _read_camera(request.calibration, pitch)
    scene = yield from spanned("look", _look(request, facts, camera))
    scale = scene.facts.scale
    seed, camera = (camera, None) if scene.region is None else (None, camera)
    timeline, chunker = Timeline(camera, scale), Chunker()
    decoding = Decoding(request.video, scene.facts, stride=stride or scene.stride)
    analyst = _Analyst(scene, threshold, pitch, camera=camera, seed=_see_first(seed, scene))
    yield from spanned("follow", _follow_video(decoding, analyst, timeline, chunker))
    rows = chunker.rows
    kits = tuple(NamedKit(kit.team, to_hex(kit.lab), name_colour(kit.lab, scene.white)) for kit in timeline.kits)
    yield Summary(
        frames=decoding.frames,
        analysed=decoding.pictures,
        damaged=decoding.damaged,
        tracks=chunker.tracks,
        player_rows=rows[Kind.PLAYERS],
        ball_rows=rows[Kind.BALL],
        kits=kits,
        detector="classical" if scene.network is None else "network",
        stride=decoding.stride,
        pitch=pitch,
        links=tuple(timeline.link_tracks()),
    )


def _look(request: AnalysisRequest, facts: VideoFacts, camera: PitchCamera | None) -> Generator[Event, None, Scene]:
    # A picture in each thread gets more done than all threads at one picture.
    opening = wait_for(lambda: open_network(request.model or OUR_NETWORK, threads=1))
    network = yield from _narrate(opening, facts)
    looking = look_at_scene(request.video, facts, camera, network, insist=request.model is not None)
    return (yield from _narrate(looking, facts))


def _narrate(work: Generator[None, None, T], facts: VideoFacts) -> Generator[Event, None, T]:
    """Give a sign of life at each step of ``work``; returns its result."""
    with closing(work):
        while True:
            try:
                next(work)
            except StopIteration as end:
                result: T = end.value
                return result
            yield Progress(0, facts.frames)


def _follow_video(
    decoding: Decoding, analyst: "_Analyst", timeline: Timeline, chunker: Chunker
) -> Generator[Event, None, None]:
    """Yield chunks and progress. One thread decodes, one looks at pictures, and this one follows people."""
    done, finisher = 0, Finisher(analyst.pitch)
    decoded = run_ahead(spanned("decode", decoding.read()), most=_FRAMES_IN_STORE)
    with closing(run_ahead(analyst.look_at_all(decoded), most=_FRAMES_IN_STORE)) as looks:
        for look in looks:
            if look is not None:
                timeline.add(look.number, look.time_s, analyst.follow(look))
                done = look.number
                yield from chunker.add(finisher.add(timeline.take_ready()))
            yield Progress(done, decoding.facts.frames and max(done, decoding.facts.frames))
    yield from chunker.add(finisher.add(timeline.take_rest()))
    yield from chunker.add(finisher.finish())
    yield from chunker.finish(decoding.frames)


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen in one frame by itself, how the camera moved since the last, ``motion`` (2, 3), and where it
    looks."""

    number: int
    time_s: float
    motion: FloatArray | None
    view: View | None
    people: list[Sighting]
    balls: list[BallCandidate]


class _Analyst:
    """What is remembered from frame to frame of one video, in picture pixels. It may look and follow at a time.

    ``camera`` stands for the whole video, ``seed`` for the first frame of one that moves.
    """

    def __init__(
        self, scene: Scene, threshold: float, pitch: Pitch, *, camera: PitchCamera | None, seed: PictureView | None
    ) -> None:
        self.pitch = pitch
        self._threshold, self._scale, self._noise = threshold, scene.facts.scale, scene.noise
        self._detector = scene.make_detector(least=threshold)
        self._tracker = Tracker()
        self._ground = None if camera is None else Ground(camera, self._scale)
        self._ball = BallTracker() if scene.network is None else BallPaths()
        self._standing = StandingPlaces()
        self._motion = None if scene.is_fixed else CameraMotion()
        self._burned_in = BurnedIn()
        self._follower = None
        if scene.region is None:
            registrar = Registrar(PitchSight(threads=cv2.getNumThreads()), pitch)
            self._follower = PitchFollower(registrar, seed=seed)

    def look_at_all(self, frames: Generator[Frame | None, None, None]) -> Generator[_Look | None, None, None]:
        """Closes ``frames`` when it is closed."""
        with closing(self._detector.detect_all(frames, workers=cv2.getNumThreads())) as seen:
            for one in seen:
                yield None if one is None else self._look_at(*one)

    def _look_at(self, frame: Frame, found: Findings) -> _Look:
        motion = None if self._motion is None else self._motion.measure(frame.picture)
        registration = self._register(frame, motion)
        shown = self._drop_burned_in(found.people, frame.picture, motion)
        people = self._choose_people(shown, frame.picture, registration)
        balls = self._standing.mark(found.balls, registration, frame.time_s)
        return _Look(frame.number, frame.time_s, motion, self._to_view(registration), people, balls)

    def _register(self, frame: Frame, motion: FloatArray | None) -> Registration | None:
        """Of a moving camera; a fixed one is calibrated by people, or not at all."""
        if self._follower is None or motion is None:
            return None
        return self._follower.follow(frame.picture, frame.time_s, motion)

    def _drop_burned_in(self, found: list[Detection], picture: Picture, motion: FloatArray | None) -> list[Detection]:
        """Those that are not letters over the picture, which only a camera that moves tells from the scene."""
        if motion is None:
            return found
        burned_in = self._burned_in.hold(picture, motion, np.array([one.box for one in found]).reshape(-1, 4))
        return [one for one, is_burned_in in zip(found, burned_in, strict=True) if not is_burned_in]

    def _choose_people(
        self, found: list[Detection], picture: Picture, registration: Registration | None
    ) -> list[Sighting]:
        """Those of enough confidence who do not stand off the pitch, and are people at all."""
        sure = [one for one in found if one.confidence >= self._threshold]
        boxes = np.array([one.box for one in sure], np.float64).reshape(-1, 4)
        kept = are_on_pitch(boxes, registration)
        kept[kept] = ~are_pieces_of_lines(picture, boxes[kept], registration, self._noise)
        return [
            Sighting(one.box, one.confidence, one.shirt, one.kind)
            for one, is_kept in zip(sure, kept, strict=True)
            if is_kept
        ]

    def _to_view(self, registration: Registration | None) -> View | None:
        """The same for video pixels."""
        if registration is None:
            return None
        error_px = None if registration.error_px is None else registration.error_px / self._scale
        return View(registration.view.to_camera(self._scale), error_px, registration.shot)

    def follow(self, look: _Look) -> Observation:
        ground = self._ground if look.view is None else Ground(look.view.camera, self._scale)
        matches = self._tracker.update(look.people, look.time_s, motion=look.motion, ground=ground)
        ball = self._ball.update(look.balls, look.time_s, motion=look.motion)
        return Observation(matches, ball, look.motion, look.view)


def _check_threshold(threshold: float) -> float:
    if not isfinite(threshold) or not 0.0 <= threshold <= 1.0:
        raise ConfidenceThresholdInvalid("The confidence threshold must be a number from 0 to 1.")
    return threshold or DEFAULT_CONFIDENCE


def _check_stride(stride: int) -> int:
    if not 0 <= stride <= MAX_STRIDE:
        raise FrameStrideInvalid(f"The frame stride must be a whole number from 1 to {MAX_STRIDE}.")
    return stride


def _check_pitch(pitch: Pitch) -> Pitch:
    if not pitch.is_lawful:
        raise PitchSizeInvalid(
            f"A pitch is {LEAST_LENGTH_M:g} to {MOST_LENGTH_M:g} m long and {LEAST_WIDTH_M:g} to {MOST_WIDTH_M:g} m "
            f"wide, not {pitch.length_m:g} x {pitch.width_m:g} m."
        )
    return pitch


def _see_first(camera: PitchCamera | None, scene: Scene) -> PictureView | None:
    """What a calibration says of the first picture of a moving camera."""
    if camera is None:
        return None
    try:
        return view_like(camera, scene.facts.picture_size, scene.facts.scale)
    except CalibrationError as error:
        raise CalibrationInvalid(str(error)) from error


def _read_camera(path: Path, pitch: Pitch) -> PitchCamera:
    try:
        return replace(read_calibration(path), pitch=pitch)
    except CalibrationError as error:
        raise CalibrationInvalid(str(error)) from error

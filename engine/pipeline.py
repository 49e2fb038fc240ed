"""From a video to rows: decode, detect, track, tell teams, smooth. Knows nothing of how the rows travel."""

from collections.abc import Generator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import cv2

from contract.calibration_file import read_calibration
from engine.ball import BallTracker
from engine.camera_motion import CameraMotion
from engine.chunks import Chunk, Chunker
from engine.colour_names import name_colour, to_hex
from engine.detection import DEFAULT_CONFIDENCE
from engine.errors import CalibrationInvalid, ConfidenceThresholdInvalid
from engine.networks.opening import OUR_NETWORK, open_network
from engine.results import Kind
from engine.scene import Scene, look_at_scene
from engine.timeline import Observation, Timeline
from engine.tracking.tracker import Sighting, Tracker
from engine.video import Frame, VideoFacts, read_facts, read_frames
from football.camera import CalibrationError, PitchCamera


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """What to analyse. ``confidence_threshold`` 0 stands for the engine's own; ``model`` is a network to use
    whatever the camera does."""

    video: Path
    calibration: Path | None = None
    confidence_threshold: float = 0.0
    model: Path | None = None


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
    """The last event of an analysis that went well."""

    frames: int
    tracks: int
    player_rows: int
    ball_rows: int
    kits: tuple[NamedKit, ...]
    detector: str  # "network" or "classical"


Event = Progress | Chunk | Summary


def analyse(request: AnalysisRequest) -> Generator[Event, None, None]:
    """Analyse a video; yields often enough that the caller can stop within a frame. Memory does not grow with length.

    Raises:
        AnalysisFailure: the request, the video, the calibration or the model cannot be used.
    """
    threshold = _check_threshold(request.confidence_threshold)
    facts = read_facts(request.video)
    camera = None if request.calibration is None else _read_camera(request.calibration)
    scene = yield from _look(request, facts, camera)
    timeline, chunker = Timeline(camera, facts.scale), Chunker()
    frames = yield from _follow_video(request.video, facts, _Analyst(scene, threshold), timeline, chunker)
    rows = chunker.rows
    kits = tuple(NamedKit(kit.team, to_hex(kit.lab), name_colour(kit.lab, scene.white)) for kit in timeline.kits)
    detector = "classical" if scene.network is None else "network"
    yield Summary(frames, chunker.tracks, rows[Kind.PLAYERS], rows[Kind.BALL], kits, detector)


def _look(request: AnalysisRequest, facts: VideoFacts, camera: PitchCamera | None) -> Generator[Event, None, Scene]:
    network = open_network(request.model or OUR_NETWORK, threads=cv2.getNumThreads())
    looks = look_at_scene(request.video, facts, camera, network, insist=request.model is not None)
    while (scene := next(looks)) is None:
        yield Progress(0, facts.frames)
    return scene


def _follow_video(
    path: Path, facts: VideoFacts, analyst: "_Analyst", timeline: Timeline, chunker: Chunker
) -> Generator[Event, None, int]:
    """Yield chunks and progress; return the number of frames."""
    done = 0
    for frame in read_frames(path, facts):
        timeline.add(frame.number, frame.time_s, analyst.observe(frame))
        done = frame.number
        yield from chunker.add(timeline.take_ready())
        yield Progress(done, max(done, facts.frames) if facts.frames else 0)
    yield from chunker.add(timeline.take_rest())
    yield from chunker.finish(done)
    return done


class _Analyst:
    """What is remembered from frame to frame of one video, in picture pixels."""

    def __init__(self, scene: Scene, threshold: float) -> None:
        self._threshold = threshold
        self._detector = scene.make_detector()
        self._tracker, self._ball = Tracker(), BallTracker()
        self._motion = None if scene.is_fixed else CameraMotion()

    def observe(self, frame: Frame) -> Observation:
        motion = None if self._motion is None else self._motion.measure(frame.picture)
        found = self._detector.detect(frame.picture)
        sightings = [
            Sighting(one.box, one.confidence, one.shirt) for one in found.people if one.confidence >= self._threshold
        ]
        matches = self._tracker.update(sightings, frame.time_s, motion=motion)
        return Observation(matches, self._ball.update(found.balls, frame.time_s, motion=motion))


def _check_threshold(threshold: float) -> float:
    if not isfinite(threshold) or not 0.0 <= threshold <= 1.0:
        raise ConfidenceThresholdInvalid("The confidence threshold must be a number from 0 to 1.")
    return threshold or DEFAULT_CONFIDENCE


def _read_camera(path: Path) -> PitchCamera:
    try:
        return read_calibration(path)
    except CalibrationError as error:
        raise CalibrationInvalid(str(error)) from error

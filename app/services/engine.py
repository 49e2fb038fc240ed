"""The seam to an analysis engine: what the orchestrator asks and what it hears. No transport here."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Protocol

from app.core.errors import TransientFailure
from football.pitch import STANDARD_PITCH, Pitch


class MetricsKind(Enum):
    PLAYERS = "players"
    BALL = "ball"


@dataclass(frozen=True, slots=True)
class EngineRequest:
    """``run_id`` is unique per attempt. Paths must be readable by the engine."""

    run_id: str
    video_path: Path
    calibration_path: Path | None
    confidence_threshold: float | None
    frame_stride: int | None = None  # analyse each n-th frame only; None: the engine's own choice
    preview: bool = False  # send a film of what was found; engines that do not know how send none
    pitch: Pitch = STANDARD_PITCH


@dataclass(frozen=True, slots=True)
class EngineProgress:
    """``fraction`` 0 to 1, finite; it may go backwards, as engines do. ``frames_drawn`` of the preview: 0 while the
    analysis goes on."""

    fraction: float
    frames_done: int
    frames_drawn: int = 0


@dataclass(frozen=True, slots=True)
class MetricsRows:
    """A piece of a CSV file; the pieces of one kind, joined, are the file."""

    kind: MetricsKind
    rows: bytes


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """A piece of an MP4 file; the pieces, joined, are the file."""

    content: bytes


@dataclass(frozen=True, slots=True)
class TeamKit:
    team: str
    colour_hex: str
    colour_name: str


@dataclass(frozen=True, slots=True)
class TrackLink:
    """Two tracks that the engine takes for one person; not to be believed before it is checked."""

    from_track: int
    to_track: int
    confidence: float


@dataclass(frozen=True, slots=True)
class ResultFiles:
    """Where an engine says that it left its CSV files; not to be believed. ``players_claimed``: it saw somebody."""

    players: str
    ball: str
    players_claimed: bool


@dataclass(frozen=True, slots=True)
class EngineResult:
    """What the engine says about itself at the end. None where it does not say. ``files``: it sent no rows.

    ``frames_total`` counts the frames of the video, ``frames_processed`` those that were analysed, and
    ``frames_damaged`` those that could not be decoded, or only in part. ``preview_bytes`` were sent; 0: no preview.
    ``pitch`` is the size that metres were told by.
    """

    engine_name: str | None
    engine_version: str | None
    frames_processed: int | None
    player_rows: int | None
    ball_rows: int | None
    team_kits: tuple[TeamKit, ...]
    files: ResultFiles | None = None
    frames_total: int | None = None
    frames_damaged: int | None = None
    track_links: tuple[TrackLink, ...] = ()
    preview_bytes: int = 0
    pitch: Pitch | None = None


EngineEvent = EngineProgress | MetricsRows | PreviewPart | EngineResult


class EngineRun(Protocol):
    """One analysis that is under way.

    Iterating begins the run, yields events and ends after one :class:`EngineResult`; it raises an ``AnalysisError``
    otherwise. An engine may say nothing for minutes: whoever iterates watches ``seconds_silent`` from another thread,
    and ends the run with ``cancel``, after which the iteration raises at once, whatever the engine does.
    """

    def __iter__(self) -> Iterator[EngineEvent]: ...

    @property
    def seconds_silent(self) -> float: ...

    def cancel(self) -> None: ...


class AnalysisEngine(Protocol):
    def analyze(self, request: EngineRequest) -> EngineRun: ...

    def is_reachable(self) -> bool: ...

    def close(self) -> None: ...


Script = Callable[[EngineRequest], Iterator[EngineEvent]]


@dataclass
class ScriptedEngine:
    """The fake of this seam: plays a script of events, which may raise as a real engine would."""

    script: Script
    reachable: bool = True
    requests: list[EngineRequest] = field(default_factory=list)

    def analyze(self, request: EngineRequest) -> "ScriptedRun":
        self.requests.append(request)
        return ScriptedRun(self.script(request))

    def is_reachable(self) -> bool:
        return self.reachable

    def close(self) -> None:
        self.reachable = False


class ScriptedRun:
    def __init__(self, events: Iterator[EngineEvent]) -> None:
        self._events = events
        self._last_event = time.monotonic()
        self.cancelled = threading.Event()

    def __iter__(self) -> Iterator[EngineEvent]:
        for event in self._events:
            if self.cancelled.is_set():
                raise TransientFailure("The run was cancelled.", code="engine_lost")
            self._last_event = time.monotonic()
            yield event

    @property
    def seconds_silent(self) -> float:
        return time.monotonic() - self._last_event

    def cancel(self) -> None:
        self.cancelled.set()

"""One attempt at a job: video -> scan -> engine -> ingest -> statistics -> COMPLETED."""

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import structlog
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from app.core.errors import AnalysisError, PermanentFailure, TransientFailure, Unprocessable
from app.models import Calibration, Job, Match, Phase, Video
from app.schemas.calibration import CalibrationPoints
from app.services import job_manager
from app.services.artifacts import AttemptArtifacts
from app.services.attempt_keeper import AttemptKeeper, EndedBy
from app.services.calibrate_camera import write_calibration_file
from app.services.engine import EngineProgress, EngineRequest, EngineResult, EngineRun, MetricsRows, PreviewPart
from app.services.ingest.engine_csv import read_ball, read_players
from app.services.ingest.frame_clock import PresentationTimes
from app.services.ingest.joined_tracks import join_tracks, sound_links
from app.services.ingest.match_statistics import summarise
from app.services.job_manager import Claim, Progress
from app.services.metrics import INGEST_SECONDS, INGESTED_ROWS
from app.services.opened_video import OpenedVideo
from app.services.pace import Pace
from app.services.persist_analysis import Findings, Provenance, persist_analysis
from app.services.run_analysis import AnalysisRunner
from app.services.video_probe import frame_times
from contract import tracing
from contract.tracing import Kind
from football.pitch import STANDARD_PITCH, Pitch

log = structlog.get_logger(__name__)

_CALL = {"rpc.system.name": "grpc", "rpc.method": "analysis.AnalysisEngine/AnalyzeVideo"}
_HINT_PITCH = "Check the size of the match's pitch, and upload the video again with points that lie on it."
_ANALYSING_SHARE = 0.9  # of the whole progress; the rest is the ingest


@dataclass(frozen=True, slots=True)
class Task:
    """The rows that an attempt works on, detached."""

    job: Job
    video: Video
    match: Match
    calibration: Calibration | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What ``runner`` does for ``claim``; errors are the runner's to settle. All libraries of numbers begin here."""

    runner: AnalysisRunner
    claim: Claim
    artifacts: AttemptArtifacts

    def run(self, shutdown: threading.Event) -> None:
        """
        Raises:
            AnalysisError: it failed.
            InvalidTransition: the job is another attempt's by now.
        """
        task = self._load()
        runner = self.runner
        with (
            AttemptKeeper(runner.database, self.claim, limits=runner.limits, shutdown=shutdown) as keeper,
            OpenedVideo(runner.videos, task.video, keeper) as film,
        ):
            try:
                with tracing.span("scan"):
                    self.runner.screening.screen(task.video, film, keeper)
                with tracing.span("analyse", kind=Kind.CLIENT, attributes=_CALL):
                    result = self._analyse(task, film, keeper)
            except AnalysisError:
                if keeper.ended_by is None:
                    raise
                self._end(keeper.ended_by)
                self.artifacts.remove()
                return
            with _timed_ingest(), tracing.span("ingest"):
                findings = self._ingest(task, film, result, keeper)
            preview_bytes = self.artifacts.keep_preview(sent_bytes=result.preview_bytes if task.job.preview else 0)
        with tracing.span("persist"), self.runner.database.unit_of_work() as session:
            persist_analysis(session, task.match, findings, video=task.video, calibration=task.calibration)
            job_manager.complete(session, self.claim, frames_done=findings.total_frames, preview_bytes=preview_bytes)
        log.info("analysis finished", job_id=str(self.claim.job_id), tracks=len(findings.summary.tracks))

    def _load(self) -> Task:
        with self.runner.database.reading() as session:
            job = session.get_one(Job, self.claim.job_id)
            video, match = session.get_one(Video, job.video_id), session.get_one(Match, job.match_id)
            return Task(job, video, match, _calibration(session, job.calibration_id))

    def _analyse(self, task: Task, film: OpenedVideo, keeper: AttemptKeeper) -> EngineResult:
        """Let the engine work, and its rows land on disk.

        Raises:
            AnalysisError: the engine failed, or ``keeper`` ended the run.
        """
        expected = self.runner.shared.expect(self.claim.run_id, self.artifacts.directory)
        result = self._receive(self.runner.engine.analyze(self._request(task, film.path())), task, keeper)
        if result is None:
            raise TransientFailure("The analysis engine stopped before it was done.", code="engine_lost")
        if result.files is not None:
            with tracing.span("fetch"):
                expected.fetch(result.files, players=self.artifacts.players, ball=self.artifacts.ball)
        return result

    def _request(self, task: Task, video_path: Path) -> EngineRequest:
        return EngineRequest(
            run_id=self.claim.run_id,
            video_path=video_path,
            calibration_path=_calibration_file(task, self.artifacts.calibration),
            confidence_threshold=task.job.confidence_threshold,
            frame_stride=task.job.frame_stride,
            preview=task.job.preview,
            pitch=task.match.pitch,
        )

    def _receive(self, run: EngineRun, task: Task, keeper: AttemptKeeper) -> EngineResult | None:
        """Let the engine's rows land on disk, until it has no more to say."""
        keeper.watch(run)
        result: EngineResult | None = None
        analysing, drawing = Pace(), Pace()
        with self.artifacts.receiving() as receiver:
            for event in run:
                match event:
                    case MetricsRows() | PreviewPart():
                        receiver.write(event)
                    case EngineProgress(frames_drawn=0):
                        keeper.tell(_analysing(event, task, analysing.after(event.frames_done)))
                    case EngineProgress():
                        keeper.tell(_drawing(event, task.video, drawing.after(event.frames_drawn)))
                    case EngineResult():
                        result = event
        keeper.watch(None)
        return result

    def _ingest(self, task: Task, film: OpenedVideo, result: EngineResult, keeper: AttemptKeeper) -> Findings:
        clock, calibrated = _VideoClock(film), task.calibration is not None
        pitch = _measured_on(task, result)
        keeper.tell(_ingesting(0.0, "Reading what the engine found."))
        players = read_players(
            self.artifacts.players, clock=clock, calibrated=calibrated, pitch=pitch, expected_rows=result.player_rows
        )
        ball = read_ball(
            self.artifacts.ball, clock=clock, calibrated=calibrated, pitch=pitch, expected_rows=result.ball_rows
        )
        keeper.require_ownership()
        keeper.tell(_ingesting(0.5, "Measuring who ran how far."))
        links = sound_links(result.track_links, players)
        people = join_tracks(players, [(link.from_track, link.to_track) for link in links])
        summary = summarise(people, ball, pitch=pitch, duration_s=task.video.duration_s)
        if not summary.tracks:
            raise PermanentFailure(
                "Nobody was followed for a second or longer, so there is nothing to measure.", code="nobody_followed"
            )
        INGESTED_ROWS.labels("players").inc(players.frame.height)
        INGESTED_ROWS.labels("ball").inc(ball.frame.height)
        self.artifacts.keep_positions(players)
        keeper.require_ownership()
        keeper.tell(_ingesting(0.9, "Writing the figures down."))
        return Findings(
            summary=summary,
            ball=ball,
            total_frames=result.frames_total or task.video.frame_count,
            team_kits=result.team_kits,
            provenance=Provenance(self.claim.job_id, self.claim.attempt, result.engine_name, result.engine_version),
            frames_analysed=result.frames_processed,
            frames_damaged=result.frames_damaged,
            links=links,
            pitch=pitch,
        )

    def _end(self, reason: EndedBy) -> None:
        match reason:
            case EndedBy.SILENCE:
                raise TransientFailure("The analysis engine stopped answering.", code="engine_silent")
            case EndedBy.SHUTDOWN:
                with self.runner.database.unit_of_work() as session:
                    job_manager.hand_back(session, self.claim)
            case EndedBy.LOST_LEASE:
                log.warning("attempt lost its lease", job_id=str(self.claim.job_id), attempt=self.claim.attempt)


@dataclass(frozen=True, slots=True)
class _VideoClock:
    """Times of frames by demuxing the video, for engines that send none; done only if somebody asks."""

    film: OpenedVideo

    def times_s(self, frames: NDArray[np.int64]) -> NDArray[np.float64]:
        return PresentationTimes(frame_times(self.film.path())).times_s(frames)


@contextmanager
def _timed_ingest() -> Iterator[None]:
    began_s = time.perf_counter()
    yield
    INGEST_SECONDS.inc(time.perf_counter() - began_s)


def _calibration(session: Session, calibration_id: uuid.UUID | None) -> Calibration | None:
    return None if calibration_id is None else session.get_one(Calibration, calibration_id)


def _calibration_file(task: Task, path: Path) -> Path | None:
    if task.calibration is None:
        return None
    points = CalibrationPoints.model_validate({"points": task.calibration.points})
    frame_size = (task.video.width, task.video.height)
    try:
        write_calibration_file(path, points, frame_size=frame_size, pitch=task.match.pitch)
    except Unprocessable as error:  # it fitted when it came: the pitch of the match has been changed meanwhile
        raise PermanentFailure(error.detail, code=error.code, hint=_HINT_PITCH) from error
    return path


def _measured_on(task: Task, result: EngineResult) -> Pitch:
    """An engine that does not say it has metres from the calibration, or knows the standard size only."""
    return result.pitch or (task.match.pitch if task.calibration else STANDARD_PITCH)


def _analysing(event: EngineProgress, task: Task, frames_per_second: float | None) -> Progress:
    video = task.video
    # With a preview, the engine's fraction is that of both.
    share = min(1.0, event.frames_done / max(1, video.frame_count)) if task.job.preview else event.fraction
    message = f"Analysed {event.frames_done} of {video.frame_count} frames." if event.frames_done else "Analysing."
    return Progress(
        phase=Phase.ANALYSING,
        fraction=event.fraction * _ANALYSING_SHARE,
        message=message,
        phase_fraction=share,
        frames_done=event.frames_done,
        frames_total=max(video.frame_count, event.frames_done),
        frames_per_second=frames_per_second,
    )


def _drawing(event: EngineProgress, video: Video, frames_per_second: float | None) -> Progress:
    total = max(video.frame_count, event.frames_drawn)
    return Progress(
        phase=Phase.DRAWING,
        fraction=event.fraction * _ANALYSING_SHARE,
        message=f"Drew {event.frames_drawn} of {total} frames of the preview.",
        phase_fraction=event.frames_drawn / total,
        frames_done=event.frames_done,
        frames_total=max(video.frame_count, event.frames_done),
        frames_per_second=frames_per_second,
    )


def _ingesting(fraction: float, message: str) -> Progress:
    return Progress(
        phase=Phase.INGESTING,
        fraction=_ANALYSING_SHARE + (1 - _ANALYSING_SHARE) * fraction,
        message=message,
        phase_fraction=fraction,
    )

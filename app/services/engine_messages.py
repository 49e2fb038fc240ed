"""The messages of the contract as the orchestrator's own objects; nothing that an engine says is taken as it stands."""

import math
from collections.abc import Iterator

from app.services.engine import (
    EngineEvent,
    EngineProgress,
    EngineRequest,
    EngineResult,
    MetricsKind,
    MetricsRows,
    PreviewPart,
    ResultFiles,
    TeamKit,
    TrackLink,
)
from contract import analysis_pb2
from football.pitch import Pitch

_MAX_COUNT = 2**31 - 1  # what a report has room for
_KINDS = {
    analysis_pb2.MetricsChunk.PLAYERS: MetricsKind.PLAYERS,
    analysis_pb2.MetricsChunk.BALL: MetricsKind.BALL,
}


def write_request(request: EngineRequest) -> analysis_pb2.VideoRequest:
    """What an engine is asked; it leaves alone the fields that it does not know."""
    return analysis_pb2.VideoRequest(
        video_path=str(request.video_path.resolve()),
        calibration_path=str(request.calibration_path.resolve()) if request.calibration_path else "",
        confidence_threshold=request.confidence_threshold or 0.0,
        match_id=request.run_id,
        frame_stride=request.frame_stride or 0,
        preview=request.preview,
        pitch=analysis_pb2.PitchSize(length_m=request.pitch.length_m, width_m=request.pitch.width_m),
    )


def read_events(response: analysis_pb2.VideoResponse) -> Iterator[EngineEvent]:
    """What one message tells: rows, a part of the preview, progress."""
    if response.HasField("metrics") and response.metrics.kind in _KINDS:
        yield MetricsRows(_KINDS[response.metrics.kind], response.metrics.rows)
    if response.HasField("preview"):
        yield PreviewPart(response.preview.film)
    if response.status == "PROCESSING":
        frames_done, frames_drawn = max(0, response.frames_done), max(0, response.frames_drawn)
        yield EngineProgress(_fraction(response.progress), frames_done, frames_drawn)


def _fraction(progress: float) -> float:
    """Engines have said NaN, infinity, 1.01 and minus a hundred-millionth."""
    return min(1.0, max(0.0, progress)) if math.isfinite(progress) else 0.0


def read_result(result: analysis_pb2.AnalysisResult, *, has_rows: bool) -> EngineResult:
    """The last word. ``has_rows``: some came with the messages, so that files need not be looked for."""
    says_counts = bool(result.engine_name)
    return EngineResult(
        engine_name=result.engine_name[:100] or None,
        engine_version=result.engine_version[:50] or None,
        frames_processed=_count(result.frames_processed) if says_counts else None,
        player_rows=result.player_rows if says_counts else None,
        ball_rows=result.ball_rows if says_counts else None,
        team_kits=tuple(TeamKit(kit.team, kit.colour_hex, kit.colour_name) for kit in result.team_kits),
        files=None if has_rows else _files(result),
        frames_total=_count(max(result.total_frames, result.frames_processed)) if says_counts else None,
        frames_damaged=_count(result.frames_damaged) if says_counts else None,
        track_links=tuple(TrackLink(link.from_track, link.to_track, link.confidence) for link in result.track_links),
        preview_bytes=result.preview_bytes,
        pitch=_pitch(result),
    )


def _count(frames: int) -> int | None:
    """Engines have said minus two thousand million."""
    return frames if 0 <= frames <= _MAX_COUNT else None


def _pitch(result: analysis_pb2.AnalysisResult) -> Pitch | None:
    pitch = Pitch(result.pitch.length_m, result.pitch.width_m)
    return pitch if pitch.is_lawful else None


def _files(result: analysis_pb2.AnalysisResult) -> ResultFiles | None:
    players, ball = result.player_metrics_csv_path, result.ball_metrics_csv_path
    return ResultFiles(players, ball, players_claimed=result.players_tracked > 0) if players or ball else None

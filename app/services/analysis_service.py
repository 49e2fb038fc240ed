"""The gRPC client of the analysis engine; the only module of the orchestrator that imports grpc."""

import math
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc

from app.core.errors import AnalysisError, EngineUnavailable, PermanentFailure, TransientFailure
from app.services.engine import (
    EngineEvent,
    EngineProgress,
    EngineRequest,
    EngineResult,
    MetricsKind,
    MetricsRows,
    TeamKit,
)
from contract import analysis_pb2, analysis_pb2_grpc

log = structlog.get_logger(__name__)

_ERROR_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_MAX_COUNT = 2**31 - 1  # what a report has room for
_PROBE_TIMEOUT_S = 1.0
_OPTIONS = (
    # No keepalive pings: a silent engine answers "Too many pings" and cuts the stream. Silence is watched by the
    # worker instead, through seconds_silent.
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 5000),
)
_KINDS = {
    analysis_pb2.MetricsChunk.PLAYERS: MetricsKind.PLAYERS,
    analysis_pb2.MetricsChunk.BALL: MetricsKind.BALL,
}
# What an engine's error code means to a coach. Engines write their own texts for themselves, with paths in them.
_SENTENCES = {
    "video_missing": "The analysis engine cannot find the video; engine and server must see the same files.",
    "video_undecodable": "The analysis engine cannot decode this video.",
    "calibration_invalid": "The analysis engine cannot use the calibration.",
    "confidence_threshold_invalid": "The analysis engine refuses the confidence threshold.",
}
_CODE_OF_STATUS = {
    grpc.StatusCode.NOT_FOUND: "video_missing",
    grpc.StatusCode.INVALID_ARGUMENT: "engine_refused",
    grpc.StatusCode.INTERNAL: "engine_failed",
}
_HEALABLE = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.UNKNOWN,  # the engine's process died in a way that its library could not name
}


class GrpcEngine:
    """An engine behind ``host:port``. The channel is opened on first use, so never before a fork."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._channel: grpc.Channel | None = None

    def analyze(self, request: EngineRequest) -> "GrpcRun":
        message = analysis_pb2.VideoRequest(
            video_path=str(request.video_path.resolve()),
            calibration_path=str(request.calibration_path.resolve()) if request.calibration_path else "",
            confidence_threshold=request.confidence_threshold or 0.0,
            match_id=request.run_id,
        )
        stub = analysis_pb2_grpc.AnalysisEngineStub(self._opened())  # type: ignore[no-untyped-call]  # generated
        return GrpcRun(stub.AnalyzeVideo(message))

    def is_reachable(self) -> bool:
        """Whether somebody answers there. An engine without a health service proves its life by saying so."""
        stub = health_pb2_grpc.HealthStub(self._opened())
        try:
            answer = stub.Check(  # type: ignore[attr-defined]  # missing in the library's stubs
                health_pb2.HealthCheckRequest(), timeout=_PROBE_TIMEOUT_S
            )
        except grpc.RpcError as error:
            return isinstance(error, grpc.Call) and error.code() is grpc.StatusCode.UNIMPLEMENTED
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def _opened(self) -> grpc.Channel:
        if self._channel is None:
            self._channel = grpc.insecure_channel(self._target, options=_OPTIONS)
        return self._channel


class GrpcRun:
    """An :class:`~app.services.engine.EngineRun` over a gRPC stream."""

    def __init__(self, call: "grpc._CallIterator[analysis_pb2.VideoResponse]") -> None:
        self._call = call
        self._last_message = time.monotonic()

    @property
    def seconds_silent(self) -> float:
        return time.monotonic() - self._last_message

    def cancel(self) -> None:
        self._call.cancel()

    def __iter__(self) -> Iterator[EngineEvent]:
        heard: analysis_pb2.VideoResponse | None = None
        has_rows = False
        with translated_grpc_errors() as failure:
            for response in self._call:
                self._last_message = time.monotonic()
                heard = failure.last = response
                has_rows = has_rows or response.HasField("metrics")
                if response.result.player_metrics_csv_path and not has_rows:
                    raise _results_unreachable()
                yield from _events(response)
        if heard is not None and heard.status == "FAILED":
            raise _translated(grpc.StatusCode.OK, heard)
        if heard is None or heard.status != "COMPLETED":
            raise TransientFailure("The analysis engine stopped before it was done.", code="engine_lost")


class _LastWord:
    """The last message before a call failed: FAILED is a message first and an error status afterwards."""

    last: "analysis_pb2.VideoResponse | None" = None


@contextmanager
def translated_grpc_errors() -> Iterator[_LastWord]:
    """Turn every gRPC error of the block into an ``AnalysisError``; the block notes the messages that it got."""
    word = _LastWord()
    try:
        yield word
    except grpc.RpcError as error:
        status = error.code() if isinstance(error, grpc.Call) else grpc.StatusCode.UNKNOWN
        details = error.details() if isinstance(error, grpc.Call) else str(error)
        log.warning("engine call failed", status=status.name, details=details)
        raise _translated(status, word.last) from error


def _translated(status: grpc.StatusCode, last: "analysis_pb2.VideoResponse | None") -> AnalysisError:
    if last is not None and last.status == "FAILED":
        named = _ERROR_CODE.fullmatch(last.error_code)
        return _permanent(named[0] if named else _CODE_OF_STATUS.get(status, "engine_failed"))
    if status is grpc.StatusCode.RESOURCE_EXHAUSTED and last is None:
        return EngineUnavailable("Waiting for the analysis engine, which is busy.", code="engine_busy")
    if status is grpc.StatusCode.UNAVAILABLE and last is None:
        return EngineUnavailable("Waiting for the analysis engine.", code="engine_unreachable", hint=_ENGINE_HINT)
    if status is grpc.StatusCode.UNIMPLEMENTED:
        return PermanentFailure(
            "The server at the engine's address does not speak the analysis contract.",
            code="engine_incompatible",
            hint=_ENGINE_HINT,
        )
    if status in _HEALABLE:
        return TransientFailure("The analysis engine stopped before it was done.", code="engine_lost")
    return _permanent(_CODE_OF_STATUS.get(status, "engine_failed"))


_ENGINE_HINT = "Ask the operator whether the analysis engine runs at ANALYSIS_ENGINE_HOST and ANALYSIS_ENGINE_PORT."


def _permanent(code: str) -> PermanentFailure:
    sentence = _SENTENCES.get(code, "The analysis engine could not analyse this video.")
    return PermanentFailure(sentence, code=code, hint="Try another recording, or tell the operator of the server.")


def _results_unreachable() -> PermanentFailure:
    return PermanentFailure(
        "The analysis engine kept its results in files of its own, where they cannot be read.",
        code="engine_results_unreachable",
        hint="Ask the operator for an engine that sends its results over the connection.",
    )


def _events(response: analysis_pb2.VideoResponse) -> Iterator[EngineEvent]:
    if response.HasField("metrics") and response.metrics.kind in _KINDS:
        yield MetricsRows(_KINDS[response.metrics.kind], response.metrics.rows)
    if response.status == "COMPLETED":
        yield _result(response.result)
    elif response.status == "PROCESSING":
        yield EngineProgress(_fraction(response.progress), max(0, response.frames_done))


def _fraction(progress: float) -> float:
    """Engines have said NaN, infinity, 1.01 and minus a hundred-millionth."""
    return min(1.0, max(0.0, progress)) if math.isfinite(progress) else 0.0


def _result(result: analysis_pb2.AnalysisResult) -> EngineResult:
    says_counts = bool(result.engine_name)
    believable = 0 <= result.frames_processed <= _MAX_COUNT
    return EngineResult(
        engine_name=result.engine_name[:100] or None,
        engine_version=result.engine_version[:50] or None,
        frames_processed=result.frames_processed if says_counts and believable else None,
        player_rows=result.player_rows if says_counts else None,
        ball_rows=result.ball_rows if says_counts else None,
        team_kits=tuple(TeamKit(kit.team, kit.colour_hex, kit.colour_name) for kit in result.team_kits),
    )

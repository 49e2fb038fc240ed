"""The gRPC face of the engine: requests in, messages out. No other module of the engine knows gRPC."""

import hmac
import logging
import threading
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from contract import analysis_pb2, analysis_pb2_grpc, tracing
from engine import ENGINE_NAME, ENGINE_VERSION
from engine.chunks import Chunk
from engine.errors import (
    AnalysisFailure,
    CalibrationInvalid,
    ConfidenceThresholdInvalid,
    FrameStrideInvalid,
    ModelUnusable,
    PitchSizeInvalid,
    VideoMissing,
    VideoUndecodable,
)
from engine.pipeline import AnalysisRequest, Event, Progress, Summary, analyse
from engine.preview import Drawn, FilmPart, analyse_and_draw
from engine.results import Kind
from football.pitch import STANDARD_PITCH, Pitch

logger = logging.getLogger(__name__)

SERVICE = analysis_pb2.DESCRIPTOR.services_by_name["AnalysisEngine"].full_name

_SPAN = f"{SERVICE}/AnalyzeVideo"
_SIGN_OF_LIFE_EVERY_S = 1.0
_WAITING_CALLS = 8  # accepted beyond those that are analysed; more are refused at once
_ANALYSING_SHARE = 0.7  # of the whole progress, where a preview is drawn afterwards
_OTHER_CALLS = 4  # health and reflection must be answered while every analysis is busy

_STATUS: dict[type[AnalysisFailure], grpc.StatusCode] = {
    VideoMissing: grpc.StatusCode.NOT_FOUND,
    VideoUndecodable: grpc.StatusCode.INVALID_ARGUMENT,
    CalibrationInvalid: grpc.StatusCode.INVALID_ARGUMENT,
    ModelUnusable: grpc.StatusCode.INVALID_ARGUMENT,
    FrameStrideInvalid: grpc.StatusCode.INVALID_ARGUMENT,
    PitchSizeInvalid: grpc.StatusCode.INVALID_ARGUMENT,
    ConfidenceThresholdInvalid: grpc.StatusCode.INVALID_ARGUMENT,
}
_KIND = {Kind.PLAYERS: analysis_pb2.MetricsChunk.PLAYERS, Kind.BALL: analysis_pb2.MetricsChunk.BALL}

Context = grpc.ServicerContext
Response = analysis_pb2.VideoResponse
Continuation = Callable[[grpc.HandlerCallDetails], "grpc.RpcMethodHandler[Any, Any] | None"]


class AnalysisServicer(analysis_pb2_grpc.AnalysisEngineServicer):
    """Analyses at most ``workers`` videos at a time; some more calls wait for their turn."""

    def __init__(self, workers: int) -> None:
        self._places = threading.Semaphore(workers)
        self._accepted = threading.Semaphore(workers + _WAITING_CALLS)

    def AnalyzeVideo(  # noqa: N802 - the name is the contract's
        self, request: analysis_pb2.VideoRequest, context: Context
    ) -> Iterator[Response]:
        if not self._accepted.acquire(blocking=False):
            context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "The engine has as many analyses waiting as it takes.")
        try:
            yield Response(job_id=request.match_id, status="PENDING", message="The analysis has been accepted.")
            answers = self._answer_in_turn(request, context)
            yield from tracing.spanned(_SPAN, answers, kind=tracing.Kind.SERVER, parent=_traceparent(context))
        finally:
            self._accepted.release()

    def _answer_in_turn(self, request: analysis_pb2.VideoRequest, context: Context) -> Generator[Response, None, None]:
        while not self._places.acquire(timeout=_SIGN_OF_LIFE_EVERY_S):
            if not context.is_active():
                return
            yield Response(job_id=request.match_id, status="PENDING", message="Waiting for another analysis to end.")
        try:
            yield from _answer(request, context)
        finally:
            self._places.release()


@dataclass(frozen=True, slots=True)
class Door:
    """Who comes in, and how. ``certificate`` and ``key``: PEM, in front of the chain; without, nothing is encrypted.

    ``token``: what a caller must send as a bearer token, health checks and reflection included.
    """

    certificate: bytes | None = None
    key: bytes | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)

    def open(self, server: grpc.Server, address: str) -> int:
        if self.certificate is None or self.key is None:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, grpc.ssl_server_credentials([(self.key, self.certificate)]))


class _TokenGuard(grpc.ServerInterceptor):
    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}"

    def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        given = str(dict(handler_call_details.invocation_metadata).get("authorization", ""))
        if hmac.compare_digest(given.encode(), self._expected.encode()):
            return continuation(handler_call_details)
        return grpc.unary_unary_rpc_method_handler(_turn_away)


def _turn_away(_request: object, context: Context) -> NoReturn:
    context.abort(grpc.StatusCode.UNAUTHENTICATED, "This engine asks for a bearer token.")


def call_threads(workers: int) -> ThreadPoolExecutor:
    """Threads for a server of ``workers``: an analysis occupies one, and so does everybody who waits for a turn."""
    return ThreadPoolExecutor(workers + _WAITING_CALLS + _OTHER_CALLS, thread_name_prefix="call")


def make_server(
    address: str, workers: int, threads: ThreadPoolExecutor, door: Door | None = None
) -> tuple[grpc.Server, int]:
    """A server that is not started yet, and the port that it is bound to.

    Raises:
        RuntimeError: the address is taken or not of this machine.
    """
    # Without SO_REUSEPORT a second engine on the same port fails at once and does not take every other call.
    door = door or Door()
    guards: list[grpc.ServerInterceptor] = [_TokenGuard(door.token)] if door.token else []
    server = grpc.server(threads, interceptors=guards, options=(("grpc.so_reuseport", 0),))
    analysis_pb2_grpc.add_AnalysisEngineServicer_to_server(  # type: ignore[no-untyped-call]  # generated code
        AnalysisServicer(workers), server
    )
    status = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(status, server)
    for service in ("", SERVICE):
        status.set(service, health_pb2.HealthCheckResponse.SERVING)
    reflection.enable_server_reflection((SERVICE, health.SERVICE_NAME, reflection.SERVICE_NAME), server)
    port = door.open(server, address)
    if port == 0:
        raise RuntimeError(f"Cannot listen on {address}.")
    return server, port


def is_serving(address: str, *, timeout_s: float) -> bool:
    """Whether the engine at ``address``, which asks for neither TLS nor a token, says that it serves."""
    request = health_pb2.HealthCheckRequest(service=SERVICE)
    with grpc.insecure_channel(address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(request, timeout=timeout_s)  # type: ignore[attr-defined]
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _answer(request: analysis_pb2.VideoRequest, context: Context) -> Iterator[Response]:
    """Messages from the first PROCESSING to COMPLETED or FAILED; the one place where any failure ends."""
    narrator = _Narrator(request.match_id, analysing_share=_ANALYSING_SHARE if request.preview else 1.0)
    yield narrator.describe()
    events = (analyse_and_draw if request.preview else analyse)(_read_request(request))
    try:
        with closing(events):
            for event in events:
                if not context.is_active():
                    logger.info("analysis stopped: the client is gone")
                    return
                yield from narrator.tell(event)
    except AnalysisFailure as failure:
        tracing.fail_current_span(failure.code)
        yield narrator.fail(failure.code, str(failure))
        context.abort(_STATUS[type(failure)], str(failure))
    except Exception:
        # Outermost loop of a call: the cause belongs into the log, a sentence without inner matters to the client.
        logger.exception("analysis broke off")
        tracing.fail_current_span("engine_fault")
        sentence = "The analysis broke off through a fault of the engine."
        yield narrator.fail("engine_fault", sentence)
        context.abort(grpc.StatusCode.INTERNAL, sentence)


def _traceparent(context: Context) -> str | None:
    """Which span of the client's the call is a part of, as it says."""
    given = dict(context.invocation_metadata()).get(tracing.HEADER)
    return given if isinstance(given, str) else None


def _read_request(request: analysis_pb2.VideoRequest) -> AnalysisRequest:
    calibration = Path(request.calibration_path) if request.calibration_path else None
    model = Path(request.model_path) if request.model_path else None
    return AnalysisRequest(
        Path(request.video_path),
        calibration,
        request.confidence_threshold,
        model,
        frame_stride=request.frame_stride,
        pitch=_read_pitch(request),
    )


def _read_pitch(request: analysis_pb2.VideoRequest) -> Pitch:
    return Pitch(request.pitch.length_m, request.pitch.width_m) if request.HasField("pitch") else STANDARD_PITCH


class _Narrator:
    """Turns the events of one analysis into messages and keeps quiet progress down to one message per second."""

    def __init__(self, match_id: str, *, analysing_share: float) -> None:
        """``analysing_share`` of the progress is the analysis; the rest, if there is one, is the preview."""
        self._match_id = match_id
        self._analysing_share = analysing_share
        self._progress = Progress(0, 0)
        self._drawn: Drawn | None = None
        self._told_s = time.monotonic()

    def tell(self, event: Event | Drawn | FilmPart) -> Iterator[Response]:
        match event:
            case Progress():
                self._progress = event
                yield from self._describe_now_and_then()
            case Drawn():
                self._drawn = event
                yield from self._describe_now_and_then()
            case Chunk():
                yield self._send(event)
            case FilmPart():
                yield self._send_film(event)
            case Summary():
                yield self._complete(event)

    def describe(self) -> Response:
        drawn = f" {self._drawn.frames_done} frames drawn." if self._drawn else ""
        return self._processing(f"{self._progress.frames_done} frames analysed.{drawn}")

    def fail(self, code: str, sentence: str) -> Response:
        return Response(
            job_id=self._match_id,
            status="FAILED",
            progress=self._fraction,
            message=sentence,
            error_code=code,
            frames_done=self._progress.frames_done,
            frames_total=self._progress.frames_total,
        )

    def _describe_now_and_then(self) -> Iterator[Response]:
        if time.monotonic() - self._told_s >= _SIGN_OF_LIFE_EVERY_S:
            yield self.describe()

    @property
    def _fraction(self) -> float:
        if self._drawn is None:
            return self._analysing_share * self._progress.fraction
        return self._analysing_share + (1 - self._analysing_share) * self._drawn.fraction

    def _send_film(self, part: FilmPart) -> Response:
        response = self._processing("A part of the preview.")
        response.preview.film = part.content
        return response

    def _send(self, chunk: Chunk) -> Response:
        response = self._processing(f"Rows of frames {chunk.first_frame} to {chunk.last_frame}.")
        response.metrics.CopyFrom(
            analysis_pb2.MetricsChunk(
                kind=_KIND[chunk.kind],
                first_frame=chunk.first_frame,
                last_frame=chunk.last_frame,
                rows=chunk.text.encode(),
            )
        )
        return response

    def _processing(self, message: str) -> Response:
        self._told_s = time.monotonic()
        return Response(
            job_id=self._match_id,
            status="PROCESSING",
            progress=self._fraction,
            message=message,
            frames_done=self._progress.frames_done,
            frames_total=self._progress.frames_total,
            frames_drawn=self._drawn.frames_done if self._drawn else 0,
        )

    def _complete(self, summary: Summary) -> Response:
        result = analysis_pb2.AnalysisResult(
            match_id=self._match_id,
            total_frames=summary.frames,
            players_tracked=summary.tracks,
            engine_name=f"{ENGINE_NAME}-{summary.detector}",
            engine_version=ENGINE_VERSION,
            frames_processed=summary.analysed,
            player_rows=summary.player_rows,
            ball_rows=summary.ball_rows,
            frames_damaged=summary.damaged,
            preview_bytes=summary.preview_bytes,
            pitch=analysis_pb2.PitchSize(length_m=summary.pitch.length_m, width_m=summary.pitch.width_m),
            team_kits=[
                analysis_pb2.TeamKit(team=kit.team, colour_hex=kit.colour_hex, colour_name=kit.colour_name)
                for kit in summary.kits
            ],
            track_links=[
                analysis_pb2.TrackLink(from_track=link.from_track, to_track=link.to_track, confidence=link.confidence)
                for link in summary.links
            ],
        )
        return Response(
            job_id=self._match_id,
            status="COMPLETED",
            progress=1.0,
            message="The analysis is complete.",
            result=result,
            frames_done=summary.frames,
            frames_total=summary.frames,
        )

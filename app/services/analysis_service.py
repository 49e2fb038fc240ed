"""The gRPC client of the analysis engine; the only module of the orchestrator that imports grpc."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue

import grpc
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc

from app.core.config import Settings
from app.core.engine_address import EngineAddress
from app.core.errors import AnalysisError, EngineUnavailable, PermanentFailure, TransientFailure
from app.services.engine import EngineEvent, EngineRequest, EngineResult
from app.services.engine_breaker import BreakerLimits
from app.services.engine_endpoints import find_endpoints
from app.services.engine_messages import read_events, read_result, write_request
from app.services.engine_pool import ENGINE_HINT, EnginePool, Place, PoolLimits
from contract import analysis_pb2, analysis_pb2_grpc, tracing

log = structlog.get_logger(__name__)

_ERROR_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_LAST_WORDS = frozenset({"COMPLETED", "FAILED"})
_PROBE_TIMEOUT_S = 1.0  # of /health, which must be quick
_FIRST_QUESTION_S = 2.0  # before a run: also a busy engine answers in that time, and one that hangs does not
_END_PATIENCE_S = 2.0
_OPTIONS = (
    # No keepalive pings: a silent engine answers "Too many pings" and cuts the stream. Silence is watched by the
    # worker instead, through seconds_silent.
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    ("grpc.initial_reconnect_backoff_ms", 500),
    ("grpc.max_reconnect_backoff_ms", 5000),
)
# What an engine's error code means to a coach. Engines write their own texts for themselves, with paths in them.
_SENTENCES = {
    "video_missing": "The analysis engine cannot find the video; engine and server must see the same files.",
    "video_undecodable": "The analysis engine cannot decode this video.",
    "calibration_invalid": "The analysis engine cannot use the calibration.",
    "confidence_threshold_invalid": "The analysis engine refuses the confidence threshold.",
    "frame_stride_invalid": "The analysis engine refuses the frame stride.",
    "pitch_size_invalid": "The analysis engine refuses the size of the pitch.",
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
    """All engines of an installation. Channels are opened on first use, so never before a fork."""

    def __init__(
        self, addresses: Sequence[EngineAddress], limits: PoolLimits, identity: "EngineIdentity | None" = None
    ) -> None:
        self._pool = EnginePool(partial(find_endpoints, addresses), limits)
        self._channels = _Channels(identity)
        self._silence_s = limits.silence_s

    def analyze(self, request: EngineRequest) -> "GrpcRun":
        return GrpcRun(self._pool, self._channels, write_request(request), silence_s=self._silence_s)

    def is_reachable(self) -> bool:
        """Whether at least one engine answers."""
        endpoints = self._pool.endpoints()
        self._channels.keep_only(self._pool.in_use())
        return self._channels.any_alive(endpoints)

    def close(self) -> None:
        self._channels.keep_only(frozenset())


def make_engine(settings: Settings) -> GrpcEngine:
    """The engines that ``settings`` name. One that fails is left alone for as long as a job would be that it failed."""
    breaker = BreakerLimits(pause_s=settings.job_retry_base_s, pause_cap_s=settings.job_retry_cap_s)
    limits = PoolLimits(settings.engine_concurrency, settings.engine_idle_timeout_s, breaker)
    identity = None
    if settings.engine_tls_ca is not None:
        token = settings.engine_token.get_secret_value() if settings.engine_token else None
        identity = EngineIdentity(settings.engine_tls_ca.read_bytes(), settings.engine_tls_name, token)
    return GrpcEngine(settings.engine_addresses, limits, identity)


@dataclass(frozen=True, slots=True)
class EngineIdentity:
    """How engines prove who they are, and we to them. ``authority``: PEM; ``name``: None is the address itself."""

    authority: bytes
    name: str | None = None
    token: str | None = field(default=None, repr=False)

    def open_channel(self, endpoint: EngineAddress) -> grpc.Channel:
        credentials = grpc.ssl_channel_credentials(self.authority)
        if self.token is not None:
            bearer = grpc.access_token_call_credentials(self.token)
            credentials = grpc.composite_channel_credentials(credentials, bearer)
        named = (("grpc.ssl_target_name_override", self.name),) if self.name else ()
        return grpc.secure_channel(str(endpoint), credentials, options=(*_OPTIONS, *named))


class _Channels:
    """One channel per endpoint, opened on first use; safe to use from several threads."""

    def __init__(self, identity: EngineIdentity | None) -> None:
        self._identity = identity
        self._lock = threading.Lock()
        self._open: dict[EngineAddress, grpc.Channel] = {}

    def to(self, endpoint: EngineAddress) -> grpc.Channel:
        with self._lock:
            if endpoint not in self._open:
                self._open[endpoint] = self._make(endpoint)
            return self._open[endpoint]

    def _make(self, endpoint: EngineAddress) -> grpc.Channel:
        if self._identity is None:
            return grpc.insecure_channel(str(endpoint), options=_OPTIONS)
        return self._identity.open_channel(endpoint)

    def keep_only(self, endpoints: frozenset[EngineAddress]) -> None:
        """Close the others, and what runs on them."""
        with self._lock:
            others = [self._open.pop(one) for one in self._open.keys() - endpoints]
        for channel in others:
            channel.close()

    def is_alive(self, endpoint: EngineAddress) -> bool:
        """Whether somebody answers there. An engine without a health service proves its life by saying so."""
        return _says_alive(self._ask(endpoint, _FIRST_QUESTION_S))

    def any_alive(self, endpoints: Sequence[EngineAddress]) -> bool:
        """Ask all at once; the first good answer is enough."""
        answers: SimpleQueue[grpc.Future[health_pb2.HealthCheckResponse]] = SimpleQueue()
        asked = [self._ask(endpoint, _PROBE_TIMEOUT_S) for endpoint in endpoints]
        for question in asked:
            question.add_done_callback(answers.put)
        try:
            return any(_says_alive(answers.get()) for _ in asked)
        finally:
            for question in asked:
                question.cancel()

    def _ask(self, endpoint: EngineAddress, timeout_s: float) -> "grpc.Future[health_pb2.HealthCheckResponse]":
        stub = health_pb2_grpc.HealthStub(self.to(endpoint))
        answer: grpc.Future[health_pb2.HealthCheckResponse] = stub.Check.future(  # type: ignore[attr-defined]
            health_pb2.HealthCheckRequest(), timeout=timeout_s
        )
        return answer


def _says_alive(answer: "grpc.Future[health_pb2.HealthCheckResponse]") -> bool:
    try:
        return bool(answer.result().status == health_pb2.HealthCheckResponse.SERVING)
    except grpc.FutureCancelledError:  # the channel was closed meanwhile
        return False
    except grpc.RpcError as error:
        code = error.code() if isinstance(error, grpc.Call) else None
        if code is grpc.StatusCode.UNAUTHENTICATED:
            log.warning("engine refuses us; ENGINE_TOKEN is not the one that it asks for")
        return code is grpc.StatusCode.UNIMPLEMENTED


Responses = Iterator[analysis_pb2.VideoResponse]


class GrpcRun:
    """An :class:`~app.services.engine.EngineRun` over a gRPC stream, on whichever engine has room when it begins."""

    def __init__(
        self, pool: EnginePool, channels: _Channels, message: analysis_pb2.VideoRequest, *, silence_s: float
    ) -> None:
        self._pool = pool
        self._channels = channels
        self._message = message
        self._silence_s = silence_s
        self._call: grpc._CallIterator[analysis_pb2.VideoResponse] | None = None
        self._cancelled = threading.Event()
        self._last_message: float | None = None

    @property
    def seconds_silent(self) -> float:
        """0 while no engine has been found yet: nobody has been asked who could be silent."""
        return 0.0 if self._last_message is None else time.monotonic() - self._last_message

    def cancel(self) -> None:
        self._cancelled.set()  # first: a call that begins in this moment looks here when it has begun
        if self._call is not None:
            self._call.cancel()

    def __iter__(self) -> Iterator[EngineEvent]:
        self._channels.keep_only(self._pool.in_use())
        with self._pool.place(self._channels.is_alive) as place:
            call = self._begin(place)
            word = _LastWord()
            try:
                yield from self._listen(call, place, word)
                yield self._conclude(call, word)
            finally:
                call.cancel()  # does nothing to a call that is over, and leaves none behind
                self._report(place, word)

    def _begin(self, place: Place) -> "grpc._CallIterator[analysis_pb2.VideoResponse]":
        self._last_message = time.monotonic()
        stub = analysis_pb2_grpc.AnalysisEngineStub(  # type: ignore[no-untyped-call]  # generated
            self._channels.to(place.endpoint)
        )
        call: grpc._CallIterator[analysis_pb2.VideoResponse] = stub.AnalyzeVideo(self._message, metadata=_metadata())
        self._call = call
        if self._cancelled.is_set():
            call.cancel()
        return call

    def _listen(self, call: Responses, place: Place, word: "_LastWord") -> Iterator[EngineEvent]:
        """Everything up to the last word."""
        with translated_grpc_errors(word):
            for response in call:
                self._last_message = time.monotonic()
                if word.last is None:
                    place.heard()
                self._refuse(response)
                word.note(response)
                yield from read_events(response)
                if response.status in _LAST_WORDS:
                    return

    def _refuse(self, response: analysis_pb2.VideoResponse) -> None:
        """An engine may leave our id out, but not name another: its runs, or their files, are mixed up."""
        if self._cancelled.is_set():
            raise _lost()
        for named in (response.job_id, response.result.match_id):
            if named not in {"", self._message.match_id}:
                log.warning("engine answers for another run", run_id=self._message.match_id, named=named[:100])
                raise TransientFailure("The analysis engine mixed up two analyses.", code="engine_mixed_up")

    def _conclude(self, call: "grpc._CallIterator[analysis_pb2.VideoResponse]", word: "_LastWord") -> EngineResult:
        status = _await_end(call)
        if self._cancelled.is_set() or word.last is None or word.last.status not in _LAST_WORDS:
            raise _lost()
        if word.last.status == "FAILED":
            raise _translated(status, word.last)
        return read_result(word.last.result, has_rows=word.has_rows)

    def _report(self, place: Place, word: "_LastWord") -> None:
        if self._cancelled.is_set() and self.seconds_silent > self._silence_s:
            place.silent()
        elif word.status is grpc.StatusCode.UNAVAILABLE:
            place.unavailable()


def _metadata() -> tuple[tuple[str, str], ...]:
    """What goes along with a call: which trace it is a part of, if it is."""
    current = tracing.traceparent()
    return () if current is None else ((tracing.HEADER, current),)


def _await_end(call: "grpc._CallIterator[analysis_pb2.VideoResponse]") -> grpc.StatusCode:
    """The status of a call that has had its last word; an engine that does not hang up is hung up on."""
    patience = threading.Timer(_END_PATIENCE_S, call.cancel)
    patience.daemon = True
    patience.start()
    try:
        for response in call:
            log.debug("engine spoke after its last word", status=response.status)
    except grpc.RpcError as error:
        log.debug("engine's call ended with an error", error=str(error))
    finally:
        patience.cancel()
    return call.code()


class _LastWord:
    """What was heard of a call: FAILED is a message first and an error status afterwards."""

    def __init__(self) -> None:
        self.last: analysis_pb2.VideoResponse | None = None
        self.has_rows = False
        self.status = grpc.StatusCode.OK

    def note(self, response: analysis_pb2.VideoResponse) -> None:
        self.last = response
        self.has_rows = self.has_rows or response.HasField("metrics")


@contextmanager
def translated_grpc_errors(word: _LastWord) -> Iterator[None]:
    """Turn every gRPC error of the block into an ``AnalysisError``; the block notes what it heard in ``word``."""
    try:
        yield
    except grpc.RpcError as error:
        word.status = error.code() if isinstance(error, grpc.Call) else grpc.StatusCode.UNKNOWN
        details = error.details() if isinstance(error, grpc.Call) else str(error)
        log.warning("engine call failed", status=word.status.name, details=details)
        raise _translated(word.status, word.last) from error


def _translated(status: grpc.StatusCode, last: "analysis_pb2.VideoResponse | None") -> AnalysisError:
    if last is not None and last.status == "FAILED":
        named = _ERROR_CODE.fullmatch(last.error_code)
        return _permanent(named[0] if named else _CODE_OF_STATUS.get(status, "engine_failed"))
    if status is grpc.StatusCode.RESOURCE_EXHAUSTED and last is None:
        return EngineUnavailable("Waiting for the analysis engine, which is busy.", code="engine_busy")
    if status is grpc.StatusCode.UNAVAILABLE and last is None:
        return EngineUnavailable("Waiting for the analysis engine.", code="engine_unreachable", hint=ENGINE_HINT)
    if status is grpc.StatusCode.UNIMPLEMENTED:
        return PermanentFailure(
            "The server at the engine's address does not speak the analysis contract.",
            code="engine_incompatible",
            hint=ENGINE_HINT,
        )
    if status in _HEALABLE:
        return _lost()
    return _permanent(_CODE_OF_STATUS.get(status, "engine_failed"))


def _permanent(code: str) -> PermanentFailure:
    sentence = _SENTENCES.get(code, "The analysis engine could not analyse this video.")
    return PermanentFailure(sentence, code=code, hint="Try another recording, or tell the operator of the server.")


def _lost() -> TransientFailure:
    return TransientFailure("The analysis engine stopped before it was done.", code="engine_lost")

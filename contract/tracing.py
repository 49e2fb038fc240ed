"""How both sides tell what they did, as spans of OpenTelemetry: the only module that knows that library.

The variables that its specification names configure it: ``OTEL_EXPORTER_OTLP_ENDPOINT``, ``OTEL_TRACES_SAMPLER`` and so
on. Without an endpoint nothing is imported and nothing recorded: every function here returns at once. A trace goes from
one process to the next as a ``traceparent`` of W3C Trace Context: in the header of a request, in the row of a job, in
the metadata of a call.

Spans hold no messages of exceptions, because those quote what people typed and what their files are called.
"""

import logging
import os
import threading
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from enum import Enum
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as LibrarySpan
    from opentelemetry.trace import Tracer

HEADER = "traceparent"

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_STOP_PATIENCE_S = 5.0
"""How long a process that ends waits for a collector to take the last spans."""

Attributes = Mapping[str, str | int | float | bool]
Event = TypeVar("Event")
Result = TypeVar("Result")


class Kind(Enum):
    """What a span is to the process at the other end of it; names are the library's."""

    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"
    CONSUMER = "consumer"


class TracingUnusable(Exception):
    """Traces are asked for in a way that cannot be served; the message is a sentence for the operator."""


class Span:
    """Something that takes time. While nothing is traced, one that forgets whatever it is told."""

    __slots__ = ("_span",)

    def __init__(self, span: "LibrarySpan | None" = None) -> None:
        self._span = span

    def note(self, attributes: Attributes) -> None:
        if self._span is not None:
            self._span.set_attributes(dict(attributes))

    def rename(self, name: str) -> None:
        if self._span is not None:
            self._span.update_name(name)

    def fail(self, kind: str) -> None:
        """Mark it as failed, for the first reason that is given. ``kind`` is one of a few words: a code, or the name
        of a class; never a message."""
        if self._span is not None and "error.type" not in (getattr(self._span, "attributes", None) or ()):
            from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 - an extra

            self._span.set_attribute("error.type", kind)
            self._span.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        if self._span is not None:
            self._span.end()

    def current(self) -> AbstractContextManager[object]:
        """The block's spans are children of this one. It does not end with the block."""
        if self._span is None:
            return nullcontext()
        from opentelemetry.trace import use_span  # noqa: PLC0415 - an extra

        return use_span(self._span, end_on_exit=False, record_exception=False, set_status_on_exception=False)


class _Recorder:
    """What this process records with; nothing before ``start_tracing``."""

    provider: "TracerProvider | None" = None
    tracer: "Tracer | None" = None


_recorder = _Recorder()
_UNTRACED = Span()


def start_tracing(service: str, *, version: str) -> None:
    """Record from now on, if the environment names a collector; once per process. ``OTEL_SERVICE_NAME`` beats
    ``service``.

    Raises:
        TracingUnusable: it names one, and spans cannot be sent there.
    """
    endpoint = configured_endpoint(os.environ)
    if endpoint is None or is_tracing():
        return
    _require_http(endpoint, os.environ)
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise TracingUnusable(
            f"{_ENDPOINTS[1]} is set, and OpenTelemetry is not installed; it comes with the extra, "
            "`pip install coach-pro[tracing]`."
        ) from error
    described = {"service.namespace": "coach-pro", "service.version": version}
    if not os.environ.get("OTEL_SERVICE_NAME"):
        described["service.name"] = service
    logging.getLogger("opentelemetry.exporter").setLevel(logging.ERROR)  # one line per failure, and not one per try
    # Not at exit: the library would wait there for half a minute for a collector that is away.
    provider = TracerProvider(resource=Resource.create(described), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _recorder.provider, _recorder.tracer = provider, provider.get_tracer("coach_pro", version)


def stop_tracing() -> None:
    """Send what is not sent yet, for a few seconds at most."""
    provider, _recorder.provider, _recorder.tracer = _recorder.provider, None, None
    if provider is not None:
        # Its own time-out is longer than operators wait for a process that they stop.
        sending = threading.Thread(target=provider.shutdown, name="last-spans", daemon=True)
        sending.start()
        sending.join(_STOP_PATIENCE_S)


def configured_endpoint(environment: Mapping[str, str]) -> str | None:
    """Where spans go; None: they are not wanted."""
    is_off = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if is_off or environment.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none":
        return None
    return next((value for name in _ENDPOINTS if (value := environment.get(name, "").strip())), None)


def is_tracing() -> bool:
    return _recorder.tracer is not None


def is_inside() -> bool:
    """Whether somebody is told what happens here: this is part of a span that is recorded."""
    if _recorder.tracer is None:
        return False
    from opentelemetry.trace import get_current_span  # noqa: PLC0415 - an extra

    return get_current_span().is_recording()


def begin_span(
    name: str, *, kind: Kind = Kind.INTERNAL, parent: str | None = None, attributes: Attributes | None = None
) -> Span:
    """A span that somebody ends. ``parent``: a ``traceparent`` from elsewhere; None, or one that is no such header, is
    the current span, and where there is none a trace begins."""
    if _recorder.tracer is None:
        return _UNTRACED
    from opentelemetry.trace import SpanKind  # noqa: PLC0415 - an extra

    told = dict(attributes or {})
    return Span(_recorder.tracer.start_span(name, _read(parent), SpanKind[kind.name], attributes=told))


@contextmanager
def span(
    name: str, *, kind: Kind = Kind.INTERNAL, parent: str | None = None, attributes: Attributes | None = None
) -> Iterator[Span]:
    """A span around the block, and the parent of those in it. An exception that leaves the block marks it as failed.

    Not around a ``yield``: what the caller does meanwhile would be taken for a part of it. See :func:`spanned`.
    """
    if _recorder.tracer is None:
        yield _UNTRACED
        return
    with _ending(begin_span(name, kind=kind, parent=parent, attributes=attributes)) as one, one.current():
        yield one


@contextmanager
def _ending(one: Span) -> Iterator[Span]:
    try:
        yield one
    except Exception as error:
        one.fail(kind_of(error))
        raise
    finally:
        one.end()


def spanned(
    name: str,
    events: Generator[Event, None, Result],
    *,
    kind: Kind = Kind.INTERNAL,
    parent: str | None = None,
) -> Generator[Event, None, Result]:
    """The same events, with a span from now until they end; ``busy_s`` is how long it took to make them, whoever waited
    in between. It may be used in another thread than it was made in."""
    if _recorder.tracer is None:
        return events
    return _spanned(begin_span(name, kind=kind, parent=parent), events)


def _spanned(one: Span, events: Generator[Event, None, Result]) -> Generator[Event, None, Result]:
    busy_s = 0.0
    with _ending(one), closing(events):
        try:
            while True:
                began_s = time.perf_counter()
                with one.current():
                    try:
                        event = next(events)
                    except StopIteration as end:
                        result: Result = end.value
                        return result
                    finally:
                        busy_s += time.perf_counter() - began_s
                yield event
        finally:
            one.note({"coach_pro.busy_s": round(busy_s, 3)})


def fail_current_span(kind: str) -> None:
    """For failures that are dealt with where they happen, so that no exception leaves the block."""
    if _recorder.tracer is not None:
        from opentelemetry.trace import get_current_span  # noqa: PLC0415 - an extra

        Span(get_current_span()).fail(kind)


def traceparent() -> str | None:
    """The current span, for the header; None: there is none."""
    if _recorder.tracer is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 - an extra

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(HEADER)


def trace_ids() -> dict[str, str]:
    """``trace_id`` and ``span_id`` of the current span, for a line of a log; empty where there is none."""
    current = traceparent()
    if current is None:
        return {}
    _, trace_id, span_id, _ = current.split("-")
    return {"trace_id": trace_id, "span_id": span_id}


def kind_of(error: BaseException) -> str:
    """One of few words: our errors have a code, others their class. (Codes of SQLAlchemy's, say, are no words.)"""
    code = getattr(error, "code", None)
    is_ours = type(error).__module__.partition(".")[0] in {"app", "engine"}
    return code if is_ours and isinstance(code, str) else type(error).__name__


def _read(parent: str | None) -> "Context | None":
    if parent is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415 - an extra

    return TraceContextTextMapPropagator().extract({HEADER: parent})


def _require_http(endpoint: str, environment: Mapping[str, str]) -> None:
    protocol = next((value for name in _PROTOCOLS if (value := environment.get(name, "").strip())), "http/protobuf")
    if protocol != "http/protobuf":
        raise TracingUnusable(f"Traces are sent as http/protobuf, not as {protocol} ({_PROTOCOLS[1]}).")
    if urlsplit(endpoint).scheme not in {"http", "https"}:
        raise TracingUnusable(f"{_ENDPOINTS[1]} must be an address of HTTP, such as http://localhost:4318.")

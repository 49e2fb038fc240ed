"""A collector of OpenTelemetry's spans (OTLP over HTTP) on a free port of the loopback interface."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Status


@dataclass(frozen=True, slots=True)
class CollectedSpan:
    """``service`` is the process that told of it. Ids are hexadecimal, as in a ``traceparent``."""

    service: str
    name: str
    kind: int
    trace_id: str
    span_id: str
    parent_id: str
    attributes: Mapping[str, object]
    has_failed: bool
    began_ns: int
    ended_ns: int


class SpanCollector:
    """``bodies`` are the requests as they came. One that is ``mute`` takes them and never answers."""

    def __init__(self, *, is_mute: bool = False) -> None:
        self.bodies: list[bytes] = []
        self._released = threading.Event()
        if not is_mute:
            self._released.set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> "SpanCollector":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """For ``OTEL_EXPORTER_OTLP_ENDPOINT``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def spans(self) -> list[CollectedSpan]:
        return [span for body in list(self.bodies) for span in _spans_in(ExportTraceServiceRequest.FromString(body))]

    def _handler(collector) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the other self is the handler's
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.path == "/v1/traces"
                collector.bodies.append(body)
                collector._released.wait()
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
                """A test reads ``spans``, not the standard error."""

        return Handler


def _spans_in(request: ExportTraceServiceRequest) -> list[CollectedSpan]:
    return [
        CollectedSpan(
            service=str(_values(resource.resource.attributes)["service.name"]),
            name=span.name,
            kind=span.kind,
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent_id=span.parent_span_id.hex(),
            attributes=_values(span.attributes),
            has_failed=span.status.code == Status.STATUS_CODE_ERROR,
            began_ns=span.start_time_unix_nano,
            ended_ns=span.end_time_unix_nano,
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _values(attributes: "list[KeyValue]") -> dict[str, object]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}

"""Tracing while it is off, and when it cannot be switched on; switched on, it is tested with real processes."""

import sys

import pytest
from sqlalchemy.exc import SQLAlchemyError

from app.core.errors import NotFound
from contract import tracing
from contract.tracing import TracingUnusable, configured_endpoint, spanned, start_tracing, traceparent

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
ADDRESS = "http://127.0.0.1:4318"


@pytest.mark.parametrize(
    ("variables", "endpoint"),
    [
        ({}, None),
        ({ENDPOINT: ""}, None),
        ({ENDPOINT: ADDRESS}, ADDRESS),
        ({ENDPOINT: ADDRESS, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{ADDRESS}/mine"}, f"{ADDRESS}/mine"),
        ({ENDPOINT: ADDRESS, "OTEL_SDK_DISABLED": "TRUE"}, None),
        ({ENDPOINT: ADDRESS, "OTEL_TRACES_EXPORTER": "none"}, None),
    ],
)
def test_the_environment_says_whether_and_where_spans_are_sent(variables: dict[str, str], endpoint: str | None) -> None:
    assert configured_endpoint(variables) == endpoint


def test_nothing_is_recorded_unless_a_collector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENDPOINT, raising=False)
    start_tracing("a-service", version="1")
    events = (number for number in range(3))
    assert spanned("count", events) is events
    with tracing.span("block") as span:
        span.note({"attribute": 1})
        assert (traceparent(), tracing.trace_ids(), tracing.is_inside()) == (None, {}, False)


def test_who_asks_for_traces_without_the_library_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, ADDRESS)
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(TracingUnusable, match=r"pip install coach-pro\[tracing\]"):
        start_tracing("a-service", version="1")
    assert not tracing.is_tracing()


def test_an_error_is_known_by_its_code_or_its_class() -> None:
    assert tracing.kind_of(NotFound("The match does not exist.")) == "not_found"
    assert tracing.kind_of(ValueError("of somebody@example.com")) == "ValueError"
    assert tracing.kind_of(SQLAlchemyError(code="gkpj")) == "SQLAlchemyError"

"""Logging: one line per event, a sentence plus keys, as text for people or JSON for machines."""

import logging
import sys

import structlog

from app.core.config import Settings
from contract.tracing import trace_ids


def configure_logging(settings: Settings) -> None:
    log_to_stderr("DEBUG" if settings.debug else settings.log_level, as_json=settings.log_format == "json")


def log_to_stderr(level: str, *, as_json: bool = False) -> None:
    """Send structlog's and the standard library's records to stderr: stdout is for what a command has to say."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_trace,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # the rich one prints local variables: secrets
        )
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,  # before all work that nobody would see
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info if as_json else _keep,
                renderer,
            ],
        )
    )
    # uvicorn's own lines have the query in them; ours are in app/api/observation.py. Without a handler it is quiet.
    access = logging.getLogger("uvicorn.access")
    access.handlers.clear()
    access.propagate = False
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def _add_trace(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    event.update(trace_ids())
    return event


def _keep(_logger: object, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return event

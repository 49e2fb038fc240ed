"""Each SQL statement of something that is traced, as a span; without its values, which may be anybody's."""

import re
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection, ExceptionContext

from contract import tracing
from contract.tracing import Kind, Span

_UNDER_WAY = "span"
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+[`\"]?(\w+)", re.IGNORECASE)


def trace_statements(engine: Engine) -> None:
    """Listen to ``engine``, if this process traces at all. What nobody's span contains (sweeps, renewals of leases) is
    not recorded."""
    if tracing.is_tracing():
        event.listen(engine, "before_cursor_execute", _begin)
        event.listen(engine, "after_cursor_execute", _end)
        event.listen(engine, "handle_error", _fail)


def _begin(connection: Connection, _cursor: object, statement: str, *_: Any) -> None:
    if not tracing.is_inside():
        return
    operation = statement.split(maxsplit=1)[0].upper()
    table = _TABLE.search(statement)
    summary = f"{operation} {table[1]}" if table else operation
    described = {
        "db.system.name": "mariadb" if getattr(connection.dialect, "is_mariadb", False) else connection.dialect.name,
        "db.operation.name": operation,
        "db.query.summary": summary,
        "db.query.text": statement,  # with placeholders
    }
    connection.info[_UNDER_WAY] = tracing.begin_span(summary, kind=Kind.CLIENT, attributes=described)


def _end(connection: Connection, *_: Any) -> None:
    span: Span | None = connection.info.pop(_UNDER_WAY, None)
    if span is not None:
        span.end()


def _fail(context: ExceptionContext) -> None:
    span: Span | None = context.connection.info.pop(_UNDER_WAY, None) if context.connection is not None else None
    if span is not None:
        span.fail(tracing.kind_of(context.original_exception))
        span.end()

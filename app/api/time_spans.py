"""Filters by time: a moment, or a plain date, which means the whole of that day in UTC."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement

from app.schemas.fields import Moment

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)
_READ_DAY, _READ_MOMENT = TypeAdapter(date), TypeAdapter(Moment)


@dataclass(frozen=True, slots=True)
class Span:
    """All moments from the first to the last: of a day, or one only."""

    first: datetime
    last: datetime


COMPARE_SPAN: dict[str, Callable[[Any, Span], ColumnElement[bool]]] = {
    "eq": lambda column, span: column.between(span.first, span.last),
    "gt": lambda column, span: column > span.last,
    "gte": lambda column, span: column >= span.first,
    "lt": lambda column, span: column < span.first,
    "lte": lambda column, span: column <= span.last,
}


def _read(text: str) -> Span:
    if _DAY.fullmatch(text):
        day = _READ_DAY.validate_python(text)
        return Span(datetime.combine(day, time.min, UTC), datetime.combine(day, time.max, UTC))
    if not _MOMENT.fullmatch(text):
        raise PydanticCustomError("spelling", "should be written like 2026-11-15T09:30:00Z or 2026-11-15")
    moment = _READ_MOMENT.validate_python(text)
    return Span(moment, moment)


TimeSpan = Annotated[
    Span,
    BeforeValidator(_read),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "date-time"}, {"format": "date"}]}),
]
"""The operand of a filter."""

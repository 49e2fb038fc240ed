"""Rows as a schema shows them, read without entities: only its columns, and no object that could be changed.

That is a third of the work, which counts where many rows are read.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Row, Select, SQLColumnExpression, select

from app.models.base import Base

Schema = TypeVar("Schema", bound=BaseModel)


def columns_of(
    schema: type[BaseModel], model: type[Base], **others: SQLColumnExpression[Any]
) -> list[SQLColumnExpression[Any]]:
    """The fields of ``schema`` as columns of ``model``, and ``others`` in place of these or beside them."""
    own = (name for name in schema.model_fields if name not in others)
    return [*(getattr(model, name) for name in own), *(column.label(name) for name, column in others.items())]


@cache
def shown(schema: type[BaseModel], model: type[Base]) -> Select[*tuple[Any, ...]]:
    """All rows of ``model``, for :func:`as_shown`. Made once: to name columns takes as long as to ask for them."""
    return select(*columns_of(schema, model))


def as_shown(schema: type[Schema], rows: Sequence[Row[*tuple[Any, ...]]]) -> list[Schema]:
    """Rows of a query for :func:`columns_of`; further columns are left out."""
    return _adapter(schema).validate_python([row._asdict() for row in rows])


@cache
def _adapter(schema: type[Schema]) -> TypeAdapter[list[Schema]]:
    return TypeAdapter(list[schema])  # type: ignore[valid-type]

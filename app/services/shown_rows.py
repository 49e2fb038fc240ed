"""Rows as a schema shows them, which the database itself writes as JSON.

One text per row is sent and read in place of some thirty values, each of which takes a driver in Python, SQLAlchemy
and Pydantic about as long as such a text: see ``docs/decisions/0048-rows-come-as-json.md``.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import BindParameter, ColumnElement, Double, Select, String, bindparam, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import JSON

from app.models.base import Base, ClubRow

Schema = TypeVar("Schema", bound=BaseModel)
Column = ColumnElement[Any] | InstrumentedAttribute[Any]


class _Written(FunctionElement[str]):
    """A JSON object of ``fields`` by name.

    Each shape is a class of its own: SQLAlchemy, which finds the text of a statement by what the statement consists of,
    then has one thing to look at in place of all the columns. They must not hold values, for the same reason.
    """

    type = String()
    inherit_cache = True
    fields: ClassVar[Mapping[str, ColumnElement[Any]]]


@compiles(_Written)
def _write(element: _Written, compiler: SQLCompiler, **options: Any) -> str:
    """Of a moment the zone is told, and what is JSON already is not written as a string."""

    def value(column: ColumnElement[Any]) -> str:
        sql: str = compiler.process(column, **options)
        if isinstance(column.type, JSON):
            return f"json_extract({sql}, '$')"
        return f"concat(replace({sql}, ' ', 'T'), 'Z')" if column.type.python_type is datetime else sql

    return _object({name: value(column) for name, column in element.fields.items()})


@compiles(_Written, "sqlite")
def _write_sqlite(element: _Written, compiler: SQLCompiler, **options: Any) -> str:
    """SQLite itself writes only 15 digits of a number, which is not always the same number."""

    def value(column: ColumnElement[Any]) -> str:
        sql: str = compiler.process(column, **options)
        if isinstance(column.type, JSON):
            return f"json({sql})"
        if isinstance(column.type, Double):
            return f"iif({sql} IS NULL, NULL, json(printf('%!.17g', {sql})))"
        return f"replace({sql}, ' ', 'T') || 'Z'" if column.type.python_type is datetime else sql

    return _object({name: value(column) for name, column in element.fields.items()})


def _object(values: Mapping[str, str]) -> str:
    parts = (f"'{name}', {sql}" for name, sql in values.items())
    return f"json_object({', '.join(parts)})"


def written(schema: type[BaseModel], model: type[Base], **others: Column) -> ColumnElement[str]:
    """The fields of ``schema`` as columns of ``model``, and ``others`` in place of these or beside them, as JSON.

    The statement has to say ``select_from``: what it is about is not to be seen from outside.
    """
    own = model.__table__.c
    columns = {name: others[name].expression if name in others else own[name] for name in schema.model_fields}
    shape = type(f"{schema.__name__}Of{model.__name__}", (_Written,), {"inherit_cache": True, "fields": columns})
    element: _Written = shape()
    return element


OF_CLUBS: BindParameter[uuid.UUID] = bindparam("club_ids", expanding=True)
"""The clubs of an account, in a statement that is made once for all accounts."""


@dataclass(frozen=True, slots=True)
class Shown(Generic[Schema]):
    """What is shown of rows of ``model``. ``query``: those of :data:`OF_CLUBS`, :func:`written` for ``schema``."""

    model: type[ClubRow]
    schema: type[Schema]
    query: Select[str]


@cache
def shown(schema: type[Schema], model: type[ClubRow]) -> Shown[Schema]:
    """Rows of which nothing but columns is shown."""
    query = select(written(schema, model)).select_from(model).where(model.club_id.in_(OF_CLUBS))
    return Shown(model, schema, query)


def as_shown(schema: type[Schema], rows: Iterable[str]) -> list[Schema]:
    """Rows that :func:`written` has made."""
    return _adapter(schema).validate_json(f"[{','.join(rows)}]")


@cache
def _adapter(schema: type[Schema]) -> TypeAdapter[list[Schema]]:
    return TypeAdapter(list[schema])  # type: ignore[valid-type]

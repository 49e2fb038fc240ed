"""Lists: which filters, searches and orders a resource allows, read from the query string and checked.

``?team_id=…`` compares for equality; ``?match_date[gte]=…`` names another comparison; ``?q=`` searches names without
case and accents; ``?sort=-match_date,name`` orders. Whatever is not on the allow-list is refused, with the list of
what is.
"""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import Annotated, Any, TypeVar, TypeVarTuple

from fastapi import Request, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, Select, not_, or_
from sqlalchemy import Row as SqlRow
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.interfaces import ORMOption
from sqlalchemy.types import String

from app.api.documentation import LINK, TOTAL_COUNT, answer_headers
from app.api.pagination import MAX_PAGE, describe_page
from app.api.problems import problem_responses
from app.api.time_spans import COMPARE_SPAN, Span, TimeSpan
from app.core.account import Account
from app.core.database import search_contains, search_fold
from app.core.errors import Unprocessable
from app.models.base import ClubRow
from app.services.db_service import Page, Repository, Selection, fetch_page, fetch_shown
from app.services.shown_rows import Shown

Item = TypeVar("Item")
Row = TypeVar("Row", bound=ClubRow)
Schema = TypeVar("Schema", bound=BaseModel)
Columns = TypeVarTuple("Columns")
Column = InstrumentedAttribute[Any]

LIST_ANSWERS = answer_headers(TOTAL_COUNT, LINK) | problem_responses(401)
"""The ``responses`` of a list, for OpenAPI."""

_MAX_TEXT = 200
_MAX_CHOICES = 100
_MAX_SORT_KEYS = 10


def _written_as(pattern: str, example: str) -> BeforeValidator:
    """Values are written as the document says. Pydantic alone would also take "1_000", "yes", and 0 for 1970."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise PydanticCustomError("spelling", "should be written like {example}", {"example": example})
        return text

    return BeforeValidator(check)


_WHOLE = _written_as(r"-?\d{1,20}", "42")
_INTEGER = Annotated[int, Field(ge=-(2**31), le=2**31 - 1), _WHOLE]
_NUMBER = Annotated[
    float, Field(allow_inf_nan=False), _written_as(r"-?\d{1,400}(\.\d{1,400})?([eE][+-]?\d{1,4})?", "1.5")
]
_ID = Annotated[
    uuid.UUID,
    _written_as(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31"),
]
_BOOLEAN = Annotated[bool, _written_as("true|false", "true or false")]
_DATE = Annotated[date, _written_as(r"\d{4}-\d\d-\d\d", "2026-11-15")]
# MariaDB ignores blanks at the end when it compares; so it shall be everywhere.
_TEXT = Annotated[str, Field(max_length=_MAX_TEXT), AfterValidator(lambda text: text.rstrip(" "))]

_COMPARE: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "in": lambda column, values: column.in_(values),
    "null": lambda column, _: column.is_(None),
}
_MEANING = {
    "gt": "greater than",
    "gte": "greater than or equal to",
    "lt": "less than",
    "lte": "less than or equal to",
    "in": "one of several, separated by commas",
    "null": "whether it is null",
}
_DAYS = {
    "eq": " A date stands for all of that day, in UTC.",
    "gt": " A date: after the end of that day, in UTC.",
    "gte": " A date: from the beginning of that day on, in UTC.",
    "lt": " A date: before the beginning of that day, in UTC.",
    "lte": " A date: until the end of that day, in UTC.",
}
_KINDS: dict[type, Any] = {
    datetime: TimeSpan,
    date: _DATE,
    int: _INTEGER,
    float: _NUMBER,
    bool: _BOOLEAN,
    uuid.UUID: _ID,
    str: _TEXT,
}
_ORDERED = ("eq", "gt", "gte", "lt", "lte")
_CHOSEN = ("eq", "in")


@dataclass(frozen=True, slots=True)
class Filter:
    """A parameter of a list. Several columns: any of them may satisfy it (the home or the away team, for example).

    ``make`` takes the place of the comparison with columns: from the value, one of ``words`` or of the first column's
    kind, to the condition.
    """

    name: str
    columns: Sequence[Column]
    make: Callable[[Any], ColumnElement[bool]] | None = None
    words: type[StrEnum] | None = None

    @property
    def kind(self) -> Any:
        """The type of a value, for pydantic."""
        column_type: Any = self.columns[0].type
        words = self.words or getattr(column_type, "enum_class", None)
        if words is not None:
            return words
        return _KINDS.get(column_type.python_type, column_type.python_type)

    @property
    def operators(self) -> tuple[str, ...]:
        if self.make is not None:
            return ("eq",)
        nullable = ("null",) if all(column.nullable for column in self.columns) else ()
        kind = self.columns[0].type.python_type
        if kind in {datetime, date, int, float}:
            return _ORDERED + nullable
        return (("eq",) if kind is bool else _CHOSEN) + nullable

    def condition(self, operator: str, text: str) -> ColumnElement[bool]:
        """
        Raises:
            ValidationError: ``text`` is no value of this kind.
        """
        value = _adapter(self._operand(operator)).validate_python(text.split(",") if operator == "in" else text)
        if self.make is not None:
            return self.make(value)
        compare = (COMPARE_SPAN if isinstance(value, Span) else _COMPARE)[operator]
        condition = or_(*(compare(column, value) for column in self.columns))
        return not_(condition) if operator == "null" and not value else condition

    def parameter_name(self, operator: str) -> str:
        return self.name if operator == "eq" else f"{self.name}[{operator}]"

    def parameters(self) -> list[dict[str, Any]]:
        return [self._parameter(operator) for operator in self.operators]

    def _operand(self, operator: str) -> Any:
        if operator == "null":
            return _BOOLEAN
        return _several(self.kind) if operator == "in" else self.kind

    def _parameter(self, operator: str) -> dict[str, Any]:
        day = _DAYS.get(operator, "") if self.kind is TimeSpan else ""
        if operator == "eq":
            wish = f"Only rows with this {self.name.replace('_', ' ')}.{day}"
            return _parameter(self.parameter_name(operator), _schema_of(self.kind), wish)
        schema = _schema_of(self._operand(operator))
        parameter = _parameter(self.parameter_name(operator), schema, f"`{self.name}`: {_MEANING[operator]}.{day}")
        return parameter | ({"style": "form", "explode": False} if operator == "in" else {})


class ListRules:
    """What clients may ask of one list; as a dependency, what one of them asks."""

    def __init__(
        self,
        filters: Sequence[Filter],
        *,
        sort: Mapping[str, Column],
        default_sort: str,
        search: Sequence[Column | ColumnElement[str]] = (),
    ) -> None:
        self._filters = {item.name: item for item in filters}
        self._sort = sort
        self._default_sort = default_sort
        self._known_order = lru_cache(maxsize=64)(self._order)  # the same each time: statements are known by it
        self._search = search
        self._page_names = ("sort", "limit", "offset") if sort else ("limit", "offset")

    def parameters(self) -> list[dict[str, Any]]:
        """For OpenAPI: see :mod:`app.api.list_documentation`."""
        described = [parameter for item in self._filters.values() for parameter in item.parameters()]
        if self._search:
            schema = {"type": "string", "maxLength": _MAX_TEXT}
            described.append(
                _parameter("q", schema, "Only rows whose name contains this, whatever its case and accents.")
            )
        return [*described, *self._page_parameters()]

    async def __call__(self, request: Request, response: Response) -> "Listing":
        """
        Raises:
            Unprocessable: a parameter is not on the allow-list, is given twice, or has no sound value.
        """
        given: dict[str, str] = {}
        for name, text in request.query_params.multi_items():
            if name in given:
                raise _wrong(name, "is given twice")
            given[name] = text
        where = tuple(self._condition(name, text) for name, text in given.items() if name not in self._page_names)
        page = Page(_integer(given, "limit", 1, MAX_PAGE, MAX_PAGE), _integer(given, "offset", 0, 2**31 - 1, 0))
        order = self._known_order(given.get("sort", self._default_sort)) if self._sort else ()
        return Listing(request, response, Selection(page, where, order))

    def _condition(self, name: str, text: str) -> ColumnElement[bool]:
        if name == "q" and self._search:
            return self._contains(text)
        stem, bracket, operator = name.removesuffix("]").partition("[")
        item = self._filters.get(stem)
        operator = operator if bracket else "eq"
        if item is None or operator not in item.operators or name != item.parameter_name(operator):
            raise _wrong(name, f"is unknown; allowed are {', '.join(self._allowed())}", code="parameter_unknown")
        try:
            return item.condition(operator, text)
        except ValidationError as error:
            raise _wrong(name, error.errors(include_url=False)[0]["msg"].rstrip(".")) from None

    def _contains(self, text: str) -> ColumnElement[bool]:
        if len(text) > _MAX_TEXT:
            raise _wrong("q", f"has more than {_MAX_TEXT} characters")
        return or_(*(search_contains(column, text) for column in self._search))

    def _order(self, text: str) -> tuple[ColumnElement[Any], ...]:
        order: dict[str, ColumnElement[Any]] = {}
        items = text.split(",")
        if len(items) > _MAX_SORT_KEYS:
            raise _wrong("sort", f"has more than {_MAX_SORT_KEYS} keys")
        for item in items:
            name = item.removeprefix("-")
            if name not in self._sort:
                raise _wrong("sort", f"may name {', '.join(self._sort)}, each with or without a minus")
            column = self._sort[name]
            key = search_fold(column) if type(column.type) is String else column
            order.setdefault(name, key.desc() if item.startswith("-") else key.asc())
        return tuple(order.values())

    def _allowed(self) -> list[str]:
        filters = (parameter["name"] for item in self._filters.values() for parameter in item.parameters())
        return [*filters, *(["q"] if self._search else []), *self._page_names]

    def _page_parameters(self) -> list[dict[str, Any]]:
        names = [sign + name for name in self._sort for sign in ("", "-")]
        keys = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1, "maxItems": _MAX_SORT_KEYS}
        order = _parameter("sort", keys, f"Order; a minus turns it round. Default: `{self._default_sort}`.")
        return [
            *([order | {"style": "form", "explode": False}] if self._sort else []),
            _parameter(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": MAX_PAGE},
                "At most this many rows.",
            ),
            _parameter(
                "offset",
                {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0},
                "Skip this many rows.",
            ),
        ]


@dataclass(frozen=True, slots=True)
class Listing:
    """What one request asks of a list."""

    request: Request
    response: Response
    selection: Selection

    def within(self, *conditions: ColumnElement[bool]) -> "Listing":
        """The same wish, about fewer rows: those that belong to what the path names, for example."""
        return replace(self, selection=replace(self.selection, where=(*self.selection.where, *conditions)))

    def rows_of(self, rows: Repository[Row], *options: ORMOption) -> Sequence[Row]:
        """The page that was asked for; the headers tell how many rows there are, and where the other pages lie."""
        found, total = rows.find(self.selection, options=options)
        describe_page(self.request, self.response, self.selection.page, total)
        return found

    def shown_of(self, rows: Repository[Row], schema: type[Schema]) -> list[Schema]:
        """The same as ``schema`` shows it: quicker, where nothing but columns is shown."""
        found, total = rows.find_shown(self.selection, schema)
        describe_page(self.request, self.response, self.selection.page, total)
        return found

    def page_of(self, session: Session, query: Select[*Columns], *, key: Column) -> Sequence[SqlRow[*Columns]]:
        """The page of a query that no repository makes; it must not find foreign rows by itself."""
        found, total = fetch_page(session, query, self.selection, key=key)
        describe_page(self.request, self.response, self.selection.page, total)
        return found

    def shown_page_of(self, session: Session, account: Account, rows: Shown[Schema]) -> list[Schema]:
        """The same of what no repository shows."""
        found, total = fetch_shown(session, account, rows, self.selection)
        describe_page(self.request, self.response, self.selection.page, total)
        return found

    def window_of(self, items: Sequence[Item]) -> Sequence[Item]:
        """The page of what is in memory already, in an order of its own."""
        page = self.selection.page
        describe_page(self.request, self.response, page, len(items))
        return items[page.offset : page.offset + page.limit]


def by_column(*columns: Column) -> list[Filter]:
    """Filters that are called as the columns that they compare."""
    return [Filter(column.key, (column,)) for column in columns]


def sortable(*columns: Column) -> dict[str, Column]:
    """Orders that are called as the columns."""
    return {column.key: column for column in columns}


# Pydantic compiles a validator for about a millisecond. There are hundreds of parameters, and a dozen kinds.
@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


@cache
def _several(kind: Any) -> Any:
    return Annotated[list.__class_getitem__(kind), Field(min_length=1, max_length=_MAX_CHOICES)]


@cache
def _between(least: int, most: int) -> Any:
    return Annotated[int, Field(ge=least, le=most), _WHOLE]


def _integer(given: Mapping[str, str], name: str, least: int, most: int, default: int) -> int:
    if name not in given:
        return default
    try:
        number: int = _adapter(_between(least, most)).validate_python(given[name])
    except ValidationError as error:
        raise _wrong(name, error.errors(include_url=False)[0]["msg"]) from None
    return number


def _wrong(name: str, what: str, *, code: str = "validation_failed") -> Unprocessable:
    return Unprocessable(f"The parameter {name[:100]!r} {_lower(what)}.", code=code, fields={name[:100]: what})


def _lower(text: str) -> str:
    return text if text.startswith(("is ", "has ", "may ")) else f"is not valid: {text[:1].lower()}{text[1:]}"


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _schema_of(kind: Any) -> dict[str, Any]:
    return deepcopy(_made_schema(kind))


@cache
def _made_schema(kind: Any) -> dict[str, Any]:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [word.value for word in kind]}
    schema = _adapter(kind).json_schema()
    words = schema.pop("$defs", None)
    if words:  # a list of words: a parameter has no place for definitions
        [definition] = words.values()
        schema["items"] = {"type": "string", "enum": definition["enum"]}
    return schema

"""Requests that a rule calls sound, and the same with ids of another club in them."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import httpx2

from tests.integration.api.tenancy.document import FORM_BODY, JSON_BODY, Json, Operation, with_value, with_values
from tests.integration.api.tenancy.rules import ROWS, Rule
from tests.integration.api.tenancy.world import World

Known = dict[str, str]

_PAGES = ("limit", "offset")
_MOST_ORDERS = 10  # in one request


@dataclass(frozen=True, slots=True)
class Call:
    """One request, whoever sends it. ``aim`` says what it tries."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    media: str | None = None
    body: Json = None
    file: bytes | None = None
    aim: str = "as it is"

    def by(self, world: World, who: str | None) -> httpx2.Response:
        return world.ask(who, self.method, self.path, params=self.query, **self._content())

    @property
    def sent(self) -> str:
        """All that the server could merely echo."""
        return f"{self.path} {self.query} {self.body}".lower()

    def names_any_of(self, known: Known) -> bool:
        return any(row_id in self.sent for row_id in known.values())

    def _content(self) -> dict[str, object]:
        if self.media == JSON_BODY:
            return {"json": self.body}
        if self.media == FORM_BODY:
            return {"data": self.body or {}, "files": {"file": ("file", self.file)}}
        return {} if self.file is None else {"content": self.file, "media": self.media}


class Caller:
    """Makes the requests of one operation. ``files`` are the bytes that rules name."""

    def __init__(self, operation: Operation, rule: Rule, files: Mapping[str, bytes]) -> None:
        self._operation = operation
        self._rule = rule
        self._names = ROWS | rule.rows
        self._file = None if rule.file is None else files[rule.file]

    def call(self, known: Known) -> Call:
        """The request with the rows of one club."""
        operation = self._operation
        required = [item["name"] for item in operation.query_parameters if item["required"]]
        query = {name: self._value(known, name) for name in required}
        return Call(operation.method, self._path(known), query, operation.media, self._body(known), self._file)

    def full_call(self, known: Known) -> Call:
        """The request with all the ids that its body may have."""
        call = self.call(known)
        body = call.body
        for pointer in self._pointers:
            body = with_value(body, pointer, self._value(known, _name_at(pointer)))
        return replace(call, body=body)

    def mixed_calls(self, own: Known, other: Known) -> Iterator[Call]:
        """The full request with the rows of ``own``, but for one; for each of them in turn."""
        call = self.full_call(own)
        for name in self._paths_to_rows(own):
            path = self._path(own | {self._names[name]: other[self._names[name]]})
            yield replace(call, path=path, aim=f"{name} of another club")
        for pointer in self._pointers:
            body = with_value(call.body, pointer, self._value(other, _name_at(pointer)))
            yield replace(call, body=body, aim=f"{pointer} of another club")

    @property
    def references(self) -> int:
        """How many rows a request may name."""
        return len(self._operation.path_parameters) + len(self._pointers)

    @property
    def _pointers(self) -> list[tuple[str | int, ...]]:
        secrets = [(name,) for name in self._rule.rows if name in (self._plain_body or {}) and not name.endswith("_id")]
        return self._operation.ids_in_body(self._plain_body or {}) + secrets

    @property
    def _plain_body(self) -> Json:
        if self._operation.media != JSON_BODY:
            return {} if self._operation.media == FORM_BODY else None
        return self._operation.example() if self._rule.body is None else self._rule.body

    def _body(self, known: Known) -> Json:
        def value_at(key: str, value: Json) -> Json:
            if value is None or key not in self._names:
                return value
            return known.get(value) or self._value(known, key)

        return with_values(self._plain_body, value_at)

    def _path(self, known: Known) -> str:
        return self._operation.path.format_map(
            {name: self._value(known, name) for name in self._operation.path_parameters}
        )

    def _paths_to_rows(self, known: Known) -> list[str]:
        return [name for name in self._operation.path_parameters if self._names[name] in known]

    def _value(self, known: Known, name: str) -> str:
        row = self._names[name]
        return known.get(row, row)


def unknown(known: Known) -> Known:
    """Ids that no row has."""
    return {name: str(uuid.uuid4()) for name in known}


def filtered_calls(operation: Operation, plain: Call, row: Json, known: Known) -> Iterator[tuple[Call, bool]]:
    """The list with each of its filters and orders, and whether that must find ``row``.

    A comparison other than equality is tried for all columns at once: ``row`` satisfies each of them, or none.
    """
    at_once: dict[str, dict[str, str]] = {}
    for parameter in operation.query_parameters:
        name, schema = parameter["name"], parameter["schema"]
        stem, _, operator = name.removesuffix("]").partition("[")
        value = row.get(stem)
        if name == "sort":
            yield from (
                (replace(plain, query=plain.query | {name: order}, aim=f"by {order}"), True)
                for order in _orders(schema)
            )
        elif operator == "null" and stem in row:
            at_once.setdefault(operator, {})[name] = "true" if value is None else "false"
        elif operator and operator != "null" and value is not None and "," not in str(value):
            at_once.setdefault(operator, {})[name] = _written(value, schema)
        elif not operator and name not in _PAGES:
            query = {name: _guessed(name, schema, known) if value is None else _written(value, schema)}
            yield replace(plain, query=plain.query | query, aim=str(query)), value is not None
    for operator, query in at_once.items():
        yield replace(plain, query=plain.query | query, aim=str(query)), operator not in {"gt", "lt"}


def _orders(schema: Json) -> Iterator[str]:
    names = schema["items"]["enum"]
    for some in (names[::2], names[1::2]):  # upwards and downwards
        yield from (",".join(some[first : first + _MOST_ORDERS]) for first in range(0, len(some), _MOST_ORDERS))


def _written(value: Json, schema: Json) -> str:
    """A value of an answer, as a filter wants it. Some answers leave out that their times are UTC."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value}Z" if _is_time(schema) and not value.endswith("Z") else str(value)


def _guessed(stem: str, schema: Json, known: Known) -> str:
    """A value of the right kind."""
    if "enum" in schema:
        return str(schema["enum"][0])
    if schema.get("format") == "uuid":
        return known[ROWS[stem]]
    kind = "date-time" if _is_time(schema) else schema.get("format", schema["type"])
    return {"date": "2026-03-01", "date-time": "2026-03-01T15:00:00Z", "boolean": "true", "string": "x"}.get(kind, "1")


def _name_at(pointer: tuple[str | int, ...]) -> str:
    """The key that leads to a place of a body."""
    return next(key for key in reversed(pointer) if isinstance(key, str))


def _is_time(schema: Json) -> bool:
    """A moment; a filter takes a date in its place."""
    return {"format": "date-time"} in schema.get("anyOf", [])

"""Requests made from the OpenAPI document."""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Any
Pointer = tuple[str | int, ...]

JSON_BODY, FORM_BODY = "application/json", "multipart/form-data"
_FORMAT_OF_IDS = "uuid"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document, with its references followed."""

    name: str
    method: str
    path: str
    parameters: Sequence[Json]
    media: str | None  # of the body
    body: Json  # its schema; None: there is no body
    answer: Json  # schema of the JSON that is answered on success; None: it is something else
    is_public: bool

    @property
    def is_list(self) -> bool:
        return self.answer is not None and self.answer.get("type") == "array"

    @property
    def path_parameters(self) -> list[str]:
        return [parameter["name"] for parameter in self.parameters if parameter["in"] == "path"]

    @property
    def query_parameters(self) -> list[Json]:
        return [parameter for parameter in self.parameters if parameter["in"] == "query"]

    def example(self) -> Json:
        """A body that the document calls valid."""
        assert self.body.get("examples"), f"the body of {self.name} has no example"
        return copy.deepcopy(self.body["examples"][0])

    def ids_in_query(self) -> list[str]:
        return [item["name"] for item in self.query_parameters if "[" not in item["name"] and _is_id(item["schema"])]

    def ids_in_body(self, body: Json) -> list[Pointer]:
        """Where a body has ids, or may have: in the objects of ``body``, and in the first item of each of its lists."""
        return [] if self.body is None else list(_ids_in(self.body, body))


def operations_of(document: Json) -> dict[str, Operation]:
    resolved = _Resolver(document["components"]["schemas"])
    return {
        operation["operationId"]: _operation(path, method, operation, resolved)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def with_value(body: Json, pointer: Sequence[str | int], value: Json) -> Json:
    """A copy of ``body`` with another value at one place, which is made where it is missing."""
    if not pointer:
        return value
    key, *rest = pointer
    if isinstance(key, int):
        items = list(body or [None])
        items[key] = with_value(items[key], rest, value)
        return items
    fields = dict(body or {})
    return fields | {key: with_value(fields.get(key), rest, value)}


def with_values(body: Json, value_at: Callable[[str, Json], Json]) -> Json:
    """``body`` with another value for each key of its objects that has a plain one, however deep."""
    if isinstance(body, list):
        return [with_values(item, value_at) for item in body]
    if not isinstance(body, dict):
        return body
    return {
        key: with_values(value, value_at) if isinstance(value, dict | list) else value_at(key, value)
        for key, value in body.items()
    }


@dataclass(frozen=True, slots=True)
class _Resolver:
    schemas: Mapping[str, Json]
    _seen: dict[str, Json] = field(default_factory=dict)

    def __call__(self, schema: Json) -> Json:
        """The schema, without references; of "this or null", this."""
        reference = schema.get("$ref")
        if reference is not None:
            return self._named(reference.rpartition("/")[2])
        choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
        if len(choices) == 1:
            return self(choices[0])
        inner = {name: self(value) for name, value in schema.get("properties", {}).items()}
        resolved = schema | ({"properties": inner} if inner else {})
        return resolved | ({"items": self(schema["items"])} if isinstance(schema.get("items"), dict) else {})

    def _named(self, name: str) -> Json:
        if name not in self._seen:
            self._seen[name] = {}  # where a schema contains itself
            self._seen[name] |= self(self.schemas[name])
        return self._seen[name]


def _operation(path: str, method: str, operation: Json, resolved: _Resolver) -> Operation:
    content = operation.get("requestBody", {}).get("content", {})
    media = next(iter(content), None)
    success = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    answered = success.get("content", {}).get(JSON_BODY)
    return Operation(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        parameters=[item | {"schema": resolved(item["schema"])} for item in operation.get("parameters", ())],
        media=media,
        body=None if media is None else resolved(content[media]["schema"]),
        answer=None if answered is None else resolved(answered["schema"]),
        is_public="security" not in operation,
    )


def _is_id(schema: Json) -> bool:
    return schema.get("format") == _FORMAT_OF_IDS


def _ids_in(schema: Json, body: Json, at: Pointer = ()) -> Iterator[Pointer]:
    for name, inner in schema.get("properties", {}).items():
        if _is_id(inner):
            yield (*at, name)
        elif inner.get("type") == "array" and _is_id(inner.get("items", {})):
            yield (*at, name, 0)
        elif inner.get("type") == "array" and body.get(name):
            yield from _ids_in(inner.get("items", {}), body[name][0], (*at, name, 0))
        elif inner.get("type") == "object" and body.get(name):
            yield from _ids_in(inner, body[name], (*at, name))

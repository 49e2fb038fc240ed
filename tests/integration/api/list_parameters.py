"""The lists of the OpenAPI document, and what they can be asked."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scripts.make_openapi import render

Json = Any


@dataclass(frozen=True, slots=True)
class List:
    """A list of the document: the parameters that take any text, and those that take a value of another kind."""

    path: str
    texts: list[str]
    others: list[str]

    def __str__(self) -> str:
        return self.path


def lists() -> Iterator[List]:
    for path, item in json.loads(render())["paths"].items():
        parameters = {each["name"]: each["schema"] for each in item.get("get", {}).get("parameters", [])}
        if "limit" in parameters:
            names = [
                name for name in parameters if name not in {"limit", "If-None-Match"} and f"{{{name}}}" not in path
            ]
            texts = [name for name in names if _takes_text(parameters[name]) and name != "cursor"]
            yield List(path, texts, [name for name in names if name not in texts])


def _takes_text(schema: Json) -> bool:
    value = schema.get("items", schema)
    return value.get("type") == "string" and not {"format", "enum", "anyOf"} & set(value)

"""Ids and moments that are the same in every run, and the files that the rows come from."""

import csv
import json
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean
from sqlalchemy.types import JSON

from app.models import Base

SEED = Path(__file__).resolve().parents[2] / "data" / "seed"
ENTERED_AT = datetime(2026, 11, 15, 9, 30, tzinfo=UTC)  # past: what a newcomer adds comes after it
_NAMESPACE = uuid.UUID("5ba34bb3-6d38-4d5e-9c6c-6f0a43a1c0de")


def seed_id(*names: object) -> uuid.UUID:
    """The id of a row, the same in every run: the names say which one, ("player", "aurelia", 9) for example."""
    return uuid.uuid5(_NAMESPACE, "/".join(map(str, names)))


def id_or_none(kind: str, *names: str) -> uuid.UUID | None:
    """Like :func:`seed_id`; None for an empty cell."""
    return seed_id(kind, *names) if all(names) else None


CLUB_ID = seed_id("club")


def lines_of(name: str) -> Iterator[dict[str, str]]:
    with (SEED / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def values_of(model: type[Base], line: dict[str, str]) -> dict[str, Any]:
    """The cells of a line that are columns of ``model``, as these take them. An empty cell is what nobody entered."""
    columns = model.__table__.columns
    return {name: _value(columns[name].type, cell) if cell else None for name, cell in line.items() if name in columns}


def _value(column_type: Any, cell: str) -> Any:
    if isinstance(column_type, JSON):
        return json.loads(cell)
    if isinstance(column_type, Boolean):
        return cell == "yes"
    if words := getattr(column_type, "enum_class", None):
        return words(cell)
    kind = column_type.python_type
    return kind.fromisoformat(cell) if issubclass(kind, date) else kind(cell)

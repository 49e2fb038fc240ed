"""docs/data-model.md is true to the models."""

import re

from sqlalchemy import ForeignKey

from app.models import Base
from app.models.base import ClubRow
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")
TABLE_LINES = dict(re.findall(r"^\| `(\w+)` \| (\w*) ?\|", PAGE, re.MULTILINE))


def test_every_table_has_its_sentence() -> None:
    assert sorted(TABLE_LINES) == sorted(Base.metadata.tables)


def test_the_roles_are_those_of_the_models() -> None:
    roles = {
        mapper.local_table.name: mapper.class_.written_by.value if issubclass(mapper.class_, ClubRow) else ""
        for mapper in Base.registry.mappers
    }
    assert roles == TABLE_LINES


def test_the_diagram_has_every_reference_but_those_to_the_club() -> None:
    drawn = re.findall(r"^    (\w+ \S+ \w+ : \w+)$", PAGE, re.MULTILINE)
    keys = [key for table in Base.metadata.tables.values() for key in table.foreign_keys]
    assert sorted(drawn) == sorted(_line(key) for key in keys if key.parent.name != "club_id")


def _line(key: ForeignKey) -> str:
    column = key.parent
    parent, child = key.column.table.name, column.table.name
    return f"{parent} {'|o' if column.nullable else '||'}--{'o|' if column.unique else 'o{'} {child} : {column.name}"

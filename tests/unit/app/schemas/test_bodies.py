"""What clients send: forms and the published app send "" where nobody entered a thing."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from app.factory import create_app
from app.schemas.fields import Body
from app.schemas.full_update import FullUpdate
from app.schemas.match import MatchCreate


def bodies(base: type[Body] = Body) -> Iterator[type[Body]]:
    for model in base.__subclasses__():
        if model.model_config.get("json_schema_extra") and not issubclass(model, FullUpdate):
            yield model
        yield from bodies(model)


assert create_app  # imports every schema
NULLABLE = [
    pytest.param(model, name, id=f"{model.__name__}.{name}")
    for model in bodies()
    for name, field in model.model_fields.items()
    if type(None) in get_args(field.annotation)
]


def test_there_are_bodies() -> None:
    assert len(NULLABLE) > 80


@pytest.mark.parametrize(("model", "name"), NULLABLE)
def test_an_empty_text_is_null_where_null_may_stand(model: type[Body], name: str) -> None:
    [example, *_] = model.model_config["json_schema_extra"]["examples"]  # type: ignore[index,call-overload]
    empty, null = (dump(model, {**example, name: value}) for value in ("", None))
    assert empty == null
    assert {"const": ""} in model.model_json_schema()["properties"][name]["anyOf"]


def dump(model: type[Body], body: dict[str, Any]) -> Any:
    return TypeAdapter(model).validate_python(body).model_dump(exclude_unset=True)


def test_an_empty_text_is_no_name_and_no_moment() -> None:
    with pytest.raises(ValueError, match="match_date"):
        MatchCreate.model_validate({"match_date": ""})


def test_the_published_clients_spelling_may_be_empty_too() -> None:
    body = {"date_time": "2026-11-28T14:00:00Z", "event_id": "", "home_team_id": ""}
    assert MatchCreate.model_validate(body).competition_id is None

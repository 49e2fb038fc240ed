"""Fields that several resources share, and what a PATCH body is."""

import re
from datetime import datetime
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from app.models.base import in_utc
from app.schemas.spelling import OneLine, Spelling, VisibleLine

_DAY_FIRST = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _blank_is_null(value: object) -> object:
    return (value.strip() or None) if isinstance(value, str) else value


def _nothing_is_null(text: str | None) -> str | None:
    return text or None


def _only_numbers(value: object) -> object:
    """Pydantic alone would also take "7" and true for whole numbers."""
    if isinstance(value, str | bool):
        raise PydanticCustomError("number", "should be a JSON number")
    return value


def _calendar_time(value: object) -> object:
    """Pydantic alone would also take numbers, and numbers in text, as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and _DAY_FIRST.match(value)):
        return value
    raise PydanticCustomError("moment", "should be a time with its zone, such as 2026-05-09T15:30:00Z")


def _within_the_calendar(moment: datetime) -> datetime:
    try:
        return in_utc(moment)
    except OverflowError:
        raise PydanticCustomError("moment", "should be a time within the years 1 to 9999 of UTC") from None


BLANK_IS_NULL = BeforeValidator(_blank_is_null)
NOTHING_IS_NULL = AfterValidator(_nothing_is_null)
JSON_NUMBER = BeforeValidator(_only_numbers)

Name = Annotated[str, VisibleLine(200)]
# The answer to a write says what a read will say: the same moment, in UTC.
Moment = Annotated[AwareDatetime, AfterValidator(_within_the_calendar), BeforeValidator(_calendar_time)]
Notes = Annotated[str, Field(max_length=5000)]
OptionalColour = Annotated[
    Annotated[str, Spelling("#[0-9a-fA-F]{6}", "a colour such as #0b6e4f"), Field(examples=["#0b6e4f"])] | None,
    Field(description="sRGB as `#rrggbb`."),
]
OptionalText = Annotated[Annotated[str, OneLine(100)] | None, NOTHING_IS_NULL]
OptionalNotes = Annotated[Notes | None, BLANK_IS_NULL]


class Body(BaseModel):
    """What a client sends. Where a field may be null, "" stands for null: that is what empty forms send."""

    @model_validator(mode="before")
    @classmethod
    def _empty_is_null(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        nullable = _nullable_fields(cls)
        return {name: None if value == "" and name in nullable else value for name, value in body.items()}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        reference = handler(schema)
        if handler.mode == "validation":
            properties = handler.resolve_ref_schema(reference).get("properties", {})
            for name in _nullable_fields(cls) & properties.keys():
                properties[name]["anyOf"].append({"const": ""})
        return reference


def _nullable_fields(model: type[BaseModel]) -> set[str]:
    return {name for name, field in model.model_fields.items() if type(None) in get_args(field.annotation)}


class Patch(Body):
    """A change of some fields: one that is left out stays as it is, null empties it."""

    def changes(self) -> dict[str, Any]:
        """The fields that the client sent, by column."""
        return self.model_dump(exclude_unset=True)


def unchanged() -> Any:
    """Default of a field that a PATCH may leave out, but not empty. It is never read: see :meth:`Patch.changes`."""
    return Field(default_factory=lambda: None)

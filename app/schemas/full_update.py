"""Bodies of PUT: the published client sends whole objects, with null or "" where it knows nothing."""

from typing import Any

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from app.schemas.fields import Patch
from app.schemas.player import PlayerPatch
from app.schemas.published_client import FootOfForm
from app.schemas.team import TeamPatch

_NOT_GIVEN: list[JsonSchemaValue] = [{"type": "null"}, {"const": ""}]


class FullUpdate(Patch):
    """null and "" mean that the field is not given, and stays as it is."""

    def changes(self) -> dict[str, Any]:
        return {name: value for name, value in super().changes().items() if value is not None}

    @model_validator(mode="before")
    @classmethod
    def _drop_what_is_not_given(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        return {name: value for name, value in body.items() if value is not None and value != ""}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Say in the document that every field may be null or empty."""
        reference = handler(schema)
        described = handler.resolve_ref_schema(reference)
        for name, field in described.get("properties", {}).items():
            described["properties"][name] = {"anyOf": [field, *_NOT_GIVEN]}
        return reference


class TeamUpdate(FullUpdate, TeamPatch):
    """A team as a client knows it. What is null or empty stays as it is."""


class PlayerUpdate(FullUpdate, PlayerPatch):
    """A player as a client knows it. What is null or empty stays as it is."""

    dominant_foot: FootOfForm = None

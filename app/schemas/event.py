"""The published client calls a competition an event."""

import uuid

from pydantic import BaseModel, ConfigDict

from app.schemas.fields import Body, Name


class EventCreate(Body):
    """A competition to add, without a season."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Harbour League"}]})

    name: Name


class EventRead(BaseModel):
    """A competition, as the published client knows it."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str

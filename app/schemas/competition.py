import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.fields import Body, Name, Patch, unchanged
from app.schemas.spelling import OneLine

Season = Annotated[
    str,
    OneLine(20),
    Field(description="Empty: it has no season."),
]


class CompetitionCreate(Body):
    """A competition to add."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Harbour League", "season": "2026/27"}]})

    name: Name
    season: Season | None = None
    club_id: uuid.UUID | None = Field(default=None, description="null: your active club.")


class CompetitionPatch(Patch):
    """What to change about a competition."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"season": "2027/28"}]})

    name: Name = unchanged()
    season: Season = unchanged()


class CompetitionRead(BaseModel):
    """A league or a cup, in one season."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    name: str
    season: str = Field(description="Empty: it has no season.")
    created_at: datetime
    updated_at: datetime

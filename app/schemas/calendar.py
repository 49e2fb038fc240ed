import uuid
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from app.schemas.fields import Body, Name, Patch, unchanged
from app.schemas.published_client import WallClock
from app.schemas.spelling import OneLine


def _never_null(text: str | None) -> str:
    return text or ""


_NEVER_NULL = AfterValidator(_never_null)
Label = Annotated[
    Annotated[str, OneLine(200)] | None,
    _NEVER_NULL,
    Field(description="null stands for empty."),
]
IconName = Annotated[
    Annotated[str, OneLine(100)] | None,
    _NEVER_NULL,
    Field(description="What the client draws beside it; null stands for empty."),
]
OwnerClub = Annotated[uuid.UUID | None, Field(description="null: your active club.")]

_MEETING: dict[str, JsonValue] = {
    "title": "Season review",
    "date": "2026-06-02T18:30:00.000",
    "location": "Club house",
    "icon_name": "groups",
}
_TRAINING: dict[str, JsonValue] = {
    "title": "Tuesday session",
    "date": "2026-06-03T17:00:00.000",
    "focus": "Pressing",
    "icon_name": "fitness_center",
}


class ReunionCreate(Body):
    """A meeting to add."""

    model_config = ConfigDict(json_schema_extra={"examples": [_MEETING]})

    title: Name
    date: WallClock
    location: Label = ""
    icon_name: IconName = ""
    club_id: OwnerClub = None


class ReunionPatch(Patch):
    """What to change about a meeting."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"location": "Stadium, room 2"}]})

    title: Name = unchanged()
    date: WallClock = unchanged()
    location: Label = ""
    icon_name: IconName = ""


class ReunionRead(BaseModel):
    """A meeting of a team."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    title: str
    date: WallClock
    location: str
    icon_name: str
    created_at: datetime
    updated_at: datetime


class TrainingSessionCreate(Body):
    """A training session to add."""

    model_config = ConfigDict(json_schema_extra={"examples": [_TRAINING]})

    title: Name
    date: WallClock
    focus: Label = ""
    icon_name: IconName = ""
    club_id: OwnerClub = None


class TrainingSessionPatch(Patch):
    """What to change about a training session."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"focus": "Set pieces"}]})

    title: Name = unchanged()
    date: WallClock = unchanged()
    focus: Label = ""
    icon_name: IconName = ""


class TrainingSessionRead(BaseModel):
    """A training session of a team."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    title: str
    date: WallClock
    focus: str
    icon_name: str
    created_at: datetime
    updated_at: datetime

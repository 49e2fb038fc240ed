import uuid
from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from app.models import EventType
from app.schemas.fields import JSON_NUMBER, Body, OptionalNotes, Patch, unchanged
from app.schemas.published_client import NamesPlaceInVideo

Minute = Annotated[
    int, Field(ge=0, le=130, description="Of the clock; stoppage time is counted apart: 90+3 is 90 and 3."), JSON_NUMBER
]
StoppageMinute = Annotated[int, Field(ge=0, le=30), JSON_NUMBER]
VideoTime = Annotated[
    float, Field(ge=0, le=1e6, allow_inf_nan=False, description="Seconds from the first frame."), JSON_NUMBER
]
Along = Annotated[
    float, Field(ge=0, le=120, allow_inf_nan=False, description="Metres along the touchline."), JSON_NUMBER
]
Across = Annotated[
    float, Field(ge=0, le=90, allow_inf_nan=False, description="Metres along the goal line."), JSON_NUMBER
]


class MatchEventFields(Body):
    """What may be left open about an event."""

    team_id: uuid.UUID | None = Field(default=None, description="null: the team of the player.")
    player_id: uuid.UUID | None = None
    stoppage_minute: StoppageMinute | None = None
    video_time_s: VideoTime | None = None
    x_m: Along | None = None
    y_m: Across | None = None
    notes: OptionalNotes = None


class MatchEventCreate(MatchEventFields):
    """An event to add."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
                    "event_type": "goal",
                    "minute": 45,
                    "stoppage_minute": 2,
                    "notes": "Header after a corner.",
                }
            ]
        }
    )

    match_id: uuid.UUID
    event_type: EventType
    minute: Minute


class MatchEventPatch(MatchEventFields, Patch):
    """What to change about an event."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"minute": 46, "stoppage_minute": None}]})

    event_type: EventType = unchanged()
    minute: Minute = unchanged()


class MatchEventRead(NamesPlaceInVideo):
    """Something that happened in a match."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    match_id: uuid.UUID
    team_id: uuid.UUID | None
    player_id: uuid.UUID | None
    event_type: EventType
    minute: int
    stoppage_minute: int | None
    video_time_s: float | None = Field(description="Seconds from the first frame.")
    x_m: float | None = Field(description="Metres along the touchline, from the far left corner.")
    y_m: float | None = Field(description="Metres along the goal line, from the far left corner.")
    notes: str | None
    created_at: datetime
    updated_at: datetime

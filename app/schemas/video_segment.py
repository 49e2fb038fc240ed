import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.schemas.fields import JSON_NUMBER, Body, Name, Notes, Patch, unchanged
from app.schemas.spelling import VisibleLine

_MOST_S = 86_400.0

SegmentType = Annotated[
    str,
    VisibleLine(50),
    Field(description="A word of your own, such as `press`."),
]
Start = Annotated[
    float,
    Field(ge=0, le=_MOST_S, allow_inf_nan=False, description="Seconds from the first frame of the video."),
    JSON_NUMBER,
]
End = Annotated[
    float,
    Field(
        gt=0,
        le=_MOST_S,
        allow_inf_nan=False,
        description="Seconds from the first frame of the video; after `start_s`, and no later than its last frame.",
    ),
    JSON_NUMBER,
]

_BODY: dict[str, JsonValue] = {
    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
    "video_id": "c2a4e8d6-7b19-4e3f-b0d5-91a6f3c7e852",
    "title": "Counter-attack down the left",
    "segment_type": "transition",
    "start_s": 3.2,
    "end_s": 8.6,
}


class VideoSegmentCreate(Body):
    """A stretch of a match's video to show to somebody."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BODY]})

    match_id: uuid.UUID
    video_id: uuid.UUID | None = Field(default=None, description="A video of the match. null: whichever there is.")
    match_event_id: uuid.UUID | None = Field(default=None, description="An event of the match.")
    report_id: uuid.UUID | None = Field(default=None, description="An analysis of the match.")
    title: Name
    segment_type: SegmentType | None = None
    description: Notes | None = None
    start_s: Start
    end_s: End


class VideoSegmentPatch(Patch):
    """What to change about a segment."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Counter-attack", "end_s": 9.0}]})

    video_id: uuid.UUID | None = None
    match_event_id: uuid.UUID | None = None
    report_id: uuid.UUID | None = None
    title: Name = unchanged()
    segment_type: SegmentType | None = None
    description: Notes | None = None
    start_s: Start = unchanged()
    end_s: End = unchanged()


class VideoSegmentRead(BaseModel):
    """A stretch of a match's video."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "4e8a1c70-92d3-4b5f-86e1-d07c3a9f2b64",
                    "club_id": "6f0b6a52-4d9b-4d0e-9a3f-1c8b2f7e5d40",
                    "match_event_id": None,
                    "report_id": "5b7f6c1e-3d0a-4c55-9c1b-8f2f5d0e7a10",
                    "description": None,
                    "created_at": "2026-05-10T08:12:05.100000Z",
                    "updated_at": "2026-05-10T08:12:05.100000Z",
                    **_BODY,
                }
            ]
        },
    )

    id: uuid.UUID
    club_id: uuid.UUID
    match_id: uuid.UUID
    video_id: uuid.UUID | None = Field(description="null: whichever video the match has.")
    match_event_id: uuid.UUID | None = Field(description="The event that it shows.")
    report_id: uuid.UUID | None = Field(description="The analysis that it belongs to.")
    title: str
    segment_type: str | None
    description: str | None
    start_s: float = Field(description="Seconds from the first frame of the video.")
    end_s: float = Field(description="Seconds from the first frame of the video.")
    created_at: datetime
    updated_at: datetime

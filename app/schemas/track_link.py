import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from app.schemas.fields import Patch, unchanged


class TrackLinkRead(BaseModel):
    """Two tracks that the engine takes for one person, who was lost and found again."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "3f9d2c71-8a46-4b0e-9d15-7c2e6f8a1b34",
                    "club_id": "6f0b6a52-4d9b-4d0e-9a3f-1c8b2f7e5d40",
                    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
                    "report_id": "5b7f6c1e-3d0a-4c55-9c1b-8f2f5d0e7a10",
                    "from_track": 4,
                    "to_track": 31,
                    "confidence": 0.93,
                    "undone_at": None,
                    "created_at": "2026-05-09T16:31:12.400000Z",
                    "updated_at": "2026-05-09T16:31:12.400000Z",
                }
            ]
        },
    )

    id: uuid.UUID
    club_id: uuid.UUID
    match_id: uuid.UUID
    report_id: uuid.UUID = Field(description="The analysis that found the tracks.")
    from_track: int = Field(description="Number of the track that ends.")
    to_track: int = Field(description="Number of the track that begins after it.")
    confidence: float = Field(description="How sure the engine is, from 0 to 1.")
    undone_at: datetime | None = Field(
        description="When a person said that these are two people. null: the figures of both tracks are those of one "
        "person, under the number of the person's first track."
    )
    created_at: datetime
    updated_at: datetime


class TrackLinkPatch(Patch):
    """Whether the two tracks are two people after all."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"undone": True}]})

    undone: StrictBool = unchanged()

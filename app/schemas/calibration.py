import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.schemas.fields import JSON_NUMBER

Coordinate = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6), JSON_NUMBER]

_POINTS: list[JsonValue] = [
    {"pixel": [1586.5, 789.6], "pitch": [0.0, 0.0]},
    {"pixel": [128.3, 1141.1], "pitch": [0.0, 68.0]},
    {"pixel": [2768.6, 747.3], "pitch": [52.5, 0.0]},
    {"pixel": [2871.4, 1568.4], "pitch": [52.5, 68.0]},
]
_VIDEO = "c2a4e8d6-7b19-4e3f-b0d5-91a6f3c7e852"


class PointPair(BaseModel):
    """A point of the picture, pixels from the upper left corner, and where it lies on the pitch, metres.

    The pitch is measured from its far left corner, as the main camera sees it: to the right along the touchline, and
    along the goal line towards the camera.
    """

    model_config = ConfigDict(frozen=True)

    pixel: tuple[Coordinate, Coordinate]
    pitch: tuple[Coordinate, Coordinate]


class CalibrationPoints(BaseModel):
    """Point pairs of one fixed camera, in pixels of its full frame and metres."""

    model_config = ConfigDict(frozen=True)

    points: Annotated[tuple[PointPair, ...], Field(min_length=4, max_length=500)]


class CalibrationCreate(CalibrationPoints):
    """Point pairs of the fixed camera that took a video."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"video_id": _VIDEO, "points": _POINTS}]})

    video_id: uuid.UUID


class CalibrationRead(BaseModel):
    """How the pixels of a fixed camera map to the pitch, and how well the points fit."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "1d7e9a35-c804-4f26-9b5a-70e3d6c2f918",
                    "club_id": "6f0b6a52-4d9b-4d0e-9a3f-1c8b2f7e5d40",
                    "video_id": _VIDEO,
                    "points": _POINTS,
                    "median_error_m": 0.0,
                    "max_error_m": 0.0,
                    "created_at": "2026-05-09T16:30:41.250000Z",
                    "updated_at": "2026-05-09T16:30:41.250000Z",
                }
            ]
        },
    )

    id: uuid.UUID
    club_id: uuid.UUID
    video_id: uuid.UUID
    points: list[PointPair]
    median_error_m: float = Field(description="Metres by which the fit misses a point, in the median.")
    max_error_m: float = Field(description="Metres by which it misses the worst one.")
    created_at: datetime
    updated_at: datetime

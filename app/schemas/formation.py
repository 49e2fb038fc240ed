import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class FormationSlot(BaseModel):
    """x: 0 left to 1 right; y: 0 at the opponent's goal to 1 at the own goal."""

    position: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16)]
    x: Share
    y: Share


class FormationCreate(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "4-4-2 diamond",
                    "description": "Narrow, with a playmaker behind two strikers.",
                    "positions": [{"position": "GK", "x": 0.5, "y": 0.95}, {"position": "FWD", "x": 0.4, "y": 0.15}],
                }
            ]
        }
    )

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
    description: Annotated[str, Field(max_length=5000)] | None = None
    team_id: uuid.UUID | None = None
    positions: Annotated[list[FormationSlot], Field(max_length=11)] = []


class FormationRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str
    description: str | None
    team_id: uuid.UUID | None
    positions: list[FormationSlot]
    created_at: datetime

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class FormationSlot(BaseModel):
    """Where one player stands, in shares of the pitch as the team sees it that attacks upwards."""

    position: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16)] = Field(
        description="Abbreviation of the role, such as GK or MID."
    )
    x: Share = Field(description="0 at the left touchline to 1 at the right one.")
    y: Share = Field(description="0 at the opponent's goal line to 1 at the own one.")


class FormationCreate(BaseModel):
    """A formation to add."""

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
    team_id: uuid.UUID | None = Field(default=None, description="null: for every team of the club.")
    positions: Annotated[list[FormationSlot], Field(max_length=11)] = []


class FormationRead(BaseModel):
    """A formation of a club."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str
    description: str | None
    team_id: uuid.UUID | None = Field(description="null: for every team of the club.")
    positions: list[FormationSlot]
    created_at: datetime

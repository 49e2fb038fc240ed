import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class LineupEntry(BaseModel):
    """One player on the sheet: a starter, or a substitute."""

    model_config = ConfigDict(from_attributes=True)

    team_id: uuid.UUID
    player_id: uuid.UUID
    formation_id: uuid.UUID | None = None
    is_starting: bool = True
    position_in_formation: Annotated[str, Field(max_length=50)] | None = None


class MatchLineupCreate(BaseModel):
    match_id: uuid.UUID
    entries: Annotated[list[LineupEntry], Field(min_length=1, max_length=100)]


class MatchLineupRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    match_id: uuid.UUID
    entries: list[LineupEntry]
    created_at: datetime

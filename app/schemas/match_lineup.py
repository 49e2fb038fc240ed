import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class LineupEntry(BaseModel):
    """One player on the sheet: a starter, or a substitute."""

    model_config = ConfigDict(from_attributes=True)

    team_id: uuid.UUID
    player_id: uuid.UUID
    formation_id: uuid.UUID | None = Field(
        default=None, description="The formation that the player's team lines up in."
    )
    is_starting: bool = Field(default=True, description="false: a substitute.")
    position_in_formation: Annotated[str, Field(max_length=50)] | None = Field(
        default=None, description="The player's place in it, such as GK."
    )


class MatchLineupCreate(BaseModel):
    """The sheet of a match that has none yet."""

    match_id: uuid.UUID
    entries: Annotated[list[LineupEntry], Field(min_length=1, max_length=100)] = Field(
        description="Players of both teams; each stands on the sheet once."
    )


class MatchLineupRead(BaseModel):
    """The one sheet of a match, for both teams."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    match_id: uuid.UUID
    entries: list[LineupEntry] = Field(description="In the order in which they were written.")
    created_at: datetime

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.models import Match, MatchStatus


class MatchRead(BaseModel):
    """A match. What nobody has entered is null: an upload alone tells neither teams nor score."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    match_date: datetime = Field(description="Kick-off; of a match made by an upload, the time of the upload.")
    status: MatchStatus
    venue: str | None
    home_team_id: uuid.UUID | None
    away_team_id: uuid.UUID | None
    home_team_name: str | None
    away_team_name: str | None
    home_score: int | None = Field(description="Goals.")
    away_score: int | None = Field(description="Goals.")
    pitch_length_m: float = Field(description="Length of the touchline, metres.")
    pitch_width_m: float = Field(description="Length of the goal line, metres.")
    created_at: datetime

    @classmethod
    def of(cls, match: Match) -> "MatchRead":
        """A match whose teams are loaded."""
        columns = {name: getattr(match, name) for name in cls.model_fields if hasattr(match, name)}
        return cls(
            **columns,
            home_team_name=match.home_team.name if match.home_team else None,
            away_team_name=match.away_team.name if match.away_team else None,
        )

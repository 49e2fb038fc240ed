import uuid
from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from app.models import Match, MatchStatus
from app.schemas.fields import JSON_NUMBER, Body, Moment, OptionalText, Patch, unchanged
from app.schemas.published_client import NamesKickOff, ReadsKickOff
from football.pitch import LEAST_LENGTH_M, LEAST_WIDTH_M, MOST_LENGTH_M, MOST_WIDTH_M

Goals = Annotated[int, Field(ge=0, le=99, description="Goals."), JSON_NUMBER]
PitchLength = Annotated[
    float, Field(ge=LEAST_LENGTH_M, le=MOST_LENGTH_M, description="Length of the touchline, metres."), JSON_NUMBER
]
PitchWidth = Annotated[
    float, Field(ge=LEAST_WIDTH_M, le=MOST_WIDTH_M, description="Length of the goal line, metres."), JSON_NUMBER
]


class MatchCreate(ReadsKickOff, Body):
    """A match to add. Teams that are not known yet stay null."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "match_date": "2026-11-28T14:00:00Z",
                    "venue": "Harbour Ground",
                    "status": "upcoming",
                    "pitch_length_m": 105,
                    "pitch_width_m": 68,
                }
            ]
        }
    )

    match_date: Moment = Field(description="Kick-off, with a time zone.")
    home_team_id: uuid.UUID | None = None
    away_team_id: uuid.UUID | None = Field(default=None, description="Another team than the home team.")
    competition_id: uuid.UUID | None = None
    venue: OptionalText = None
    status: MatchStatus | None = Field(default=None, description="null: upcoming.")
    home_score: Goals | None = None
    away_score: Goals | None = None
    pitch_length_m: PitchLength | None = Field(default=None, description="Touchline in metres; null: 105.")
    pitch_width_m: PitchWidth | None = Field(default=None, description="Goal line in metres; null: 68.")
    club_id: uuid.UUID | None = Field(default=None, description="null: the club of the teams, or your active club.")


class MatchPatch(ReadsKickOff, Patch):
    """What to change about a match."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "completed", "home_score": 3}]})

    match_date: Moment = unchanged()
    home_team_id: uuid.UUID | None = None
    away_team_id: uuid.UUID | None = None
    competition_id: uuid.UUID | None = None
    venue: OptionalText = None
    status: MatchStatus = unchanged()
    home_score: Goals | None = None
    away_score: Goals | None = None
    pitch_length_m: PitchLength = unchanged()
    pitch_width_m: PitchWidth = unchanged()


class MatchRead(NamesKickOff):
    """A match. What nobody has entered is null: an upload alone tells neither teams nor score."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    competition_id: uuid.UUID | None
    competition_name: str | None
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
    updated_at: datetime

    @classmethod
    def of(cls, match: Match) -> "MatchRead":
        """A match whose teams and competition are loaded."""
        columns = {name: getattr(match, name) for name in cls.model_fields if hasattr(match, name)}
        return cls(
            **columns,
            competition_name=match.competition.name if match.competition else None,
            home_team_name=match.home_team.name if match.home_team else None,
            away_team_name=match.away_team.name if match.away_team else None,
        )

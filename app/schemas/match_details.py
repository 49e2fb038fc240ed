import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.formation import FormationRead
from app.schemas.job import JobRead
from app.schemas.match import MatchRead
from app.schemas.match_event import MatchEventRead
from app.schemas.match_team_statistics import MatchTeamStatisticsRead
from app.schemas.player import PlayerRead
from app.schemas.player_match_statistics import PlayerMatchStatisticsRead
from app.schemas.video import VideoRead
from app.schemas.video_segment import VideoSegmentRead


class LinedUpPlayer(PlayerRead):
    """A player on the sheet of the match."""

    is_starting: bool = Field(description="false: a substitute.")
    position_in_formation: str | None


class NamesPlayer(BaseModel):
    """Who ``player_id`` is; null where it is."""

    player_name: str | None
    jersey_number: int | None


class NamedEvent(MatchEventRead, NamesPlayer):
    """An event, and whose it is."""


class NamedFigures(PlayerMatchStatisticsRead, NamesPlayer):
    """Figures, and whose they are."""

    model_config = ConfigDict(json_schema_extra={})  # the example of the figures alone is none of these


class SideLineup(BaseModel):
    """One side: its team, and its part of the sheet, which is empty while nobody has written it."""

    team_id: uuid.UUID | None = Field(description="null: the team is not known, and does not stand on the sheet.")
    team_name: str | None
    primary_color: str | None = Field(description="sRGB as `#rrggbb`.")
    secondary_color: str | None = Field(description="sRGB as `#rrggbb`.")
    logo_url: str | None
    formation: FormationRead | None
    players: list[LinedUpPlayer] = Field(description="In the order of the sheet.")


class ReportSummary(BaseModel):
    """An analysis report without its figures."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    video_id: uuid.UUID | None
    report_type: str
    players_tracked: int | None = Field(description="null: a person wrote the report.")
    notes: str | None
    created_at: datetime


class MatchDetails(BaseModel):
    """All that the screen of a match shows."""

    match_info: MatchRead
    home_lineup: SideLineup
    away_lineup: SideLineup
    events: list[NamedEvent] = Field(description="By minute.")
    player_stats: list[NamedFigures] = Field(description="Entered and measured; without heatmaps.")
    team_stats: list[MatchTeamStatisticsRead] = Field(
        description="One row for each team of the match; all figures are null where nobody has entered any."
    )
    videos: list[VideoRead] = Field(description="The oldest first.")
    reports: list[ReportSummary] = Field(description="The latest first.")
    segments: list[VideoSegmentRead] = Field(description="By their start.")
    latest_job: JobRead | None

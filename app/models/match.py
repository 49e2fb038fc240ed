import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Double, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.account import Role
from app.models.base import Base, ClubRow, word_type
from app.models.competition import Competition
from app.models.team import Team
from football.pitch import STANDARD_PITCH, Pitch


class MatchStatus(StrEnum):
    UPCOMING = "upcoming"
    LIVE = "live"
    COMPLETED = "completed"


class Match(ClubRow):
    __tablename__ = "matches"
    __table_args__ = (Index("idx_match_date", "match_date"), Base.__table_args__)
    written_by = Role.ANALYST

    home_team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    away_team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    competition_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("competitions.id", ondelete="SET NULL"), index=True
    )
    match_date: Mapped[datetime]
    venue: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[MatchStatus] = mapped_column(word_type(MatchStatus))
    home_score: Mapped[int | None]
    away_score: Mapped[int | None]
    pitch_length_m: Mapped[float] = mapped_column(Double, default=STANDARD_PITCH.length_m)
    pitch_width_m: Mapped[float] = mapped_column(Double, default=STANDARD_PITCH.width_m)

    home_team: Mapped[Team | None] = relationship(foreign_keys=[home_team_id], lazy="raise")
    away_team: Mapped[Team | None] = relationship(foreign_keys=[away_team_id], lazy="raise")
    competition: Mapped[Competition | None] = relationship(lazy="raise")

    @property
    def pitch(self) -> Pitch:
        return Pitch(self.pitch_length_m, self.pitch_width_m)

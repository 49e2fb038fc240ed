import uuid
from enum import StrEnum

from sqlalchemy import Double, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Role
from app.models.base import Base, ClubRow, word_type


class EventType(StrEnum):
    GOAL = "goal"
    OWN_GOAL = "own_goal"
    ASSIST = "assist"
    YELLOW_CARD = "yellow_card"
    RED_CARD = "red_card"
    SUB_IN = "sub_in"
    SUB_OUT = "sub_out"


class MatchEvent(ClubRow):
    """Something that happened in a match, at a minute of the clock, and at a second of the video."""

    __tablename__ = "match_events"
    __table_args__ = (Index("idx_match_event_minute", "match_id", "minute"), Base.__table_args__)
    written_by = Role.ANALYST

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"))
    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    player_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("players.id", ondelete="SET NULL"), index=True)
    event_type: Mapped[EventType] = mapped_column(word_type(EventType))
    minute: Mapped[int]  # of the clock, 0 to 130; stoppage time is counted apart
    stoppage_minute: Mapped[int | None]  # 90+3 is minute 90, stoppage minute 3
    video_time_s: Mapped[float | None] = mapped_column(Double)  # seconds from the first frame
    x_m: Mapped[float | None] = mapped_column(Double)  # axes of football.pitch
    y_m: Mapped[float | None] = mapped_column(Double)
    notes: Mapped[str | None] = mapped_column(Text)

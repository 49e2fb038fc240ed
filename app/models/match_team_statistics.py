import uuid

from sqlalchemy import Double, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Role
from app.models.base import Base, ClubRow, JsonValue


class MatchTeamStatistics(ClubRow):
    """Figures of one team in one match, entered by hand. What nobody entered is None."""

    __tablename__ = "match_team_statistics"
    __table_args__ = (UniqueConstraint("match_id", "team_id"), Base.__table_args__)
    written_by = Role.ANALYST

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"))
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    possession_percentage: Mapped[float | None] = mapped_column(Double)  # 0 to 100
    expected_goals: Mapped[float | None] = mapped_column(Double)
    total_shots: Mapped[int | None]
    shots_on_target: Mapped[int | None]
    corners: Mapped[int | None]
    fouls: Mapped[int | None]
    offsides: Mapped[int | None]
    pressures: Mapped[int | None]
    final_third_passes: Mapped[int | None]
    # Objects of the client's own making; the server keeps them as they are.
    high_turnover_zones_data: Mapped[JsonValue | None]
    set_piece_xg_breakdown_data: Mapped[JsonValue | None]
    transition_speed_data: Mapped[JsonValue | None]
    build_up_patterns: Mapped[JsonValue | None]
    defensive_block_patterns: Mapped[JsonValue | None]
    notes: Mapped[str | None] = mapped_column(Text)

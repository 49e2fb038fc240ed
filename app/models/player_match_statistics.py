import uuid

from sqlalchemy import Double, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Role
from app.models.base import Base, ClubRow, JsonValue


class PlayerMatchStatistics(ClubRow):
    """Figures of one player, or of one track that nobody has named yet, in one match.

    Two sources never overwrite each other: what a person entered (``report_id`` is None) and what an analysis measured.
    A figure that was not measured is None, never 0.
    """

    __tablename__ = "player_match_statistics"
    __table_args__ = (
        Index("idx_player_stats_match", "match_id"),
        UniqueConstraint("report_id", "track_number"),
        Base.__table_args__,
    )
    written_by = Role.ANALYST
    unaudited = frozenset({"heatmap"})

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"))
    player_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("players.id", ondelete="CASCADE"), index=True)
    report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("analysis_reports.id", ondelete="CASCADE"))
    track_number: Mapped[int | None]
    team: Mapped[str | None] = mapped_column(String(16))

    # Measured
    seconds_seen: Mapped[float | None] = mapped_column(Double)
    confidence: Mapped[float | None] = mapped_column(Double)  # of the track, 0 to 1
    distance_m: Mapped[float | None] = mapped_column(Double)
    distance_error_m: Mapped[float | None] = mapped_column(Double)
    top_speed_mps: Mapped[float | None] = mapped_column(Double)
    top_speed_error_mps: Mapped[float | None] = mapped_column(Double)
    mean_speed_mps: Mapped[float | None] = mapped_column(Double)
    sprint_count: Mapped[int | None]
    sprint_distance_m: Mapped[float | None] = mapped_column(Double)
    mean_x_m: Mapped[float | None] = mapped_column(Double)
    mean_y_m: Mapped[float | None] = mapped_column(Double)
    heatmap: Mapped[JsonValue | None]  # {"cell_m", "columns", "rows", "seconds": [[...]]}

    # Entered by hand
    minutes_played: Mapped[int | None]
    goals: Mapped[int | None]
    assists: Mapped[int | None]
    shots: Mapped[int | None]
    shots_on_target: Mapped[int | None]
    passes: Mapped[int | None]
    accurate_passes: Mapped[int | None]
    key_passes: Mapped[int | None]
    progressive_carries: Mapped[int | None]
    player_xg: Mapped[float | None] = mapped_column(Double)  # expected goals
    press_resistance_success_rate: Mapped[float | None] = mapped_column(Double)  # percent
    defensive_coverage_km: Mapped[float | None] = mapped_column(Double)
    tackles: Mapped[int | None]
    interceptions: Mapped[int | None]
    clearances: Mapped[int | None]
    saves: Mapped[int | None]
    fouls_committed: Mapped[int | None]
    fouls_suffered: Mapped[int | None]
    offsides: Mapped[int | None]
    rating: Mapped[float | None] = mapped_column(Double)  # 0 to 10
    notes: Mapped[str | None] = mapped_column(Text)

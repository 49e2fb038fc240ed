import uuid
from enum import StrEnum

from sqlalchemy import Double, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Role
from app.models.base import Base, ClubRow, JsonValue


class WrittenReportType(StrEnum):
    """What a person writes; ``report_type`` of an analysis is another word."""

    COACH = "coach_report"
    SCOUTING = "scouting_report"


class AnalysisReport(ClubRow):
    """What one analysis found, in sum; or what a person wrote about a match: then nothing measured is in it.

    At most one per job: the unique key guards against a second writer.
    """

    __tablename__ = "analysis_reports"
    written_by = Role.ANALYST
    unaudited = frozenset({"report_data"})

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"), index=True)
    video_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("videos.id", ondelete="SET NULL"), index=True)
    job_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), unique=True)
    report_type: Mapped[str] = mapped_column(String(50))
    engine_name: Mapped[str | None] = mapped_column(String(100))
    engine_version: Mapped[str | None] = mapped_column(String(50))
    total_frames: Mapped[int | None]
    players_tracked: Mapped[int | None]
    report_data: Mapped[JsonValue]
    notes: Mapped[str | None] = mapped_column(Text)  # what a person has to say about it


class Track(Base):
    """One person as the engine followed it, without a name. People map tracks to players later."""

    __tablename__ = "tracks"

    report_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("analysis_reports.id", ondelete="CASCADE"), primary_key=True
    )
    track_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    player_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("players.id", ondelete="SET NULL"), index=True)
    team: Mapped[str | None] = mapped_column(String(16))  # "A", "B", "other"; None: undecided
    first_seen_s: Mapped[float] = mapped_column(Double)
    last_seen_s: Mapped[float] = mapped_column(Double)
    frames_seen: Mapped[int]
    confidence: Mapped[float | None] = mapped_column(Double)  # 0 to 1, mean over its frames; None: the engine is silent

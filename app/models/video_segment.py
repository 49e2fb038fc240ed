import uuid

from sqlalchemy import Double, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Role
from app.models.base import ClubRow


class VideoSegment(ClubRow):
    """A stretch of a video that somebody wants to show: seconds from its first frame."""

    __tablename__ = "video_segments"
    written_by = Role.ANALYST

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"), index=True)
    video_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    match_event_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("match_events.id", ondelete="SET NULL"), index=True
    )
    report_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("analysis_reports.id", ondelete="SET NULL"), index=True
    )
    title: Mapped[str] = mapped_column(String(200))
    segment_type: Mapped[str | None] = mapped_column(String(50))
    description: Mapped[str | None] = mapped_column(Text)
    start_s: Mapped[float] = mapped_column(Double)
    end_s: Mapped[float] = mapped_column(Double)

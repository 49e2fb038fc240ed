import uuid

from sqlalchemy import Double, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ClubRow


class VideoSegment(ClubRow):
    """A stretch of a video that somebody wants to show: seconds from its first frame."""

    __tablename__ = "video_segments"

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"), index=True)
    video_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    segment_type: Mapped[str | None] = mapped_column(String(50))
    start_s: Mapped[float] = mapped_column(Double)
    end_s: Mapped[float] = mapped_column(Double)

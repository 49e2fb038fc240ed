import uuid
from datetime import datetime

from sqlalchemy import Double, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Role
from app.models.base import Base, ClubRow


class TrackLink(ClubRow):
    """Two tracks that the engine takes for one person, who was lost and found again. People may undo it, and redo it.

    ``undone_at`` is None while the figures of both are those of one person, under the number of that person's first
    track.
    """

    __tablename__ = "track_links"
    __table_args__ = (UniqueConstraint("report_id", "to_track"), Base.__table_args__)
    written_by = Role.ANALYST

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"), index=True)
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("analysis_reports.id", ondelete="CASCADE"))
    from_track: Mapped[int]
    to_track: Mapped[int]
    confidence: Mapped[float] = mapped_column(Double)  # 0 to 1
    undone_at: Mapped[datetime | None]

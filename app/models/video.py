import uuid

from sqlalchemy import BigInteger, Double, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Role
from app.models.base import ClubRow


class Video(ClubRow):
    """An uploaded file as it was judged on arrival. Its bytes lie in the video store under ``id``."""

    __tablename__ = "videos"
    written_by = Role.ANALYST

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str] = mapped_column(String(255))  # as the client called it: shown, never used as a path
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    container: Mapped[str] = mapped_column(String(64))
    codec: Mapped[str] = mapped_column(String(32))
    width: Mapped[int]
    height: Mapped[int]
    frame_count: Mapped[int]
    frame_rate: Mapped[float] = mapped_column(Double)  # frames per second, mean
    duration_s: Mapped[float] = mapped_column(Double)

import uuid

from sqlalchemy import Double, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class BallPosition(Base):
    """The ball in one frame. The key is clustered in the order of reading; a random key would cost half the speed."""

    __tablename__ = "ball_positions"

    report_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("analysis_reports.id", ondelete="CASCADE"), primary_key=True
    )
    frame: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # 1-based
    time_s: Mapped[float] = mapped_column(Double)
    x_px: Mapped[float | None] = mapped_column(Double)
    y_px: Mapped[float | None] = mapped_column(Double)
    x_m: Mapped[float | None] = mapped_column(Double)
    y_m: Mapped[float | None] = mapped_column(Double)
    confidence: Mapped[float | None] = mapped_column(Double)
    interpolated: Mapped[bool] = mapped_column(default=False)  # not seen in this frame, but told from others

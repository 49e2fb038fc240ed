import uuid

from sqlalchemy import Double, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Role
from app.models.base import ClubRow, JsonValue


class Calibration(ClubRow):
    """How the pixels of a fixed camera map to the pitch: the pairs that a person gave, and how well they fit."""

    __tablename__ = "calibrations"
    written_by = Role.ANALYST

    video_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    points: Mapped[JsonValue] = mapped_column(nullable=False)  # list of {"pixel": [x, y], "pitch": [x_m, y_m]}
    median_error_m: Mapped[float] = mapped_column(Double)
    max_error_m: Mapped[float] = mapped_column(Double)

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ClubRow


class Reunion(ClubRow):
    """A meeting of a team."""

    __tablename__ = "reunions"

    title: Mapped[str] = mapped_column(String(200))
    date: Mapped[datetime]
    location: Mapped[str] = mapped_column(String(200))
    icon_name: Mapped[str] = mapped_column(String(100))


class TrainingSession(ClubRow):
    """A training session of a team."""

    __tablename__ = "training_sessions"

    title: Mapped[str] = mapped_column(String(200))
    date: Mapped[datetime]
    focus: Mapped[str] = mapped_column(String(200))
    icon_name: Mapped[str] = mapped_column(String(100))

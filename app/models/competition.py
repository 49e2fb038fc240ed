from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, ClubRow


class Competition(ClubRow):
    """A league or a cup in one season."""

    __tablename__ = "competitions"
    __table_args__ = (UniqueConstraint("club_id", "name", "season"), Base.__table_args__)

    name: Mapped[str] = mapped_column(String(200))
    season: Mapped[str] = mapped_column(String(20), default="")  # "2026/27"; empty: it has none

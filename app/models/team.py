from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, ClubRow


class Team(ClubRow):
    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("club_id", "name"), Base.__table_args__)

    name: Mapped[str] = mapped_column(String(200))
    primary_color: Mapped[str | None] = mapped_column(String(7))  # "#rrggbb"
    secondary_color: Mapped[str | None] = mapped_column(String(7))
    logo_url: Mapped[str | None] = mapped_column(String(500))

import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import Double, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, ClubRow, word_type


class Position(StrEnum):
    GOALKEEPER = "GK"
    DEFENDER = "DEF"
    MIDFIELDER = "MID"
    FORWARD = "FWD"


class Foot(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


class Player(ClubRow):
    __tablename__ = "players"
    __table_args__ = (UniqueConstraint("team_id", "jersey_number"), Base.__table_args__)

    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[Position | None] = mapped_column(word_type(Position))
    jersey_number: Mapped[int | None]
    birth_date: Mapped[date | None]
    dominant_foot: Mapped[Foot | None] = mapped_column(word_type(Foot))
    height_cm: Mapped[int | None]
    weight_kg: Mapped[int | None]
    nationality: Mapped[str | None] = mapped_column(String(100))
    country_code: Mapped[str | None] = mapped_column(String(2))  # ISO 3166-1 alpha-2
    market_value: Mapped[float | None] = mapped_column(Double)
    image_url: Mapped[str | None] = mapped_column(String(500))

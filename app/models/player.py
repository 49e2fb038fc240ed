import uuid
from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ClubRow, word_type


class Position(StrEnum):
    GOALKEEPER = "GK"
    DEFENDER = "DEF"
    MIDFIELDER = "MID"
    FORWARD = "FWD"


class Player(ClubRow):
    __tablename__ = "players"

    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[Position | None] = mapped_column(word_type(Position))
    jersey_number: Mapped[int | None]
    birth_date: Mapped[date | None]
    dominant_foot: Mapped[str | None] = mapped_column(String(16))
    height_cm: Mapped[int | None]
    weight_kg: Mapped[int | None]
    nationality: Mapped[str | None] = mapped_column(String(100))
    image_url: Mapped[str | None] = mapped_column(String(500))

import uuid

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import ClubRow, JsonValue


class Formation(ClubRow):
    """A shape. ``positions`` is a list of {"position", "x", "y"}; x and y are 0 to 1, own goal at y = 1."""

    __tablename__ = "formations"

    team_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(50))
    description: Mapped[str | None] = mapped_column(Text)
    positions: Mapped[JsonValue] = mapped_column(nullable=False)

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Identified, word_type


class Role(StrEnum):
    OWNER = "owner"
    COACH = "coach"
    ANALYST = "analyst"
    VIEWER = "viewer"


class Club(Identified, Base):
    __tablename__ = "clubs"

    name: Mapped[str] = mapped_column(String(200))


class Membership(Base):
    __tablename__ = "memberships"

    club_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clubs.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(word_type(Role))

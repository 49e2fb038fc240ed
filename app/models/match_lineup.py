import uuid

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, ClubRow
from app.models.player import Player


class MatchLineup(ClubRow):
    """The one sheet of a match: who starts and who sits on the bench, for both teams."""

    __tablename__ = "match_lineups"

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"), unique=True)

    entries: Mapped[list["MatchLineupEntry"]] = relationship(
        lazy="raise",
        back_populates="lineup",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="MatchLineupEntry.sheet_order",
    )


class MatchLineupEntry(ClubRow):
    """One player's place on a sheet."""

    __tablename__ = "match_lineup_entries"
    __table_args__ = (UniqueConstraint("lineup_id", "player_id"), Base.__table_args__)

    lineup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("match_lineups.id", ondelete="CASCADE"))
    sheet_order: Mapped[int]
    team_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), index=True)
    player_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("players.id", ondelete="CASCADE"), index=True)
    formation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("formations.id", ondelete="SET NULL"), index=True)
    is_starting: Mapped[bool]
    position_in_formation: Mapped[str | None] = mapped_column(String(50))

    player: Mapped[Player] = relationship(lazy="raise")
    lineup: Mapped[MatchLineup] = relationship(lazy="raise", back_populates="entries")

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Account, Role
from app.models.base import Base, ClubRow, Identified, JsonValue, utc_now, word_type


class AuditAction(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ERASE = "erase"  # of a person: what other entries said about them is gone, too


class Club(Identified, Base):
    __tablename__ = "clubs"

    name: Mapped[str] = mapped_column(String(200))
    # Older footage is deleted, and its figures stay; None: it is kept for ever.
    footage_retention_days: Mapped[int | None] = mapped_column(sort_order=99)

    @classmethod
    def visible_to(cls, account: Account) -> ColumnElement[bool]:
        """The condition under which ``account`` sees a club."""
        return cls.id.in_(account.club_ids)


class Membership(Base):
    __tablename__ = "memberships"

    club_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clubs.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(word_type(Role))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    @classmethod
    def visible_to(cls, account: Account) -> ColumnElement[bool]:
        """The condition under which ``account`` sees a membership."""
        return cls.club_id.in_(account.club_ids)


class Invitation(ClubRow):
    """A place in a club, offered to an e-mail address. Whoever shows the token takes it; only its hash is kept.

    The address stands in this row and nowhere else: with the row, it is gone.
    """

    __tablename__ = "invitations"
    read_by = written_by = Role.OWNER
    unaudited = frozenset({"email", "token_hash"})

    email: Mapped[str] = mapped_column(String(254))  # lower case
    role: Mapped[Role] = mapped_column(word_type(Role))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, hexadecimal
    invited_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]


class AuditEntry(ClubRow):
    """Who changed what, and when; readable by owners. Deleting a user keeps the entries."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("idx_audit_club_time", "club_id", "created_at"), Base.__table_args__)
    read_by = written_by = Role.OWNER

    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    action: Mapped[AuditAction] = mapped_column(word_type(AuditAction))
    resource: Mapped[str] = mapped_column(String(64))  # the table
    resource_id: Mapped[uuid.UUID] = mapped_column(index=True)
    before: Mapped[JsonValue | None]  # what changed or was deleted, by column
    after: Mapped[JsonValue | None]
    request_id: Mapped[str | None] = mapped_column(String(64))

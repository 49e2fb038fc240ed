import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class IdempotencyKey(Base):
    """A request that its client may repeat, and how it was answered. Each account has keys of its own.

    Without ``answer`` the request is running, until the lease ends: a server that was killed locks no key for ever.
    """

    __tablename__ = "idempotency_keys"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    # SHA-256, hexadecimal: MariaDB would take a key for another one that ends with more blanks.
    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))  # of the request
    claim_id: Mapped[uuid.UUID]  # who may answer; changes when an expired claim is taken over
    lease_expires_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb"))  # sealed
    created_at: Mapped[datetime] = mapped_column(index=True)

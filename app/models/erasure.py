import uuid
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Erasure(Base):
    """That somebody, or a club, was erased for good. It tells an id, and nothing about whose it was.

    Whoever restores a backup that is older than this applies it once more.
    """

    __tablename__ = "erasures"

    resource: Mapped[str] = mapped_column(String(64), primary_key=True)  # the table
    resource_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    erased_at: Mapped[datetime]

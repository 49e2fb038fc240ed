import uuid
from datetime import datetime

from sqlalchemy import BigInteger, Double, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, word_type
from app.models.job import JobStatus, Phase

_Number = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up in a column of this very type only


class JobEvent(Base):
    """What a job was at a moment: one row per change of its status or phase, and per whole percent.

    Written in the transaction of the change, so that whoever follows a job misses nothing, whichever process moved it.
    """

    __tablename__ = "job_events"
    __table_args__ = (Index("idx_job_events", "job_id", "id"), Base.__table_args__)

    id: Mapped[int] = mapped_column(_Number, primary_key=True)  # ascending per job: its row is locked meanwhile
    job_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    happened_at: Mapped[datetime]
    status: Mapped[JobStatus] = mapped_column(word_type(JobStatus))
    phase: Mapped[Phase | None] = mapped_column(word_type(Phase))
    progress: Mapped[float] = mapped_column(Double)
    phase_progress: Mapped[float] = mapped_column(Double)
    frames_done: Mapped[int] = mapped_column(BigInteger)
    attempt: Mapped[int]
    message: Mapped[str | None] = mapped_column(String(500))
    error_code: Mapped[str | None] = mapped_column(String(64))

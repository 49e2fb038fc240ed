import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Double, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.account import Role
from app.models.analysis_report import AnalysisReport
from app.models.base import Base, ClubRow, word_type


class JobStatus(StrEnum):
    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class Phase(StrEnum):
    """What a job is busy with while it is PROCESSING."""

    STARTING = "starting"
    SCANNING = "scanning"
    ANALYSING = "analysing"
    DRAWING = "drawing"
    INGESTING = "ingesting"


class Job(ClubRow):
    """One analysis of one video. This row is the truth about it; whatever wakes a worker is only a hint."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("idx_job_queue", "status", "available_at"),
        Index("idx_job_history", "status", "finished_at"),
        Index("idx_job_turns", "created_by", "started_at"),
        Base.__table_args__,
    )
    written_by = Role.ANALYST
    # What workers write while it runs: the audit log tells what people do.
    unaudited = frozenset(
        {
            *("status", "phase", "progress", "phase_progress", "message", "frames_done", "frames_total"),
            *("frames_per_second", "attempt", "fence", "postponed"),
            *("lease_expires_at", "available_at", "started_at", "finished_at"),
            *("error_code", "error_detail", "error_hint", "preview_bytes", "traceparent"),
        }
    )

    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"), index=True)
    video_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    calibration_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("calibrations.id", ondelete="SET NULL"), index=True
    )
    confidence_threshold: Mapped[float | None] = mapped_column(Double)
    frame_stride: Mapped[int | None]  # each n-th frame is analysed; None: the engine's own choice
    preview: Mapped[bool] = mapped_column(default=False)  # whether a film of what was found is wanted
    preview_bytes: Mapped[int | None] = mapped_column(BigInteger)  # its size; None: there is none

    status: Mapped[JobStatus] = mapped_column(word_type(JobStatus), default=JobStatus.PENDING)
    phase: Mapped[Phase | None] = mapped_column(word_type(Phase))
    progress: Mapped[float] = mapped_column(Double, default=0.0)  # 0 to 1, over all phases
    message: Mapped[str | None] = mapped_column(String(500))
    frames_done: Mapped[int] = mapped_column(BigInteger, default=0)
    frames_total: Mapped[int | None] = mapped_column(BigInteger)  # as far as the engine or the video tells
    frames_per_second: Mapped[float | None] = mapped_column(Double)  # of the latest seconds
    phase_progress: Mapped[float] = mapped_column(Double, default=0.0)  # 0 to 1, within the phase

    attempt: Mapped[int] = mapped_column(default=0)  # attempts that reached an engine
    fence: Mapped[int] = mapped_column(BigInteger, default=0)  # grows with every claim; an older one may not write
    lease_expires_at: Mapped[datetime | None]
    available_at: Mapped[datetime]  # not to be claimed before
    postponed: Mapped[int] = mapped_column(default=0)  # times put off in a row, because the engine was away

    error_code: Mapped[str | None] = mapped_column(String(64))
    error_detail: Mapped[str | None] = mapped_column(Text)
    error_hint: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    traceparent: Mapped[str | None] = mapped_column(String(55))  # W3C Trace Context of the request that queued it

    report: Mapped[AnalysisReport | None] = relationship(lazy="raise", viewonly=True)

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Double, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.account import Role
from app.models.base import ClubRow, word_type


class ScanStatus(StrEnum):
    """What a virus scanner has said of a file. Only ``clean`` means that all of it was looked at."""

    NOT_SCANNED = "not_scanned"
    CLEAN = "clean"
    INFECTED = "infected"
    ERROR = "error"


class ScanReason(StrEnum):
    """Why a file is neither clean nor infected."""

    # of not_scanned
    NOT_YET = "not_yet"
    NO_SCANNER = "no_scanner"
    SWITCHED_OFF = "switched_off"
    TOO_LARGE = "too_large"
    # of error
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    SCANNER_FAILED = "scanner_failed"


class Video(ClubRow):
    """An uploaded file as it was judged on arrival. Its bytes lie in the video store under ``id``."""

    __tablename__ = "videos"
    written_by = Role.ANALYST
    # What workers write: the audit log tells what people do.
    unaudited = frozenset({"scan_status", "scan_reason", "scan_signature", "scanned_at", "footage_deleted_at"})

    match_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("matches.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str] = mapped_column(String(255))  # as the client called it: shown, never used as a path
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    container: Mapped[str] = mapped_column(String(64))
    codec: Mapped[str] = mapped_column(String(32))
    width: Mapped[int]
    height: Mapped[int]
    frame_count: Mapped[int]
    frame_rate: Mapped[float] = mapped_column(Double)  # frames per second, mean
    duration_s: Mapped[float] = mapped_column(Double)

    scan_status: Mapped[ScanStatus] = mapped_column(word_type(ScanStatus), default=ScanStatus.NOT_SCANNED)
    scan_reason: Mapped[ScanReason | None] = mapped_column(word_type(ScanReason), default=ScanReason.NOT_YET)
    scan_signature: Mapped[str | None] = mapped_column(String(255))  # what an infected file is infected with
    scanned_at: Mapped[datetime | None]  # when the status became what it is
    footage_deleted_at: Mapped[datetime | None]  # by the club's rule about how long footage is kept

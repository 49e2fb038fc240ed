import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.models import ScanReason, ScanStatus


class VideoRead(BaseModel):
    """An uploaded video of a match, as it was judged on arrival."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "c2a4e8d6-7b19-4e3f-b0d5-91a6f3c7e852",
                    "club_id": "6f0b6a52-4d9b-4d0e-9a3f-1c8b2f7e5d40",
                    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
                    "filename": "first-half.mp4",
                    "size_bytes": 4112384,
                    "sha256": "8d831f07159b5f397aa09a5ab8f1c267eb2344f404d78ebf9bd68b2c158d64a6",
                    "container": "mov,mp4,m4a,3gp,3g2,mj2",
                    "codec": "h264",
                    "width": 3840,
                    "height": 2160,
                    "frame_count": 250,
                    "frame_rate": 25.0,
                    "duration_s": 10.0,
                    "scan_status": "clean",
                    "scan_reason": None,
                    "scan_signature": None,
                    "scanned_at": "2026-05-09T16:30:42.100000Z",
                    "footage_deleted_at": None,
                    "created_at": "2026-05-09T16:30:41.250000Z",
                    "updated_at": "2026-05-09T16:30:41.250000Z",
                }
            ]
        },
    )

    id: uuid.UUID
    club_id: uuid.UUID
    match_id: uuid.UUID
    filename: str = Field(description="As the client called it.")
    size_bytes: int
    sha256: str = Field(description="SHA-256 of the file, hexadecimal.")
    container: str = Field(description="What FFmpeg calls the container: several names where they share a demuxer.")
    codec: str = Field(description="What FFmpeg calls the codec.")
    width: int = Field(description="Of a frame, pixels.")
    height: int = Field(description="Of a frame, pixels.")
    frame_count: int = Field(description="Frames that a player shows.")
    frame_rate: float = Field(description="Mean, frames per second.")
    duration_s: float = Field(description="Seconds.")
    scan_status: ScanStatus = Field(
        description="What the virus scanner said. `clean`: all of the file was examined. `infected`: the file was "
        "deleted. `error` and `not_scanned`: nobody can say; take the file with care."
    )
    scan_reason: ScanReason | None = Field(
        description="Why it is `not_scanned` (`not_yet`: no analysis has come to it; `no_scanner`, `switched_off`; "
        "`too_large` for the scanner) or `error` (`unreachable`, `timed_out`, `scanner_failed`). Else null."
    )
    scan_signature: str | None = Field(description="What an infected file is infected with.")
    scanned_at: datetime | None = Field(description="When `scan_status` became what it is; null: not yet.")
    footage_deleted_at: datetime | None = Field(
        description="When the file was deleted because the club keeps footage no longer; its figures stay. null: it "
        "was not."
    )
    created_at: datetime
    updated_at: datetime

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, JsonValue


class AnalysisReportRead(BaseModel):
    """What one analysis found: figures, how good the evidence is, and where it comes from."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    match_id: uuid.UUID
    video_id: uuid.UUID | None
    job_id: uuid.UUID | None
    report_type: str
    engine_name: str | None
    engine_version: str | None
    total_frames: int
    players_tracked: int
    report_data: dict[str, JsonValue]
    created_at: datetime

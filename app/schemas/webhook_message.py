"""What the server sends to webhooks, by the Standard Webhooks specification."""

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.models import JobStatus, WebhookEvent
from app.schemas.job import JobError

_COMPLETED: dict[str, JsonValue] = {
    "type": "job.completed",
    "timestamp": "2026-05-09T16:31:12.400000Z",
    "data": {
        "job_id": "9e1d5a3c-2f84-4b67-a7c0-6d8e0b4f1293",
        "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
        "status": "COMPLETED",
        "report_id": "5b7f6c1e-3d0a-4c55-9c1b-8f2f5d0e7a10",
        "error": None,
    },
}

JobEvent = Literal[WebhookEvent.JOB_COMPLETED, WebhookEvent.JOB_FAILED, WebhookEvent.JOB_CANCELLED]


class JobEnded(BaseModel):
    """What came of a job."""

    job_id: uuid.UUID
    match_id: uuid.UUID
    status: JobStatus = Field(description="COMPLETED, FAILED or CANCELLED.")
    report_id: uuid.UUID | None = Field(description="Names the analysis report; null: there is none.")
    error: JobError | None = Field(description="null: the job did not fail.")


class JobEndedMessage(BaseModel):
    """Sent when a job reaches its final state."""

    model_config = ConfigDict(json_schema_extra={"examples": [_COMPLETED]})

    type: JobEvent
    timestamp: datetime = Field(description="When it happened; the header `webhook-timestamp` is the time of sending.")
    data: JobEnded


class WebhookTested(BaseModel):
    """Which webhook is tested."""

    webhook_id: uuid.UUID


class WebhookTestMessage(BaseModel):
    """Sent when an owner asks for it."""

    type: Literal[WebhookEvent.TEST]
    timestamp: datetime
    data: WebhookTested

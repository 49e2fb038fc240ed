import json
import uuid
from datetime import datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StringConstraints,
)

from app.models import DeliveryState, WebhookEvent
from app.schemas.fields import BLANK_IS_NULL, Body, Patch, unchanged
from app.schemas.webhook_message import JobEvent

WebhookUrl = Annotated[
    str,
    StringConstraints(max_length=2000, pattern=r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#]"),
    Field(description="http or https, on the public internet, without user name and password."),
]
Events = Annotated[
    list[JobEvent],
    Field(min_length=1, max_length=10, description="What to be told of."),
    AfterValidator(lambda events: list(dict.fromkeys(events))),
]
Description = Annotated[Annotated[str, Field(max_length=500)] | None, BLANK_IS_NULL]


class WebhookCreate(Body):
    """An address to send messages to."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://club.example.com/hooks/coach-pro",
                    "events": ["job.completed", "job.failed"],
                    "description": "Tells the team chat.",
                }
            ]
        }
    )

    url: WebhookUrl
    events: Events
    description: Description = None
    club_id: uuid.UUID | None = Field(default=None, description="null: your active club.")


class WebhookPatch(Patch):
    """What to change about a webhook. Switching it on forgets its failures."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_active": True}]})

    url: WebhookUrl = unchanged()
    events: Events = unchanged()
    description: Description = None
    is_active: StrictBool = unchanged()


class WebhookRead(BaseModel):
    """An address to which messages go. Only owners see it, and nobody sees its secret again."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    url: str
    events: list[WebhookEvent]
    description: str | None
    is_active: bool
    disabled_reason: str | None = Field(description="Why the server switched it off; null: it did not.")
    consecutive_failures: int = Field(description="Messages given up since the last one that arrived.")
    previous_secret_until: datetime | None = Field(description="Until then the secret before this one signs as well.")
    created_at: datetime
    updated_at: datetime


class WebhookMade(WebhookRead):
    """The only answer that ever shows this secret."""

    secret: str = Field(description="Verifies the header `webhook-signature` (Standard Webhooks).")


def _read(payload: JsonValue) -> JsonValue:
    """The row has it as the text that was signed."""
    read: JsonValue = json.loads(payload) if isinstance(payload, str) else payload
    return read


class WebhookDeliveryRead(BaseModel):
    """One message to one webhook, waiting or sent."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    webhook_id: uuid.UUID
    message_id: str = Field(description="The header `webhook-id`: the same at each attempt, and when it is sent again.")
    event_type: WebhookEvent
    payload: Annotated[JsonValue, BeforeValidator(_read)] = Field(description="The body that is sent.")
    state: DeliveryState
    attempt: int = Field(description="Attempts so far.")
    next_attempt_at: datetime = Field(description="When it is, or was, due.")
    last_status: int | None = Field(description="HTTP status of the latest answer; null: there was none.")
    last_error: str | None = Field(description="Why the latest attempt failed, in a sentence.")
    response_ms: int | None = Field(description="How long the latest attempt took.")
    created_at: datetime
    finished_at: datetime | None = Field(description="null: it is still pending.")

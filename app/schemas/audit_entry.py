import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.models import AuditAction


class AuditEntryRead(BaseModel):
    """One change of one row."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    user_id: uuid.UUID | None = Field(description="Who did it; null: the account is gone.")
    user_email: str | None = Field(description="Of that account, as it is now.")
    action: AuditAction
    resource: str = Field(description="Table of the row.", examples=["matches"])
    resource_id: uuid.UUID = Field(description="Of a membership: the user.")
    before: dict[str, JsonValue] | None = Field(description="What changed or was deleted, by column.")
    after: dict[str, JsonValue] | None = Field(description="What it was changed to, or created with, by column.")
    request_id: str | None = Field(description="`X-Request-ID` of the request that did it.")
    created_at: datetime

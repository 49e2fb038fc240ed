import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class ErasureRead(BaseModel):
    """That somebody was erased."""

    resource: Literal["players", "staff"] = Field(description="Table of the row.")
    resource_id: uuid.UUID
    club_id: uuid.UUID
    erased_at: datetime
    redacted_rows: int = Field(description="Rows, entries of the audit log among them, that had named the person.")

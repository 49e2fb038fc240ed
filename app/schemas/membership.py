import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from app.core.account import Role
from app.schemas.fields import Patch, unchanged


class MembershipPatch(Patch):
    """What to change about a member."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "analyst"}]})

    role: Role = unchanged()


class MembershipRead(BaseModel):
    """A member of a club."""

    club_id: uuid.UUID
    user_id: uuid.UUID
    email: str
    full_name: str | None
    role: Role
    created_at: datetime

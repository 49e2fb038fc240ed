import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from app.core.account import Role
from app.schemas.fields import Body, Name, Patch, unchanged


class ClubCreate(Body):
    """A club to found."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Port Aurelia FC Academy"}]})

    name: Name


class ClubPatch(Patch):
    """What to change about a club."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Port Aurelia FC"}]})

    name: Name = unchanged()


class ClubRead(BaseModel):
    """A club that you are a member of, and what you may do in it."""

    id: uuid.UUID
    name: str
    role: Role
    created_at: datetime

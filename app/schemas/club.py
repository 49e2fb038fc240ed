import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.core.account import Role
from app.models import Club
from app.schemas.fields import JSON_NUMBER, Body, Name, Patch, unchanged

FootageRetentionDays = Annotated[
    Annotated[int, JSON_NUMBER, Field(ge=1, le=36500)] | None,
    Field(description="Files of videos are deleted so many days after their upload; figures stay. null: never."),
]


class ClubCreate(Body):
    """A club to found."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Port Aurelia FC Academy"}]})

    name: Name


class ClubPatch(Patch):
    """What to change about a club."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Port Aurelia FC"}, {"footage_retention_days": 365}]}
    )

    name: Name = unchanged()
    footage_retention_days: FootageRetentionDays = unchanged()


class ClubRead(BaseModel):
    """A club that you are a member of, and what you may do in it."""

    id: uuid.UUID
    name: str
    footage_retention_days: FootageRetentionDays
    role: Role
    created_at: datetime

    @classmethod
    def of(cls, club: Club, role: Role) -> "ClubRead":
        return cls(
            id=club.id,
            name=club.name,
            footage_retention_days=club.footage_retention_days,
            role=role,
            created_at=club.created_at,
        )

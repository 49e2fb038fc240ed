import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, EmailStr, Field

from app.core.account import Role
from app.schemas.fields import Body


class InvitationCreate(Body):
    """A place in a club to offer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"email": "grace@example.com", "role": "analyst"}]})

    email: Annotated[EmailStr, Field(max_length=254)]
    role: Role


class InvitationRead(BaseModel):
    """A place in a club that was offered to an e-mail address."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    email: str
    role: Role
    invited_by: uuid.UUID | None = Field(description="User; null: the account is gone.")
    expires_at: datetime
    accepted_at: datetime | None = Field(description="null: not yet.")
    created_at: datetime


class InvitationMade(InvitationRead):
    """The only answer that ever shows the token."""

    token: str = Field(description="Hand it on to whom you invite: the server sends no e-mail.")


class InvitationAcceptance(BaseModel):
    """The token that an owner of the club has handed on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token": "Zk3vR0dYw1oVb7uT9xQeLr5nHs2cGp8aJm4iKf6yDtE"}]}
    )

    token: Annotated[str, Field(min_length=1, max_length=200)]

import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, EmailStr, Field

from app.core.account import Role
from app.schemas.fields import Body, Patch
from app.schemas.published_client import NamesOwner
from app.schemas.spelling import OneLine

Password = Annotated[str, Field(min_length=6, max_length=128)]
FullName = Annotated[str, OneLine(200)]
Secret = Annotated[str, Field(min_length=1, max_length=200)]


class Registration(Body):
    """A new account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "coach@example.com", "password": "correct horse", "full_name": "Ada Coach"}]
        }
    )

    email: Annotated[EmailStr, Field(max_length=254)]
    password: Password
    full_name: FullName | None = None
    invitation_token: Secret | None = Field(
        default=None, description="Join the club that invited this address, instead of getting a club of your own."
    )


class Token(BaseModel):
    """Proof of a log-in; send `access_token` as `Authorization: Bearer ...`."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a kind, not a secret
    expires_in: int = Field(description="Seconds until the access token expires.")
    refresh_token: str = Field(description="Good for one `POST /api/token/refresh`, which answers the next one.")


class Registered(Token):
    """A new account, which is logged in."""

    email: str
    detail: str = Field(description="A sentence for people.")


class RefreshRequest(BaseModel):
    """A refresh token, to be traded for the next one."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"refresh_token": "3q2-7wAhJ5l8Kx1vQe9Tz0bNfYcRmUoGiHsDpLaWtBk"}]}
    )

    refresh_token: Secret


class PasswordChange(BaseModel):
    """Another password for your account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"current_password": "correct horse", "new_password": "correct horse battery staple"}]
        }
    )

    current_password: Annotated[str, Field(max_length=128)]
    new_password: Password


class AccountDeletion(BaseModel):
    """The password once more, so that nobody deletes an account by accident, or by a borrowed token."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "correct horse"}]})

    password: Annotated[str, Field(max_length=128)]


class UserPatch(Patch):
    """What to change about your account."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"full_name": "Ada Coach"}]})

    full_name: FullName | None = None
    active_club_id: uuid.UUID | None = Field(
        default=None,
        description="One of your clubs: what you add without saying for which club is for this one. null: the first "
        "that you own.",
    )


class MembershipOfUser(BaseModel):
    """A club that a user belongs to."""

    model_config = ConfigDict(from_attributes=True)

    club_id: uuid.UUID
    club_name: str
    role: Role


class UserRead(NamesOwner):
    """An account, without its secrets."""

    id: uuid.UUID
    email: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    last_login_at: datetime | None
    active_club_id: uuid.UUID | None = Field(
        description="What you add without saying for which club is for this one; null: you belong to no club."
    )
    memberships: list[MembershipOfUser] = Field(description="The oldest first.")


class SessionRead(BaseModel):
    """A log-in that still counts."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    user_agent: str | None = Field(description="What the client called itself when it logged in.")
    address: str | None = Field(description="The IP address that the log-in came from.")
    created_at: datetime
    last_used_at: datetime = Field(description="When it was refreshed last.")
    expires_at: datetime = Field(description="When it ends, unless it is refreshed before.")
    is_current: bool = Field(description="Whether it is the one of this request.")

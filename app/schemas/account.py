import uuid
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, EmailStr, Field, StringConstraints


class Registration(BaseModel):
    """A new account."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"email": "coach@example.com", "password": "correct horse", "full_name": "Ada Coach"}]
        }
    )

    email: Annotated[EmailStr, Field(max_length=254)]
    password: Annotated[str, Field(min_length=6, max_length=128)]
    full_name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None


class Token(BaseModel):
    """Proof of a log-in; send it as `Authorization: Bearer ...`."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a kind, not a secret
    expires_in: int = Field(description="Seconds until the token expires.")


class UserRead(BaseModel):
    """An account, without its secrets."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    email: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    last_login_at: datetime | None

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.models import StaffRole
from app.schemas.fields import NOTHING_IS_NULL, Body, Name, OptionalNotes, Patch, unchanged
from app.schemas.spelling import OneLine, Spelling

# Blanks and control characters one by one: what "\s" stands for differs between Python and ECMAScript.
_PLAIN = r"[^@\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+"
# Nothing is sent there, so it need not be more than plausible.
ContactEmail = Annotated[str, Field(max_length=254), Spelling(f"{_PLAIN}@{_PLAIN}", "an e-mail address")]
Phone = Annotated[Annotated[str, OneLine(50)] | None, NOTHING_IS_NULL]


class StaffCreate(Body):
    """Somebody of the staff to add."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Bea Okafor", "role": "assistant_coach", "email": "bea@example.com", "notes": "Set pieces."}
            ]
        }
    )

    name: Name
    role: StaffRole
    team_id: uuid.UUID | None = None
    email: ContactEmail | None = None
    phone: Phone = None
    notes: OptionalNotes = None
    club_id: uuid.UUID | None = Field(default=None, description="null: the club of the team, or your active club.")


class StaffPatch(Patch):
    """What to change about somebody of the staff."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "head_coach"}]})

    name: Name = unchanged()
    role: StaffRole = unchanged()
    team_id: uuid.UUID | None = None
    email: ContactEmail | None = None
    phone: Phone = None
    notes: OptionalNotes = None


class StaffRead(BaseModel):
    """Somebody who works for a team, or for the whole club. Not an account."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    team_id: uuid.UUID | None
    name: str
    role: StaffRole
    email: str | None
    phone: str | None
    notes: str | None
    created_at: datetime
    updated_at: datetime

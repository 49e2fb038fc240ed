import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.fields import Body, Name, OptionalColour, Patch, unchanged


class TeamCreate(Body):
    """A team to add."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "Port Aurelia FC", "primary_color": "#0b6e4f", "secondary_color": "#ffffff"}]
        }
    )

    name: Name
    primary_color: OptionalColour = None
    secondary_color: OptionalColour = None
    club_id: uuid.UUID | None = Field(default=None, description="null: your active club.")


class TeamPatch(Patch):
    """What to change about a team."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"primary_color": "#c8102e"}]})

    name: Name = unchanged()
    primary_color: OptionalColour = None
    secondary_color: OptionalColour = None


class TeamRead(BaseModel):
    """A team of a club: its own, or an opponent."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    name: str
    primary_color: str | None = Field(description="sRGB as `#rrggbb`.")
    secondary_color: str | None = Field(description="sRGB as `#rrggbb`.")
    logo_url: str | None = Field(description="Path on this server; readable without a token.")
    created_at: datetime
    updated_at: datetime

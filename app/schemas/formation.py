import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.fields import JSON_NUMBER, Body, OptionalNotes, Patch, unchanged
from app.schemas.spelling import VisibleLine

RoleWord = Annotated[str, VisibleLine(16)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), JSON_NUMBER]


class FormationSlot(BaseModel):
    """Where one player stands, in shares of the pitch as the team sees it that attacks upwards."""

    position: RoleWord = Field(description="Abbreviation of the role, such as GK or MID.")
    x: Share = Field(description="0 at the left touchline to 1 at the right one.")
    y: Share = Field(description="0 at the opponent's goal line to 1 at the own one.")


_FIR_TREE = (
    ("GK", 0.5, 0.95),
    *(("DEF", x, 0.75) for x in (0.2, 0.4, 0.6, 0.8)),
    *(("MID", x, 0.55) for x in (0.3, 0.5, 0.7)),
    *(("CAM", x, 0.35) for x in (0.4, 0.6)),
    ("ST", 0.5, 0.15),
)

Positions = Annotated[list[FormationSlot], Field(max_length=11)]
FormationName = Annotated[str, VisibleLine(50)]


class FormationCreate(Body):
    """A formation to add."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Fir tree",
                    "description": "Narrow, with one striker.",
                    "positions": [{"position": word, "x": x, "y": y} for word, x, y in _FIR_TREE],
                }
            ]
        }
    )

    name: FormationName = Field(
        description="A name that is or begins with lines, such as 4-3-3, must have ten outfield players, and such "
        "positions, whichever dashes it is written with."
    )
    description: OptionalNotes = None
    team_id: uuid.UUID | None = Field(default=None, description="null: for every team of the club.")
    positions: Positions | None = Field(
        default=None,
        description="One goalkeeper (GK) and ten others; null or empty: those that the name tells, if any.",
    )
    club_id: uuid.UUID | None = Field(default=None, description="null: the club of the team, or your active club.")

    def columns(self) -> dict[str, Any]:
        return self.model_dump(exclude={"positions"}) | {"positions": self.model_dump()["positions"] or []}


class FormationPatch(Patch):
    """What to change about a formation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"description": "For the last ten minutes."}]})

    name: FormationName = unchanged()
    description: OptionalNotes = None
    team_id: uuid.UUID | None = Field(default=None, description="null: for every team of the club.")
    positions: Positions = unchanged()


class FormationRead(BaseModel):
    """A formation of a club."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    name: str
    description: str | None
    team_id: uuid.UUID | None = Field(description="null: for every team of the club.")
    positions: list[FormationSlot]
    club_id: uuid.UUID
    created_at: datetime
    updated_at: datetime

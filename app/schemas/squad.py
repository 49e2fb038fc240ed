import uuid
from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from app.models import Foot, Position


class SquadAction(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"


class SquadCellError(BaseModel):
    """What is wrong with a cell. ``column`` null: with the row as a whole."""

    column: str | None
    message: str


class SquadPlayer(BaseModel):
    """A player as the file would leave it. A cell with an error counts as empty here."""

    model_config = ConfigDict(from_attributes=True)

    jersey_number: int | None = None
    name: str | None = None
    position: Position | None = None
    birth_date: date | None = None
    dominant_foot: Foot | None = None
    height_cm: int | None = Field(default=None, description="Centimetres.")
    weight_kg: int | None = Field(default=None, description="Kilograms.")
    nationality: str | None = None
    country_code: str | None = Field(default=None, description="ISO 3166-1 alpha-2.")


class SquadChange(BaseModel):
    """What becomes of one field of a player; null: empty."""

    field: str = Field(description="As the column of the file is called.")
    before: str | int | None
    after: str | int | None


class SquadRow(BaseModel):
    """One row of the file, and what it does."""

    row: int = Field(description="As a spreadsheet counts: the header is row 1.")
    action: SquadAction
    player_id: uuid.UUID | None = Field(description="The player whom the row is about; null: a new one.")
    player: SquadPlayer
    changes: list[SquadChange] = Field(description="What becomes different; of a new player, all that the row tells.")
    errors: list[SquadCellError]


class SquadChanges(BaseModel):
    """What a file does to a squad. A row with an error counts as that only."""

    rows: list[SquadRow]
    creates: int
    updates: int
    unchanged: int
    errors: int = Field(description="Rows with an error.")

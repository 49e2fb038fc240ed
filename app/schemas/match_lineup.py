import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    StrictBool,
    Tag,
)

from app.models import MatchLineupEntry
from app.schemas.fields import Body

_TEAM, _PLAYER = "4ad7e1c0-93b5-4f68-a2d1-7c0e5b8f6a34", "b81f5c27-0e6d-4a93-8f4b-2d9c7a1e5063"
_MATCH = "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31"
_PLACE: dict[str, JsonValue] = {
    "team_id": _TEAM,
    "player_id": _PLAYER,
    "is_starting": True,
    "position_in_formation": "GK",
}


def _true_if_not_said(value: bool | None) -> bool:
    return value is not False


IsStarting = Annotated[
    StrictBool | None,
    AfterValidator(_true_if_not_said),
    Field(description="false: a substitute; null stands for true."),
]


class LineupPlace(Body):
    """One player's place on the sheet: a starter, or a substitute."""

    team_id: uuid.UUID
    player_id: uuid.UUID
    formation_id: uuid.UUID | None = Field(
        default=None, description="The formation that the player's team lines up in."
    )
    is_starting: IsStarting = True
    position_in_formation: Annotated[str, Field(max_length=50)] | None = Field(
        default=None, description="The player's place in it, such as GK; kept as it is."
    )


class MatchLineupCreate(Body):
    """The sheet of a match that has none yet."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"match_id": _MATCH, "entries": [_PLACE]}]})

    match_id: uuid.UUID
    entries: Annotated[list[LineupPlace], Field(min_length=1, max_length=52)] = Field(
        description="Each player stands on the sheet once; each team has eleven starters, one of them a goalkeeper."
    )


class MatchLineupReplace(Body):
    """The new entries of a sheet."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"entries": [_PLACE]}]})

    entries: Annotated[list[LineupPlace], Field(min_length=1, max_length=52)]


class MatchLineupEntryCreate(LineupPlace):
    """One place more on the sheet of a match; the first one makes the sheet."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"match_id": _MATCH, **_PLACE}]})

    match_id: uuid.UUID


def _branch(body: Any) -> str:
    return "tag:entry" if isinstance(body, dict) and "player_id" in body else "tag:sheet"


LineupBody = Annotated[
    Annotated[MatchLineupCreate, Tag("tag:sheet")] | Annotated[MatchLineupEntryCreate, Tag("tag:entry")],
    Discriminator(_branch),
]
"""A whole sheet, or, with ``player_id``, one place on it."""


class MatchLineupEntryRead(BaseModel):
    """One player's place on the sheet of a match."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    club_id: uuid.UUID
    lineup_id: uuid.UUID
    match_id: uuid.UUID
    team_id: uuid.UUID
    player_id: uuid.UUID
    player_name: str
    formation_id: uuid.UUID | None
    is_starting: bool
    position_in_formation: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, entry: MatchLineupEntry) -> "MatchLineupEntryRead":
        """An entry whose sheet and player are loaded."""
        columns = {name: getattr(entry, name) for name in cls.model_fields if hasattr(entry, name)}
        return cls(**columns, match_id=entry.lineup.match_id, player_name=entry.player.name)


class Substitution(BaseModel):
    """One player for another, from the events of the match; null where the other half was not entered."""

    minute: int
    stoppage_minute: int | None
    team_id: uuid.UUID | None
    player_in_id: uuid.UUID | None
    player_out_id: uuid.UUID | None


class MatchLineupRead(BaseModel):
    """The one sheet of a match, for both teams."""

    id: uuid.UUID
    club_id: uuid.UUID
    match_id: uuid.UUID
    entries: list[MatchLineupEntryRead] = Field(description="In the order in which they were written.")
    substitutions: list[Substitution] = Field(description="By minute.")
    complete: bool = Field(description="Both teams have eleven starters, one of them a goalkeeper.")
    missing: list[str] = Field(description="What is missing of both teams, in sentences.")
    created_at: datetime
    updated_at: datetime

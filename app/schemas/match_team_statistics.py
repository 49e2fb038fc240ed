import json
import uuid
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from app.schemas.fields import JSON_NUMBER, Notes, Patch

_MOST_BYTES = 100_000
_MOST_LEVELS = 20  # MariaDB reads no JSON that is nested deeper than 32


def _small_object(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if _levels(value) > _MOST_LEVELS:
        raise ValueError(f"nested deeper than {_MOST_LEVELS} levels")
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except ValueError as error:
        raise ValueError("not valid JSON: it has an infinite number, or half a character") from error
    if len(written) > _MOST_BYTES:
        raise ValueError(f"longer than {_MOST_BYTES} bytes")
    return value


def _levels(value: JsonValue) -> int:
    """How deep objects and lists are nested; what is deeper than allowed is not counted to its end."""
    level, layer = 0, [value]
    while layer and level <= _MOST_LEVELS:
        nested = [item for item in layer if isinstance(item, dict | list)]
        layer = [inner for item in nested for inner in (item.values() if isinstance(item, dict) else item)]
        level += bool(nested)
    return level


Counter = Annotated[int, Field(ge=0, le=1000), JSON_NUMBER]
ManyCounter = Annotated[int, Field(ge=0, le=10_000), JSON_NUMBER]
Possession = Annotated[
    float,
    Field(
        ge=0, le=100, allow_inf_nan=False, description="Percent; the two teams of a match have no more than 100 in sum."
    ),
    JSON_NUMBER,
]
ExpectedGoals = Annotated[
    float, Field(ge=0, le=100, allow_inf_nan=False, description="Expected goals (xG)."), JSON_NUMBER
]
ShotsOnTarget = Annotated[int, Field(ge=0, le=1000, description="At most `total_shots`."), JSON_NUMBER]
FreeObject = Annotated[
    dict[str, JsonValue],
    AfterValidator(_small_object),
    Field(description="An object of your own making, kept as it is: at most 100 kB as JSON, 20 levels deep."),
]

_BODY: dict[str, JsonValue] = {
    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
    "team_id": "a3f1c9d2-5e84-4b07-9c6a-e2d8b1f04735",
    "possession_percentage": 56.5,
    "expected_goals": 1.8,
    "total_shots": 14,
    "shots_on_target": 6,
    "corners": 5,
    "fouls": 11,
    "offsides": 2,
    "pressures": 143,
    "final_third_passes": 88,
    "transition_speed_data": {"mean_seconds_to_shot": 11.4},
}


class TeamFigures(Patch):
    """Figures of a team that a person enters; null: not entered."""

    possession_percentage: Possession | None = None
    expected_goals: ExpectedGoals | None = None
    total_shots: Counter | None = None
    shots_on_target: ShotsOnTarget | None = None
    corners: Counter | None = None
    fouls: Counter | None = None
    offsides: Counter | None = None
    pressures: ManyCounter | None = None
    final_third_passes: ManyCounter | None = None
    high_turnover_zones_data: FreeObject | None = None
    set_piece_xg_breakdown_data: FreeObject | None = None
    transition_speed_data: FreeObject | None = None
    build_up_patterns: FreeObject | None = None
    defensive_block_patterns: FreeObject | None = None
    notes: Notes | None = None


class MatchTeamStatisticsCreate(TeamFigures):
    """Figures of a team in a match that has none yet."""

    model_config = ConfigDict(json_schema_extra={"examples": [_BODY]})

    match_id: uuid.UUID
    team_id: uuid.UUID = Field(description="A team that plays in the match.")


class MatchTeamStatisticsPatch(TeamFigures):
    """What to change about the figures of a team."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"corners": 6, "offsides": 3}]})


class MatchTeamStatisticsRead(BaseModel):
    """Figures of one team in one match, entered by hand; null: not entered."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "e7c2b590-1f6d-48a3-b94e-3d05f8a7c612",
                    "club_id": "6f0b6a52-4d9b-4d0e-9a3f-1c8b2f7e5d40",
                    **_BODY,
                    "high_turnover_zones_data": None,
                    "set_piece_xg_breakdown_data": None,
                    "build_up_patterns": None,
                    "defensive_block_patterns": None,
                    "notes": None,
                    "created_at": "2026-05-10T08:30:00Z",
                    "updated_at": "2026-05-10T08:30:00Z",
                }
            ]
        },
    )

    id: uuid.UUID
    club_id: uuid.UUID
    match_id: uuid.UUID
    team_id: uuid.UUID
    possession_percentage: float | None
    expected_goals: float | None
    total_shots: int | None = Field(description="On target or not.")
    shots_on_target: int | None
    corners: int | None
    fouls: int | None
    offsides: int | None
    pressures: int | None
    final_third_passes: int | None
    high_turnover_zones_data: dict[str, JsonValue] | None
    set_piece_xg_breakdown_data: dict[str, JsonValue] | None
    transition_speed_data: dict[str, JsonValue] | None
    build_up_patterns: dict[str, JsonValue] | None
    defensive_block_patterns: dict[str, JsonValue] | None
    notes: str | None
    created_at: datetime
    updated_at: datetime

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.schemas.measures import DecidedTeam, Distance, DistanceError, MeanSpeed, MeanX, MeanY, TopSpeed, TopSpeedError

_EXAMPLE: dict[str, JsonValue] = {
    "id": "71f0c3d8-5e2a-4d96-b1a4-0c8e7f9b3d25",
    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
    "player_id": None,
    "report_id": "5b7f6c1e-3d0a-4c55-9c1b-8f2f5d0e7a10",
    "track_number": 1,
    "team": "A",
    "seconds_seen": 10.0,
    "distance_m": 31.312,
    "distance_error_m": 0.613,
    "top_speed_mps": 4.48,
    "top_speed_error_mps": 0.317,
    "mean_speed_mps": 3.131,
    "mean_x_m": 41.207,
    "mean_y_m": 22.95,
    # Cells of 35 m keep the example short; an analysis makes them of 5 m.
    "heatmap": {"cell_m": 35.0, "columns": 3, "rows": 2, "seconds": [[0.0, 10.0, 0.0], [0.0, 0.0, 0.0]]},
    "minutes_played": None,
    "goals": None,
    "assists": None,
    "shots": None,
    "shots_on_target": None,
    "passes": None,
    "accurate_passes": None,
    "key_passes": None,
    "tackles": None,
    "interceptions": None,
    "clearances": None,
    "saves": None,
    "fouls_committed": None,
    "fouls_suffered": None,
    "offsides": None,
    "rating": None,
    "notes": None,
    "created_at": "2026-05-09T16:31:12.400000Z",
}


class Heatmap(BaseModel):
    """Seconds spent in each cell; row 0, column 0 lies at the origin of the pitch, the far left corner."""

    cell_m: float = Field(description="Length of a cell's side, metres.")
    columns: int = Field(description="Cells along the touchline; the last may reach over the line.")
    rows: int = Field(description="Cells along the goal line; the last may reach over the line.")
    seconds: list[list[float]] = Field(description="By row, then column. Gaps in the track count for no cell.")


class PlayerMatchStatisticsRead(BaseModel):
    """Figures of one player, or of one track that nobody has named; null means not measured or not entered.

    A row is either measured (``report_id`` is set: up to ``heatmap``) or entered by hand (from ``minutes_played``).
    """

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_EXAMPLE]})

    id: uuid.UUID
    match_id: uuid.UUID
    player_id: uuid.UUID | None = Field(description="null: nobody has said who the track is.")
    report_id: uuid.UUID | None = Field(description="The analysis that measured the row; null: entered by hand.")
    track_number: int | None = Field(description="Number of the track within its analysis; null: entered by hand.")
    team: DecidedTeam
    seconds_seen: float | None = Field(description="Seconds in view; gaps of over a second are left out.")
    distance_m: Distance
    distance_error_m: DistanceError
    top_speed_mps: TopSpeed
    top_speed_error_mps: TopSpeedError
    mean_speed_mps: MeanSpeed
    mean_x_m: MeanX
    mean_y_m: MeanY
    heatmap: Heatmap | None = Field(description="null: no usable position in metres.")
    minutes_played: int | None
    goals: int | None
    assists: int | None
    shots: int | None = Field(description="On target or not.")
    shots_on_target: int | None
    passes: int | None = Field(description="Tried, accurate or not.")
    accurate_passes: int | None = Field(description="Passes that reached a team-mate.")
    key_passes: int | None = Field(description="Passes that led to a shot.")
    tackles: int | None
    interceptions: int | None
    clearances: int | None
    saves: int | None
    fouls_committed: int | None
    fouls_suffered: int | None
    offsides: int | None
    rating: float | None = Field(description="A person's mark, from 0 to 10, the best.")
    notes: str | None
    created_at: datetime

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, computed_field

from app.schemas.fields import JSON_NUMBER, Notes, Patch
from app.schemas.measures import (
    Confidence,
    DecidedTeam,
    Distance,
    DistanceError,
    MeanSpeed,
    MeanX,
    MeanY,
    TopSpeed,
    TopSpeedError,
)

_KMH_PER_MPS = 3.6

_EXAMPLE: dict[str, JsonValue] = {
    "id": "71f0c3d8-5e2a-4d96-b1a4-0c8e7f9b3d25",
    "club_id": "6f0b6a52-4d9b-4d0e-9a3f-1c8b2f7e5d40",
    "match_id": "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31",
    "player_id": None,
    "report_id": "5b7f6c1e-3d0a-4c55-9c1b-8f2f5d0e7a10",
    "track_number": 1,
    "team": "A",
    "seconds_seen": 10.0,
    "confidence": 0.83,
    "distance_m": 31.312,
    "distance_error_m": 0.613,
    "top_speed_mps": 4.48,
    "top_speed_error_mps": 0.317,
    "mean_speed_mps": 3.131,
    "sprint_count": None,
    "sprint_distance_m": None,
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
    "progressive_carries": None,
    "player_xg": None,
    "press_resistance_success_rate": None,
    "defensive_coverage_km": None,
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
    "updated_at": "2026-05-09T16:31:12.400000Z",
    "distance_covered_km": 0.031,
    "avg_speed_kmh": 11.272,
    "max_speed_kmh": 16.128,
}
_MATCH = "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31"
_PLAYER = "b8d4f6a2-0c73-4e19-8f5d-6a1b9e3c7042"

Counter = Annotated[int, Field(ge=0, le=1000), JSON_NUMBER]
Minutes = Annotated[int, Field(ge=0, le=130), JSON_NUMBER]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, description="Percent."), JSON_NUMBER]
ExpectedGoals = Annotated[
    float, Field(ge=0, le=100, allow_inf_nan=False, description="Expected goals (xG)."), JSON_NUMBER
]
Kilometres = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, description="Kilometres."), JSON_NUMBER]
Rating = Annotated[
    float, Field(ge=0, le=10, allow_inf_nan=False, description="A person's mark; 10 is the best."), JSON_NUMBER
]
ShotsOnTarget = Annotated[int, Field(ge=0, le=1000, description="At most `shots`."), JSON_NUMBER]
AccuratePasses = Annotated[
    int, Field(ge=0, le=1000, description="Passes that reached a team-mate; at most `passes`."), JSON_NUMBER
]
Measured = Annotated[
    JsonValue,
    Field(
        default=None,
        description="Measured, and never changed: it may be sent as it was read only.",
        json_schema_extra={"readOnly": True},
    ),
]


class FigureSource(StrEnum):
    """Where the figures of a row come from."""

    MEASURED = "measured"
    ENTERED = "entered"


class Heatmap(BaseModel):
    """Seconds spent in each cell; row 0, column 0 lies at the origin of the pitch, the far left corner."""

    cell_m: float = Field(description="Length of a cell's side, metres.")
    columns: int = Field(description="Cells along the touchline; the last may reach over the line.")
    rows: int = Field(description="Cells along the goal line; the last may reach over the line.")
    seconds: list[list[float]] = Field(description="By row, then column. Gaps in the track count for no cell.")


class EnteredFigures(Patch):
    """Figures of a player that a person enters; null: not entered."""

    minutes_played: Minutes | None = None
    goals: Counter | None = None
    assists: Counter | None = None
    shots: Annotated[Counter | None, Field(description="On target or not.")] = None
    shots_on_target: ShotsOnTarget | None = None
    passes: Annotated[Counter | None, Field(description="Tried, accurate or not.")] = None
    accurate_passes: AccuratePasses | None = None
    key_passes: Annotated[Counter | None, Field(description="Passes that led to a shot.")] = None
    progressive_carries: Counter | None = None
    player_xg: ExpectedGoals | None = None
    press_resistance_success_rate: Percent | None = None
    defensive_coverage_km: Kilometres | None = None
    tackles: Counter | None = None
    interceptions: Counter | None = None
    clearances: Counter | None = None
    saves: Counter | None = None
    fouls_committed: Counter | None = None
    fouls_suffered: Counter | None = None
    offsides: Counter | None = None
    rating: Rating | None = None
    notes: Notes | None = None


class PlayerMatchStatisticsCreate(EnteredFigures):
    """Figures of a player in a match, entered by hand."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "match_id": _MATCH,
                    "player_id": _PLAYER,
                    "minutes_played": 90,
                    "goals": 1,
                    "shots": 4,
                    "shots_on_target": 2,
                    "passes": 41,
                    "accurate_passes": 35,
                    "rating": 7.5,
                }
            ]
        }
    )

    match_id: uuid.UUID
    player_id: uuid.UUID


class PlayerMatchStatisticsPatch(EnteredFigures):
    """What to change: of figures that were entered, any of them; of a measured row, who the track is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"goals": 2, "rating": 8.0}, {"player_id": _PLAYER}]})

    player_id: uuid.UUID | None = Field(
        default=None, description="Who the track of a measured row is; null: nobody knows. Fixed where it was entered."
    )
    team: Measured
    seconds_seen: Measured
    confidence: Measured
    distance_m: Measured
    distance_error_m: Measured
    top_speed_mps: Measured
    top_speed_error_mps: Measured
    mean_speed_mps: Measured
    sprint_count: Measured
    sprint_distance_m: Measured
    mean_x_m: Measured
    mean_y_m: Measured
    heatmap: Measured
    distance_covered_km: Measured
    avg_speed_kmh: Measured
    max_speed_kmh: Measured


class PlayerMatchStatisticsRead(BaseModel):
    """Figures of one player, or of one track that nobody has named; null means not measured or not entered.

    A row is either measured (``report_id`` is set: up to ``heatmap``) or entered by hand (from ``minutes_played``).
    """

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_EXAMPLE]})

    id: uuid.UUID
    club_id: uuid.UUID
    match_id: uuid.UUID
    player_id: uuid.UUID | None = Field(description="null: nobody has said who the track is.")
    report_id: uuid.UUID | None = Field(description="The analysis that measured the row; null: entered by hand.")
    track_number: int | None = Field(description="Number of the track within its analysis; null: entered by hand.")
    team: DecidedTeam
    seconds_seen: float | None = Field(description="Seconds in view; gaps of over a second are left out.")
    confidence: Confidence
    distance_m: Distance
    distance_error_m: DistanceError
    top_speed_mps: TopSpeed
    top_speed_error_mps: TopSpeedError
    mean_speed_mps: MeanSpeed
    sprint_count: int | None
    sprint_distance_m: float | None = Field(description="Metres covered in sprints.")
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
    progressive_carries: int | None
    player_xg: float | None = Field(description="Expected goals (xG).")
    press_resistance_success_rate: float | None = Field(description="Percent.")
    defensive_coverage_km: float | None = Field(description="Kilometres.")
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
    updated_at: datetime

    @computed_field(description="`distance_m` in kilometres.")  # type: ignore[prop-decorator]
    @property
    def distance_covered_km(self) -> float | None:
        return _times(self.distance_m, 0.001)

    @computed_field(description="`mean_speed_mps` in kilometres per hour.")  # type: ignore[prop-decorator]
    @property
    def avg_speed_kmh(self) -> float | None:
        return _times(self.mean_speed_mps, _KMH_PER_MPS)

    @computed_field(description="`top_speed_mps` in kilometres per hour.")  # type: ignore[prop-decorator]
    @property
    def max_speed_kmh(self) -> float | None:
        return _times(self.top_speed_mps, _KMH_PER_MPS)


def _times(figure: float | None, factor: float) -> float | None:
    return None if figure is None else round(figure * factor, 3)

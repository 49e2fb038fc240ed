import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Heatmap(BaseModel):
    """Seconds spent in each cell; row 0, column 0 lies at the origin of the pitch."""

    cell_m: float
    columns: int
    rows: int
    seconds: list[list[float]]


class PlayerMatchStatisticsRead(BaseModel):
    """Figures of one player, or of one track that nobody has named; null means not measured or not entered."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    match_id: uuid.UUID
    player_id: uuid.UUID | None
    report_id: uuid.UUID | None
    track_number: int | None
    team: str | None
    seconds_seen: float | None
    distance_m: float | None
    distance_error_m: float | None
    top_speed_mps: float | None
    top_speed_error_mps: float | None
    mean_speed_mps: float | None
    mean_x_m: float | None
    mean_y_m: float | None
    heatmap: Heatmap | None
    minutes_played: int | None
    goals: int | None
    assists: int | None
    shots: int | None
    shots_on_target: int | None
    passes: int | None
    accurate_passes: int | None
    key_passes: int | None
    tackles: int | None
    interceptions: int | None
    clearances: int | None
    saves: int | None
    fouls_committed: int | None
    fouls_suffered: int | None
    offsides: int | None
    rating: float | None
    notes: str | None
    created_at: datetime

import uuid
from collections.abc import Sequence

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, JsonValue, computed_field

from app.models import Player, PlayerMatchStatistics
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
    TrackNumber,
)
from app.schemas.player_match_statistics import EnteredFigures

_ENTERED: dict[str, JsonValue] = {
    "statistics_id": "f0a93c61-7d28-4be5-8c14-5e9b2d7a0f36",
    "minutes_played": 90,
    "goals": 1,
    "assists": 0,
    "shots": 4,
    "shots_on_target": 2,
    "passes": 41,
    "accurate_passes": 35,
    "key_passes": 3,
    "progressive_carries": 6,
    "player_xg": 0.62,
    "press_resistance_success_rate": 71.5,
    "defensive_coverage_km": 2.4,
    "tackles": 1,
    "interceptions": 2,
    "clearances": 0,
    "saves": None,
    "fouls_committed": 1,
    "fouls_suffered": 3,
    "offsides": 1,
    "rating": 7.5,
    "notes": None,
}
_MEASURED: dict[str, JsonValue] = {
    "statistics_id": "71f0c3d8-5e2a-4d96-b1a4-0c8e7f9b3d25",
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
}


class EnteredByHand(EnteredFigures):
    """What a person entered; null: not entered."""

    model_config = ConfigDict(from_attributes=True)

    statistics_id: uuid.UUID = Field(validation_alias=AliasChoices("id", "statistics_id"))


class MeasuredOnTrack(BaseModel):
    """What an analysis measured of one track; null: not measured. The heatmap is in the row itself."""

    model_config = ConfigDict(from_attributes=True)

    statistics_id: uuid.UUID = Field(validation_alias=AliasChoices("id", "statistics_id"))
    report_id: uuid.UUID
    track_number: TrackNumber
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


class PlayerFiguresRead(BaseModel):
    """Entered and measured figures of one player in one match, side by side, or of one track without a name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "player_id": "b8d4f6a2-0c73-4e19-8f5d-6a1b9e3c7042",
                    "player_name": "Ilja Marr",
                    "team_id": "a3f1c9d2-5e84-4b07-9c6a-e2d8b1f04735",
                    "entered": _ENTERED,
                    "measured": [_MEASURED],
                    "measured_seconds_seen": 10.0,
                    "measured_distance_m": 31.312,
                },
                {
                    "player_id": None,
                    "player_name": None,
                    "team_id": None,
                    "entered": None,
                    "measured": [
                        {**_MEASURED, "statistics_id": "0b6e2d94-a17c-4f83-95d0-c8f4e1a7b329", "track_number": 6}
                    ],
                    "measured_seconds_seen": 10.0,
                    "measured_distance_m": 31.312,
                },
            ]
        }
    )

    player_id: uuid.UUID | None = Field(description="null: a track that nobody has named.")
    player_name: str | None
    team_id: uuid.UUID | None = Field(description="The player's team today; null: none, or nobody knows.")
    entered: EnteredByHand | None = Field(description="null: nobody has entered figures of the player.")
    measured: list[MeasuredOnTrack] = Field(description="One entry for each track of the player, in every analysis.")

    @classmethod
    def of(
        cls,
        player: Player | None,
        *,
        entered: PlayerMatchStatistics | None,
        measured: Sequence[PlayerMatchStatistics],
    ) -> "PlayerFiguresRead":
        return cls(
            player_id=player.id if player else None,
            player_name=player.name if player else None,
            team_id=player.team_id if player else None,
            entered=EnteredByHand.model_validate(entered) if entered else None,
            measured=[MeasuredOnTrack.model_validate(row) for row in measured],
        )

    @computed_field(description="Seconds in view, over all of `measured`; null: no track.")  # type: ignore[prop-decorator]
    @property
    def measured_seconds_seen(self) -> float | None:
        return _sum([row.seconds_seen for row in self.measured])

    @computed_field(  # type: ignore[prop-decorator]
        description="Metres over all of `measured`; what two videos show at the same time counts twice. null: no track "
        "was measured in metres."
    )
    @property
    def measured_distance_m(self) -> float | None:
        return _sum([row.distance_m for row in self.measured])


def _sum(figures: list[float | None]) -> float | None:
    known = [figure for figure in figures if figure is not None]
    return round(sum(known), 3) if known else None

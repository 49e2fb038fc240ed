"""The strict reader itself: what breaks the published client breaks it, too."""

from typing import Any

import pytest

from tests.integration.api.published_client.dart import CastError, read

MATCH = {"id": "1", "home_team_id": "2", "away_team_id": "3", "date_time": "2027-12-24T20:45:00.000", "status": "live"}
FIGURES = {"id": "1", "match_id": "2", "player_id": "3"}
USER = {"id": "1", "email": "a@b.c", "password_hash": "", "is_active": True, "created_at": "2027-01-01T00:00:00Z"}

READABLE: dict[str, tuple[str, Any]] = {
    "a match": ("Match", MATCH),
    "goals": ("Match", MATCH | {"home_score": 0, "away_score": 2}),
    "keys that the client does not know": ("Match", MATCH | {"pitch_length_m": 105.0}),
    "figures that were not measured": ("PlayerMatchStatistics", FIGURES | {"rating": None}),
    "a lenient figure as text": ("PlayerMatchStatistics", FIGURES | {"player_xg": "0.42"}),
    "nobody": ("List<Match>", []),
    "a user": ("User", USER),
}
BREAKING: dict[str, tuple[str, Any]] = {
    "an id that is a number": ("Match", MATCH | {"id": 1}),
    "an id that is null": ("Match", MATCH | {"home_team_id": None}),
    "a date that is left out": ("Match", {key: value for key, value in MATCH.items() if key != "date_time"}),
    "a date that is none": ("Match", MATCH | {"date_time": "tomorrow"}),
    "goals as a fraction": ("Match", MATCH | {"home_score": 1.0}),
    "goals as text": ("Match", MATCH | {"home_score": "1"}),
    "a figure as text": ("PlayerMatchStatistics", FIGURES | {"rating": "7.5"}),
    "a bool as a number": ("User", USER | {"is_active": 1}),
    "a user without the empty hash": ("User", USER | {"password_hash": None}),
    "an envelope": ("List<Match>", {"items": []}),
    "one bad row of many": ("List<Match>", [MATCH, MATCH, MATCH | {"status": None}]),
    "a bad row deep inside": ("TeamLineup", {"team_id": "1", "team_name": "2", "players": [{"id": "3", "name": None}]}),
}


@pytest.mark.parametrize("case", READABLE)
def test_what_the_client_can_read_is_read(case: str) -> None:
    read(*READABLE[case])


@pytest.mark.parametrize("case", BREAKING)
def test_what_breaks_the_client_is_refused(case: str) -> None:
    with pytest.raises(CastError):
        read(*BREAKING[case])

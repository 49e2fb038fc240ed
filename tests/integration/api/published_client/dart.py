"""A reader of answers that is as strict as the published client: one field of a wrong type fails the whole answer.

The keys and types are those of its models; ``number`` is what it parses leniently, a number or a numeric text.
"""

import re
from collections.abc import Callable
from typing import Any

Json = Any

_PLAYER = {
    "id": "String",
    "name": "String",
    "team_id": "String?",
    "position": "String?",
    "jersey_number": "num?",
    "birth_date": "DateTime?",
    "dominant_foot": "String?",
    "height_cm": "num?",
    "weight_kg": "num?",
    "nationality": "String?",
    "country_code": "String?",
    "image_url": "String?",
    "market_value": "number?",
}

MODELS: dict[str, dict[str, str]] = {
    "Token": {"access_token": "String"},
    "User": {
        "id": "String",
        "email": "String",
        "password_hash": "String",
        "full_name": "String?",
        "is_active": "bool",
        "created_at": "DateTime",
        "last_login": "DateTime?",
    },
    "Team": {
        "id": "String",
        "name": "String",
        "user_id": "String?",
        "primary_color": "Colour?",
        "secondary_color": "Colour?",
        "logo_url": "String?",
    },
    "Player": _PLAYER,
    "Event": {"id": "String", "name": "String"},
    "Match": {
        "id": "String",
        "home_team_id": "String",
        "away_team_id": "String",
        "date_time": "DateTime",
        "status": "String",
        "home_team_name": "String?",
        "away_team_name": "String?",
        "home_score": "int?",
        "away_score": "int?",
        "event_id": "String?",
        "event_name": "String?",
        "venue": "String?",
    },
    "Formation": {"id": "String", "name": "String", "description": "String?", "created_at": "DateTime"},
    "MatchLineup": {
        "id": "String",
        "match_id": "String",
        "team_id": "String",
        "player_id": "String",
        "is_starting": "bool",
        "formation_id": "String?",
        "position_in_formation": "String?",
    },
    "LineupPlayer": _PLAYER | {"position_in_formation": "String?"},
    "TeamLineup": {
        "team_id": "String",
        "team_name": "String",
        "formation": "Formation?",
        "players": "List<LineupPlayer>",
    },
    "MatchDetails": {
        "match_info": "Match",
        "home_lineup": "TeamLineup",
        "away_lineup": "TeamLineup",
        "events": "List<MatchEvent>",
        "player_stats": "List<PlayerMatchStatistics>",
        "team_stats": "List<MatchTeamStatistics>",
    },
    "MatchEvent": {
        "id": "String",
        "event_type": "String",
        "minute": "num",
        "match_id": "String?",
        "player_id": "String?",
        "video_timestamp": "num?",
        "coordinates": "String?",
    },
    "PlayerMatchStatistics": {
        "id": "String",
        "match_id": "String",
        "player_id": "String",
        **dict.fromkeys(
            ("minutes_played", "shots", "shots_on_target", "passes", "accurate_passes", "tackles", "interceptions"),
            "num?",
        ),
        **dict.fromkeys(
            ("clearances", "saves", "fouls_committed", "fouls_suffered", "offsides", "key_passes", "rating"), "num?"
        ),
        **dict.fromkeys(("progressive_carries", "sprint_count"), "num?"),
        **dict.fromkeys(("distance_covered_km", "player_xg", "press_resistance_success_rate"), "number?"),
        **dict.fromkeys(("defensive_coverage_km", "sprint_distance_m", "avg_speed_kmh", "max_speed_kmh"), "number?"),
        "notes": "String?",
    },
    "MatchTeamStatistics": {
        "id": "String",
        "match_id": "String",
        "team_id": "String",
        **dict.fromkeys(("possession_percentage", "expected_goals"), "number?"),
        **dict.fromkeys(("total_shots", "shots_on_target", "pressures", "final_third_passes"), "num?"),
        **dict.fromkeys(("high_turnover_zones_data", "set_piece_xg_breakdown_data"), "Object?"),
        **dict.fromkeys(("transition_speed_data", "build_up_patterns", "defensive_block_patterns"), "Object?"),
    },
    "AnalysisReport": {
        "id": "String",
        "matchId": "String",
        "reportType": "String?",
        "reportData": "Object?",
        "generatedAt": "DateTime",
        "generatedBy": "String?",
    },
    "Reunion": {"id": "String", "title": "String", "date": "DateTime", "location": "String", "icon_name": "String"},
    "TrainingSession": {
        "id": "String",
        "title": "String",
        "date": "DateTime",
        "focus": "String",
        "icon_name": "String",
    },
    "Accepted": {"analysis_id": "String"},
    "Status": {
        "progress": "num?",
        "status": "String?",
        "error": "String?",
        "message": "String?",
        "live_stats": "Object?",
    },
}

# ``DateTime.parse``
_DATE = re.compile(
    r"[+-]?\d{4,6}-?\d\d-?\d\d([ T]\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?( ?[zZ]| ?[-+]\d\d(:?\d\d)?)?)?", re.ASCII
)


def _is_num(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_numeric(value: Json) -> bool:
    return _is_num(value) or (isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) is not None)


_CASTS: dict[str, Callable[[Json], bool]] = {
    "String": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "num": _is_num,
    "number": _is_numeric,
    "Object": lambda value: isinstance(value, dict),
    "DateTime": lambda value: isinstance(value, str) and _DATE.fullmatch(value) is not None,
    "Colour": lambda value: isinstance(value, str) and re.fullmatch("#[0-9a-fA-F]{6}", value) is not None,
}


class CastError(AssertionError):
    """What the client would show instead of the screen."""


def read(kind: str, value: Json, at: str = "answer") -> None:
    """
    Raises:
        CastError: the client cannot read ``value`` as this type or model.
    """
    if kind.endswith("?"):
        if value is not None:
            read(kind.removesuffix("?"), value, at)
    elif kind.startswith("List<"):
        _require(isinstance(value, list), kind, value, at)
        for index, item in enumerate(value):
            read(kind.removeprefix("List<").removesuffix(">"), item, f"{at}[{index}]")
    elif kind in MODELS:
        _require(isinstance(value, dict), kind, value, at)
        for key, of_key in MODELS[kind].items():
            read(of_key, value.get(key), f"{at}.{key}")
    else:
        _require(_CASTS[kind](value), kind, value, at)


def _require(holds: bool, kind: str, value: Json, at: str) -> None:
    if not holds:
        raise CastError(f"{at}: {str(value)[:200]!r} is no {kind}")

"""Examples of answers, for the OpenAPI document: one small world, so that ids lead from one example to the other.

Each is read and written by its own model: an example with a field that the model does not know, or without one that it
needs, breaks the making of the document. Long ones stand beside their models (``json_schema_extra``).
"""

from typing import Any

from pydantic import BaseModel, JsonValue

from app.schemas.account import Registered, SessionRead, Token, UserRead
from app.schemas.analysis_status import AnalysisStatus
from app.schemas.audit_entry import AuditEntryRead
from app.schemas.calendar import ReunionRead, TrainingSessionRead
from app.schemas.club import ClubRead
from app.schemas.competition import CompetitionRead
from app.schemas.erasure import ErasureRead
from app.schemas.event import EventRead
from app.schemas.formation import FormationRead
from app.schemas.health import Health
from app.schemas.invitation import InvitationMade, InvitationRead
from app.schemas.job import AnalysisAccepted, JobRead
from app.schemas.match import MatchRead
from app.schemas.match_details import MatchDetails
from app.schemas.match_event import MatchEventRead
from app.schemas.match_lineup import MatchLineupEntryRead, MatchLineupRead
from app.schemas.match_team_statistics import MatchTeamStatisticsRead
from app.schemas.membership import MembershipRead
from app.schemas.player import PlayerRead
from app.schemas.player_match_statistics import PlayerMatchStatisticsRead
from app.schemas.probe import Alive, Ready
from app.schemas.squad import SquadChanges
from app.schemas.staff import StaffRead
from app.schemas.team import TeamRead
from app.schemas.video import VideoRead
from app.schemas.video_segment import VideoSegmentRead
from app.schemas.webhook import WebhookDeliveryRead, WebhookMade, WebhookRead

Values = dict[str, JsonValue]

_CLUB = "6f0b6a52-4d9b-4d0e-9a3f-1c8b2f7e5d40"
_USER = "3c1d9e07-5b62-4f8a-a4d3-8e7f0b2c6195"
_TEAM, _OTHER_TEAM = "4ad7e1c0-93b5-4f68-a2d1-7c0e5b8f6a34", "e05b8a92-7c3d-4e16-b9f4-1d2a6c8e7053"
_PLAYER, _OTHER_PLAYER = "b81f5c27-0e6d-4a93-8f4b-2d9c7a1e5063", "97c4e2d1-6a0b-4f35-8e1d-5b3f9a7c2e80"
_COMPETITION = "c6a2f0d8-1e94-4b7d-a05c-9f3e8b6d7214"
_FORMATION = "2e8f7b05-d3a1-4c69-9b4e-6a0c5d1f8e37"
_MATCH = "0d9b2f7a-61c4-4f0e-8a52-2f6b1c9e4d31"
_SHEET = "8b3e6f19-4c70-4d2a-b5e8-0a7d9c1f6e42"
_JOB = "9e1d5a3c-2f84-4b67-a7c0-6d8e0b4f1293"
_REPORT = "5b7f6c1e-3d0a-4c55-9c1b-8f2f5d0e7a10"
_SPARE = "d41c7e60-8f2b-4a95-b3d7-e9a05c6f1b28"

_DAY, _LATER = "2026-05-09T16:31:12.400000Z", "2026-06-08T16:31:12.400000Z"
_OF_CLUB: Values = {"club_id": _CLUB, "created_at": _DAY, "updated_at": _DAY}
_TOKEN: Values = {
    "access_token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI...",
    "token_type": "bearer",
    "expires_in": 86400,
    "refresh_token": "3q2-7wAhJ5l8Kx1vQe9Tz0bNfYcRmUoGiHsDpLaWtBk",
}
_KNOWN_PLAYER: Values = {
    "id": _PLAYER,
    **_OF_CLUB,
    "team_id": _TEAM,
    "name": "Ada Marinho",
    "position": "MID",
    "jersey_number": 8,
    "birth_date": "2001-05-17",
    "dominant_foot": "left",
    "height_cm": 172,
    "weight_kg": 64,
    "nationality": "Brazil",
    "country_code": "BR",
    "market_value": None,
    "image_url": None,
}
_KNOWN_FORMATION: Values = {
    "id": _FORMATION,
    **_OF_CLUB,
    "name": "Fir tree",
    "description": "Narrow, with one striker.",
    "team_id": None,
    "positions": [{"position": "GK", "x": 0.5, "y": 0.95}, {"position": "MID", "x": 0.5, "y": 0.45}],
}
_KNOWN_MATCH: Values = {
    "id": _MATCH,
    **_OF_CLUB,
    "competition_id": _COMPETITION,
    "competition_name": "Harbour League",
    "match_date": "2026-05-09T14:00:00Z",
    "status": "completed",
    "venue": "Harbour Ground",
    "home_team_id": _TEAM,
    "away_team_id": _OTHER_TEAM,
    "home_team_name": "Port Aurelia FC",
    "away_team_name": "Athletic Brindmoor",
    "home_score": 3,
    "away_score": 2,
    "pitch_length_m": 105.0,
    "pitch_width_m": 68.0,
}
_GOAL: Values = {
    "id": "f3a9d5c2-0b47-4e81-96d3-7c5e1a8f2b60",
    **_OF_CLUB,
    "match_id": _MATCH,
    "team_id": _TEAM,
    "player_id": _PLAYER,
    "event_type": "goal",
    "minute": 12,
    "stoppage_minute": None,
    "video_time_s": 693.0,
    "x_m": 97.5,
    "y_m": 31.0,
    "notes": None,
}
_PLACE: Values = {
    "id": "1c5f8e3a-9d62-4b07-a8f1-4e0b7d2c9635",
    **_OF_CLUB,
    "lineup_id": _SHEET,
    "match_id": _MATCH,
    "team_id": _TEAM,
    "player_id": _PLAYER,
    "player_name": "Ada Marinho",
    "formation_id": _FORMATION,
    "is_starting": True,
    "position_in_formation": "0.5000,0.4500",
}
_SUBSTITUTION: Values = {
    "minute": 71,
    "stoppage_minute": None,
    "team_id": _TEAM,
    "player_in_id": _OTHER_PLAYER,
    "player_out_id": _PLAYER,
}
_INVITATION: Values = {
    "id": _SPARE,
    "club_id": _CLUB,
    "email": "bea@example.com",
    "role": "analyst",
    "invited_by": _USER,
    "expires_at": _LATER,
    "accepted_at": None,
    "created_at": _DAY,
}
_WEBHOOK_ID = "a7e3d1c5-6b48-4f92-8d0e-3c9b5a1f7e26"
_WEBHOOK: Values = {
    "id": _WEBHOOK_ID,
    **_OF_CLUB,
    "url": "https://club.example.com/hooks/coach-pro",
    "events": ["job.completed", "job.failed"],
    "description": "Posts to the staff's channel.",
    "is_active": True,
    "disabled_reason": None,
    "consecutive_failures": 0,
    "previous_secret_until": None,
}
_DELIVERY: Values = {
    "id": _SPARE,
    "webhook_id": _WEBHOOK_ID,
    "message_id": "msg_5f1c7e0b9a3d4826b0e7c5d1f8a2934e",
    "event_type": "job.completed",
    "payload": {"type": "job.completed", "timestamp": _DAY, "data": {"job_id": _JOB, "match_id": _MATCH}},
    "state": "delivered",
    "attempt": 1,
    "next_attempt_at": _DAY,
    "last_status": 204,
    "last_error": None,
    "response_ms": 83,
    "created_at": _DAY,
    "finished_at": _DAY,
}
_SQUAD_PLAYER: Values = {"jersey_number": 10, "name": "Ada Marinho", "position": "MID", "country_code": "BR"}
_SQUAD_CHANGES: Values = {
    "rows": [
        {
            "row": 2,
            "action": "update",
            "player_id": _PLAYER,
            "player": _SQUAD_PLAYER,
            "changes": [{"field": "jersey_number", "before": 8, "after": 10}],
            "errors": [],
        },
        {
            "row": 3,
            "action": "create",
            "player_id": None,
            "player": {"name": "Bea Okafor"},
            "changes": [{"field": "name", "before": None, "after": "Bea Okafor"}],
            "errors": [{"column": "height_cm", "message": "must be a whole number"}],
        },
    ],
    "creates": 0,
    "updates": 1,
    "unchanged": 0,
    "errors": 1,
}


def _written(model: type[BaseModel]) -> Values:
    """The example that stands beside a model."""
    extra: Any = model.model_config["json_schema_extra"]
    value: Values = extra["examples"][0]
    return value


_NAMED: Values = {"player_name": "Ada Marinho", "jersey_number": 8}
_DETAILS: Values = {
    "match_info": _KNOWN_MATCH,
    "home_lineup": {
        "team_id": _TEAM,
        "team_name": "Port Aurelia FC",
        "primary_color": "#0b6e4f",
        "secondary_color": "#ffffff",
        "logo_url": None,
        "formation": _KNOWN_FORMATION,
        "players": [{**_KNOWN_PLAYER, "is_starting": True, "position_in_formation": "0.5000,0.4500"}],
    },
    "away_lineup": {
        "team_id": _OTHER_TEAM,
        "team_name": "Athletic Brindmoor",
        "primary_color": None,
        "secondary_color": None,
        "logo_url": None,
        "formation": None,
        "players": [],
    },
    "events": [{**_GOAL, **_NAMED}],
    "player_stats": [{**_written(PlayerMatchStatisticsRead), **_NAMED}],
    "team_stats": [_written(MatchTeamStatisticsRead)],
    "videos": [_written(VideoRead)],
    "reports": [
        {
            "id": _REPORT,
            "video_id": "c2a4e8d6-7b19-4e3f-b0d5-91a6f3c7e852",
            "report_type": "match_analysis",
            "players_tracked": 2,
            "notes": None,
            "created_at": _DAY,
        }
    ],
    "segments": [_written(VideoSegmentRead)],
    "latest_job": _written(JobRead),
}

ANSWERS: dict[type[BaseModel], Values] = {
    AnalysisAccepted: {"job_id": _JOB, "status": "PENDING", "match_id": _MATCH, "estimated_duration_seconds": 30},
    AnalysisStatus: {
        "status": "PROCESSING",
        "progress": 0.42,
        "progress_percent": 42,
        "message": "105 of 250 frames",
        "error": None,
        "analysis_id": _JOB,
        "job_id": _JOB,
        "match_id": _MATCH,
        "live_stats": None,
    },
    AuditEntryRead: {
        "id": _SPARE,
        "club_id": _CLUB,
        "user_id": _USER,
        "user_email": "coach@example.com",
        "action": "update",
        "resource": "players",
        "resource_id": _PLAYER,
        "before": {"jersey_number": 8},
        "after": {"jersey_number": 10},
        "request_id": "0b6e2d94a17c4f8395d0c8f4e1a7b329",
        "created_at": _DAY,
    },
    ClubRead: {
        "id": _CLUB,
        "name": "Port Aurelia FC",
        "footage_retention_days": 365,
        "role": "owner",
        "created_at": _DAY,
    },
    CompetitionRead: {"id": _COMPETITION, **_OF_CLUB, "name": "Harbour League", "season": "2026/27"},
    ErasureRead: {
        "resource": "players",
        "resource_id": _PLAYER,
        "club_id": _CLUB,
        "erased_at": _DAY,
        "redacted_rows": 7,
    },
    EventRead: {"id": _COMPETITION, "name": "Harbour League"},
    FormationRead: _KNOWN_FORMATION,
    Alive: {"status": "alive"},
    Ready: {"status": "ready"},
    Health: {"status": "healthy", "database": "connected", "engine": "reachable", "uptime_seconds": 86400},
    InvitationRead: _INVITATION,
    InvitationMade: {**_INVITATION, "token": "Qm9zY2hldHRvLXRva2VuLW9mLWFuLWludml0YXRpb24"},
    MatchDetails: _DETAILS,
    MatchEventRead: _GOAL,
    MatchLineupEntryRead: _PLACE,
    MatchLineupRead: {
        "id": _SHEET,
        **_OF_CLUB,
        "match_id": _MATCH,
        "entries": [_PLACE],
        "substitutions": [_SUBSTITUTION],
        "complete": False,
        "missing": ["Port Aurelia FC has 1 of 11 starters."],
    },
    MatchRead: _KNOWN_MATCH,
    MembershipRead: {
        "club_id": _CLUB,
        "user_id": _USER,
        "email": "coach@example.com",
        "full_name": "Ada Coach",
        "role": "owner",
        "created_at": _DAY,
    },
    PlayerRead: _KNOWN_PLAYER,
    Registered: {**_TOKEN, "email": "coach@example.com", "detail": "The account is there, and you are logged in."},
    ReunionRead: {
        "id": _SPARE,
        **_OF_CLUB,
        "title": "Season review",
        "date": "2026-06-02T18:30:00",
        "location": "Club house",
        "icon_name": "groups",
    },
    SessionRead: {
        "id": _SPARE,
        "user_agent": "Dart/3.4 (dart:io)",
        "address": "192.0.2.17",
        "created_at": _DAY,
        "last_used_at": _DAY,
        "expires_at": _LATER,
        "is_current": True,
    },
    SquadChanges: _SQUAD_CHANGES,
    StaffRead: {
        "id": _SPARE,
        **_OF_CLUB,
        "team_id": _TEAM,
        "name": "Bea Okafor",
        "role": "assistant_coach",
        "email": "bea@example.com",
        "phone": None,
        "notes": "Set pieces.",
    },
    TeamRead: {
        "id": _TEAM,
        **_OF_CLUB,
        "name": "Port Aurelia FC",
        "primary_color": "#0b6e4f",
        "secondary_color": "#ffffff",
        "logo_url": None,
    },
    Token: _TOKEN,
    TrainingSessionRead: {
        "id": _SPARE,
        **_OF_CLUB,
        "title": "Tuesday session",
        "date": "2026-06-03T17:00:00",
        "focus": "Pressing",
        "icon_name": "fitness_center",
    },
    WebhookRead: _WEBHOOK,
    WebhookMade: {**_WEBHOOK, "secret": "whsec_c2lnbnMgdGhlIG1lc3NhZ2VzIG9mIHRoaXMgd2ViaG9vaw=="},
    WebhookDeliveryRead: _DELIVERY,
    UserRead: {
        "id": _USER,
        "email": "coach@example.com",
        "full_name": "Ada Coach",
        "is_active": True,
        "created_at": _DAY,
        "last_login_at": _DAY,
        "active_club_id": _CLUB,
        "memberships": [{"club_id": _CLUB, "club_name": "Port Aurelia FC", "role": "owner"}],
    },
}


def examples_of_answers() -> dict[str, list[JsonValue]]:
    """By the name of the model, with what it computes, and with every null."""
    return {model.__name__: [model.model_validate(values).model_dump(mode="json")] for model, values in ANSWERS.items()}

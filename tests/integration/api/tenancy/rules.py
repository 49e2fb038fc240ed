"""Who may do what: one line for each operation of the OpenAPI document.

A new operation needs a line here, or the matrix fails.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.models import Role
from tests.integration.api.tenancy.rows import ELEVEN, PASSWORD

Json = Any


RANKS: tuple[str, ...] = (Role.VIEWER, Role.ANALYST, Role.COACH, Role.OWNER)


class Access(StrEnum):
    """Who needs no role in any club."""

    PUBLIC = "public"  # no token either
    ANYBODY = "anybody"  # with a token


@dataclass(frozen=True, slots=True)
class Rule:
    """``least`` is the least role that may; the rest says what a sound request looks like, where that is not obvious.

    ``rows`` names the rows for path parameters and ids of the body. ``body`` takes the place of the document's example;
    an id in it is the name of a row, or empty for the usual one. ``file`` is what a form or a body of bytes carries.
    """

    least: Role | Access
    rows: Mapping[str, str] = field(default_factory=dict)
    body: Json = None
    file: str | None = None
    own_rows: int = 0  # of a list, that the owner of an empty club sees: the club, the log-in

    def allows(self, role: str) -> bool:
        """By the order of the roles alone: what ``Role.includes`` says is under test."""
        return isinstance(self.least, Access) or RANKS.index(role) >= RANKS.index(self.least)


ROWS: dict[str, str] = {
    "away_team_id": "other_team",
    "analysis_id": "job",
    "calibration_id": "calibration",
    "club_id": "club",
    "active_club_id": "club",
    "competition_id": "competition",
    "created_by": "user",
    "event_id": "match_event",
    "formation_id": "formation",
    "home_team_id": "team",
    "invitation_id": "invitation",
    "job_id": "job",
    "lineup_id": "lineup",
    "match_event_id": "match_event",
    "match_id": "match",
    "player_id": "player",
    "report_id": "report",
    "reunion_id": "reunion",
    "resource_id": "team",
    "segment_id": "segment",
    "session_id": "session",
    "staff_id": "staff",
    "team_id": "team",
    "training_session_id": "training_session",
    "user_id": "user",
    "link_id": "track_link",
    "video_id": "video",
    "webhook_id": "webhook",
    "delivery_id": "delivery",
}
"""Which row a parameter, or a key of a body, names unless its rule says otherwise."""

PUBLIC, ANYBODY = Rule(Access.PUBLIC), Rule(Access.ANYBODY)
READ = Rule(Role.VIEWER)
ANALYST, COACH, OWNER = Rule(Role.ANALYST), Rule(Role.COACH), Rule(Role.OWNER)

_SHEET = [{"team_id": "team", "player_id": name, "formation_id": "formation"} for name in ELEVEN]
_SHEET[0]["position_in_formation"] = "GK"
_POINTS = [{"pixel": [x, y], "pitch": [x / 4, y / 4]} for x, y in ((0, 0), (0, 200), (300, 0), (300, 200))]
_PLAYER_FIGURES = {"statistics_id": "player_statistics"}
_TEAM_FIGURES = {"statistics_id": "team_statistics"}
_WITHOUT_FIGURES = {"match_id": "bare_match"}

RULES: dict[str, Rule] = {
    # The server, and one's own account
    "getHealth": PUBLIC,
    "getLiveness": PUBLIC,
    "getMetrics": PUBLIC,
    "getReadiness": PUBLIC,
    "getApiHealth": PUBLIC,
    "register": PUBLIC,
    "logIn": PUBLIC,
    "refreshToken": PUBLIC,
    "getMe": ANYBODY,
    "updateMe": ANYBODY,
    "changePassword": Rule(Access.ANYBODY, body={"current_password": PASSWORD, "new_password": "another " + PASSWORD}),
    "deleteMe": Rule(Access.ANYBODY, body={"password": PASSWORD}),
    "exportMe": ANYBODY,
    "logOut": ANYBODY,
    "listSessions": Rule(Access.ANYBODY, own_rows=1),
    "endSession": ANYBODY,
    # Clubs
    "listClubs": Rule(Access.ANYBODY, own_rows=1),
    "createClub": ANYBODY,
    "getClub": READ,
    "updateClub": OWNER,
    "deleteClub": OWNER,
    "listMemberships": READ,
    "getMembership": READ,
    "updateMembership": OWNER,
    "deleteMembership": OWNER,
    "listInvitations": OWNER,
    "createInvitation": OWNER,
    "getInvitation": OWNER,
    "deleteInvitation": OWNER,
    "acceptInvitation": Rule(Access.ANYBODY, rows={"token": "invitation_token"}),
    "listAuditLog": OWNER,
    "listWebhooks": OWNER,
    "createWebhook": OWNER,
    "getWebhook": OWNER,
    "updateWebhook": OWNER,
    "deleteWebhook": OWNER,
    "rotateWebhookSecret": OWNER,
    "testWebhook": OWNER,
    "listWebhookDeliveries": OWNER,
    "getWebhookDelivery": OWNER,
    "redeliverWebhookMessage": OWNER,
    # Squads
    "listTeams": READ,
    "createTeam": COACH,
    "getTeam": READ,
    "getTeamByName": Rule(Role.VIEWER, rows={"name": "team_name"}),
    "updateTeam": COACH,
    "putTeam": COACH,
    "deleteTeam": COACH,
    "uploadTeamLogo": Rule(Role.COACH, file="picture"),
    "deleteTeamLogo": COACH,
    "previewSquad": Rule(Role.COACH, file="squad"),
    "importSquad": Rule(Role.COACH, file="squad"),
    "exportSquad": READ,
    "listPlayers": READ,
    "createPlayer": COACH,
    "getPlayer": READ,
    "updatePlayer": COACH,
    "putPlayer": COACH,
    "deletePlayer": COACH,
    "uploadPlayerImage": Rule(Role.COACH, file="picture"),
    "deletePlayerImage": COACH,
    "listStaff": READ,
    "createStaffMember": COACH,
    "getStaffMember": READ,
    "updateStaffMember": COACH,
    "deleteStaffMember": COACH,
    "exportPlayer": OWNER,
    "erasePlayer": OWNER,
    "exportStaffMember": OWNER,
    "eraseStaffMember": OWNER,
    "listFormations": READ,
    "createFormation": COACH,
    "getFormation": READ,
    "updateFormation": COACH,
    "deleteFormation": COACH,
    # Calendar
    "listReunions": READ,
    "createReunion": COACH,
    "getReunion": READ,
    "updateReunion": COACH,
    "deleteReunion": COACH,
    "listTrainingSessions": READ,
    "createTrainingSession": COACH,
    "getTrainingSession": READ,
    "updateTrainingSession": COACH,
    "deleteTrainingSession": COACH,
    # Matches
    "listCompetitions": READ,
    "createCompetition": COACH,
    "getCompetition": READ,
    "updateCompetition": COACH,
    "deleteCompetition": COACH,
    "listEvents": READ,
    "createEvent": COACH,
    "deleteEvent": Rule(Role.COACH, rows={"event_id": "competition"}),
    "listMatches": READ,
    "createMatch": ANALYST,
    "getMatch": READ,
    "getMatchDetails": READ,
    "updateMatch": ANALYST,
    "deleteMatch": ANALYST,
    "listMatchEvents": READ,
    "createMatchEvent": ANALYST,
    "getMatchEvent": READ,
    "updateMatchEvent": ANALYST,
    "deleteMatchEvent": ANALYST,
    "listMatchLineups": READ,
    "createMatchLineup": Rule(Role.COACH, rows=_WITHOUT_FIGURES, body={"match_id": "", "entries": _SHEET}),
    "getMatchLineup": READ,
    "getLineupOfMatch": READ,
    "replaceMatchLineup": Rule(Role.COACH, body={"entries": _SHEET}),
    "deleteMatchLineup": COACH,
    "listPlayerMatchStatistics": READ,
    "listStatisticsOfPlayer": READ,
    "createPlayerMatchStatistics": Rule(Role.ANALYST, rows=_WITHOUT_FIGURES),
    "getPlayerMatchStatistics": Rule(Role.VIEWER, rows=_PLAYER_FIGURES),
    "updatePlayerMatchStatistics": Rule(
        Role.ANALYST, rows={"statistics_id": "track_statistics"}, body={"player_id": ""}
    ),
    "deletePlayerMatchStatistics": Rule(Role.ANALYST, rows=_PLAYER_FIGURES),
    "listPlayerFigures": READ,
    "listMatchTeamStatistics": READ,
    "createMatchTeamStatistics": Rule(Role.ANALYST, rows=_WITHOUT_FIGURES),
    "getMatchTeamStatistics": Rule(Role.VIEWER, rows=_TEAM_FIGURES),
    "updateMatchTeamStatistics": Rule(Role.ANALYST, rows=_TEAM_FIGURES),
    "deleteMatchTeamStatistics": Rule(Role.ANALYST, rows=_TEAM_FIGURES),
    # Footage and what an analysis made of it
    "analyzeMatch": Rule(Role.ANALYST, file="film"),
    "listJobs": READ,
    "getJob": READ,
    "followJob": READ,
    "getJobPreview": READ,
    "cancelJob": Rule(Role.ANALYST, rows={"job_id": "pending_job"}),
    "retryJob": Rule(Role.ANALYST, rows={"job_id": "failed_job"}),
    "getStatusOfAnalysis": READ,
    "getAnalysisStatus": READ,
    "getAnalyzeStatus": READ,
    "listVideos": READ,
    "getVideo": READ,
    "deleteVideo": ANALYST,
    "listVideoSegments": READ,
    "createVideoSegment": Rule(
        Role.ANALYST, body={"match_id": "", "video_id": "", "title": "Counter-attack", "start_s": 0.2, "end_s": 0.8}
    ),
    "getVideoSegment": READ,
    "updateVideoSegment": Rule(Role.ANALYST, body={"title": "Counter-attack", "end_s": 0.7}),
    "deleteVideoSegment": ANALYST,
    "listCalibrations": READ,
    "createCalibration": Rule(Role.ANALYST, body={"video_id": "", "points": _POINTS}),
    "getCalibration": READ,
    "deleteCalibration": ANALYST,
    "listAnalysisReports": READ,
    "createAnalysisReport": ANALYST,
    "getAnalysisReport": READ,
    "updateAnalysisReport": ANALYST,
    "deleteAnalysisReport": ANALYST,
    "listBallPositions": READ,
    "listTrackLinks": READ,
    "getTrackLink": READ,
    "updateTrackLink": ANALYST,
}

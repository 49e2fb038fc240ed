"""The rows, one file per aggregate. Importing this package registers every table with ``Base.metadata``."""

from app.core.account import Role
from app.core.violations import name_unique_keys
from app.models.account_session import AccountSession, RefreshToken
from app.models.analysis_report import AnalysisReport, Track
from app.models.ball_position import BallPosition
from app.models.base import Base
from app.models.calendar import Reunion, TrainingSession
from app.models.calibration import Calibration
from app.models.club import AuditAction, AuditEntry, Club, Invitation, Membership
from app.models.competition import Competition
from app.models.erasure import Erasure
from app.models.formation import Formation
from app.models.idempotency_key import IdempotencyKey
from app.models.job import Job, JobStatus, Phase
from app.models.job_event import JobEvent
from app.models.match import Match, MatchStatus
from app.models.match_event import EventType, MatchEvent
from app.models.match_lineup import MatchLineup, MatchLineupEntry
from app.models.match_team_statistics import MatchTeamStatistics
from app.models.player import Foot, Player, Position
from app.models.player_match_statistics import PlayerMatchStatistics
from app.models.staff import StaffMember, StaffRole
from app.models.team import Team
from app.models.track_link import TrackLink
from app.models.user import User
from app.models.video import ScanReason, ScanStatus, Video
from app.models.video_segment import VideoSegment
from app.models.webhook import DeliveryState, Webhook, WebhookDelivery, WebhookEvent

name_unique_keys(Base.metadata)

__all__ = [
    "AccountSession",
    "AnalysisReport",
    "AuditAction",
    "AuditEntry",
    "BallPosition",
    "Base",
    "Calibration",
    "Club",
    "Competition",
    "DeliveryState",
    "Erasure",
    "EventType",
    "Foot",
    "Formation",
    "IdempotencyKey",
    "Invitation",
    "Job",
    "JobEvent",
    "JobStatus",
    "Match",
    "MatchEvent",
    "MatchLineup",
    "MatchLineupEntry",
    "MatchStatus",
    "MatchTeamStatistics",
    "Membership",
    "Phase",
    "Player",
    "PlayerMatchStatistics",
    "Position",
    "RefreshToken",
    "Reunion",
    "Role",
    "ScanReason",
    "ScanStatus",
    "StaffMember",
    "StaffRole",
    "Team",
    "Track",
    "TrackLink",
    "TrainingSession",
    "User",
    "Video",
    "VideoSegment",
    "Webhook",
    "WebhookDelivery",
    "WebhookEvent",
]

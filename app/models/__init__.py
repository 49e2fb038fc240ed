"""The rows, one file per aggregate. Importing this package registers every table with ``Base.metadata``."""

from app.models.analysis_report import AnalysisReport, Track
from app.models.ball_position import BallPosition
from app.models.base import Base
from app.models.calibration import Calibration
from app.models.club import Club, Membership, Role
from app.models.formation import Formation
from app.models.job import Job, JobStatus
from app.models.match import Match, MatchStatus
from app.models.match_lineup import MatchLineup, MatchLineupEntry
from app.models.player import Player, Position
from app.models.player_match_statistics import PlayerMatchStatistics
from app.models.team import Team
from app.models.user import User
from app.models.video import Video
from app.models.video_segment import VideoSegment

__all__ = [
    "AnalysisReport",
    "BallPosition",
    "Base",
    "Calibration",
    "Club",
    "Formation",
    "Job",
    "JobStatus",
    "Match",
    "MatchLineup",
    "MatchLineupEntry",
    "MatchStatus",
    "Membership",
    "Player",
    "PlayerMatchStatistics",
    "Position",
    "Role",
    "Team",
    "Track",
    "User",
    "Video",
    "VideoSegment",
]

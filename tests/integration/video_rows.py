"""Rows of videos without anything that an upload does."""

import uuid

from app.core.database import Database
from app.models import Club, Match, MatchStatus, Video
from app.models.base import utc_now


def add_video_row(database: Database, video_id: uuid.UUID, **changes: object) -> None:
    """With a club and a match of its own."""
    facts = {"container": "mov", "codec": "h264", "width": 2, "height": 2, "frame_count": 2, "frame_rate": 25.0}
    told = {"filename": "f", "size_bytes": 4, "sha256": "0" * 64, "duration_s": 0.1}
    with database.unit_of_work() as session:
        club = Club(name="Club")
        session.add(club)
        session.flush()
        match = Match(club_id=club.id, match_date=utc_now(), status=MatchStatus.COMPLETED)
        session.add(match)
        session.flush()
        of = {"id": video_id, "club_id": club.id, "match_id": match.id}
        session.add(Video(**(of | facts | told | changes)))

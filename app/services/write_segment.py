"""A stretch of a match's video: what it may refer to, and where it may lie."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.errors import Unprocessable
from app.models import AnalysisReport, Match, MatchEvent, Video, VideoSegment
from app.services.db_service import Repository
from app.services.video_span import check_inside_video

_REFERENCES: dict[str, type[Video] | type[MatchEvent] | type[AnalysisReport]] = {
    "video_id": Video,
    "match_event_id": MatchEvent,
    "report_id": AnalysisReport,
}

_PLACE = frozenset({"video_id", "start_s", "end_s"})


def add_segment(session: Session, account: Account, match_id: uuid.UUID, *, values: Mapping[str, Any]) -> VideoSegment:
    """Add a segment to a match.

    Raises:
        NotFound: something that it refers to does not exist for this account.
        Forbidden: the account may read the match only.
        Unprocessable: it refers to something of another match, ends before it starts, or lies outside the video.
    """
    match = Repository(session, account, Match).get(match_id)
    segment = VideoSegment(club_id=match.club_id, match_id=match_id, **values)
    _check_references(session, account, segment, values)
    _check_place(session, segment, values)
    return Repository(session, account, VideoSegment).add(segment)


def change_segment(
    session: Session, account: Account, segment: VideoSegment, values: Mapping[str, Any]
) -> VideoSegment:
    """Change a segment. Where it lies is judged only if that changes: the video may have come later.

    Args:
        segment: locked, of ``Repository.get_to_change``.

    Raises:
        NotFound: something that it refers to does not exist for this account.
        Unprocessable: it refers to something of another match, ends before it starts, or lies outside the video.
    """
    _check_references(session, account, segment, values)
    if any(values[name] != getattr(segment, name) for name in _PLACE & values.keys()):
        _check_place(session, segment, values)
    return Repository(session, account, VideoSegment).change(segment, values)


def _check_place(session: Session, segment: VideoSegment, values: Mapping[str, Any]) -> None:
    """Check ``segment`` as it would stand with ``values``."""
    start_s, end_s = values.get("start_s", segment.start_s), values.get("end_s", segment.end_s)
    if end_s <= start_s:
        raise Unprocessable(
            "A segment ends after it starts.", code="segment_empty", fields={"/end_s": "is not after start_s"}
        )
    video_id = values.get("video_id", segment.video_id)
    check_inside_video(session, segment.match_id, last_s=end_s, field="/end_s", video_id=video_id)


def _check_references(session: Session, account: Account, segment: VideoSegment, values: Mapping[str, Any]) -> None:
    for name, model in _REFERENCES.items():
        if values.get(name) is None:
            continue
        row = Repository(session, account, model).get(values[name], club_id=segment.club_id)
        if row.match_id != segment.match_id:
            raise Unprocessable(
                "The segment refers to something of another match.",
                code="of_other_match",
                fields={f"/{name}": "belongs to another match"},
            )

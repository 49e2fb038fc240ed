import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import VideoSegment
from app.schemas.video_segment import VideoSegmentCreate, VideoSegmentPatch, VideoSegmentRead
from app.services.db_service import Repository
from app.services.write_segment import add_segment, change_segment

router = APIRouter(prefix="/api/video_segments", tags=["videos"], route_class=RetryingRoute)

_OF = VideoSegment
SEGMENTS = ListRules(
    by_column(
        _OF.club_id,
        _OF.match_id,
        _OF.video_id,
        _OF.match_event_id,
        _OF.report_id,
        _OF.segment_type,
        _OF.start_s,
        _OF.end_s,
        _OF.created_at,
        _OF.updated_at,
    ),
    search=[_OF.title],
    sort=sortable(_OF.start_s, _OF.end_s, _OF.title, _OF.segment_type, _OF.created_at, _OF.updated_at),
    default_sort="start_s",
)


@router.get(
    "",
    operation_id="listVideoSegments",
    summary="List video segments",
    responses=LIST_ANSWERS,
)
def list_video_segments(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(SEGMENTS)]
) -> list[VideoSegmentRead]:
    """The segments of your clubs' matches, in the order in which they start."""
    return listing.shown_of(Repository(session, account, VideoSegment), VideoSegmentRead)


@router.post(
    "",
    status_code=201,
    operation_id="createVideoSegment",
    summary="Add a video segment",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
def create_video_segment(
    body: VideoSegmentCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> VideoSegmentRead:
    """Add a stretch of a match's video. Where the match has videos, it lies within the one that is named, or within
    the longest.
    """
    values = body.model_dump(exclude={"match_id"})
    segment = add_segment(session, account, body.match_id, values=values)
    response.headers["Location"] = f"/api/video_segments/{segment.id}"
    return VideoSegmentRead.model_validate(segment)


@router.get(
    "/{segment_id}",
    operation_id="getVideoSegment",
    summary="Get a video segment",
    responses=problem_responses(401, 404),
)
def read_video_segment(segment_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> VideoSegmentRead:
    """One segment."""
    return VideoSegmentRead.model_validate(Repository(session, account, VideoSegment).get(segment_id))


@router.patch(
    "/{segment_id}",
    operation_id="updateVideoSegment",
    summary="Change a video segment",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def update_video_segment(
    segment_id: uuid.UUID,
    body: VideoSegmentPatch,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> VideoSegmentRead:
    """Change the fields that the body names. One that is moved lies within the video afterwards."""
    segment = Repository(session, account, VideoSegment).get_to_change(segment_id)
    precondition.check(VideoSegmentRead.model_validate(segment))
    return VideoSegmentRead.model_validate(change_segment(session, account, segment, body.changes()))


@router.delete(
    "/{segment_id}",
    status_code=204,
    operation_id="deleteVideoSegment",
    summary="Delete a video segment",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_video_segment(
    segment_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete a segment; the video stays."""
    segments = Repository(session, account, VideoSegment)
    segment = segments.get_to_change(segment_id)
    precondition.check(VideoSegmentRead.model_validate(segment))
    segments.delete(segment)

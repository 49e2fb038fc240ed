import uuid
from typing import Annotated

from fastapi import APIRouter, Depends

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Video
from app.schemas.video import VideoRead
from app.services.db_service import Repository
from app.services.delete_video import delete_video

router = APIRouter(prefix="/api/videos", tags=["videos"], route_class=RetryingRoute)

VIDEOS = ListRules(
    by_column(
        Video.club_id,
        Video.match_id,
        Video.sha256,
        Video.container,
        Video.codec,
        Video.width,
        Video.height,
        Video.frame_rate,
        Video.duration_s,
        Video.scan_status,
        Video.scan_reason,
        Video.created_at,
        Video.updated_at,
    ),
    search=[Video.filename],
    sort=sortable(
        Video.filename, Video.size_bytes, Video.frame_rate, Video.duration_s, Video.created_at, Video.updated_at
    ),
    default_sort="-created_at",
)


@router.get("", operation_id="listVideos", summary="List videos", responses=LIST_ANSWERS)
def list_videos(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(VIDEOS)]
) -> list[VideoRead]:
    """The videos of your clubs' matches, latest first."""
    return listing.shown_of(Repository(session, account, Video), VideoRead)


@router.get("/{video_id}", operation_id="getVideo", summary="Get a video", responses=problem_responses(401, 404))
def read_video(video_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> VideoRead:
    """What there is to know about one video."""
    return VideoRead.model_validate(Repository(session, account, Video).get(video_id))


@router.delete(
    "/{video_id}",
    status_code=204,
    operation_id="deleteVideo",
    summary="Delete a video",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def remove_video(
    video_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, precondition: PreconditionDep
) -> None:
    """Delete a video, its file, its jobs, its calibrations and its segments. Reports and figures stay, without it."""
    video = Repository(session, account, Video).get_to_change(video_id)
    precondition.check(VideoRead.model_validate(video))
    delete_video(session, account, video, videos=parts.videos, artifacts=parts.artifacts)

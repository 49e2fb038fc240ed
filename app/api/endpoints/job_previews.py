import uuid

from fastapi import APIRouter, Request, Response

from app.api.byte_ranges import FILE_PARAMETERS, StoredFile, answer_file, file_answers
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Job
from app.services.db_service import Repository
from app.services.find_preview import find_preview

router = APIRouter(prefix="/api/jobs", tags=["analysis"], route_class=RetryingRoute)

_MEDIA_TYPE = "video/mp4"


@router.get(
    "/{job_id}/preview",
    operation_id="getJobPreview",
    summary="Watch what an analysis found",
    response_class=Response,
    openapi_extra=FILE_PARAMETERS,
    responses=file_answers(_MEDIA_TYPE) | problem_responses(401, 404),
)
def read_job_preview(
    job_id: uuid.UUID, request: Request, account: CurrentAccount, session: SessionDep, parts: PartsDep
) -> Response:
    """The video with what was found drawn into it: people with the numbers of their tracks, teams by colour, the ball.

    Of an upload with `preview=true`, when its job is COMPLETED; of others there is none (404).
    """
    preview = find_preview(Repository(session, account, Job).get(job_id), parts.artifacts)
    return answer_file(request, StoredFile(preview.path, preview.tag, _MEDIA_TYPE, "preview.mp4"))

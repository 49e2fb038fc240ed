import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Calibration
from app.schemas.calibration import CalibrationCreate, CalibrationRead
from app.services.db_service import Repository
from app.services.delete_video import delete_calibration
from app.services.store_calibration import fit_to_video, store_calibration

router = APIRouter(prefix="/api/calibrations", tags=["videos"], route_class=RetryingRoute)

_OF = Calibration
CALIBRATIONS = ListRules(
    by_column(_OF.club_id, _OF.video_id, _OF.median_error_m, _OF.max_error_m, _OF.created_at),
    sort=sortable(_OF.median_error_m, _OF.max_error_m, _OF.created_at),
    default_sort="-created_at",
)


@router.get(
    "",
    operation_id="listCalibrations",
    summary="List calibrations",
    responses=LIST_ANSWERS,
)
def list_calibrations(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(CALIBRATIONS)]
) -> list[CalibrationRead]:
    """The calibrations of your clubs' videos, latest first."""
    return listing.shown_of(Repository(session, account, Calibration), CalibrationRead)


@router.post(
    "",
    status_code=201,
    operation_id="createCalibration",
    summary="Calibrate the camera of a video",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404),
)
def create_calibration(
    body: CalibrationCreate, account: CurrentAccount, parts: PartsDep, session: SessionDep, response: Response
) -> CalibrationRead:
    """Fit a fixed camera to point pairs, pixel to metre, and keep it with the video.

    A calibration belongs to the figures that were measured with it, so it cannot be changed: add another one.
    """
    fit = fit_to_video(parts.database, account, body)
    calibration = store_calibration(session, account, body, fit)
    response.headers["Location"] = f"/api/calibrations/{calibration.id}"
    return CalibrationRead.model_validate(calibration)


@router.get(
    "/{calibration_id}",
    operation_id="getCalibration",
    summary="Get a calibration",
    responses=problem_responses(401, 404),
)
def read_calibration(calibration_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> CalibrationRead:
    """The point pairs of one camera, and how well they fit."""
    return CalibrationRead.model_validate(Repository(session, account, Calibration).get(calibration_id))


@router.delete(
    "/{calibration_id}",
    status_code=204,
    operation_id="deleteCalibration",
    summary="Delete a calibration",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def remove_calibration(
    calibration_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete a calibration. The figures that were measured with it stay."""
    calibration = Repository(session, account, Calibration).get_to_change(calibration_id)
    precondition.check(CalibrationRead.model_validate(calibration))
    delete_calibration(session, account, calibration)

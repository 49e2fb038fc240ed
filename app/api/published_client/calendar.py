"""Meetings and training sessions: what the client's calendar shows."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Reunion, TrainingSession
from app.schemas.calendar import (
    ReunionCreate,
    ReunionPatch,
    ReunionRead,
    TrainingSessionCreate,
    TrainingSessionPatch,
    TrainingSessionRead,
)
from app.services.db_service import Repository

router = APIRouter(prefix="/api", tags=["calendar"], route_class=RetryingRoute)

_CREATED = answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404)
_CHANGED = problem_responses(401, 403, 404, 412)
_DELETED = problem_responses(401, 403, 404, 412)

REUNIONS = ListRules(
    by_column(Reunion.club_id, Reunion.title, Reunion.date, Reunion.location, Reunion.created_at, Reunion.updated_at),
    search=[Reunion.title],
    sort=sortable(Reunion.date, Reunion.title, Reunion.created_at, Reunion.updated_at),
    default_sort="date",
)
TRAINING_SESSIONS = ListRules(
    by_column(
        TrainingSession.club_id,
        TrainingSession.title,
        TrainingSession.date,
        TrainingSession.focus,
        TrainingSession.created_at,
        TrainingSession.updated_at,
    ),
    search=[TrainingSession.title],
    sort=sortable(TrainingSession.date, TrainingSession.title, TrainingSession.created_at, TrainingSession.updated_at),
    default_sort="date",
)


@router.get(
    "/reunions",
    operation_id="listReunions",
    summary="List meetings",
    responses=LIST_ANSWERS,
)
def list_reunions(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(REUNIONS)]
) -> list[ReunionRead]:
    """The meetings of your clubs, the earliest first."""
    return listing.shown_of(Repository(session, account, Reunion), ReunionRead)


@router.post("/reunions", status_code=201, operation_id="createReunion", summary="Add a meeting", responses=_CREATED)
def create_reunion(
    body: ReunionCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> ReunionRead:
    """Add a meeting to the calendar of your club."""
    reunion = Repository(session, account, Reunion).add(Reunion(**body.model_dump()))
    response.headers["Location"] = f"/api/reunions/{reunion.id}"
    return ReunionRead.model_validate(reunion)


@router.get(
    "/reunions/{reunion_id}",
    operation_id="getReunion",
    summary="Get a meeting",
    responses=problem_responses(401, 404),
)
def read_reunion(reunion_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> ReunionRead:
    """One meeting."""
    return ReunionRead.model_validate(Repository(session, account, Reunion).get(reunion_id))


@router.patch("/reunions/{reunion_id}", operation_id="updateReunion", summary="Change a meeting", responses=_CHANGED)
def update_reunion(
    reunion_id: uuid.UUID,
    body: ReunionPatch,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> ReunionRead:
    """Change the fields that the body names."""
    reunions = Repository(session, account, Reunion)
    reunion = reunions.get_to_change(reunion_id)
    precondition.check(ReunionRead.model_validate(reunion))
    return ReunionRead.model_validate(reunions.change(reunion, body.changes()))


@router.delete(
    "/reunions/{reunion_id}",
    status_code=204,
    operation_id="deleteReunion",
    summary="Delete a meeting",
    responses=_DELETED,
)
def delete_reunion(
    reunion_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete a meeting."""
    reunions = Repository(session, account, Reunion)
    reunion = reunions.get_to_change(reunion_id)
    precondition.check(ReunionRead.model_validate(reunion))
    reunions.delete(reunion)


@router.get(
    "/training_sessions",
    operation_id="listTrainingSessions",
    summary="List training sessions",
    responses=LIST_ANSWERS,
)
def list_training_sessions(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(TRAINING_SESSIONS)]
) -> list[TrainingSessionRead]:
    """The training sessions of your clubs, the earliest first."""
    return [
        TrainingSessionRead.model_validate(row)
        for row in listing.rows_of(Repository(session, account, TrainingSession))
    ]


@router.post(
    "/training_sessions",
    status_code=201,
    operation_id="createTrainingSession",
    summary="Add a training session",
    responses=_CREATED,
)
def create_training_session(
    body: TrainingSessionCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> TrainingSessionRead:
    """Add a training session to the calendar of your club."""
    training = Repository(session, account, TrainingSession).add(TrainingSession(**body.model_dump()))
    response.headers["Location"] = f"/api/training_sessions/{training.id}"
    return TrainingSessionRead.model_validate(training)


@router.get(
    "/training_sessions/{training_session_id}",
    operation_id="getTrainingSession",
    summary="Get a training session",
    responses=problem_responses(401, 404),
)
def read_training_session(
    training_session_id: uuid.UUID, account: CurrentAccount, session: SessionDep
) -> TrainingSessionRead:
    """One training session."""
    return TrainingSessionRead.model_validate(Repository(session, account, TrainingSession).get(training_session_id))


@router.patch(
    "/training_sessions/{training_session_id}",
    operation_id="updateTrainingSession",
    summary="Change a training session",
    responses=_CHANGED,
)
def update_training_session(
    training_session_id: uuid.UUID,
    body: TrainingSessionPatch,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> TrainingSessionRead:
    """Change the fields that the body names."""
    trainings = Repository(session, account, TrainingSession)
    training = trainings.get_to_change(training_session_id)
    precondition.check(TrainingSessionRead.model_validate(training))
    return TrainingSessionRead.model_validate(trainings.change(training, body.changes()))


@router.delete(
    "/training_sessions/{training_session_id}",
    status_code=204,
    operation_id="deleteTrainingSession",
    summary="Delete a training session",
    responses=_DELETED,
)
def delete_training_session(
    training_session_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete a training session."""
    trainings = Repository(session, account, TrainingSession)
    training = trainings.get_to_change(training_session_id)
    precondition.check(TrainingSessionRead.model_validate(training))
    trainings.delete(training)

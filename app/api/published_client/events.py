"""The client calls competitions events, and knows only their names."""

import uuid
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.dependencies import CurrentAccount, SessionDep
from app.api.deprecation import Deprecation, deprecated
from app.api.documentation import LOCATION, answer_headers
from app.api.endpoints.competitions import COMPETITIONS
from app.api.listing import LIST_ANSWERS, Listing
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Competition
from app.schemas.event import EventCreate, EventRead
from app.services.db_service import Repository

_INSTEAD = Deprecation(since=date(2026, 11, 28), successor="/api/competitions")

router = APIRouter(prefix="/api/events", tags=["published client"], route_class=RetryingRoute)


@router.get(
    "",
    operation_id="listEvents",
    summary="List competitions by name",
    responses=LIST_ANSWERS,
)
@deprecated(_INSTEAD)
def list_events(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(COMPETITIONS)]
) -> list[EventRead]:
    """The competitions of your clubs; `GET /api/competitions` tells more."""
    return listing.shown_of(Repository(session, account, Competition), EventRead)


@router.post(
    "",
    status_code=201,
    operation_id="createEvent",
    summary="Add a competition by its name",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
@deprecated(_INSTEAD)
def create_event(body: EventCreate, account: CurrentAccount, session: SessionDep, response: Response) -> EventRead:
    """Add a competition without a season to your club."""
    competition = Repository(session, account, Competition).add(Competition(name=body.name))
    response.headers["Location"] = f"/api/competitions/{competition.id}"
    return EventRead.model_validate(competition)


@router.delete(
    "/{event_id}",
    status_code=204,
    operation_id="deleteEvent",
    summary="Delete a competition",
    responses=problem_responses(401, 403, 404),
)
@deprecated(_INSTEAD)
def delete_event(event_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> None:
    """The same as `DELETE /api/competitions/{competition_id}`."""
    competitions = Repository(session, account, Competition)
    competitions.delete(competitions.get_to_change(event_id))

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import MatchEvent
from app.schemas.match_event import MatchEventCreate, MatchEventPatch, MatchEventRead
from app.services.db_service import Repository
from app.services.write_match_event import add_event, change_event

router = APIRouter(prefix="/api/match_events", tags=["match events"], route_class=RetryingRoute)

EVENTS = ListRules(
    by_column(
        MatchEvent.club_id,
        MatchEvent.match_id,
        MatchEvent.team_id,
        MatchEvent.player_id,
        MatchEvent.event_type,
        MatchEvent.minute,
        MatchEvent.video_time_s,
        MatchEvent.created_at,
        MatchEvent.updated_at,
    ),
    sort=sortable(
        MatchEvent.match_id,
        MatchEvent.minute,
        MatchEvent.stoppage_minute,
        MatchEvent.video_time_s,
        MatchEvent.event_type,
        MatchEvent.created_at,
        MatchEvent.updated_at,
    ),
    default_sort="match_id,minute,stoppage_minute,created_at",
)


@router.get(
    "",
    operation_id="listMatchEvents",
    summary="List match events",
    responses=LIST_ANSWERS,
)
def list_match_events(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(EVENTS)]
) -> list[MatchEventRead]:
    """What happened in the matches of your clubs, by match and minute."""
    return listing.shown_of(Repository(session, account, MatchEvent), MatchEventRead)


@router.post(
    "",
    status_code=201,
    operation_id="createMatchEvent",
    summary="Add a match event",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404),
)
def create_match_event(
    body: MatchEventCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> MatchEventRead:
    """Add a goal, an assist, a card or one half of a substitution. The score of the match is entered there."""
    event = add_event(session, account, body.match_id, body.model_dump(exclude={"match_id"}))
    response.headers["Location"] = f"/api/match_events/{event.id}"
    return MatchEventRead.model_validate(event)


@router.get(
    "/{event_id}", operation_id="getMatchEvent", summary="Get a match event", responses=problem_responses(401, 404)
)
def read_match_event(event_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> MatchEventRead:
    """One event."""
    return MatchEventRead.model_validate(Repository(session, account, MatchEvent).get(event_id))


@router.patch(
    "/{event_id}",
    operation_id="updateMatchEvent",
    summary="Change a match event",
    responses=problem_responses(401, 403, 404, 412),
)
def update_match_event(
    event_id: uuid.UUID,
    body: MatchEventPatch,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> MatchEventRead:
    """Change the fields that the body names."""
    event = Repository(session, account, MatchEvent).get_to_change(event_id)
    precondition.check(MatchEventRead.model_validate(event))
    return MatchEventRead.model_validate(change_event(session, account, event, body.changes()))


@router.delete(
    "/{event_id}",
    status_code=204,
    operation_id="deleteMatchEvent",
    summary="Delete a match event",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_match_event(
    event_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete an event. Video segments that show it stay."""
    events = Repository(session, account, MatchEvent)
    event = events.get_to_change(event_id)
    precondition.check(MatchEventRead.model_validate(event))
    events.delete(event)

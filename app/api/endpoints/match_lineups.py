import uuid
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Filter, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.core.errors import NotFound
from app.models import MatchLineup, MatchLineupEntry
from app.schemas.match_lineup import (
    LineupBody,
    MatchLineupEntryCreate,
    MatchLineupEntryRead,
    MatchLineupRead,
    MatchLineupReplace,
)
from app.services.check_lineup import Place
from app.services.db_service import Repository
from app.services.lineup_sheet import WITH_ENTRIES, read_sheet
from app.services.write_lineup import add_entry, remove_entry, replace_lineup, write_lineup

router = APIRouter(prefix="/api/match_lineups", tags=["line-ups"], route_class=RetryingRoute)
match_router = APIRouter(prefix="/api/matches", tags=["line-ups"], route_class=RetryingRoute)

_SHEETS_OF = select(MatchLineup.id)
ENTRIES = ListRules(
    [
        Filter(
            "match_id",
            (MatchLineup.match_id,),
            make=lambda match_id: MatchLineupEntry.lineup_id.in_(_SHEETS_OF.where(MatchLineup.match_id == match_id)),
        ),
        *by_column(
            MatchLineupEntry.club_id,
            MatchLineupEntry.lineup_id,
            MatchLineupEntry.team_id,
            MatchLineupEntry.player_id,
            MatchLineupEntry.formation_id,
            MatchLineupEntry.is_starting,
        ),
    ],
    sort=sortable(
        MatchLineupEntry.lineup_id,
        MatchLineupEntry.sheet_order,
        MatchLineupEntry.created_at,
        MatchLineupEntry.updated_at,
    ),
    default_sort="lineup_id,sheet_order",
)


@router.get(
    "",
    operation_id="listMatchLineups",
    summary="List places on line-ups",
    responses=LIST_ANSWERS,
)
def list_match_lineups(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(ENTRIES)]
) -> list[MatchLineupEntryRead]:
    """One row per player on a sheet; with ``match_id``, those of one match. The next path has the whole sheet."""
    entries = Repository(session, account, MatchLineupEntry)
    rows = listing.rows_of(entries, joinedload(MatchLineupEntry.lineup), joinedload(MatchLineupEntry.player))
    return [MatchLineupEntryRead.of(row) for row in rows]


@router.get(
    "/{lineup_id}",
    operation_id="getMatchLineup",
    summary="Get a line-up sheet",
    responses=problem_responses(401, 404),
)
def read_match_lineup(lineup_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> MatchLineupRead:
    """One sheet: who starts, who sits on the bench and who came on, for both teams, and what is missing."""
    return read_sheet(session, account, Repository(session, account, MatchLineup).get(lineup_id, WITH_ENTRIES))


@match_router.get(
    "/{match_id}/lineup",
    operation_id="getLineupOfMatch",
    summary="Get the line-up sheet of a match",
    responses=problem_responses(401, 404),
)
def read_lineup_of_match(match_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> MatchLineupRead:
    """The one sheet of a match; 404 while it has none."""
    sheet = select(MatchLineup.id).where(MatchLineup.match_id == match_id, MatchLineup.visible_to(account))
    lineup_id = session.scalars(sheet).one_or_none()
    if lineup_id is None:
        raise NotFound("The match has no line-up, or there is no such match that you can see.")
    return read_match_lineup(lineup_id, account, session)


@router.post(
    "",
    status_code=201,
    operation_id="createMatchLineup",
    summary="Write the line-up sheet of a match",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
def create_match_lineup(
    body: Annotated[LineupBody, Body()], account: CurrentAccount, session: SessionDep, response: Response
) -> MatchLineupRead | MatchLineupEntryRead:
    """Write the sheet of a match, which has one for both teams; or, with ``player_id``, one more place on it.

    Each team on a sheet that is written whole must be complete, though it may be alone on it for now. A sheet that is
    written place by place may be unfinished.
    """
    if isinstance(body, MatchLineupEntryCreate):
        place = Place(**body.model_dump(exclude={"match_id"}))
        entry = add_entry(session, account, body.match_id, place)
        response.headers["Location"] = f"/api/match_lineups/{entry.lineup_id}"
        return MatchLineupEntryRead.of(entry)
    places = [Place(**entry.model_dump()) for entry in body.entries]
    lineup = write_lineup(session, account, body.match_id, places)
    response.headers["Location"] = f"/api/match_lineups/{lineup.id}"
    return read_match_lineup(lineup.id, account, session)


@router.put(
    "/{lineup_id}",
    operation_id="replaceMatchLineup",
    summary="Write a line-up sheet anew",
    responses=problem_responses(401, 403, 404, 412),
)
def replace_match_lineup(
    lineup_id: uuid.UUID,
    body: MatchLineupReplace,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> MatchLineupRead:
    """Replace all entries of a sheet; each team on it must be complete afterwards."""
    lineup = Repository(session, account, MatchLineup).get_to_change(lineup_id, WITH_ENTRIES)
    precondition.check(read_sheet(session, account, lineup))
    replace_lineup(session, account, lineup, [Place(**entry.model_dump()) for entry in body.entries])
    session.expire(lineup)
    return read_match_lineup(lineup_id, account, session)


@router.delete(
    "/{lineup_id}",
    status_code=204,
    operation_id="deleteMatchLineup",
    summary="Delete a line-up sheet, or one place on it",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_match_lineup(
    lineup_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete a sheet; or, with the id of an entry, that place on it, and the sheet with its last place."""
    entries = Repository(session, account, MatchLineupEntry)
    try:
        entry = entries.get_to_change(lineup_id)
    except NotFound:
        lineups = Repository(session, account, MatchLineup)
        lineup = lineups.get_to_change(lineup_id, WITH_ENTRIES)
        precondition.check(read_sheet(session, account, lineup))
        lineups.delete(lineup)
    else:
        remove_entry(session, account, entry)

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from sqlalchemy import ColumnElement

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Filter, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Player, PlayerMatchStatistics
from app.schemas.player_figures import PlayerFiguresRead
from app.schemas.player_match_statistics import (
    FigureSource,
    PlayerMatchStatisticsCreate,
    PlayerMatchStatisticsPatch,
    PlayerMatchStatisticsRead,
)
from app.services.db_service import Repository
from app.services.enter_statistics import change_statistics, check_entered, enter_statistics
from app.services.player_figures import player_figures

router = APIRouter(prefix="/api/player_match_statistics", tags=["statistics"], route_class=RetryingRoute)
match_router = APIRouter(prefix="/api/matches", tags=["statistics"], route_class=RetryingRoute)

_OF = PlayerMatchStatistics


def _of_source(source: FigureSource) -> ColumnElement[bool]:
    return _OF.report_id.is_(None) if source is FigureSource.ENTERED else _OF.report_id.is_not(None)


STATISTICS = ListRules(
    [
        *by_column(_OF.club_id, _OF.match_id, _OF.player_id, _OF.report_id, _OF.track_number, _OF.team),
        Filter("source", (_OF.report_id,), make=_of_source, words=FigureSource),
        *by_column(_OF.seconds_seen, _OF.confidence, _OF.distance_m, _OF.top_speed_mps, _OF.mean_speed_mps),
        *by_column(_OF.sprint_count),
        *by_column(_OF.minutes_played, _OF.goals, _OF.assists, _OF.shots, _OF.passes, _OF.rating),
        *by_column(_OF.created_at, _OF.updated_at),
    ],
    sort=sortable(
        *(_OF.match_id, _OF.report_id, _OF.track_number, _OF.seconds_seen, _OF.confidence, _OF.distance_m),
        *(
            _OF.top_speed_mps,
            _OF.mean_speed_mps,
            _OF.sprint_count,
            _OF.minutes_played,
            _OF.goals,
            _OF.assists,
            _OF.shots,
            _OF.passes,
        ),
        *(_OF.rating, _OF.created_at, _OF.updated_at),
    ),
    default_sort="created_at,match_id,track_number",
)
FIGURES = ListRules([], sort={}, default_sort="")  # put together by the program, which knows one order only


@router.get(
    "",
    operation_id="listPlayerMatchStatistics",
    summary="List the figures of players and tracks",
    responses=LIST_ANSWERS,
)
def list_player_match_statistics(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(STATISTICS)]
) -> list[PlayerMatchStatisticsRead]:
    """Figures per player or track, of one match, of one player, or of all that you see."""
    return listing.shown_of(Repository(session, account, PlayerMatchStatistics), PlayerMatchStatisticsRead)


@router.post(
    "",
    status_code=201,
    operation_id="createPlayerMatchStatistics",
    summary="Enter the figures of a player",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
def create_player_match_statistics(
    body: PlayerMatchStatisticsCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> PlayerMatchStatisticsRead:
    """Enter the figures of a player in a match. There is one such row for both; measured rows stand beside it."""
    figures = body.model_dump(exclude={"match_id", "player_id"})
    row = enter_statistics(session, account, body.match_id, body.player_id, figures=figures)
    response.headers["Location"] = f"/api/player_match_statistics/{row.id}"
    return PlayerMatchStatisticsRead.model_validate(row)


@router.get(
    "/player/{player_id}",
    operation_id="listStatisticsOfPlayer",
    summary="List the figures of one player",
    responses=LIST_ANSWERS | problem_responses(404),
)
def list_statistics_of_player(
    player_id: uuid.UUID,
    account: CurrentAccount,
    session: SessionDep,
    listing: Annotated[Listing, Depends(STATISTICS)],
) -> list[PlayerMatchStatisticsRead]:
    """All figures of one player, entered and measured, in every match."""
    of_player = listing.within(PlayerMatchStatistics.player_id == player_id)
    rows = of_player.rows_of(Repository(session, account, PlayerMatchStatistics))
    if not rows:
        Repository(session, account, Player).get(player_id)  # nothing known about a player, or no such player
    return [PlayerMatchStatisticsRead.model_validate(row) for row in rows]


@router.get(
    "/{statistics_id}",
    operation_id="getPlayerMatchStatistics",
    summary="Get the figures of a player or a track",
    responses=problem_responses(401, 404),
)
def read_player_match_statistics(
    statistics_id: uuid.UUID, account: CurrentAccount, session: SessionDep
) -> PlayerMatchStatisticsRead:
    """One row of figures, entered or measured."""
    row = Repository(session, account, PlayerMatchStatistics).get(statistics_id)
    return PlayerMatchStatisticsRead.model_validate(row)


@router.patch(
    "/{statistics_id}",
    operation_id="updatePlayerMatchStatistics",
    summary="Change entered figures, or say who a track is",
    responses=problem_responses(401, 403, 404, 412),
)
def update_player_match_statistics(
    statistics_id: uuid.UUID,
    body: PlayerMatchStatisticsPatch,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> PlayerMatchStatisticsRead:
    """Change figures that were entered; or give a measured row, and its track, to a player with ``player_id``.

    A measured figure cannot be changed. What is sent as it stands counts as no change.
    """
    row = Repository(session, account, PlayerMatchStatistics).get_to_change(statistics_id)
    precondition.check(PlayerMatchStatisticsRead.model_validate(row))
    return PlayerMatchStatisticsRead.model_validate(change_statistics(session, account, row, body.changes()))


@router.delete(
    "/{statistics_id}",
    status_code=204,
    operation_id="deletePlayerMatchStatistics",
    summary="Delete entered figures",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def delete_player_match_statistics(
    statistics_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete figures that were entered. Measured ones stay as long as their report."""
    rows = Repository(session, account, PlayerMatchStatistics)
    row = rows.get_to_change(statistics_id)
    precondition.check(PlayerMatchStatisticsRead.model_validate(row))
    check_entered(row)
    rows.delete(row)


@match_router.get(
    "/{match_id}/player_figures",
    operation_id="listPlayerFigures",
    summary="Compare entered and measured figures",
    responses=LIST_ANSWERS | problem_responses(404),
)
def list_player_figures(
    match_id: uuid.UUID, account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(FIGURES)]
) -> list[PlayerFiguresRead]:
    """Entered and measured figures of a match side by side: players by name, then the tracks that nobody has named."""
    found = listing.window_of(player_figures(session, account, match_id))
    return [PlayerFiguresRead.of(item.player, entered=item.entered, measured=item.measured) for item in found]

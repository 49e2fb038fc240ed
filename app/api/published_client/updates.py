"""The client changes teams and players with PUT, where the API has PATCH."""

import uuid

from fastapi import APIRouter

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Player, Team
from app.schemas.full_update import PlayerUpdate, TeamUpdate
from app.schemas.player import PlayerRead
from app.schemas.team import TeamRead
from app.services.club_of_member import club_of_member
from app.services.db_service import Repository

router = APIRouter(prefix="/api", tags=["published client"], route_class=RetryingRoute)

_ANSWERS = problem_responses(401, 403, 404, 409, 412)


@router.put("/teams/{team_id}", operation_id="putTeam", summary="Change a team, sent as a whole", responses=_ANSWERS)
def put_team(
    team_id: uuid.UUID, body: TeamUpdate, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> TeamRead:
    """As `PATCH`, but null and empty texts leave a field as it is."""
    teams = Repository(session, account, Team)
    team = teams.get_to_change(team_id)
    precondition.check(TeamRead.model_validate(team))
    return TeamRead.model_validate(teams.change(team, body.changes()))


@router.put(
    "/players/{player_id}", operation_id="putPlayer", summary="Change a player, sent as a whole", responses=_ANSWERS
)
def put_player(
    player_id: uuid.UUID,
    body: PlayerUpdate,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> PlayerRead:
    """As `PATCH`, but null and empty texts leave a field as it is."""
    players = Repository(session, account, Player)
    player = players.get_to_change(player_id)
    precondition.check(PlayerRead.model_validate(player))
    club_of_member(session, account, body.team_id, club_id=player.club_id)
    return PlayerRead.model_validate(players.change(player, body.changes()))

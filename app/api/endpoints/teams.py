import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.picture_upload import PICTURE_BODY, PictureDep
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Team
from app.schemas.team import TeamCreate, TeamPatch, TeamRead
from app.services.db_service import Repository
from app.services.replace_picture import forget_picture, kept_picture

router = APIRouter(prefix="/api/teams", tags=["teams"], route_class=RetryingRoute)

TEAMS = ListRules(
    by_column(Team.club_id, Team.name, Team.created_at, Team.updated_at),
    search=[Team.name],
    sort=sortable(Team.name, Team.created_at, Team.updated_at),
    default_sort="created_at",
)


@router.get("", operation_id="listTeams", summary="List teams", responses=LIST_ANSWERS)
def list_teams(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(TEAMS)]
) -> list[TeamRead]:
    """The teams of your clubs, the oldest first: your own team before its opponents."""
    return listing.shown_of(Repository(session, account, Team), TeamRead)


@router.post(
    "",
    status_code=201,
    operation_id="createTeam",
    summary="Add a team",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404, 409),
)
def create_team(body: TeamCreate, account: CurrentAccount, session: SessionDep, response: Response) -> TeamRead:
    """Add a team to your club. Its name is its own there."""
    team = Repository(session, account, Team).add(Team(**body.model_dump()))
    response.headers["Location"] = f"/api/teams/{team.id}"
    return TeamRead.model_validate(team)


@router.get("/{team_id}", operation_id="getTeam", summary="Get a team", responses=problem_responses(401, 404))
def read_team(team_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> TeamRead:
    """One team."""
    return TeamRead.model_validate(Repository(session, account, Team).get(team_id))


@router.patch(
    "/{team_id}",
    operation_id="updateTeam",
    summary="Change a team",
    responses=problem_responses(401, 403, 404, 409, 412),
)
def update_team(
    team_id: uuid.UUID, body: TeamPatch, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> TeamRead:
    """Change the fields that the body names."""
    teams = Repository(session, account, Team)
    team = teams.get_to_change(team_id)
    precondition.check(TeamRead.model_validate(team))
    return TeamRead.model_validate(teams.change(team, body.changes()))


@router.delete(
    "/{team_id}",
    status_code=204,
    operation_id="deleteTeam",
    summary="Delete a team",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_team(
    team_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep, precondition: PreconditionDep
) -> None:
    """Delete a team. Its players and matches stay, without a team; its statistics, line-up places and logo go."""
    teams = Repository(session, account, Team)
    team = teams.get_to_change(team_id)
    precondition.check(TeamRead.model_validate(team))
    forget_picture(session, parts.pictures, team.logo_url)
    teams.delete(team)


@router.post(
    "/{team_id}/upload_logo",
    operation_id="uploadTeamLogo",
    summary="Upload the logo of a team",
    openapi_extra=PICTURE_BODY,
    responses=problem_responses(401, 403, 404, 413, 415, 507),
)
def upload_team_logo(team_id: uuid.UUID, account: CurrentAccount, picture: PictureDep, parts: PartsDep) -> TeamRead:
    """Upload the logo of a team, in place of the one that it has. It is kept as WebP, at most 1024 px wide and high."""
    with kept_picture(parts.pictures, picture) as url, parts.database.unit_of_work() as session:
        teams = Repository(session, account, Team)
        team = teams.get_to_change(team_id)
        forget_picture(session, parts.pictures, team.logo_url)
        return TeamRead.model_validate(teams.change(team, {"logo_url": url}))


@router.delete(
    "/{team_id}/logo",
    status_code=204,
    operation_id="deleteTeamLogo",
    summary="Delete the logo of a team",
    responses=problem_responses(401, 403, 404),
)
def delete_team_logo(team_id: uuid.UUID, account: CurrentAccount, session: SessionDep, parts: PartsDep) -> None:
    """Delete the logo of a team, if it has one."""
    teams = Repository(session, account, Team)
    team = teams.get_to_change(team_id)
    forget_picture(session, parts.pictures, team.logo_url)
    teams.change(team, {"logo_url": None})

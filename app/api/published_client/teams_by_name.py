"""The client asks for an opponent by name before it adds one."""

from datetime import date

from fastapi import APIRouter

from app.api.dependencies import CurrentAccount, SessionDep
from app.api.deprecation import Deprecation, deprecated
from app.api.problems import problem_responses
from app.core.errors import NotFound
from app.models import Team
from app.schemas.team import TeamRead
from app.services.db_service import Page, Repository, Selection

router = APIRouter(prefix="/api/teams", tags=["published client"])


@router.get(
    "/by_name/{name:path}",  # the client sends a slash within a name as it is
    operation_id="getTeamByName",
    summary="Get a team by its name",
    responses=problem_responses(401, 404),
)
@deprecated(Deprecation(since=date(2026, 11, 28), successor="/api/teams"))
def read_team_by_name(name: str, account: CurrentAccount, session: SessionDep) -> TeamRead:
    """The team of exactly this name; blanks around it do not count, as when it is added.

    Where several of your clubs have such a team, it is the one of your active club.
    """
    own_first = ((Team.club_id == account.club_id).desc(), Team.created_at.asc())
    rows, _ = Repository(session, account, Team).find(Selection(Page(1, 0), (Team.name == name.strip(),), own_first))
    if not rows:
        raise NotFound("There is no team of this name in your clubs.")
    return TeamRead.model_validate(rows[0])

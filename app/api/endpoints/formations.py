from fastapi import APIRouter, Request, Response

from app.api.dependencies import CurrentAccount, PageDep, SessionDep
from app.api.documentation import LINK, TOTAL_COUNT, answer_headers
from app.api.pagination import describe_page
from app.api.problems import problem_responses
from app.models import Formation, Team
from app.schemas.formation import FormationCreate, FormationRead
from app.services.db_service import Repository

router = APIRouter(prefix="/api/formations", tags=["formations"])


@router.get(
    "",
    operation_id="listFormations",
    summary="List formations",
    responses=answer_headers(TOTAL_COUNT, LINK) | problem_responses(401),
)
def list_formations(
    request: Request, response: Response, account: CurrentAccount, session: SessionDep, page: PageDep
) -> list[FormationRead]:
    """The formations of your clubs, by name."""
    rows, total = Repository(session, account, Formation).find(page=page, order_by=[Formation.name.asc()])
    describe_page(request, response, page, total)
    return [FormationRead.model_validate(row) for row in rows]


@router.post(
    "",
    status_code=201,
    operation_id="createFormation",
    summary="Add a formation",
    responses=problem_responses(401, 404),
)
def create_formation(body: FormationCreate, account: CurrentAccount, session: SessionDep) -> FormationRead:
    """Add a formation to your club, for one team or for all."""
    row = Formation(**body.model_dump(exclude={"positions"}), positions=body.model_dump(mode="json")["positions"])
    if body.team_id is not None:
        row.club_id = Repository(session, account, Team).get(body.team_id).club_id
    return FormationRead.model_validate(Repository(session, account, Formation).add(row))

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, SessionDep
from app.api.documentation import LOCATION, answer_headers
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import Formation
from app.schemas.formation import FormationCreate, FormationPatch, FormationRead
from app.services.db_service import Repository
from app.services.write_formation import add_formation, change_formation

router = APIRouter(prefix="/api/formations", tags=["formations"], route_class=RetryingRoute)

FORMATIONS = ListRules(
    by_column(Formation.club_id, Formation.team_id, Formation.name, Formation.created_at, Formation.updated_at),
    search=[Formation.name],
    sort=sortable(Formation.name, Formation.created_at, Formation.updated_at),
    default_sort="name",
)


@router.get(
    "",
    operation_id="listFormations",
    summary="List formations",
    responses=LIST_ANSWERS,
)
def list_formations(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(FORMATIONS)]
) -> list[FormationRead]:
    """The formations of your clubs, by name."""
    return listing.shown_of(Repository(session, account, Formation), FormationRead)


@router.post(
    "",
    status_code=201,
    operation_id="createFormation",
    summary="Add a formation",
    responses=answer_headers(LOCATION, status=201) | problem_responses(401, 403, 404),
)
def create_formation(
    body: FormationCreate, account: CurrentAccount, session: SessionDep, response: Response
) -> FormationRead:
    """Add a formation to your club, for one team or for all. A name such as 4-3-3 is checked against the positions.

    Without positions, such a name gets those that it tells.
    """
    formation = add_formation(session, account, Formation(**body.columns()))
    response.headers["Location"] = f"/api/formations/{formation.id}"
    return FormationRead.model_validate(formation)


@router.get(
    "/{formation_id}", operation_id="getFormation", summary="Get a formation", responses=problem_responses(401, 404)
)
def read_formation(formation_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> FormationRead:
    """One formation."""
    return FormationRead.model_validate(Repository(session, account, Formation).get(formation_id))


@router.patch(
    "/{formation_id}",
    operation_id="updateFormation",
    summary="Change a formation",
    responses=problem_responses(401, 403, 404, 412),
)
def update_formation(
    formation_id: uuid.UUID,
    body: FormationPatch,
    account: CurrentAccount,
    session: SessionDep,
    precondition: PreconditionDep,
) -> FormationRead:
    """Change the fields that the body names; name and positions must agree afterwards."""
    formation = Repository(session, account, Formation).get_to_change(formation_id)
    precondition.check(FormationRead.model_validate(formation))
    return FormationRead.model_validate(change_formation(session, account, formation, body.changes()))


@router.delete(
    "/{formation_id}",
    status_code=204,
    operation_id="deleteFormation",
    summary="Delete a formation",
    responses=problem_responses(401, 403, 404, 412),
)
def delete_formation(
    formation_id: uuid.UUID, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep
) -> None:
    """Delete a formation. Line-ups that used it stay, without one."""
    formations = Repository(session, account, Formation)
    formation = formations.get_to_change(formation_id)
    precondition.check(FormationRead.model_validate(formation))
    formations.delete(formation)

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import select

from app.api.dependencies import CurrentAccount, SessionDep
from app.api.listing import LIST_ANSWERS, Listing, ListRules, by_column, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.core.account import Role
from app.models import AuditEntry, User
from app.schemas.audit_entry import AuditEntryRead
from app.services.roles import require_role

router = APIRouter(prefix="/api/clubs/{club_id}/audit_log", tags=["clubs"], route_class=RetryingRoute)

AUDIT_LOG = ListRules(
    by_column(
        AuditEntry.resource,
        AuditEntry.resource_id,
        AuditEntry.action,
        AuditEntry.user_id,
        AuditEntry.request_id,
        AuditEntry.created_at,
    ),
    sort=sortable(AuditEntry.created_at, AuditEntry.resource, AuditEntry.action),
    default_sort="-created_at",
)


@router.get(
    "",
    operation_id="listAuditLog",
    summary="Read the audit log of a club",
    responses=LIST_ANSWERS | problem_responses(403, 404),
)
def list_audit_log(
    club_id: uuid.UUID, account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(AUDIT_LOG)]
) -> list[AuditEntryRead]:
    """Who changed what in the club, and when, the latest first. Only owners read it; nobody changes it."""
    require_role(account, club_id, Role.OWNER)
    query = select(AuditEntry, User.email).outerjoin(User, User.id == AuditEntry.user_id)
    of_club = query.where(AuditEntry.visible_to(account), AuditEntry.club_id == club_id)
    return [_answer(entry, email) for entry, email in listing.page_of(session, of_club, key=AuditEntry.id)]


def _answer(entry: AuditEntry, email: str | None) -> AuditEntryRead:
    columns = {name: getattr(entry, name) for name in AuditEntryRead.model_fields if name != "user_email"}
    return AuditEntryRead(**columns, user_email=email)

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.security import OAuth2PasswordRequestForm

from app.api.account_answers import answer_token
from app.api.dependencies import CurrentAccount, DeviceDep, PartsDep, PasswordTurn, SessionDep
from app.api.listing import LIST_ANSWERS, Listing, ListRules, sortable
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.models import AccountSession
from app.schemas.account import RefreshRequest, SessionRead, Token
from app.services.log_in import canonical_email, log_in
from app.services.sessions import end_current_session, end_session, own_sessions, refresh_session

router = APIRouter(prefix="/api", tags=["sessions"], route_class=RetryingRoute)

SESSIONS = ListRules(
    [], sort=sortable(AccountSession.created_at, AccountSession.last_used_at), default_sort="-last_used_at"
)


_LOG_IN = {"username": "coach@example.com", "password": "correct horse"}


@router.post(
    "/token",
    operation_id="logIn",
    dependencies=[PasswordTurn],
    summary="Log in",
    openapi_extra={"requestBody": {"content": {"application/x-www-form-urlencoded": {"example": _LOG_IN}}}},
    responses=problem_responses(401),
)
def log_in_with_password(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], parts: PartsDep, device: DeviceDep, response: Response
) -> Token:
    """Log in (OAuth 2 password form; ``username`` is the e-mail address)."""
    email, life = canonical_email(form.username), parts.settings.session_life
    with parts.attempts.attempt(account=email, address=device.address):
        opened = log_in(parts.database, device, email=email, password=form.password, life=life)
    return answer_token(parts, response, opened)


@router.post(
    "/token/refresh",
    operation_id="refreshToken",
    summary="Get the next token",
    responses=problem_responses(401),
)
def refresh_token(body: RefreshRequest, parts: PartsDep, device: DeviceDep, response: Response) -> Token:
    """Trade a refresh token for an access token and the next refresh token.

    Each works once. One that comes a second time has been copied: its session ends, and whoever holds it logs in again.
    """
    with parts.attempts.attempt(account=None, address=device.address):
        opened = refresh_session(parts.database, body.refresh_token, life=parts.settings.session_life)
    return answer_token(parts, response, opened)


@router.post("/logout", status_code=204, operation_id="logOut", summary="Log out", responses=problem_responses(401))
def log_out(account: CurrentAccount, session: SessionDep) -> None:
    """End the session of this access token. Neither it nor the refresh token works any more."""
    end_current_session(session, account)


@router.get(
    "/sessions",
    operation_id="listSessions",
    summary="List your sessions",
    responses=LIST_ANSWERS,
)
def list_sessions(
    account: CurrentAccount, session: SessionDep, listing: Annotated[Listing, Depends(SESSIONS)]
) -> list[SessionRead]:
    """Where you are logged in."""
    rows = listing.page_of(session, own_sessions(account), key=AccountSession.id)
    return [SessionRead.model_validate(row) for row in rows]


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    operation_id="endSession",
    summary="End one of your sessions",
    responses=problem_responses(401, 404),
)
def delete_session(session_id: uuid.UUID, account: CurrentAccount, session: SessionDep) -> None:
    """Log out on another device."""
    end_session(session, account, session_id)

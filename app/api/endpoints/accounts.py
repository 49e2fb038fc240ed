from fastapi import APIRouter, Response

from app.api.account_answers import answer_token
from app.api.conditional import PreconditionDep
from app.api.dependencies import CurrentAccount, DeviceDep, PartsDep, PasswordTurn, SessionDep
from app.api.problems import problem_responses
from app.api.retrying_route import RetryingRoute
from app.schemas.account import AccountDeletion, PasswordChange, Registered, Registration, UserPatch, UserRead
from app.services.change_password import change_password, require_password
from app.services.delete_account import delete_account
from app.services.own_account import change_own_account, own_account, own_account_to_change
from app.services.register_account import register_account
from app.services.sessions import open_session

router = APIRouter(prefix="/api", tags=["accounts"], route_class=RetryingRoute)


@router.post(
    "/register",
    status_code=201,
    operation_id="register",
    dependencies=[PasswordTurn],
    summary="Make an account",
    responses=problem_responses(404, 409),
)
def register(
    body: Registration, session: SessionDep, parts: PartsDep, device: DeviceDep, response: Response
) -> Registered:
    """Make an account, with a club of its own or in the club that sent an invitation, and log it in."""
    user = register_account(session, **body.model_dump())
    opened = open_session(session, user.id, device, life=parts.settings.session_life)
    token = answer_token(parts, response, opened)
    return Registered(**token.model_dump(), email=user.email, detail="Your account is ready, and you are logged in.")


@router.get("/users/me", operation_id="getMe", summary="Read your own account", responses=problem_responses(401))
def read_me(account: CurrentAccount, session: SessionDep) -> UserRead:
    """The account that the access token speaks for, and its clubs."""
    return own_account(session, account)


@router.patch(
    "/users/me",
    operation_id="updateMe",
    summary="Change your own account",
    responses=problem_responses(401, 404, 412),
)
def update_me(body: UserPatch, account: CurrentAccount, session: SessionDep, precondition: PreconditionDep) -> UserRead:
    """Change the fields that the body names."""
    precondition.check(own_account_to_change(session, account))
    return change_own_account(session, account, body.changes())


@router.delete(
    "/users/me",
    status_code=204,
    operation_id="deleteMe",
    dependencies=[PasswordTurn],
    summary="Delete your own account",
    responses=problem_responses(401, 403, 409, 412),
)
def delete_me(
    body: AccountDeletion,
    account: CurrentAccount,
    session: SessionDep,
    parts: PartsDep,
    device: DeviceDep,
    precondition: PreconditionDep,
) -> None:
    """Leave all clubs and delete the account. What you wrote stays with the clubs.

    A club needs an owner: where you are the only one, make somebody else an owner first, or delete the club.
    """
    with parts.attempts.attempt(account=str(account.user_id), address=device.address):
        require_password(parts.database, account, body.password, field="password")
    precondition.check(own_account_to_change(session, account))
    delete_account(session, account)


@router.post(
    "/users/me/password",
    status_code=204,
    operation_id="changePassword",
    dependencies=[PasswordTurn],
    summary="Change your password",
    responses=problem_responses(401, 403),
)
def change_own_password(body: PasswordChange, account: CurrentAccount, parts: PartsDep, device: DeviceDep) -> None:
    """Set another password. You are logged out everywhere but here."""
    with parts.attempts.attempt(account=str(account.user_id), address=device.address):
        change_password(parts.database, account, current_password=body.current_password, new_password=body.new_password)

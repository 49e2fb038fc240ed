from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.security import OAuth2PasswordRequestForm

from app.api.dependencies import CurrentAccount, PartsDep, SessionDep
from app.api.problems import problem_responses
from app.models import User
from app.schemas.account import Registration, Token, UserRead
from app.services.register_account import log_in, register_account

router = APIRouter(prefix="/api", tags=["accounts"])


@router.post(
    "/register", status_code=201, operation_id="register", summary="Make an account", responses=problem_responses(409)
)
def register(body: Registration, session: SessionDep, parts: PartsDep, response: Response) -> Token:
    """Make an account with a club of its own, and log it in."""
    user = register_account(session, email=body.email, password=body.password, full_name=body.full_name)
    response.headers["Cache-Control"] = "no-store"
    return Token(access_token=parts.tokens.issue(user.id), expires_in=parts.tokens.life_s)


@router.post("/token", operation_id="logIn", summary="Log in", responses=problem_responses(401))
def log_in_with_password(
    form: Annotated[OAuth2PasswordRequestForm, Depends()], parts: PartsDep, response: Response
) -> Token:
    """Log in (OAuth 2 password form; ``username`` is the e-mail address)."""
    user = log_in(parts.database, email=form.username, password=form.password)
    response.headers["Cache-Control"] = "no-store"
    return Token(access_token=parts.tokens.issue(user.id), expires_in=parts.tokens.life_s)


@router.get("/users/me", operation_id="getMe", summary="Read your own account", responses=problem_responses(401))
def read_me(account: CurrentAccount, session: SessionDep) -> UserRead:
    """The account that the access token speaks for."""
    return UserRead.model_validate(session.get_one(User, account.user_id))

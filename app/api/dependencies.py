"""Everything an endpoint may ask for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.orm import Session

from app.core.account import Account
from app.core.config import Settings
from app.core.database import Database
from app.core.errors import Unauthenticated
from app.core.security import AccessTokens
from app.services.db_service import Page
from app.services.engine import AnalysisEngine
from app.services.register_account import account_of
from app.services.video_store import VideoStore
from app.workers.embedded import EmbeddedWorkers

MAX_PAGE = 1000
_SESSIONS_AT_ONCE = 16  # per process
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Parts:
    """The long-lived parts of one application, made by ``create_app``."""

    settings: Settings
    database: Database
    tokens: AccessTokens
    videos: VideoStore
    engine: AnalysisEngine
    workers: EmbeddedWorkers
    started_at: datetime


def get_parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


PartsDep = Annotated[Parts, Depends(get_parts)]


def get_session(request: Request, parts: PartsDep) -> Iterator[Session]:
    """One unit of work per request, committed before the answer is sent; reads only, for methods that only read."""
    unit = parts.database.reading() if request.method in _SAFE_METHODS else parts.database.unit_of_work()
    with unit as session:
        yield session


# scope="function": the default runs the commit after the client already has its answer.
# max_concurrency: a request that holds a connection needs a second of the 40 threads to answer; if all 40 waited for a
# connection or for SQLite's write lock, those who hold them could not finish. The others wait without a thread.
SessionDep = Annotated[Session, Depends(get_session, scope="function", max_concurrency=_SESSIONS_AT_ONCE)]

_bearer = OAuth2PasswordBearer(tokenUrl="/api/token", auto_error=False)


def get_account(parts: PartsDep, token: Annotated[str | None, Depends(_bearer)]) -> Account:
    """Who is asking, in a short transaction of its own: an upload holds no connection while it streams."""
    if token is None:
        raise Unauthenticated("This needs an access token: log in, and send it as a bearer token.")
    user_id = parts.tokens.user_id(token)
    with parts.database.reading() as session:
        return account_of(session, user_id)


CurrentAccount = Annotated[Account, Depends(get_account)]


def get_page(
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="At most this many rows.")] = MAX_PAGE,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1, description="Skip this many rows.")] = 0,
) -> Page:
    return Page(limit, offset)


PageDep = Annotated[Page, Depends(get_page)]

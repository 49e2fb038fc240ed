"""Everything an endpoint may ask for."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

from anyio import CapacityLimiter
from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from app.api.password_queue import PasswordQueue
from app.core.account import Account
from app.core.config import Settings
from app.core.database import Database
from app.core.errors import Unauthenticated
from app.core.security import AccessTokens, Bearer
from app.services.engine import AnalysisEngine
from app.services.forecast import Forecaster
from app.services.limit_attempts import AttemptLimiter
from app.services.log_in import account_of
from app.services.picture_store import PictureStore
from app.services.sessions import Device
from app.services.shared_answers import SharedAnswers
from app.services.video_store import VideoStore
from app.workers.backend import JobBackend
from app.workers.chores import ChoreThread
from app.workers.webhook_sender import WebhookSender

SESSIONS_AT_ONCE = 16  # per process, that read, and as many that write
_MAX_USER_AGENT = 300  # characters: what there is room for
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Parts:
    """The long-lived parts of one application, made by ``create_app``."""

    settings: Settings
    database: Database
    tokens: AccessTokens
    attempts: AttemptLimiter
    passwords: PasswordQueue
    videos: VideoStore
    upload_writers: CapacityLimiter
    probes: CapacityLimiter  # of videos, by processes that each take a core
    keepers: CapacityLimiter  # of videos: a bucket takes its time, and other requests need threads, too
    readers: CapacityLimiter  # see app/api/read_endpoint.py
    artifacts: Path  # what engines sent
    pictures: PictureStore
    engine: AnalysisEngine
    forecaster: Forecaster
    webhooks: WebhookSender
    housekeeping: ChoreThread
    workers: JobBackend
    answers: SharedAnswers | None  # that are kept, if there is a Redis
    started_at: datetime


def get_parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


async def _parts(request: Request) -> Parts:
    """The same as a dependency: for one that is no coroutine a thread would be asked."""
    return get_parts(request)


PartsDep = Annotated[Parts, Depends(_parts)]


def get_session(request: Request, parts: PartsDep) -> Iterator[Session]:
    """One unit of work per request, committed before the answer is sent; reads only, for methods that only read."""
    unit = parts.database.reading() if request.method in _SAFE_METHODS else parts.database.unit_of_work()
    with unit as session:
        request.state.session = session  # RetryingRoute stores the answer in the same transaction
        yield session


# scope="function": the default runs the commit after the client already has its answer.
# max_concurrency: a request that holds a connection needs a second of the 40 threads to answer; if all 40 waited for a
# connection or for SQLite's write lock, those who hold them could not finish. The others wait without a thread.
SessionDep = Annotated[Session, Depends(get_session, scope="function", max_concurrency=SESSIONS_AT_ONCE)]


async def take_password_turn(parts: PartsDep) -> AsyncIterator[None]:
    async with parts.passwords.turn():
        yield


# The same threads answer everybody: whoever waited for argon2 in one of them would let all others wait, too.
PasswordTurn = Depends(take_password_turn, scope="function")
"""Among the ``dependencies`` of each route that hashes or verifies a password."""

_bearer = OAuth2PasswordBearer(tokenUrl="/api/token", auto_error=False)
BearerToken = Annotated[str | None, Depends(_bearer)]


def bearer_of(request: Request, token: str | None) -> Bearer:
    """
    Raises:
        Unauthenticated: there is no token, or one that is not valid.
    """
    if token is None:
        raise Unauthenticated("This needs an access token: log in, and send it as a bearer token.")
    # Read already for the log, unless it is not valid: then it is read once more, to say why.
    bearer: Bearer | None = getattr(request.state, "bearer", None)
    return bearer or get_parts(request).tokens.read(token)


async def get_bearer(request: Request, token: BearerToken) -> Bearer:
    return bearer_of(request, token)


CurrentBearer = Annotated[Bearer, Depends(get_bearer)]


def get_account(request: Request, parts: PartsDep, bearer: CurrentBearer) -> Account:
    """Who is asking, in a short transaction of its own: an upload holds no connection while it streams."""
    with parts.database.reading() as session:
        return account_in(session, request, bearer)


def account_in(session: Session, request: Request, bearer: Bearer) -> Account:
    """Who is asking, in a transaction that the caller goes on with."""
    known: Account | None = getattr(request.state, "account", None)
    return known or account_of(session, bearer)  # the one that the answer is kept for: see app/api/cached_reads.py


async def read_account(request: Request) -> Account:
    """Who is asking, for what runs before the dependencies of an endpoint."""
    parts = get_parts(request)
    bearer = bearer_of(request, await _bearer(request))
    return await run_in_threadpool(get_account, request, parts, bearer)


CurrentAccount = Annotated[Account, Depends(get_account)]


def get_device(request: Request) -> Device:
    """Whose connection this is; ``ClientAddressMiddleware`` has put the client's address in the place of a proxy's."""
    user_agent = request.headers.get("user-agent", "")[:_MAX_USER_AGENT]
    return Device(user_agent or None, request.client.host if request.client else None)


DeviceDep = Annotated[Device, Depends(get_device)]

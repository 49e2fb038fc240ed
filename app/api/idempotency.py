"""The header ``Idempotency-Key`` (draft-ietf-httpapi-idempotency-key-header): a request that may come twice."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import anyio.to_thread
import structlog
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from fastapi import Request, Response
from python_multipart.multipart import parse_options_header
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from app.api.dependencies import Parts, read_account
from app.api.transaction_retry import try_again
from app.api.uploaded_file import read_body
from app.core.database import Database
from app.core.errors import Unprocessable
from app.services.idempotency import (
    LEASE,
    Answer,
    KeyClaim,
    KeyedRequest,
    claim_key,
    fingerprint_of,
    release_key,
    renew_key,
)

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_MAX_KEY = 255  # characters
_MULTIPART = b"multipart/form-data"

_BARE = "[!#-~][!-~]{0,254}"
_QUOTED = r'(?:[ !#-\[\]-~]|\\["\\]){1,255}'  # a String of RFC 8941, section 3.3.3
_KEY = re.compile(f'(?P<bare>{_BARE})|"(?P<quoted>{_QUOTED})"')

KEY_PARAMETER: dict[str, Any] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": (
        "A word of your own for this request, a random UUID for example, in quotes or without. When the answer got "
        "lost, send the same request with the same key again: it is not carried out twice, and the first answer comes "
        "again. With another request the key is refused (422); while the first one is still running, too (409)."
    ),
    "schema": {"type": "string", "pattern": f'^(?:{_BARE}|"{_QUOTED}")$'},
}
"""The parameter of every operation that honours a key, for OpenAPI."""

# Threads beside the pool of 40: if all of those waited for SQLite's write lock to claim a key, the request that holds
# the lock could not finish.
_CLAIMS_AT_ONCE = 4
_claim_threads: RunVar[CapacityLimiter] = RunVar("idempotency_claim_threads")


def read_key(request: Request) -> str | None:
    """
    Raises:
        Unprocessable: the header is there, but no key.
    """
    lines = request.headers.getlist(HEADER)
    if not lines:
        return None
    found = _KEY.fullmatch(lines[0].strip(" \t")) if len(lines) == 1 else None
    if found is None:
        raise Unprocessable(
            f"The {HEADER} must be one text of 1 to {_MAX_KEY} printable ASCII characters.",
            code="idempotency_key_invalid",
            fields={HEADER: "is not valid"},
        )
    return found["bare"] or re.sub(r"\\(.)", r"\1", found["quoted"])


async def read_keyed_request(request: Request) -> KeyedRequest | None:
    """The request if it came with a key. Whoever is not logged in is refused before the body is read."""
    if HEADER not in request.headers:
        return None
    account, key = await read_account(request), read_key(request)
    if key is None:
        return None
    body = await read_body(request)
    # In a thread: a body may be all boundaries.
    printed = await run_in_threadpool(lambda: fingerprint(request, *_parts_of(request, body)))
    return KeyedRequest(account.user_id, key, printed)


def fingerprint(request: Request, *content: bytes) -> str:
    """Of a request with this content: the same method, path, query and content give the same one."""
    target = (request.method, request.url.path, request.url.query)
    return fingerprint_of(*(part.encode() for part in target), *content)


async def answer_once(
    parts: Parts, request: KeyedRequest, handle: Callable[[KeyClaim], Awaitable[Response]]
) -> Response:
    """The answer of ``handle``, which stores it with what it writes; or the one that the request has had already.

    A request that fails has created nothing, so it gives its key back: the client may mend it and try again.

    Raises:
        KeyInUse: the first request with this key is still running.
        Unprocessable: another request came with this key.
    """
    database, keep = parts.database, parts.settings.idempotency_keep
    claimed = await try_again(lambda: _in_claim_thread(partial(claim_key, database, request, keep=keep)))
    if isinstance(claimed, Answer):
        return _replay(claimed)
    async with AsyncExitStack() as failed:
        failed.push_async_callback(lambda: try_again(lambda: _in_claim_thread(partial(release_key, database, claimed))))
        async with _renewed(database, claimed):
            response = await handle(claimed)
        if is_kept(response):
            failed.pop_all()
    return response


@asynccontextmanager
async def _renewed(database: Database, claim: KeyClaim) -> AsyncIterator[None]:
    """Hold the claim for as long as the block runs: a video may be minutes on its way into a bucket."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                await _in_claim_thread(partial(renew_key, database, claim))
            except SQLAlchemyError as error:  # the next renewal comes before the lease is over
                log.warning("claim of an idempotency key not renewed", error=str(error))

    renewal = asyncio.create_task(renew())
    try:
        yield
    finally:
        renewal.cancel()
        await asyncio.wait([renewal])


def is_kept(response: Response) -> bool:
    """Whether a response is one that a repeated request gets again."""
    return response.status_code < 400


def answer_of(response: Response) -> Answer:
    """What is stored of a response. Its length is told anew, and the request's id is that of the request."""
    headers = tuple((name, value) for name, value in response.headers.items() if name != "content-length")
    return Answer(response.status_code, headers, bytes(response.body))


def _replay(answer: Answer) -> Response:
    response = Response(answer.body, answer.status)
    for name, value in answer.headers:
        response.headers.append(name, value)
    response.headers[REPLAYED] = "true"
    return response


def _parts_of(request: Request, body: bytes) -> list[bytes]:
    """The content without the boundary between its parts, which a client makes up anew for each attempt."""
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if media_type == _MULTIPART and boundary:
        return [media_type, *body.split(b"--" + boundary)]
    return [media_type, body]


async def _in_claim_thread(function: Callable[[], Result]) -> Result:
    limiter = _claim_threads.get(None)
    if limiter is None:
        limiter = CapacityLimiter(_CLAIMS_AT_ONCE)
        _claim_threads.set(limiter)
    return await anyio.to_thread.run_sync(function, limiter=limiter)

"""Try a request again whose transaction the database gave up, and carry it out once if it comes with a key."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from app.api.dependencies import get_account, get_parts, get_session, read_account
from app.api.idempotency import KEY_PARAMETER, answer_of, answer_once, is_kept, read_keyed_request
from app.api.read_endpoint import in_one_thread, is_read_for_account
from app.api.transaction_retry import try_again
from app.core.errors import Unprocessable
from app.services.idempotency import KeyClaim, keep_answer

_CREATE_NOTHING = {"logOut", "previewSquad"}
"""Operations that look as if they did: an ``Idempotency-Key`` is of no use to them."""


class RetryingRoute(APIRoute):
    """A route that runs again, from its dependencies on, after a deadlock, a lock wait time-out or a stale snapshot.

    FastAPI closes a request's dependencies, and so commits, outside of the route; here they get a stack of their own,
    because a commit, too, may be given up. Not for routes that read the request as a stream: it cannot be read again.

    A POST that writes for an account in the session of the request honours ``Idempotency-Key``.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._is_read = set(options.get("methods") or ()) == {"GET"} and is_read_for_account(endpoint)
        super().__init__(path, in_one_thread(endpoint) if self._is_read else endpoint, **options)
        if self.honours_key:
            extra = self.openapi_extra or {}
            self.openapi_extra = extra | {"parameters": [*extra.get("parameters", []), KEY_PARAMETER]}

    @property
    def honours_key(self) -> bool:
        is_creation = "POST" in (self.methods or ()) and self.operation_id not in _CREATE_NOTHING
        return is_creation and {get_account, get_session} <= set(calls_of(self.dependant))

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]
        handle = super().get_route_handler()
        honours_key, is_read = self.honours_key, self._is_read

        async def handle_again(request: Request) -> Response:
            if is_read:
                return await _read(handle, request)
            keyed = await read_keyed_request(request) if honours_key else None
            if keyed is None:
                return await try_again(lambda: _in_own_stack(handle, request))
            return await answer_once(
                get_parts(request), keyed, lambda claim: try_again(lambda: _in_own_stack(handle, request, claim))
            )

        return handle_again


async def _read(handle: Callable[[Request], Any], request: Request) -> Response:
    try:
        return await try_again(lambda: _in_own_stack(handle, request))
    except (RequestValidationError, Unprocessable):
        await read_account(request)  # whose log-in is over is told so, and not what is wrong with a parameter
        raise


async def _in_own_stack(handle: Callable[[Request], Any], request: Request, claim: KeyClaim | None = None) -> Response:
    """The answer of ``handle``, after the commit; that of a claim is stored in the transaction, before the commit."""
    async with AsyncExitStack() as stack:
        request.scope["fastapi_function_astack"] = stack
        response: Response = await handle(request)
        if claim is not None and is_kept(response):
            await run_in_threadpool(partial(keep_answer, request.state.session, claim, answer_of(response)))
    return response


def calls_of(dependant: Dependant) -> Iterator[Callable[..., Any] | None]:
    """What a route calls, itself and for its dependencies."""
    yield dependant.call
    for dependency in dependant.dependencies:
        yield from calls_of(dependency)

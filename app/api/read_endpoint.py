"""Reads that are answered within one thread: who is asking, what is asked for, and its JSON."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial, wraps
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import Depends, Request, Response
from pydantic import TypeAdapter

from app.api.dependencies import BearerToken, CurrentAccount, Parts, SessionDep, account_in, bearer_of, get_parts
from app.core.security import Bearer

Endpoint = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a read needs before it has a connection."""

    request: Request
    response: Response
    parts: Parts
    bearer: Bearer


async def _asked(request: Request, response: Response, token: BearerToken) -> _Asked:
    """Without dependencies that others have for the same: FastAPI takes as long for each as all of this takes."""
    return _Asked(request, response, get_parts(request), bearer_of(request, token))


def is_read_for_account(endpoint: Endpoint) -> bool:
    """Whether an endpoint is one for :func:`in_one_thread`: it asks for an account and a session, and says a schema."""
    signature = inspect.signature(endpoint)
    kinds = [parameter.annotation for parameter in signature.parameters.values()]
    if CurrentAccount not in kinds or SessionDep not in kinds or inspect.iscoroutinefunction(endpoint):
        return False
    shown = signature.return_annotation
    return not (isinstance(shown, type) and issubclass(shown, Response))


def in_one_thread(endpoint: Endpoint) -> Endpoint:
    """The same endpoint, without dependencies that wait for a thread each: that is most of what a small read costs.

    Account and session share one transaction, which is over when the answer is made.
    """
    signature = inspect.signature(endpoint)
    kinds = {name: parameter.annotation for name, parameter in signature.parameters.items()}
    [account_name] = (name for name, kind in kinds.items() if kind == CurrentAccount)
    [session_name] = (name for name, kind in kinds.items() if kind == SessionDep)

    def read(asked: _Asked, values: dict[str, Any]) -> Response:
        with asked.parts.database.reading() as session:
            account = account_in(session, asked.request, asked.bearer)
            found = endpoint(**values, **{account_name: account, session_name: session})
            schema = _adapter(signature.return_annotation)
            body = schema.dump_json(schema.validate_python(found, from_attributes=True))
        answer = Response(body, media_type="application/json")
        answer.headers.raw.extend(asked.response.headers.raw)
        return answer

    @wraps(endpoint)
    async def answer(asked: _Asked, **values: Any) -> Response:
        response: Response = await run_sync(partial(read, asked, values), limiter=asked.parts.readers)
        return response

    asking = inspect.Parameter("asked", inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[_Asked, Depends(_asked)])
    others = (signature.parameters[name] for name in kinds if name not in {account_name, session_name})
    parameters = [asking, *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in others)]
    answer.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return answer


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Made by the first request that needs it: all of them would take a process long to start."""
    return TypeAdapter(kind)

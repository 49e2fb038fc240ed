"""Errors as ``application/problem+json`` (RFC 9457); the only place that renders one."""

import http
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError  # noqa: A004 - the pool's time-out
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.api.body_complaints import broken_json, unreadable_json, wrong_media_type
from app.core.errors import (
    CoachProError,
    KeyInUse,
    Overloaded,
    RangeNotSatisfiable,
    StorageFull,
    StoreUnavailable,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from app.core.violations import is_retryable
from app.services.durable_files import is_disk_full

log = structlog.get_logger(__name__)

# With the charset: clients that know only application/json read other types as Latin-1.
_RETRY_AFTER_S = "5"
PROBLEM_TYPE = "application/problem+json; charset=utf-8"
UNION_TAG = "tag:"  # begins the name of a branch of a union, which is no part of the request
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_SCHEMAS = "#/components/schemas/"
PROBLEM_ANSWER: dict[str, Any] = {"content": {"application/problem+json": {"schema": {"$ref": f"{_SCHEMAS}Problem"}}}}
_LONG_BODY_BYTES = 1024 * 1024


class FieldProblem(BaseModel):
    """One thing that is wrong with the request. ``pointer`` is a JSON pointer into the body, or names a parameter."""

    pointer: str
    message: str


class Problem(BaseModel):
    """Every error answer. ``detail`` is a sentence for people, ``code`` a stable word for programs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Request not valid",
                    "status": 422,
                    "detail": "/name: should have at least one character that can be seen.",
                    "code": "validation_failed",
                    "request_id": "0b6e2d94a17c4f8395d0c8f4e1a7b329",
                    "errors": [{"pointer": "/name", "message": "should have at least one character that can be seen"}],
                }
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    request_id: str | None = None
    errors: list[FieldProblem] | None = None


class ProblemResponse(JSONResponse):
    media_type = PROBLEM_TYPE


def install_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(CoachProError, answer_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    for kind in (InterfaceError, OperationalError, TimeoutError):
        app.add_exception_handler(kind, _database_error)
    app.add_exception_handler(Exception, _unexpected)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route, or of the application, for OpenAPI.

    They refer to the schema that ``describe_problems`` adds. From a model, FastAPI would make a serialiser for each,
    which nothing uses: hundreds, at each start.
    """
    return {status: {"description": http.HTTPStatus(status).phrase, **PROBLEM_ANSWER} for status in statuses}


def describe_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Add the schema of all error answers to an OpenAPI document.

    What can be wrong with any body is said of all that take one: it cannot be read, is too long, or of another type.
    """
    for operation in (operation for path in document["paths"].values() for operation in path.values()):
        for status in (400, 413, 415) if "requestBody" in operation else ():
            answer = PROBLEM_ANSWER | {"description": http.HTTPStatus(status).phrase}
            operation["responses"].setdefault(str(status), answer)
    problem = Problem.model_json_schema(mode="serialization", ref_template=_SCHEMAS + "{model}")
    schemas = document["components"]["schemas"] | problem.pop("$defs") | {Problem.__name__: problem}
    document["components"]["schemas"] = dict(sorted(schemas.items()))
    return document


def request_id_of(request: Request) -> str | None:
    request_id: str | None = request.scope.get("state", {}).get("request_id")
    return request_id


def _render(request: Request, problem: Problem, headers: Mapping[str, str] | None = None) -> ProblemResponse:
    problem.request_id = request_id_of(request)
    sent = dict(headers or {})
    if _has_long_body(request):
        sent["Connection"] = "close"  # else uvicorn reads what was refused to its end, however long it is
    return ProblemResponse(problem.model_dump(exclude_none=True), problem.status, sent)


def _has_long_body(request: Request) -> bool:
    length = request.headers.get("content-length", "")
    return "transfer-encoding" in request.headers or (length.isdecimal() and int(length) > _LONG_BODY_BYTES)


def answer_error(request: Request, error: Exception) -> ProblemResponse:
    """The answer that a ``CoachProError`` is; for middleware, too."""
    assert isinstance(error, CoachProError)
    fields = [FieldProblem(pointer=pointer, message=message) for pointer, message in error.fields.items()]
    problem = Problem(
        title=error.title, status=error.status, detail=error.detail, code=error.code, errors=fields or None
    )
    return _render(request, problem, _headers_of(error))


def _headers_of(error: CoachProError) -> dict[str, str]:
    match error:
        case Unauthenticated():
            return {"WWW-Authenticate": "Bearer"}
        case RangeNotSatisfiable(size_bytes=size):
            return {"Content-Range": f"bytes */{size}"}
        case (
            TooManyRequests(retry_after_s=seconds)
            | KeyInUse(retry_after_s=seconds)
            | Overloaded(retry_after_s=seconds)
            | StoreUnavailable(retry_after_s=seconds)
        ):
            return {"Retry-After": str(seconds)}
        case _:
            return {}


def _validation_error(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    if isinstance(error.body, bytes):  # FastAPI parses what says that it is JSON, and no other body
        return answer_error(request, UnsupportedMedia(wrong_media_type(request.headers), code="not_json"))
    fields = [
        FieldProblem(pointer=_pointer(item["loc"], item["type"]), message=_message(item)) for item in error.errors()
    ]
    problem = Problem(
        title="Request not valid",
        status=422,
        detail=_broken_json(error)
        or "; ".join(f"{field.pointer}: {field.message.rstrip('.')}" for field in fields[:3]) + ".",
        code="validation_failed",
        errors=fields,
    )
    return _render(request, problem)


def _broken_json(error: RequestValidationError) -> str | None:
    """A sentence of its own for a body that is no JSON: where it breaks off is more than that it does."""
    first, text = error.errors()[0], error.body
    if first["type"] != "json_invalid" or not isinstance(text, str):
        return None
    return broken_json(text, first["loc"][-1], first["ctx"]["error"])


def _message(item: dict[str, Any]) -> str:
    """What pydantic says; of an id without the letter that is wrong with it, which may be any, a line feed too.

    Nobody is shown a regular expression: see :class:`app.schemas.spelling.Spelling`.
    """
    if item["type"] == "string_pattern_mismatch":
        return "is not written as the document says"
    message: str = item["msg"]
    return message.partition(", invalid character")[0] if item["type"] == "uuid_parsing" else message


def _pointer(location: tuple[int | str, ...], kind: str) -> str:
    where, *rest = location
    if kind == "json_invalid":
        return "/"  # the location is an offset into the text here, and no index
    parts = [str(part) for part in rest if not str(part).startswith(UNION_TAG)]
    return ("/" if where == "body" else "") + "/".join(parts)


def _http_exception(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    status = http.HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "_").replace("-", "_")
    sentence = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.method} is not possible at {request.url.path}.",
        400: unreadable_json(error.__cause__) or f"{str(error.detail).rstrip('.')}.",
    }.get(error.status_code, f"{str(error.detail).rstrip('.')}.")
    headers = {"Allow": _allowed_methods(request)} if status == http.HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return _render(request, Problem(title=status.phrase, status=error.status_code, detail=sentence, code=code), headers)


def _allowed_methods(request: Request) -> str:
    """What the path can be asked. Starlette would name the methods of one route only, and most paths have several."""
    # HEAD is possible wherever GET is: see app/api/head_requests.py.
    asked = {method: "GET" if method == "HEAD" else method for method in _METHODS}
    scopes = {name: dict(request.scope) | {"method": method} for name, method in asked.items()}
    routes = request.app.routes
    return ", ".join(
        name for name, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)
    )


def _database_error(request: Request, error: Exception) -> ProblemResponse:
    """The database is away, or busier than it can be waited for: not the client's fault, and it may pass."""
    log.error("database not available", path=request.url.path, exc_info=error)
    away = Unavailable("The database cannot be reached at the moment; try again soon.", code="database_unavailable")
    busy = Unavailable("Others are changing this at the same moment; try again soon.", code="database_busy")
    reason = busy if is_retryable(error) else away
    problem = Problem(title=reason.title, status=reason.status, detail=reason.detail, code=reason.code)
    return _render(request, problem, {"Retry-After": _RETRY_AFTER_S})


def _unexpected(request: Request, error: Exception) -> ProblemResponse:
    """Nothing internal leaves the server; the request id leads to the log. A full disk is what a client should know."""
    request_id = request_id_of(request) or ""
    if is_disk_full(error):
        log.error("no space left", path=request.url.path, request_id=request_id, exc_info=error)
        return answer_error(
            request, StorageFull("The server has no space left for this; its operator has to make room.")
        )
    log.error("unexpected error", path=request.url.path, request_id=request_id, exc_info=error)
    detail = "Something went wrong on the server; the request_id leads the operator to the reason."
    problem = Problem(title="Internal error", status=500, detail=detail, code="internal_error")
    return _render(request, problem)

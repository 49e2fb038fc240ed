"""Errors as ``application/problem+json`` (RFC 9457); the only place that renders one."""

import http
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError  # noqa: A004 - the pool's time-out
from starlette.exceptions import HTTPException

from app.core.errors import CoachProError, Unauthenticated, Unavailable

log = structlog.get_logger(__name__)

# With the charset: clients that know only application/json read other types as Latin-1.
_RETRY_AFTER_S = "5"
PROBLEM_TYPE = "application/problem+json; charset=utf-8"
_LONG_BODY_BYTES = 1024 * 1024


class FieldProblem(BaseModel):
    """One thing that is wrong with the request. ``pointer`` is a JSON pointer into the body, or names a parameter."""

    pointer: str
    message: str


class Problem(BaseModel):
    """Every error answer. ``detail`` is a sentence for people, ``code`` a stable word for programs."""

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
    app.add_exception_handler(CoachProError, _coach_pro_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_exception)
    for kind in (InterfaceError, OperationalError, TimeoutError):
        app.add_exception_handler(kind, _database_error)
    app.add_exception_handler(Exception, _unexpected)


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route, or of the application, for OpenAPI."""
    return {status: {"model": Problem, "description": http.HTTPStatus(status).phrase} for status in statuses}


def describe_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Give every error answer of an OpenAPI document the media type that it really has."""
    operations = (operation for path in document["paths"].values() for operation in path.values())
    for answer in (answer for operation in operations for answer in operation["responses"].values()):
        content = answer.get("content", {}).get("application/json", {})
        if content.get("schema", {}).get("$ref") == "#/components/schemas/Problem":
            answer["content"] = {"application/problem+json": content}
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


def _coach_pro_error(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, CoachProError)
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(error, Unauthenticated) else None
    problem = Problem(title=error.title, status=error.status, detail=error.detail, code=error.code)
    return _render(request, problem, headers)


def _validation_error(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, RequestValidationError)
    fields = [FieldProblem(pointer=_pointer(item["loc"], item["type"]), message=item["msg"]) for item in error.errors()]
    problem = Problem(
        title="Request not valid",
        status=422,
        detail="; ".join(f"{field.pointer}: {field.message.rstrip('.')}" for field in fields[:3]) + ".",
        code="validation_failed",
        errors=fields,
    )
    return _render(request, problem)


def _pointer(location: tuple[int | str, ...], kind: str) -> str:
    where, *rest = location
    if kind == "json_invalid":
        return "/"  # the location is an offset into the text here, and no index
    if where == "body":
        return "/" + "/".join(str(part) for part in rest) if rest else "/"
    return "/".join(str(part) for part in rest)


def _http_exception(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)
    status = http.HTTPStatus(error.status_code)
    code = status.phrase.lower().replace(" ", "_").replace("-", "_")
    sentence = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.method} is not possible at {request.url.path}.",
    }.get(error.status_code, f"{str(error.detail).rstrip('.')}.")
    return _render(
        request, Problem(title=status.phrase, status=error.status_code, detail=sentence, code=code), error.headers
    )


def _database_error(request: Request, error: Exception) -> ProblemResponse:
    """The database is away, or busier than it can be waited for: not the client's fault, and it may pass."""
    log.error("database not available", path=request.url.path, exc_info=error)
    away = Unavailable("The database cannot be reached at the moment; try again soon.", code="database_unavailable")
    problem = Problem(title=away.title, status=away.status, detail=away.detail, code=away.code)
    return _render(request, problem, {"Retry-After": _RETRY_AFTER_S})


def _unexpected(request: Request, error: Exception) -> ProblemResponse:
    """Nothing internal leaves the server; the request id leads to the log."""
    request_id = request_id_of(request) or ""
    log.error("unexpected error", path=request.url.path, request_id=request_id, exc_info=error)
    detail = "Something went wrong on the server; the request_id leads the operator to the reason."
    problem = Problem(title="Internal error", status=500, detail=detail, code="internal_error")
    # This answer does not pass the middleware that sets the header on all others.
    return _render(request, problem, {"X-Request-ID": request_id})

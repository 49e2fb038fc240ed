"""How errors look, and where a validation error points."""

import json
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Match
from starlette.types import ExceptionHandler, Scope

from app.api import problems
from app.core import errors


class ReadOnlyRoute:
    """Stands in for a route that answers GET."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL if scope["method"] == "GET" else Match.PARTIAL, {})


class Handlers:
    """Stands in for an application: notes the handlers that are installed."""

    routes = (ReadOnlyRoute(),)

    def __init__(self) -> None:
        self.by_error: dict[type[Exception], ExceptionHandler] = {}

    def add_exception_handler(self, kind: type[Exception], handler: ExceptionHandler) -> None:
        self.by_error[kind] = handler


def render(error: Exception, **headers: str) -> Any:
    handlers = Handlers()
    problems.install_problem_handlers(handlers)  # type: ignore[arg-type]
    request = Request(
        {
            "type": "http",
            "app": handlers,
            "method": "POST",
            "path": "/api/things",
            "query_string": b"",
            "server": ("localhost", 80),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "state": {"request_id": "r1"},
        }
    )
    kind = next(kind for kind in type(error).__mro__ if kind in handlers.by_error)
    return handlers.by_error[kind](request, error)


def subclasses(kind: type[errors.CoachProError]) -> list[type[errors.CoachProError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in subclasses(child))]


RESPONSES = [kind for kind in subclasses(errors.CoachProError) if not issubclass(kind, errors.AnalysisError)]


@pytest.mark.parametrize("kind", RESPONSES, ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_is_drawn_alike(kind: type[errors.CoachProError]) -> None:
    error = kind("It went wrong.")
    answer = render(error)
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "title": kind.title,
        "status": kind.status,
        "detail": "It went wrong.",
        "code": kind.code,
        "request_id": "r1",
    }
    assert answer.status_code == kind.status
    assert ("www-authenticate" in answer.headers) == (kind.status == 401)
    assert ("retry-after" in answer.headers) == hasattr(error, "retry_after_s")


def test_an_error_says_which_fields_are_to_blame() -> None:
    answer = render(errors.Unprocessable("The end lies before the start.", fields={"/end_s": "lies before start_s"}))
    assert json.loads(answer.body)["errors"] == [{"pointer": "/end_s", "message": "lies before start_s"}]


def test_an_error_may_have_a_code_of_its_own() -> None:
    answer = render(errors.NotFound("No such match.", code="match_missing"))
    assert json.loads(answer.body)["code"] == "match_missing"


@pytest.mark.parametrize(
    ("location", "kind", "pointer"),
    [
        (("body", "email"), "missing", "/email"),
        (("body", "entries", 3, "team_id"), "uuid_parsing", "/entries/3/team_id"),
        (("body",), "missing", "/"),
        (("body", 17), "json_invalid", "/"),  # 17 is an offset into the text
        (("query", "limit"), "int_parsing", "limit"),
        (("path", "match_id"), "uuid_parsing", "match_id"),
    ],
)
def test_a_validation_error_points_at_what_is_wrong(location: tuple[str | int, ...], kind: str, pointer: str) -> None:
    answer = render(RequestValidationError([{"loc": location, "type": kind, "msg": "is wrong."}]))
    problem = json.loads(answer.body)
    assert (answer.status_code, problem["code"]) == (422, "validation_failed")
    assert problem["errors"] == [{"pointer": pointer, "message": "is wrong."}]
    assert problem["detail"] == f"{pointer}: is wrong."


def test_a_wrong_letter_of_an_id_is_not_repeated() -> None:
    """It may be any, a line feed too."""
    message = "Input should be a valid UUID, invalid character: found `\u2028` at 1"
    answer = render(RequestValidationError([{"loc": ("path", "id"), "type": "uuid_parsing", "msg": message}]))
    assert json.loads(answer.body)["detail"] == "id: Input should be a valid UUID."


def test_a_long_list_of_errors_stays_one_readable_sentence() -> None:
    many = [{"loc": ("body", "entries", n), "type": "missing", "msg": "Field required"} for n in range(50)]
    problem = json.loads(render(RequestValidationError(many)).body)
    assert len(problem["errors"]) == 50
    assert problem["detail"].count("Field required") == 3


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "not_found"), (405, "method_not_allowed"), (400, "bad_request"), (406, "not_acceptable")],
)
def test_errors_of_the_framework_are_problems_too(status: int, code: str) -> None:
    answer = render(HTTPException(status, headers={"Allow": "GET"}))
    assert (answer.status_code, json.loads(answer.body)["code"]) == (status, code)
    assert json.loads(answer.body)["detail"].endswith(".")
    assert answer.headers["allow"] == ("GET, HEAD" if status == 405 else "GET")


@pytest.mark.parametrize(
    ("headers", "closes"),
    [
        ({}, False),
        ({"content_length": "1000"}, False),
        ({"content_length": "500000000"}, True),
        ({"transfer_encoding": "chunked"}, True),
        ({"content_length": "nonsense"}, False),
    ],
)
def test_a_connection_with_a_long_body_behind_the_error_is_closed(headers: dict[str, str], *, closes: bool) -> None:
    answer = render(errors.PayloadTooLarge("Too large."), **headers)
    assert (answer.headers.get("connection") == "close") is closes

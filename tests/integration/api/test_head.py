"""HEAD is GET without the body."""

import threading

import anyio
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.integration.api.conftest import LiveServer, assert_problem
from tests.integration.conftest import Api
from tests.populated_club import PopulatedClub, populate_club
from tests.waiting import PATIENCE_S

NOT_OF_THE_ANSWER = {"x-request-id", "date"}


@pytest.fixture(scope="module")
def club(shared_api: Api) -> PopulatedClub:
    with shared_api.client.app.state.parts.database.unit_of_work() as session:
        return populate_club(session, "coach@example.com", mark="One", count=3)


def test_every_read_can_be_asked_for_its_headers_alone(shared_api: Api, club: PopulatedClub) -> None:
    paths = shared_api.client.get("/openapi.json").json()["paths"]
    for path in (path for path, item in paths.items() if "get" in item and path != "/api/health"):
        where = club.path(path)
        read, head = (
            shared_api.client.request(method, where, headers=shared_api.headers) for method in ("GET", "HEAD")
        )
        assert (path, head.status_code, head.content) == (path, read.status_code, b"")
        told, expected = (
            {name: value for name, value in answer.headers.items() if name not in NOT_OF_THE_ANSWER}
            for answer in (head, read)
        )
        assert (path, told) == (path, expected)


def test_the_headers_alone_may_be_known_already(shared_api: Api, club: PopulatedClub) -> None:
    head = shared_api.client.head("/api/teams", headers=shared_api.headers)
    assert {"etag", "x-total-count", "link"} <= set(head.headers)
    again = shared_api.client.head("/api/teams", headers=shared_api.headers | {"If-None-Match": head.headers["ETag"]})
    assert again.status_code == 304


def test_what_cannot_be_read_has_no_headers_either(shared_api: Api) -> None:
    assert shared_api.client.head("/api/teams").status_code == 401
    refused = shared_api.client.head("/api/analyze_match", headers=shared_api.headers)
    assert (refused.status_code, refused.headers["Allow"], refused.content) == (405, "POST", b"")
    wrong_method = shared_api.client.delete("/api/teams", headers=shared_api.headers)
    assert_problem(wrong_method, 405, "method_not_allowed")
    assert wrong_method.headers["Allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_answer_that_never_ends_has_headers_all_the_same(live: LiveServer) -> None:
    ended = threading.Event()

    class Clock(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x-clock", b"1")]})
            try:
                while True:
                    await send({"type": "http.response.body", "body": b"tick", "more_body": True})
                    await anyio.sleep(0.01)
            finally:
                ended.set()

    def read_clock() -> Clock:
        return Clock()

    live.app.add_api_route("/api/clock", read_clock, response_class=Clock)
    answer = live.client.head("/api/clock")
    assert (answer.status_code, answer.headers["X-Clock"], answer.content) == (200, "1", b"")
    assert ended.wait(PATIENCE_S)

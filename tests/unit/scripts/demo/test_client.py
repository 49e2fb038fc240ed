"""The client of the demonstration, in front of a server that is played."""

import uuid
from collections.abc import Iterator

import httpx2
import pytest

from scripts.demo.client import ApiClient, Credentials
from scripts.demo.errors import DemoFailed, ServerGone
from scripts.demo.findings import Job

JOB_ID = uuid.UUID(int=7)
COACH = Credentials("coach@example.com", "correct horse")


class PlayedServer:
    """Answers one after the other, and remembers what it was asked and how long the client paused."""

    def __init__(self, *answers: httpx2.Response) -> None:
        self.requests: list[httpx2.Request] = []
        self.pauses_s: list[float] = []
        self._answers: Iterator[httpx2.Response] = iter(answers)

    def client(self) -> ApiClient:
        transport = httpx2.MockTransport(self._answer)
        return ApiClient("http://127.0.0.1:1", sleep=self.pauses_s.append, transport=transport)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return next(self._answers)


def job(status: str, *, retry_after: str | None = None, **more: object) -> httpx2.Response:
    headers = {"Retry-After": retry_after} if retry_after is not None else {}
    return httpx2.Response(
        200, headers=headers, json={"job_id": str(JOB_ID), "status": status, "progress": 0.5, **more}
    )


def problem(status: int, detail: str, code: str) -> httpx2.Response:
    return httpx2.Response(status, json={"title": "No", "status": status, "detail": detail, "code": code})


def test_a_job_is_asked_for_as_often_as_the_server_likes_until_it_is_over() -> None:
    server = PlayedServer(
        job("PENDING", retry_after="3"),
        job("PROCESSING"),  # says nothing: a second
        job("PROCESSING", retry_after="Sun, 22 Nov 2026 18:00:00 GMT"),  # a date: a second too
        job("PROCESSING", retry_after="86400"),  # a day is a mistake
        job("COMPLETED"),
    )
    news: list[Job] = []
    with server.client() as client:
        last = client.follow(JOB_ID, news.append)
    assert last.status == "COMPLETED"
    assert server.pauses_s == [3.0, 1.0, 1.0, 30.0]
    assert [one.status for one in news] == ["PENDING", "PROCESSING", "PROCESSING", "PROCESSING", "COMPLETED"]


def test_a_failed_job_is_told_with_code_detail_and_hint() -> None:
    error = {"code": "video_undecodable", "detail": "The video cannot be decoded.", "hint": "Convert it to MP4."}
    with PlayedServer(job("FAILED", error=error)).client() as client, pytest.raises(DemoFailed) as failed:
        client.follow(JOB_ID, lambda _: None)
    assert str(failed.value) == (
        "The analysis failed (video_undecodable): The video cannot be decoded. Convert it to MP4."
    )


def test_a_cancelled_job_is_no_success() -> None:
    with PlayedServer(job("CANCELLED")).client() as client, pytest.raises(DemoFailed, match="CANCELLED"):
        client.follow(JOB_ID, lambda _: None)


def test_an_account_that_exists_is_logged_in_to_and_speaks_from_then_on() -> None:
    token = httpx2.Response(200, json={"access_token": "t0ken", "token_type": "bearer", "expires_in": 60})
    server = PlayedServer(problem(409, "The account exists.", "conflict"), token, job("COMPLETED"))
    with server.client() as client:
        client.sign_in(COACH)
        client.follow(JOB_ID, lambda _: None)
    assert [request.url.path for request in server.requests] == ["/api/register", "/api/token", f"/api/jobs/{JOB_ID}"]
    assert b"username=coach%40example.com" in server.requests[1].content
    assert server.requests[2].headers["authorization"] == "Bearer t0ken"


REFUSALS: dict[str, tuple[httpx2.Response, str]] = {
    "a problem": (problem(422, "The e-mail address is wrong.", "invalid"), "The e-mail address is wrong. (invalid)"),
    "some gateway's page": (httpx2.Response(502, text="<h1>Bad Gateway</h1>"), "with status 502"),
    "another kind of server": (httpx2.Response(200, json={"hello": "world"}), "is this a Coach Pro server?"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_an_answer_that_helps_nobody_becomes_one_sentence(case: str) -> None:
    answer, words = REFUSALS[case]
    with PlayedServer(answer).client() as client, pytest.raises(DemoFailed) as failed:
        client.sign_in(COACH)
    assert words in str(failed.value)
    assert len(str(failed.value).splitlines()) == 1


def test_a_server_that_is_away_is_told_apart_from_one_that_refuses() -> None:
    def nobody(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("Connection refused", request=request)

    client = ApiClient("http://127.0.0.1:1", transport=httpx2.MockTransport(nobody))
    with client, pytest.raises(ServerGone, match=r"127\.0\.0\.1:1"):
        client.sign_in(COACH)
